"""What becomes too old goes: logs, and what the state remembers. (Archive files: test_archive.)"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from scrapy.settings import Settings

from crawler.logs import log_to_file
from output.retention import forget_old
from output.state import State, runs, urls
from output.state.runs import Stage
from output.state.tables import RUNS, URLS
from output.state.urls import Found, Outcome

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
        moment = (NOW - days * DAY).timestamp()
        os.utime(logs / name, (moment, moment))
    log_to_file(settings, NOW)
    assert {path.name for path in logs.iterdir()} == {"2026-03-01.log", "notes.txt"}
    for number in range(1000):
        logging.getLogger("crawler").info("line %d of a crawl that has much to say", number)
    today = sorted(path for path in logs.iterdir() if path.name.startswith("2026-03-04.log"))
    assert len(today) == 11
    assert all(path.stat().st_size <= 2000 for path in today)
    assert "line 999 of" in (logs / "2026-03-04.log").read_text()


def test_the_first_run_of_a_day_forgets_what_is_old(tmp_path: Path) -> None:
    state = State.open(f"sqlite:///{tmp_path / 'state.db'}")

    def run(name: str, now: datetime) -> None:
        with state.transaction() as connection:
            runs.begin(connection, name, now)
            runs.advance(connection, name, Stage.FINISHED, now)
        forget_old(state, name, now, keep=400 * DAY, signatures_for=14 * DAY)

    def left() -> set[str]:
        with state.transaction() as connection:
            return set(connection.scalars(URLS.select().with_only_columns(URLS.c.url)))

    with state.transaction() as connection:
        for days, name in ((500, "old"), (500, "pending"), (10, "new")):
            found = [Found(f"{SITE}/{name}", name)]
            urls.record_found(connection, SITE, "feed", found, NOW - days * DAY)
        settled = URLS.c.url != "pending"
        connection.execute(URLS.update().where(settled).values(outcome=Outcome.REJECTED, next_try=None))
    run("20241104T050607Z-aaaaaa", NOW - 485 * DAY)
    run("20260304T010607Z-bbbbbb", NOW)
    assert left() == {"pending", "new"}
    with state.transaction() as connection:
        assert connection.scalars(RUNS.select().with_only_columns(RUNS.c.run)).all() == ["20260304T010607Z-bbbbbb"]
        connection.execute(URLS.update().where(URLS.c.url == "new").values(last_seen=0))
    run("20260304T020607Z-cccccc", NOW)
    assert left() == {"pending", "new"}  # once a day is enough
    run("20260305T020607Z-dddddd", NOW + DAY)
    assert left() == {"pending"}
    state.close()
