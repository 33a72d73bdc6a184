"""What has become too old to keep."""

from __future__ import annotations

from datetime import datetime, timedelta

from output.runs import run_start
from output.state import State, articles, blocks, runs, signatures, urls


def forget_old(state: State, run: str, now: datetime, *, keep: timedelta, signatures_for: timedelta) -> None:
    """Let the state forget what it was not asked about for `keep`, and signatures after theirs; once a day, by that
    day's first run. Raises StateError."""
    with state.transaction() as connection:
        if runs.names(connection, f"{run_start(run):%Y%m%d}") - {run}:
            return
    for forget in (urls.forget, articles.forget, blocks.forget, runs.forget):
        with state.transaction() as connection:
            forget(connection, now - keep)
    with state.transaction() as connection:
        signatures.forget(connection, now - signatures_for)
