"""The state's database: opened, brought up to date, and asked in transactions."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection, Engine, Table, create_engine, delete, event, insert
from sqlalchemy.engine import make_url
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DataError,
    IntegrityError,
    NoSuchModuleError,
    ProgrammingError,
)

from output.state.migrations import NewerSchemaError, migrate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Values in one statement: well under every database's limit, and what a look-up costs hardly changes beyond.
BATCH = 500

_T = TypeVar("_T")


class StateError(Exception):
    """The state cannot be used; one line that names it and says what to do."""


class State:
    """An open state, for one thread. All access is in transactions: `with state.transaction() as connection: ...`."""

    def __init__(self, engine: Engine):
        self._engine = engine
        self._under_way: Connection | None = None

    @classmethod
    def open(cls, url: str) -> State:
        """Open the database at an SQLAlchemy URL, make it where there is none, bring it up to date. Raises StateError."""
        try:
            shown = make_url(url).render_as_string(hide_password=True)
        except ArgumentError:
            raise StateError(
                "STATE_URL is no database URL; write one such as sqlite:///FOLDER/state.db "
                "or postgresql+psycopg://USER:PASSWORD@HOST/NAME"
            ) from None
        try:
            engine = _engine(url)
        except (ArgumentError, NoSuchModuleError, ImportError) as error:
            raise StateError(
                f"STATE_URL {shown} cannot be used ({_first_line(error)}); install its driver, "
                "or write sqlite:///FOLDER/state.db"
            ) from None
        state = cls(engine)
        try:
            with state.transaction() as connection:
                migrate(connection)
        except NewerSchemaError as error:
            state.close()
            raise StateError(
                f"{shown} was made by a newer Winnow: {error}; update, or name another with STATE_URL"
            ) from None
        except StateError:
            state.close()
            raise
        return state

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A transaction: committed at the end of the block, and taken back where the block raises. Within another one it
        is a part of that.

        Raises StateError where the database fails: a full disk, a file that was damaged, a server that is gone.
        """
        if self._under_way is not None:
            yield self._under_way
            return
        try:
            with self._engine.begin() as connection:
                self._under_way = connection
                try:
                    yield connection
                finally:
                    self._under_way = None
        except DatabaseError as error:
            if isinstance(error, (IntegrityError, ProgrammingError, DataError)):
                raise  # a fault of ours
            shown = self._engine.url.render_as_string(hide_password=True)
            raise StateError(f"{shown} cannot be used: {_first_line(error.orig)}") from error

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()


def batches(values: Sequence[_T] | Iterator[_T], size: int = BATCH) -> Iterator[list[_T]]:
    """The values in lists of at most `size`."""
    iterator = iter(values)
    while batch := list(islice(iterator, size)):
        yield batch


def replace_rows(connection: Connection, table: Table, rows: Sequence[dict[str, Any]], key: str = "key") -> None:
    """Write whole rows, in place of those that have the same `key`. Portable, where each database has its own upsert."""
    for batch in batches(rows):
        connection.execute(delete(table).where(table.c[key].in_([row[key] for row in batch])))
        connection.execute(insert(table), batch)


def _engine(url: str) -> Engine:
    engine = create_engine(url, pool_pre_ping=not url.startswith("sqlite"))  # a server may have hung up meanwhile
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # BEGIN is ours: the driver's own leaves out table definitions
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout = 30000")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")  # what is committed has reached the disk, also when the power fails
    cursor.execute("PRAGMA cache_size = -32000")  # KiB
    cursor.close()


def _first_line(error: BaseException | None) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]
