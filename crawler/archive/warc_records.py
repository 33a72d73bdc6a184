"""Read the records of any WARC file, ours or not, whole and decoded; name and skip what is broken."""

from __future__ import annotations

import gzip
import io
import os
import re
import zlib
from contextlib import redirect_stderr
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

# Bytes; no page is that large, and a few kilobytes can unpack to gigabytes.
_LARGEST = 50 * 1024 * 1024
_CHUNK = 1 << 20
_START = re.compile(rb"\x1f\x8b\x08|(?<=\n)WARC/1\.")
_GZIP = 16 + zlib.MAX_WBITS


@dataclass(frozen=True, slots=True)
class WarcRecord:
    """Hold a record. Header names are in lower case; `body` is without HTTP headers, chunks and compression."""

    offset: int
    type: str
    headers: Mapping[str, str]
    status: int | None
    http_headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class BrokenRecord:
    """Report a record that cannot be read, which begins at byte `offset`."""

    offset: int
    why: str


class _BrokenError(Exception):
    """Report a record that is not what it claims to be."""


def read_warc(path: Path) -> Iterator[WarcRecord | BrokenRecord]:
    """Yield the records of a file in order, compressed or not. Raises OSError where the file cannot be opened."""
    with path.open("rb") as file:
        found = 0
        for record in _records(file):
            if isinstance(record, BrokenRecord) and "non-chunked gzip" in record.why:
                break
            found += 1
            yield record
        else:
            return
    with gzip.open(path) as stream:  # compressed as a whole, not record by record
        for number, record in enumerate(_records(stream)):
            if number >= found:
                yield record


def _records(file: IO[bytes] | gzip.GzipFile) -> Iterator[WarcRecord | BrokenRecord]:
    iterator = ArchiveIterator(file, check_digests=True)
    size = None if isinstance(file, gzip.GzipFile) else os.fstat(file.fileno()).st_size
    while True:
        try:
            with redirect_stderr(io.StringIO()):  # warcio prints what it meets
                found = next(iterator, None)
                record = _decoded(found, iterator.offset) if found is not None else None
            if record is None and size is not None and iterator.offset < size:
                raise _BrokenError("ends before it has begun")
        except (ArchiveLoadFailed, _BrokenError, OSError, EOFError, zlib.error, ValueError, AttributeError) as error:
            offset = iterator.offset
            yield BrokenRecord(offset, _in_words(error))
            try:
                start = _next_start(file, offset + 1)
            except (OSError, EOFError, zlib.error):
                return  # one stream, torn
            if start is None:
                return
            file.seek(start)
            iterator = ArchiveIterator(file, check_digests=True)
            continue
        if record is None:
            return
        yield record


def _in_words(error: Exception) -> str:
    """Describe an error in one line, without the bytes that warcio quotes."""
    text = "".join(char if char.isascii() and char.isprintable() else " " for char in str(error))
    return " ".join(text.split())[:120] or type(error).__name__


def _decoded(found: Any, offset: int) -> WarcRecord:
    if found.length is None:
        raise _BrokenError("no Content-Length")
    if found.length > _LARGEST:
        raise _BrokenError(f"of {found.length:,} bytes; {_LARGEST:,} are read at most")
    raw = b"".join(iter(lambda: found.raw_stream.read(_CHUNK), b""))
    if found.payload_length >= 0 and len(raw) != found.payload_length:
        raise _BrokenError(f"ends after {len(raw):,} of {found.payload_length:,} bytes")
    if found.digest_checker and found.digest_checker.passed is False:
        raise _BrokenError("; ".join(map(str, found.digest_checker.problems)))
    found.raw_stream = io.BytesIO(raw)
    body = found.content_stream().read(_LARGEST + 1)
    if len(body) > _LARGEST:
        raise _BrokenError(f"more than {_LARGEST:,} bytes once unpacked")
    http = found.http_headers
    status = http.get_statuscode() if http else None
    return WarcRecord(
        offset,
        found.rec_type or "",
        {name.lower(): value for name, value in found.rec_headers.headers},
        int(status) if status and status.isdecimal() else None,
        {name.lower(): value for name, value in http.headers} if http else {},
        body,
    )


def _next_start(file: IO[bytes] | gzip.GzipFile, start: int) -> int | None:
    """Find the next position from `start` on at which a record begins."""
    kept, at = b"", start
    while True:
        file.seek(at + len(kept))
        chunk = file.read(_CHUNK)
        if not chunk:
            return None
        data = kept + chunk
        for match in _START.finditer(data):
            place = at + match.start()
            if match[0].startswith(b"W") or _is_compressed_record(file, place):
                return place
        kept = data[-16:]
        at += len(data) - len(kept)


def _is_compressed_record(file: IO[bytes] | gzip.GzipFile, place: int) -> bool:
    file.seek(place)
    try:
        return zlib.decompressobj(_GZIP).decompress(file.read(4096), 16).startswith(b"WARC/")
    except zlib.error:
        return False
