"""Decompress responses away from the event loop, and reject decompression bombs."""

from __future__ import annotations

import asyncio
import zlib
from io import SEEK_CUR, BytesIO
from typing import TYPE_CHECKING

from isal import igzip_lib, isal_zlib
from scrapy.responsetypes import responsetypes

from cleaners.rejection import RejectReason
from crawler.download.body_budget import FREE_BYTES, body_budget_of
from crawler.download.content_type import looks_like_html
from crawler.download.scrapy_internals import HookedCompression, UnpackedTooLarge
from crawler.requests.request_rejected import RequestRejected
from crawler.requests.response_body import with_body

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

# Bodies unpacked at the same time: each may grow to its whole limit, in a thread that competes with the event loop.
MAX_UNPACKING = 2
# Encodings of one body, as in curl: each is a body of its own to unpack.
MAX_ENCODINGS = 5
# Members or frames of one body. 64 MiB in the blocks of 64 KiB that bgzip writes have 1,024; empty ones would take minutes.
MAX_PARTS = 5000
GZIP = 16 + zlib.MAX_WBITS  # zlib's name for its header
_STEP = 64 * 1024  # bytes that are read or written at once, so that the event loop gets its turns
_ZSTD_STARTS = (b"\x28\xb5\x2f\xfd", b"\x2a\x4d\x18")  # of a frame, and of one that is skipped


class DecompressMiddleware(HookedCompression):
    """Decompresses like Scrapy, but in a thread, and within the crawl's budget of bytes.

    Only regular gzip data that grows to FREE_BYTES at most, which takes 2 ms, is unpacked on the event loop.
    """

    def __init__(self, crawler: Crawler):
        super().__init__(crawler=crawler)
        self.max_size = crawler.settings.getint("DOWNLOAD_MAXSIZE")
        self._seconds = crawler.settings.getfloat("DOWNLOAD_TIMEOUT")
        self._budget = body_budget_of(crawler)
        self._free = asyncio.Semaphore(MAX_UNPACKING)

    async def process_response(  # type: ignore[override]
        self, request: Request, response: Response
    ) -> Response:
        """Return the response decompressed. Raises RequestRejected `too_large`, or `download_failed` for corrupt data.

        Some servers call a page compressed that is not; it stays as it is.
        """
        encodings = response.headers.getlist("Content-Encoding")
        if (
            not (encodings and response.body) or request.method == "HEAD"
        ):  # no body where a download stopped at the headers
            return response
        max_size = int(request.meta.get("download_maxsize", self.max_size))
        try:
            body, unknown = await self._unpack(response.body, encodings, max_size)
        except UnpackedTooLarge as error:
            detail = f"{len(response.body):,} bytes grow to more than {max_size:,} when decompressed"
            raise RequestRejected(RejectReason.TOO_LARGE, detail, response.status) from error
        except TimeoutError as error:
            detail = f"no room to decompress it within {self._seconds:g} s; raise IN_FLIGHT_MAX_MB"
            raise RequestRejected(RejectReason.DOWNLOAD_FAILED, detail, response.status) from error
        except Exception as error:  # each of the four codecs raises errors of its own
            if looks_like_html(response.body):
                del response.headers["Content-Encoding"]
                return response
            detail = f"cannot be decompressed: {error}"
            raise RequestRejected(RejectReason.DOWNLOAD_FAILED, detail, response.status) from error
        response.headers["Content-Encoding"] = unknown
        if not unknown:
            del response.headers["Content-Encoding"]
        kind = responsetypes.from_args(headers=response.headers, url=response.url, body=body)
        return with_body(response, body, kind)

    def decode(self, body: bytes, encoding: bytes, max_bytes: int) -> bytes | None:
        if encoding in (b"gzip", b"x-gzip"):
            unpacked = gunzip(body, max_bytes)
            return inflate(body, max_bytes, GZIP) if unpacked is None else unpacked
        if encoding == b"deflate":
            try:
                return inflate(body, max_bytes, zlib.MAX_WBITS)
            except zlib.error:  # some servers send the data without zlib's header
                return inflate(body, max_bytes, -zlib.MAX_WBITS)
        if encoding == b"zstd":
            starts = range(0, len(body), _STEP)
            _check_parts(sum(body.count(mark, start, start + _STEP) for mark in _ZSTD_STARTS for start in starts))
        return None

    async def _unpack(self, body: bytes, encodings: list[bytes], max_size: int) -> tuple[bytes, list[bytes]]:
        if encodings == [b"gzip"] and len(body) <= FREE_BYTES:
            unpacked = gunzip(body, min(max_size, FREE_BYTES))
            if unpacked is not None:
                return unpacked, []
        count = sum(encoding.count(b",") + 1 for encoding in encodings)
        if count > MAX_ENCODINGS:
            raise ValueError(f"{count:,} encodings, more than {MAX_ENCODINGS}")
        try:
            return await self._in_thread(body, encodings, min(max_size, FREE_BYTES))
        except UnpackedTooLarge:
            if max_size <= FREE_BYTES:
                raise
        async with self._budget.reserved(len(body) + max_size, self._seconds):
            return await self._in_thread(body, encodings, max_size)

    async def _in_thread(self, body: bytes, encodings: list[bytes], max_size: int) -> tuple[bytes, list[bytes]]:
        async with self._free:
            return await asyncio.to_thread(self.unpack, body, encodings, max_size)


def gunzip(data: bytes, max_bytes: int) -> bytes | None:
    """Unpack one complete gzip member (RFC 1952), as most responses are, in a third of the time that Scrapy takes.

    Return None for anything else: truncated data, several members, a size other than the trailer says, or more than
    `max_bytes` bytes. `max_bytes` 0 allows any size.
    """
    size = int.from_bytes(data[-4:], "little")
    if max_bytes and size > max_bytes:
        return None
    unpacker = isal_zlib.decompressobj(16 + isal_zlib.MAX_WBITS)
    try:
        content: bytes = unpacker.decompress(data, size + 1)
    except igzip_lib.IsalError:  # type: ignore[misc]  # typed as an instance in its stub
        return None
    return content if unpacker.eof and not unpacker.unused_data and len(content) == size else None


def inflate(data: bytes, max_bytes: int, wbits: int) -> bytes:
    """Unpack gzip data of any number of members (`wbits` GZIP), or deflated data, as far as it is intact.

    Raises UnpackedTooLarge, EOFError or zlib.error if nothing is intact, or ValueError for too many members.
    """
    source, content, parts, intact = BytesIO(data), BytesIO(), 0, False
    try:
        while source.tell() < len(data) and (parts == 0 or wbits == GZIP):
            parts += 1
            _check_parts(parts)
            part = zlib.decompressobj(wbits)
            while not part.eof and (piece := part.unconsumed_tail or source.read(_STEP)):
                content.write(part.decompress(piece, _STEP))
                if max_bytes and content.tell() > max_bytes:
                    raise UnpackedTooLarge(content.tell(), max_bytes)
            if not part.eof:  # flush() would read again what follows the end
                content.write(part.flush())
            intact = intact or part.eof
            source.seek(-len(part.unused_data), SEEK_CUR)
    except zlib.error:
        if not content.tell():
            raise
    if not (intact or content.tell()):
        raise EOFError("it is cut off")
    return content.getvalue()


def _check_parts(count: int) -> None:
    if count > MAX_PARTS:
        raise ValueError(f"more than {MAX_PARTS:,} parts")
