"""The schema's versions: a database is brought up to date when it is opened, one step after the other.

A new database is made as the tables stand today; STEPS are for those that were made before. A table that did not exist
is made in any case, so a step is needed only where one changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Column, Connection, Integer, Table, func, insert, inspect, select

from output.state import tables  # noqa: F401 (fills METADATA)
from output.state.schema import METADATA

if TYPE_CHECKING:
    from collections.abc import Callable

VERSION = Table("schema_version", METADATA, Column("number", Integer, primary_key=True, autoincrement=False))

# STEPS[n] takes version n + 1 to version n + 2; `Operations` are plain SQL on the connection.
MIGRATIONS: tuple[Callable[[Connection], None], ...] = ()


class NewerSchemaError(Exception):
    """The database was made by a later version of the program; the message says which schema it has."""


def migrate(connection: Connection, steps: tuple[Callable[[Connection], None], ...] = MIGRATIONS) -> int:
    """Bring the database to today's schema, within the connection's transaction; the version it now has.

    Raises NewerSchemaError, and changes nothing, where it is ahead of this program.
    """
    newest = len(steps) + 1
    found = None
    if inspect(connection).has_table(VERSION.name):
        found = connection.scalar(select(func.max(VERSION.c.number)))
    if found is not None and found > newest:
        raise NewerSchemaError(f"its schema has version {found}, this program knows {newest}")
    if found == newest:
        METADATA.create_all(connection)  # tables that this program has and the one that made the database had not
        return newest
    for step in steps[found - 1 :] if found else ():
        step(connection)
    METADATA.create_all(connection)
    connection.execute(insert(VERSION).values(number=newest))
    return newest
