"""What has become too old to keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from output.runs.run_log import run_start
from output.state import State, block_counts, known_articles, known_urls, run_stages, stored_signatures

if TYPE_CHECKING:
    from datetime import datetime, timedelta


def delete_old_state(state: State, run: str, now: datetime, *, keep: timedelta, keep_signatures: timedelta) -> None:
    """Let the state forget what it was not asked about for `keep`, and signatures after theirs; once a day, by that
    day's first run. Raises StateError.
    """
    with state.transaction() as connection:
        if run_stages.run_names(connection, f"{run_start(run):%Y%m%d}") - {run}:
            return
    for forget in (
        known_urls.delete_old_urls,
        known_articles.delete_old_articles,
        block_counts.delete_old_blocks,
        run_stages.delete_old_runs,
    ):
        with state.transaction() as connection:
            forget(connection, now - keep)
    with state.transaction() as connection:
        stored_signatures.delete_old_signatures(connection, now - keep_signatures)
