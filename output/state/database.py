"""Open the state's database, migrate it, and run transactions on it."""

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

from output.state.database_url import shown_url, without_secrets
from output.state.migrations import NewerSchemaError, migrate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy.engine import URL

# Values per statement: well under every database's limit; larger batches are hardly faster.
BATCH = 500

_T = TypeVar("_T")


class StateError(Exception):
    """The state cannot be used. The message is one line that names it and says what to do."""


class State:
    """Hold an open database, for one thread. All access is in `with state.transaction() as connection: ...`."""

    def __init__(self, engine: Engine):
        self._engine = engine
        self._current: Connection | None = None

    @classmethod
    def open(cls, url: str) -> State:
        """Open the database at an SQLAlchemy URL, creating or migrating it as needed. Raises StateError."""
        try:
            parsed = make_url(url)
            shown = shown_url(parsed)
        except (ArgumentError, ValueError):  # whose text quotes a part of it
            raise StateError(
                "STATE_URL is not a database URL; write one such as sqlite:///FOLDER/state.db "
                "or postgresql+psycopg://USER:PASSWORD@HOST/NAME"
            ) from None
        try:
            engine = _engine(url)
        except (ArgumentError, NoSuchModuleError, ImportError, TypeError, ValueError) as error:
            raise StateError(
                f"STATE_URL {shown} cannot be used ({_said(error, parsed)}); install its driver, "
                "or use sqlite:///FOLDER/state.db"
            ) from None
        state = cls(engine)
        try:
            with state.transaction() as connection:
                migrate(connection)
        except NewerSchemaError as error:
            state.close()
            raise StateError(
                f"{shown} was made by a newer Winnow: {error}; upgrade Winnow, or name another database with STATE_URL"
            ) from None
        except StateError:
            state.close()
            raise
        except (DatabaseError, TypeError, ValueError) as error:  # an option that the driver does not know
            state.close()
            raise StateError(f"STATE_URL {shown} cannot be used: {_said(error, parsed)}") from None
        return state

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Run a transaction: commit at the end of the block, or roll back if it raises.

        Inside another transaction, the block becomes part of that one. Raises StateError if the database fails: the
        disk is full, the file is damaged, the server is gone.
        """
        if self._current is not None:
            yield self._current
            return
        try:
            with self._engine.begin() as connection:
                self._current = connection
                try:
                    yield connection
                finally:
                    self._current = None
        except DatabaseError as error:
            if isinstance(error, (IntegrityError, ProgrammingError, DataError)):
                raise  # a bug in our code
            url = self._engine.url
            raise StateError(f"{shown_url(url)} cannot be used: {_said(error, url)}") from None

    def close(self) -> None:
        """Close all connections to the database."""
        self._engine.dispose()


def batches(values: Sequence[_T] | Iterator[_T], size: int = BATCH) -> Iterator[list[_T]]:
    """Yield the values in lists of at most `size`."""
    iterator = iter(values)
    while batch := list(islice(iterator, size)):
        yield batch


def replace_rows(connection: Connection, table: Table, rows: Sequence[dict[str, Any]], key: str = "key") -> None:
    """Write whole rows, replacing those with the same `key`. Portable, unlike each database's own upsert."""
    for batch in batches(rows):
        connection.execute(delete(table).where(table.c[key].in_([row[key] for row in batch])))
        connection.execute(insert(table), batch)


def _engine(url: str) -> Engine:
    engine = create_engine(url, pool_pre_ping=not url.startswith("sqlite"))  # a server may have closed the connection
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we send BEGIN: the driver's own excludes table definitions
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout = 30000")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")  # a commit survives a power failure
    cursor.execute("PRAGMA cache_size = -32000")  # KiB
    cursor.close()


def _said(error: BaseException, url: URL) -> str:
    cause = getattr(error, "orig", None) or error
    return without_secrets(str(cause), url) or type(cause).__name__
