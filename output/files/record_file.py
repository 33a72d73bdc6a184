"""Files of records that are whole or not there: lines go to `<name>.part`, which gets its name when it is finished."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Literal

import orjson

from output.runs.run_log import FinishedFile, run_start
from output.storage.durable import sync_folder, write_whole

if TYPE_CHECKING:
    from pathlib import Path

PART = ".part"
# How keys begin that only a `.part` carries, for the work done at finishing (a record's blocks, for one).
PRIVATE = "_"

Record = dict[str, Any]
# What a file's records go through before they are written under its name. It may change them, or leave some out.
Transform = Callable[[Iterator[Record]], Iterable[Record]]


def record_path(data_dir: Path, folder: Literal["articles", "rejects"], run: str) -> Path:
    """Where the records of a run go: `DATA_DIR/<folder>/<day the run began, UTC>/<run>.jsonl`."""
    return data_dir / folder / run_start(run).date().isoformat() / f"{run}.jsonl"


class RecordFile:
    """A file of records, one JSON object a line, that appears under its name only when it is whole.

    Nothing is created before the first record. A process that dies leaves the `.part`, with all lines written so far.
    """

    def __init__(self, path: Path):
        self.path = path
        self.part = part_of(path)
        self.lines = 0
        self._descriptor: int | None = None
        self._size = 0
        self._private = False

    def write(self, record: Mapping[str, Any]) -> None:
        """Append one record. Raises OSError; what a full disk cut short is taken back, so that every line is whole."""
        data = orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)
        if self._descriptor is None:
            self.part.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            self._descriptor = os.open(self.part, flags, 0o644)
        try:
            write_whole(self._descriptor, data)
        except OSError:
            os.ftruncate(self._descriptor, self._size)
            raise
        self._size += len(data)
        self.lines += 1
        self._private = self._private or any(key.startswith(PRIVATE) for key in record)

    def finish(self, transform: Transform | None = None) -> FinishedFile | None:
        """Give the file its name. Returns what it holds, with its whole path, or None for nothing. Raises OSError.

        `transform` sees the records as written and yields those to keep.
        """
        if self._descriptor is None:
            return None
        os.fsync(self._descriptor)
        self.abandon()
        return finish_part(self.path, transform, rewrite=self._private or transform is not None)

    def abandon(self) -> None:
        """Close the file and leave it a `.part`."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def part_of(path: Path) -> Path:
    """The name that a record file has while it is not finished."""
    return path.with_name(path.name + PART)


def unfinished_copy(path: Path) -> Path:
    """Where the content of a record file is put together before it gets its name."""
    return path.with_name(f".{path.name}.new")


def finish_part(path: Path, transform: Transform | None = None, *, rewrite: bool = True) -> FinishedFile | None:
    """Finish the `.part` of `path`, of this process or of one that died. Returns None where no record is left in it.

    At every instant either the `.part` is whole or the finished file is: with `rewrite` (private keys to strip, records
    to transform) the new content is complete on disk before it gets the name, and only then the `.part` goes.
    """
    part = part_of(path)
    source = unfinished_copy(path) if rewrite else part
    lines, digest = _rewrite(part, source, transform) if rewrite else measure_file(source)
    if lines:
        source.replace(path)
        sync_folder(path.parent)
        sync_folder(path.parent.parent)  # the day's folder may be new itself
    if rewrite or not lines:
        source.unlink(missing_ok=True)
        part.unlink(missing_ok=True)
        sync_folder(path.parent)  # or it would come back beside its file
    return FinishedFile(str(path), lines, digest) if lines else None


def read_records(path: Path) -> Iterator[Record]:
    """The records of a file, in order. Raises ValueError that names the line which is not a record."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                yield orjson.loads(line)
            except orjson.JSONDecodeError as error:
                raise ValueError(f"{path}, line {number}: not a whole JSON record ({error})") from None


def _rewrite(part: Path, target: Path, transform: Transform | None) -> tuple[int, str]:
    """Write the public records to `target`, and return what `measure` would, without reading them again."""
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
    """How many lines a file has, and its sha256, hex."""
    lines, digest = 0, sha256()
    with path.open("rb") as file:
        for line in file:
            lines += 1
            digest.update(line)
    return lines, digest.hexdigest()
