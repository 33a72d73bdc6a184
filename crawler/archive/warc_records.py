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

from output.storage.regular_file import open_regular

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

# Bytes; no page is that large, and a few kilobytes can unpack to gigabytes.
_LARGEST = 50 * 1024 * 1024
_CHUNK = 1 << 20
# A gzip header that programs write, or the first line of a record after an empty line.
_START = re.compile(
    rb"\x1f\x8b\x08[\x00-\x1f].{4}[\x00\x02\x04][\x00-\x0d\xff]|(?:(?<=\n\r\n)|(?<=\n\n))WARC/1\.\d\r?\n", re.DOTALL
)
# Bytes that tell whether a record begins: a gzip header with a name, and the first line.
_HEAD = 512
# Bytes to read of a file in vain, on top of its size, until the rest is given up; and the least that one record counts for.
_MOST_WASTED, _LEAST_WASTED = 64 * 1024 * 1024, 16 * 1024
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
    """Yield the records of a file in order, compressed or not. Raises OSError where the file cannot be opened.

    A broken record costs itself, whatever length it claims: the next one is looked for from its second byte on.
    """
    with open_regular(path) as file:
        found, last = 0, -1
        for record in _records(file):
            # A place before the last one is none in the file: it was counted in what the file unpacks to.
            if isinstance(record, BrokenRecord) and ("non-chunked gzip" in record.why or record.offset < last):
                break
            found, last = found + 1, record.offset
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
    wasted, most = 0, _MOST_WASTED + (size or 0)
    while True:
        offset = iterator.offset
        try:
            with redirect_stderr(io.StringIO()):  # warcio prints what it meets
                found = next(iterator, None)
                offset = iterator.offset
                record = _decoded(found, iterator, size) if found is not None else None
            if record is None and size is not None and iterator.offset < size:
                raise _BrokenError("ends before it has begun")
        except MemoryError:
            raise
        except Exception as error:  # warcio raises anything
            yield BrokenRecord(offset, _in_words(error))
            wasted += _cost(file, offset)
            if wasted > most:
                yield BrokenRecord(offset, "too much is broken; the rest of the file is not read")
                return
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


def _cost(file: IO[bytes] | gzip.GzipFile, offset: int) -> int:
    """Return how many bytes were read for a broken record; a stream begins anew to go back."""
    return _LEAST_WASTED + file.tell() - (0 if isinstance(file, gzip.GzipFile) else offset)


def _in_words(error: Exception) -> str:
    """Describe an error in one line, without the bytes that warcio quotes."""
    text = "".join(char if char.isascii() and char.isprintable() else " " for char in str(error))
    return " ".join(text.split())[:120] or type(error).__name__


def _decoded(found: Any, iterator: ArchiveIterator, size: int | None) -> WarcRecord:
    """Read a record to its end. `size` is that of its file, if known."""
    offset = iterator.offset
    if found.length is None:
        raise _BrokenError("no Content-Length")
    if found.length > _LARGEST:
        raise _BrokenError(f"of {found.length:,} bytes; {_LARGEST:,} are read at most")
    if size is not None and not iterator.reader.decompressor and offset + found.length > size:
        raise _BrokenError(f"ends after {size - offset:,} of {found.length:,} bytes")
    raw = b"".join(iter(lambda: found.raw_stream.read(_CHUNK), b""))
    if found.payload_length >= 0 and len(raw) != found.payload_length:
        raise _BrokenError(f"ends after {len(raw):,} of {found.payload_length:,} bytes")
    if found.digest_checker and found.digest_checker.passed is False:
        raise _BrokenError("; ".join(map(str, found.digest_checker.problems)))
    found.raw_stream = io.BytesIO(raw)
    body = found.content_stream().read(_LARGEST + 1)
    if len(body) > _LARGEST:
        raise _BrokenError(f"more than {_LARGEST:,} bytes once unpacked")
    iterator.read_to_end()
    if iterator.err_count:
        raise _BrokenError("is not followed by an empty line, so its Content-Length is false")
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
            if match[0].startswith(b"W") or _is_compressed_record(data[match.start() : match.start() + _HEAD]):
                return place
        kept = data[-_HEAD:]
        at += len(data) - len(kept)


def _is_compressed_record(head: bytes) -> bool:
    try:
        return zlib.decompressobj(_GZIP).decompress(head, 16).startswith(b"WARC/")
    except zlib.error:
        return False
