"""Delete old logs and old state. (Archive files: test_archive.)"""

from __future__ import annotations

import logging
import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from scrapy.settings import Settings

from crawler.run.logs import log_to_file
from output.state import State, known_urls, run_stages
from output.state.known_urls import FoundUrl, UrlStatus
from output.state.retention import delete_old_state
from output.state.run_stages import Stage
from output.state.tables import RUNS_TABLE, URLS_TABLE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
DAY = timedelta(days=1)
SITE = "one.example"


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    found = Settings()
    found.setmodule("crawler.settings", priority="project")
    found.setdict({"DATA_DIR": str(tmp_path), "LOG_FILE_BYTES": 2000, "LOG_DAYS": 30, "LOG_LEVEL": "INFO"}, "cmdline")
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    root.setLevel(logging.INFO)
    yield found
    for handler in set(root.handlers) - set(before):
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)


def test_logs_are_rotated_by_size_and_removed_by_age(settings: Settings, tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    for name, days in (("2026-01-01.log", 60), ("2026-01-01.log.3", 60), ("2026-03-01.log", 3), ("notes.txt", 60)):
        (logs / name).write_text("old\n")
        written = (NOW - days * DAY).timestamp()
        os.utime(logs / name, (written, written))
    log_to_file(settings, NOW)
    assert {path.name for path in logs.iterdir()} == {"2026-03-01.log", "notes.txt"}
    for number in range(1000):
        logging.getLogger("crawler").info("line %d of a crawl that has much to say", number)
    today = sorted(path for path in logs.iterdir() if path.name.startswith("2026-03-04.log"))
    assert len(today) == 11
    assert all(path.stat().st_size <= 2000 for path in today)
    assert "line 999 of" in (logs / "2026-03-04.log").read_text()


def test_the_first_run_of_a_day_deletes_old_state(tmp_path: Path) -> None:
    state = State.open(f"sqlite:///{tmp_path / 'state.db'}")

    def run(name: str, now: datetime) -> None:
        with state.transaction() as connection:
            run_stages.begin_run(connection, name, now)
            run_stages.advance_run(connection, name, Stage.FINISHED, now)
        delete_old_state(state, name, now, keep=400 * DAY, keep_signatures=14 * DAY)

    def left() -> set[str]:
        with state.transaction() as connection:
            return set(connection.scalars(URLS_TABLE.select().with_only_columns(URLS_TABLE.c.url)))

    with state.transaction() as connection:
        for days, name in ((500, "old"), (500, "pending"), (10, "new")):
            found = [FoundUrl(f"{SITE}/{name}", name)]
            known_urls.record_found(connection, SITE, "feed", found, NOW - days * DAY)
        settled = URLS_TABLE.c.url != "pending"
        connection.execute(URLS_TABLE.update().where(settled).values(outcome=UrlStatus.REJECTED, next_try=None))
    run("20241104T050607Z-aaaaaa", NOW - 485 * DAY)
    run("20260304T010607Z-bbbbbb", NOW)
    assert left() == {"pending", "new"}
    with state.transaction() as connection:
        assert connection.scalars(RUNS_TABLE.select().with_only_columns(RUNS_TABLE.c.run)).all() == [
            "20260304T010607Z-bbbbbb"
        ]
        connection.execute(URLS_TABLE.update().where(URLS_TABLE.c.url == "new").values(last_seen=0))
    run("20260304T020607Z-cccccc", NOW)
    assert left() == {"pending", "new"}  # once a day is enough
    run("20260305T020607Z-dddddd", NOW + DAY)
    assert left() == {"pending"}
    state.close()
