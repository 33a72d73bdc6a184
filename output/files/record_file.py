"""Write files of records that appear only when complete: lines go to `<name>.part`, which is renamed at the end."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Literal

import orjson

from output.runs.run_log import FinishedFile, run_start
from output.storage.durable import sync_folder, write_whole

if TYPE_CHECKING:
    from pathlib import Path

PART = ".part"
# Prefix of the keys that are only in a `.part`, for use when the run is finalized (such as a record's blocks).
PRIVATE = "_"

Record = dict[str, Any]
# Applied to a file's records before they are written to the finished file. It may change records or drop them.
Transform = Callable[[Iterator[Record]], Iterable[Record]]


def record_path(data_dir: Path, folder: Literal["articles", "rejects"], run: str) -> Path:
    """Return the path of a run's records: `DATA_DIR/<folder>/<day the run began, UTC>/<run>.jsonl`."""
    return data_dir / folder / run_start(run).date().isoformat() / f"{run}.jsonl"


@dataclass(frozen=True, slots=True)
class RecordLine:
    """Hold a record as it is written, and whether it has private keys."""

    data: bytes
    private: bool


def encode_line(record: Mapping[str, Any]) -> RecordLine:
    """Encode a record as a line of JSON. Raises TypeError for what JSON cannot hold, such as a lone surrogate."""
    private = any(key.startswith(PRIVATE) for key in record)
    return RecordLine(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE), private)


class RecordFile:
    """Write records, one JSON object per line, to a file that gets its name only when it is complete.

    Nothing is created before the first record. A process that dies leaves the `.part` with all lines written so far.
    """

    def __init__(self, path: Path):
        self.path = path
        self.part = part_of(path)
        self.lines = 0
        self._descriptor: int | None = None
        self._size = 0
        self._private = False

    def write(self, record: Mapping[str, Any]) -> None:
        """Append a record. Raises what `encode_line` and `append` raise."""
        self.append(encode_line(record))

    def append(self, line: RecordLine) -> None:
        """Append an encoded record. Raises OSError, after undoing a partial write, so that every line stays whole."""
        if self._descriptor is None:
            self.part.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            self._descriptor = os.open(self.part, flags, 0o644)
        try:
            write_whole(self._descriptor, line.data)
        except OSError:
            os.ftruncate(self._descriptor, self._size)
            raise
        self._size += len(line.data)
        self.lines += 1
        self._private = self._private or line.private

    def finish(self, transform: Transform | None = None) -> FinishedFile | None:
        """Give the file its name and return it with its full path, or None if it holds no records. Raises OSError.

        `transform` receives the records as written and yields those to keep.
        """
        if self._descriptor is None:
            return None
        os.fsync(self._descriptor)
        self.abandon()
        return finish_part(self.path, transform, rewrite=self._private or transform is not None)

    def abandon(self) -> None:
        """Close the file, and leave it as a `.part`."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def part_of(path: Path) -> Path:
    """Return the name of a record file while it is unfinished."""
    return path.with_name(path.name + PART)


def unfinished_copy(path: Path) -> Path:
    """Return the path at which the finished content is assembled before it is renamed."""
    return path.with_name(f".{path.name}.new")


def finish_part(path: Path, transform: Transform | None = None, *, rewrite: bool = True) -> FinishedFile | None:
    """Finish the `.part` of `path`, whoever wrote it. Returns None if no record is left.

    At every instant either the `.part` or the finished file is complete. With `rewrite` (to strip private keys or
    transform records), the new content is on disk before it is renamed, and the `.part` is deleted only after that.
    """
    part = part_of(path)
    source = unfinished_copy(path) if rewrite else part
    lines, digest = _rewrite(part, source, transform) if rewrite else measure_file(source)
    if lines:
        source.replace(path)
        sync_folder(path.parent)
        sync_folder(path.parent.parent)  # the day's folder itself may be new
    if rewrite or not lines:
        source.unlink(missing_ok=True)
        part.unlink(missing_ok=True)
        sync_folder(path.parent)  # or a power failure could bring the `.part` back
    return FinishedFile(str(path), lines, digest) if lines else None


def read_records(path: Path) -> Iterator[Record]:
    """Yield the records of a file, in order. Raises ValueError that names the first broken line."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                yield orjson.loads(line)
            except orjson.JSONDecodeError as error:
                raise ValueError(f"{path}, line {number}: not a whole JSON record ({error})") from None


def _rewrite(part: Path, target: Path, transform: Transform | None) -> tuple[int, str]:
    """Write the public records to `target`; return its line count and sha256, as `measure_file` does."""
    lines, digest = 0, sha256()
    records = read_records(part)
    with target.open("wb") as file:
        for record in transform(records) if transform else records:
            public = {key: value for key, value in record.items() if not key.startswith(PRIVATE)}
            line = orjson.dumps(public, option=orjson.OPT_APPEND_NEWLINE)
            file.write(line)
            digest.update(line)
            lines += 1
        file.flush()
        os.fsync(file.fileno())
    return lines, digest.hexdigest()


def measure_file(path: Path) -> tuple[int, str]:
    """Return the line count of a file, and its sha256 in hex."""
    lines, digest = 0, sha256()
    with path.open("rb") as file:
        for line in file:
            lines += 1
            digest.update(line)
    return lines, digest.hexdigest()
