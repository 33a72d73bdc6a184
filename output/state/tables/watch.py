"""What the watch goes by: what each run saw of an outlet, and the alarms that are on."""

from __future__ import annotations

from sqlalchemy import Column, LargeBinary, String, Table

from output.state.schema import METADATA, Key

WATCH_RUNS = Table(
    "watch_runs",
    METADATA,
    Column("site", String, primary_key=True),
    Column("at", Key, primary_key=True, autoincrement=False),  # when the run saw it; of a whole day, its last run
    Column("seen", LargeBinary, nullable=False),  # an Observation as JSON
    sqlite_with_rowid=False,
)

WATCH_ALARMS = Table(
    "watch_alarms",
    METADATA,
    Column("site", String, primary_key=True),
    Column("symptom", String(32), primary_key=True),  # output.watch.Symptom
    Column("since", Key, nullable=False),
    Column("told", Key, nullable=False),  # last
)
