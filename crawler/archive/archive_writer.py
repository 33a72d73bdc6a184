"""Write captures to WARC files: each page as a response with its metadata, or as a revisit where nothing has changed."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING, Any

from warcio.recordbuilder import RecordBuilder
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler.archive.archive_files import archive_path, finish_archive
from crawler.archive.capture import Capture, CapturedPart, capture_metadata, parts_of
from crawler.archive.payload_index import ArchivedPayload, PayloadIndex
from output.files.record_file import part_of
from output.storage.durable import sync_name, write_whole

if TYPE_CHECKING:
    from pathlib import Path

# What was true of the bytes on the wire; the archive has them decoded, and says so under another name.
_OF_THE_WIRE = {"transfer-encoding", "content-encoding", "content-length"}


class ArchiveWriter:
    """Write the captures of one run, in files of about `most_bytes`. Not for the event loop: gzip takes milliseconds.

    A capture is one write to a `.part`, which gets its name when it is full or the run ends. A process that dies leaves a `.part`
    of whole records, except perhaps the last.
    """

    def __init__(self, data_dir: Path, run: str, most_bytes: int, software: str, payloads: PayloadIndex):
        self._data_dir, self._run, self._most, self._software = data_dir, run, most_bytes, software
        self._payloads = payloads
        self._number = 0
        self._size = 0
        self._descriptor: int | None = None
        self._info = ""

    def write(self, capture: Capture) -> None:
        """Append a capture. Raises OSError; what a full disk cut short is taken back."""
        records = BytesIO()
        if self._descriptor is None:
            self._open(records)
        parts = parts_of(capture)
        digests = tuple(_digest(part.body) for part in parts)
        before = self._payloads.get(parts[0].url) if capture.fetched.revisit_of else None
        date = _warc_date(capture.fetched.page.fetched_at or datetime.now(UTC))
        writer = WARCWriter(records, gzip=True, warc_version="1.1")
        for part, digest in zip(parts, digests, strict=True):
            same = before if before and before.digests == digests else None
            self._add(writer, part, date, digest, same)
        self._append(records.getvalue())
        if not (before and before.digests == digests):
            self._payloads.put(parts[0].url, ArchivedPayload(date, digests))
        if self._size >= self._most:
            self._finish_file()

    def sync(self) -> None:
        """Wait until the disk has what was written. Raises OSError."""
        if self._descriptor is not None:
            os.fsync(self._descriptor)
            sync_name(self._path)

    def finish(self) -> None:
        """Give the last file its name. Raises OSError."""
        if self._descriptor is not None:
            self._finish_file()
        self._payloads.close()

    def _add(
        self, writer: WARCWriter, part: CapturedPart, date: str, digest: str, same: ArchivedPayload | None
    ) -> None:
        headers = {"WARC-Date": date, "WARC-Warcinfo-ID": self._info}
        if same:
            response = writer.create_revisit_record(
                part.url, digest, part.url, same.date, http_headers=_http_headers(part), warc_headers_dict=headers
            )
        else:
            response = writer.create_warc_record(
                part.url, "response", BytesIO(part.body), len(part.body),
                http_headers=_http_headers(part), warc_headers_dict=headers,
            )  # fmt: skip
        writer.write_record(response)
        about = capture_metadata(part)
        of_response = {**headers, "WARC-Concurrent-To": response.rec_headers.get_header("WARC-Record-ID")}
        metadata = writer.create_warc_record(
            part.url, "metadata", BytesIO(about), len(about), "application/json", of_response
        )
        writer.write_record(metadata)

    def _open(self, records: BytesIO) -> None:
        self._number += 1
        path = self._path
        part_of(path).parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        self._descriptor = os.open(part_of(path), flags, 0o644)
        self._size = 0
        writer = WARCWriter(records, gzip=True, warc_version="1.1")
        info = {"software": self._software, "format": "WARC File Format 1.1", "isPartOf": self._run}
        record = writer.create_warcinfo_record(path.name, info)
        self._info = record.rec_headers.get_header("WARC-Record-ID")
        writer.write_record(record)

    def _append(self, data: bytes) -> None:
        assert self._descriptor is not None
        try:
            write_whole(self._descriptor, data)
        except OSError:
            os.ftruncate(self._descriptor, self._size)
            if not self._size:  # without its first record it is no archive
                os.close(self._descriptor)
                self._descriptor = None
                part_of(self._path).unlink()
                self._number -= 1
            raise
        self._size += len(data)

    def _finish_file(self) -> None:
        assert self._descriptor is not None
        os.close(self._descriptor)
        self._descriptor = None
        finish_archive(self._path)

    @property
    def _path(self) -> Path:
        return archive_path(self._data_dir, self._run, self._number)


def _http_headers(part: CapturedPart) -> StatusAndHeaders:
    pairs = [(_name(name), value) for name, value in part.headers.items()]
    pairs.append(("Content-Length", str(len(part.body))))
    try:
        phrase = HTTPStatus(part.status).phrase
    except ValueError:
        phrase = "Unknown"
    return StatusAndHeaders(f"{part.status} {phrase}", pairs, protocol="HTTP/1.1")


def _name(name: str) -> str:
    return f"X-Crawler-{name}" if name.lower() in _OF_THE_WIRE else name


def _digest(body: bytes) -> str:
    digester: Any = RecordBuilder._create_digester()
    digester.update(body)
    return str(digester)


def _warc_date(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
