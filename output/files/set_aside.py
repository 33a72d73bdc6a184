"""Set aside a file that holds anything but a run's records: it stops no run, and nothing of it is lost."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy.exc import DatabaseError, DataError, IntegrityError, ProgrammingError

from output.state import StateError
from output.storage.durable import sync_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from output.files.record_file import Record

# Ends a name that neither recovery nor a reader of records looks for.
ASIDE = ".unreadable"
_ID = re.compile("[0-9a-f]{16}")


class UnusableRecordsError(ValueError):
    """Report a file whose lines are not those of a run. `path` is the file, and the message says what is wrong."""

    def __init__(self, path: Path, cause: Exception):
        super().__init__(f"{path}: not the records of a run ({_in_words(cause)})")
        self.path = path


def _in_words(cause: Exception) -> str:
    return " ".join(f"{type(cause).__name__}: {cause}".split())[:300]


@contextmanager
def blaming(path: Path) -> Iterator[None]:
    """Turn what the lines of a file cause into an UnusableRecordsError. What a disk or a database causes passes."""
    try:
        yield
    except (OSError, StateError):
        raise
    except DatabaseError as error:
        if isinstance(error, (DataError, IntegrityError, ProgrammingError)):  # the database refuses a value
            raise UnusableRecordsError(path, error.orig if isinstance(error.orig, Exception) else error) from error
        raise
    except Exception as error:
        raise UnusableRecordsError(path, error) from error


def own_records(records: Iterable[Record], run: str) -> Iterator[Record]:
    """Yield the records of a file. Raises ValueError at the first that this run cannot have written."""
    for number, record in enumerate(records, 1):
        name = record.get("id")
        if record.get("run") != run or not isinstance(name, str) or not _ID.fullmatch(name):
            raise ValueError(f"record {number} is not one of run {run}")
        yield record


def set_aside(path: Path) -> Path:
    """Rename a file so that it is left alone from now on, and return its new path. Raises OSError."""
    number, target = 1, path.with_name(path.name + ASIDE)
    while target.exists():
        number += 1
        target = path.with_name(f"{path.name}{ASIDE}{number}")
    path.rename(target)
    sync_folder(path.parent)
    return target
