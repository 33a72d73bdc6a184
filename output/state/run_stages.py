"""Track how far each run came, so that the next one knows what to finish."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, func, insert, select, update

from output.state.schema import to_microseconds
from output.state.tables import RUNS_TABLE

if TYPE_CHECKING:
    from datetime import datetime


class Stage(StrEnum):
    """Name the stages of a run, in order."""

    RUNNING = "running"  # its records are in `.part` files, unknown to the state
    RECORDED = "recorded"  # the state has its records; its files may not have their names yet
    FINISHED = "finished"  # its files have their names, and runs.jsonl has its line


def begin_run(connection: Connection, run: str, now: datetime) -> None:
    """Record that a run begins."""
    connection.execute(insert(RUNS_TABLE).values(run=run, stage=Stage.RUNNING, started=to_microseconds(now)))


def stage_of(connection: Connection, run: str) -> Stage | None:
    """Return the stage of a run, or None if the state does not know the run."""
    stage = connection.scalar(select(RUNS_TABLE.c.stage).where(RUNS_TABLE.c.run == run))
    return None if stage is None else Stage(stage)


def advance_run(connection: Connection, run: str, stage: Stage, now: datetime) -> None:
    """Record that a run has reached a stage."""
    ended = to_microseconds(now) if stage == Stage.FINISHED else None
    updated = connection.execute(update(RUNS_TABLE).where(RUNS_TABLE.c.run == run).values(stage=stage, ended=ended))
    if not updated.rowcount:  # the run began with a state that was lost
        connection.execute(insert(RUNS_TABLE).values(run=run, stage=stage, started=to_microseconds(now), ended=ended))


def unfinished_runs(connection: Connection) -> dict[str, Stage]:
    """Return the unfinished runs with their stages, oldest first."""
    rows = connection.execute(
        select(RUNS_TABLE.c.run, RUNS_TABLE.c.stage).where(RUNS_TABLE.c.stage != Stage.FINISHED).order_by("run")
    )
    return {row.run: Stage(row.stage) for row in rows}


def newest_run(connection: Connection) -> str | None:
    """Return the newest run, or None if there is none."""
    newest: str | None = connection.scalar(select(func.max(RUNS_TABLE.c.run)))
    return newest


def run_names(connection: Connection, day: str) -> set[str]:
    """Return the runs that began on a day (YYYYMMDD)."""
    return set(connection.scalars(select(RUNS_TABLE.c.run).where(RUNS_TABLE.c.run.startswith(day, autoescape=True))))


def delete_old_runs(connection: Connection, before: datetime) -> int:
    """Delete runs that ended before a time, and return how many."""
    return connection.execute(delete(RUNS_TABLE).where(RUNS_TABLE.c.ended < to_microseconds(before))).rowcount
