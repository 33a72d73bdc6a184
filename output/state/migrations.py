"""Migrate a database to the current schema when it is opened, one version after the other.

A new database gets the current tables; MIGRATIONS are for older ones. Missing tables are always created, so a migration
is needed only if an existing table changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Column, Connection, Integer, Table, func, insert, inspect, select

from output.state import tables  # noqa: F401 (fills METADATA)
from output.state.schema import METADATA

if TYPE_CHECKING:
    from collections.abc import Callable

VERSION = Table("schema_version", METADATA, Column("number", Integer, primary_key=True, autoincrement=False))

# MIGRATIONS[n] upgrades version n + 1 to n + 2, with plain SQL on the connection.
MIGRATIONS: tuple[Callable[[Connection], None], ...] = ()


class NewerSchemaError(Exception):
    """The database was made by a later version of the program; the message gives both schema versions."""


def migrate(connection: Connection, migrations: tuple[Callable[[Connection], None], ...] = MIGRATIONS) -> int:
    """Migrate the database within the connection's transaction, and return its version.

    Raises NewerSchemaError, and changes nothing, if the database is newer than this program.
    """
    newest = len(migrations) + 1
    found = None
    if inspect(connection).has_table(VERSION.name):
        found = connection.scalar(select(func.max(VERSION.c.number)))
    if found is not None and found > newest:
        raise NewerSchemaError(f"its schema has version {found}, this program supports {newest}")
    if found == newest:
        METADATA.create_all(connection)  # adds tables that are new in this program
        return newest
    for migration in migrations[found - 1 :] if found else ():
        migration(connection)
    METADATA.create_all(connection)
    connection.execute(insert(VERSION).values(number=newest))
    return newest
