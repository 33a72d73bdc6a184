"""Runs, and how far each came: what recovery goes by."""

from __future__ import annotations

from sqlalchemy import Column, String, Table

from output.state.schema import METADATA, Key

RUNS = Table(
    "runs",
    METADATA,
    Column("run", String(32), primary_key=True),
    Column("stage", String(16), nullable=False),  # output.state.runs.Stage
    Column("started", Key, nullable=False),
    Column("ended", Key),
)
