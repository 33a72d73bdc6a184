"""Limit what one response makes the crawl hold and do: its head, its chunks, and its body while there is no room for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cleaners.rejection import RejectReason
from crawler.download.body_budget import GrowingBody
from crawler.download.connection_internals import HookedConnection, HookedParser, JoinedChunks

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.download.body_budget import BodyBudget

# Of all heads that answer one request: 1xx, and the last one. Chromium accepts 256 KiB, Firefox 384 KiB, nginx sends 8 KiB.
MAX_HEAD_BYTES = 256 * 1024
MAX_HEAD_LINES = 500
# Chunks of a body that may be as small as they like; then they must have MIN_CHUNK_BYTES on average. Each takes 4 µs.
MAX_SMALL_CHUNKS = 4096
MIN_CHUNK_BYTES = 16


class ResponseLimitError(Exception):
    """Raised for a response that another request would not make any better; `reason` is that of its rejection."""

    def __init__(self, reason: RejectReason, detail: str):
        super().__init__(detail)
        self.reason = reason


class BoundedChunks(JoinedChunks):
    """Decodes a chunked body, but not one that is all chunk sizes."""

    _count = _size = 0

    def chunk_received(self, size: int) -> None:
        self._count += 1
        self._size += size
        if self._count > MAX_SMALL_CHUNKS and self._size < self._count * MIN_CHUNK_BYTES:
            detail = f"comes in chunks of {self._size / self._count:.0f} bytes, less than {MIN_CHUNK_BYTES}"
            raise ResponseLimitError(RejectReason.DOWNLOAD_FAILED, detail)


class BoundedParser(HookedParser):
    """Parses a response whose head, with any before it, has up to MAX_HEAD_LINES lines and MAX_HEAD_BYTES bytes."""

    chunks_class = BoundedChunks
    MAX_LENGTH = MAX_HEAD_BYTES  # of a line
    _head_bytes = _head_lines = 0  # Scrapy does not call __init__

    def head_line_received(self, size: int) -> None:
        self._head_bytes += size
        self._head_lines += 1
        if self._head_bytes > MAX_HEAD_BYTES:
            self.lineLengthExceeded(b"")
        if self._head_lines > MAX_HEAD_LINES:
            raise ResponseLimitError(RejectReason.TOO_LARGE, f"more than {MAX_HEAD_LINES} lines of headers")

    def lineLengthExceeded(self, line: bytes) -> None:  # noqa: ARG002, N802
        raise ResponseLimitError(RejectReason.TOO_LARGE, f"more than {MAX_HEAD_BYTES:,} bytes of headers")


class BoundedConnection(HookedConnection):
    """A connection that reads no further while the budget has no room for a large body."""

    parser_class = BoundedParser

    def __init__(self, idle: Callable[[Any], None], budget: BodyBudget):
        super().__init__(idle)  # type: ignore[no-untyped-call]
        self._budget = budget
        self._body = GrowingBody(self._read_on)

    def response_grew(self, size: int) -> None:
        if not self._budget.grow(self._body, size):
            self.transport.pauseProducing()  # type: ignore[union-attr]

    def response_ended(self) -> None:
        self._budget.end(self._body)

    def _read_on(self) -> None:
        self.transport.resumeProducing()  # type: ignore[union-attr]
