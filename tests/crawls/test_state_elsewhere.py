"""The state on a database server in place of SQLite: WINNOW_TEST_STATE_URL names an empty one, all of which is dropped.

Such as: postgresql+psycopg://winnow@localhost/winnow_test, with `pip install winnow-news[postgres]`.
"""

from __future__ import annotations

import inspect
import os
import signal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import MetaData, create_engine

from crawler.newsroom.fixture_site import Newsroom
from crawler.newsroom.newsroom_server import serve_newsroom
from output import read
from output.state import State, StateError
from tests.crawler.frontier import test_site_memory_store
from tests.crawls import test_once_each
from tests.output.state import test_state
from tests.support.killing import Crawls, Point

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

URL = os.environ.get("WINNOW_TEST_STATE_URL", "")
if not URL:
    pytest.skip("WINNOW_TEST_STATE_URL names no database", allow_module_level=True)

ARGUMENTS = (
    "-a", "start=http://newsroom.example/", "-s", "DOWNLOAD_DELAY=0", "-s", "WINNOW_CONTACT=a@b.example",
    "-s", "CLEAN_WORKERS=1",
)  # fmt: skip
# What is tested of the state by itself, given nothing but the state.
BEHAVIOURS = {
    name: test
    for module in (test_state, test_once_each, test_site_memory_store)
    for name, test in vars(module).items()
    if name.startswith("test_") and list(inspect.signature(test).parameters) == ["state"]
}


@pytest.fixture(autouse=True)
def _empty() -> None:
    engine = create_engine(URL)
    with engine.begin() as connection:
        found = MetaData()
        found.reflect(connection)
        found.drop_all(connection)
    engine.dispose()


@pytest.fixture
def state() -> Iterator[State]:
    opened = State.open(URL)
    yield opened
    opened.close()


@pytest.mark.parametrize("behaviour", BEHAVIOURS.values(), ids=BEHAVIOURS)
def test_it_does_the_same(behaviour: Callable[[State], None], state: State) -> None:
    behaviour(state)


def test_crawls_are_killed_and_finished_and_find_what_is_new(tmp_path: Path) -> None:
    here, elsewhere = tmp_path / "here", tmp_path / "elsewhere"
    server = ("-s", f"STATE_URL={URL}")
    with serve_newsroom(Newsroom()) as proxy, Crawls(proxy) as crawls:
        assert crawls.crawl(here, *ARGUMENTS) == 0
        for point in (
            Point("output.files.record_file:write_whole", "torn", 9),
            Point("output.files.record_file:_rewrite", "after", 1),
        ):
            assert crawls.crawl(elsewhere, *ARGUMENTS, *server, point=point) == -signal.SIGKILL
        for clock in ("utc_now", "in_two_hours", "in_three_days"):
            module = "crawler.run.clock" if clock == "utc_now" else "tests.support.clocks"
            assert crawls.crawl(elsewhere, *ARGUMENTS, *server, "-s", f"CLOCK={module}.{clock}") == 0
    found = [(record["id"], record["content_hash"]) for record in read(elsewhere)]
    assert sorted(found) == sorted((record["id"], record["content_hash"]) for record in read(here))
    assert not (elsewhere / "state.db").exists()


def test_a_server_that_cannot_be_reached_is_told_in_one_line() -> None:
    from sqlalchemy.engine import make_url

    nowhere = make_url(URL).set(host="127.0.0.1", port=1, password="secret")
    with pytest.raises(StateError) as raised:
        State.open(nowhere.render_as_string(hide_password=False))
    assert "cannot be used" in str(raised.value)
    assert "secret" not in str(raised.value)
    assert "\n" not in str(raised.value)
