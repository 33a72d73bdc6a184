"""Delete what has become too old to keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from output.runs.run_log import run_start
from output.state import State, block_counts, known_articles, known_urls, run_stages, stored_signatures

if TYPE_CHECKING:
    from datetime import datetime, timedelta


def delete_old_state(state: State, run: str, now: datetime, *, keep: timedelta, keep_signatures: timedelta) -> None:
    """Delete state that was not used for `keep`, and signatures older than `keep_signatures`. Raises StateError.

    Does nothing unless `run` is the first run of its day.
    """
    with state.transaction() as connection:
        if run_stages.run_names(connection, f"{run_start(run):%Y%m%d}") - {run}:
            return
    for delete_old in (
        known_urls.delete_old_urls,
        known_articles.delete_old_articles,
        block_counts.delete_old_blocks,
        run_stages.delete_old_runs,
    ):
        with state.transaction() as connection:
            delete_old(connection, now - keep)
    with state.transaction() as connection:
        stored_signatures.delete_old_signatures(connection, now - keep_signatures)
