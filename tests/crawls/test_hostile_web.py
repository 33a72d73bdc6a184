"""One outlet can harm only itself: crawl a good one beside each hostile outlet, beside many, and beside all."""

from __future__ import annotations

import hashlib
import re
import signal
import time
from typing import TYPE_CHECKING

import pytest

from tests.support.hostile.catalog import BY_NAME, GOOD, HOSTILE_OUTLETS
from tests.support.hostile.prose import paragraphs
from tests.support.hostile.trial import Trial, crawl_outlets

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Sequence
    from pathlib import Path

    from tests.support.hostile.outlet import Outlet
    from tests.support.hostile.server import HostileServer

MAX_MB = 600
LONGEST_TURN = 0.1  # seconds of the event loop
LATER = 2.0  # seconds that the good outlet's articles may take longer than in a crawl of it alone
LATER_ON_A_BUSY_MACHINE = 10.0  # in the tests that run beside others
LONGEST_URL = 2083
UNPRINTABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")  # in a text, which has lines
ENDING = 10.0  # seconds from SIGTERM to the end

# One or two for each way in: feeds, sitemaps, robots.txt, pages, transport.
SOME = (
    "feed-url-query", "feed-bad-date", "feed-json-angles", "feed-host-label", "sitemap-namespace",
    "sitemap-twice-gzipped", "robots-groups", "start-url-patterns", "page-jsonld-surrogate",
    "page-hidden", "page-charset", "headers-endless", "gzip-bomb", "redirect-loop",
)  # fmt: skip


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> float:
    return measure_alone(tmp_path_factory.mktemp("alone"))


def measure_alone(folder: Path) -> float:
    """Return the seconds in which a crawl of the good outlet alone gets its last article."""
    trial = crawl_outlets([], folder, limit=60)
    assert trial.exit_code == 0, trial.log
    check_good(trial)
    assert trial.good_seconds is not None
    return trial.good_seconds


def check(trial: Trial, outlets: Sequence[Outlet], alone: float, later: float = LATER) -> None:
    """Hold a crawl to what it owes the good outlet, the machine, and the person who reads its log."""
    assert trial.exit_code is not None, f"had to be killed: {trial.log[-2000:]}"
    check_good(trial)
    assert trial.good_seconds is not None
    if trial.good_seconds >= alone + later:  # other work may have slowed this machine down meanwhile
        assert trial.good_seconds < measure_alone(trial.data / "again") + later
    assert trial.peak_mb < MAX_MB
    assert trial.survivors == ()
    assert trial.unfinished == []
    for generic in ("Traceback", "The search for articles of one site failed", "Unhandled", "Task exception was never"):
        assert generic not in trial.log, trial.log[max(0, trial.log.find(generic) - 500) :][:3000]
    assert "\x1b" not in trial.log
    for record in trial.articles:
        assert not UNPRINTABLE.search(f"{record['title']}{record['text']}{record['description']}")
        assert len(record["canonical_url"] or "") <= LONGEST_URL
    if trial.longest_turn is not None:
        assert trial.longest_turn < LONGEST_TURN
    check_ending(trial, outlets)
    for outlet in outlets:
        check_outlet(trial, outlet)


def check_good(trial: Trial) -> None:
    """Each article of the good outlet is there, with all that it says and nothing else."""
    assert trial.missing(GOOD) == set()
    texts = [record["text"].split("\n\n") for record in trial.articles if record["source"] == GOOD.host]
    assert sorted(texts) == sorted(paragraphs(GOOD.name, number) for number in range(len(GOOD.collects)))


def check_ending(trial: Trial, outlets: Sequence[Outlet]) -> None:
    """The exit code is 3 where an outlet gave nothing, and 0 where all of them gave something."""
    sites = trial.run["sites"]
    failed = {site for site, counts in sites.items() if counts["failed"]}
    assert GOOD.host not in failed
    assert trial.exit_code == (3 if failed else 0)
    assert failed >= {outlet.host for outlet in outlets if outlet.loses and not outlet.collects}


def check_outlet(trial: Trial, outlet: Outlet) -> None:
    """What is healthy of the outlet was collected, and what is not was named."""
    complaints = trial.complaints(outlet)
    if outlet.loses:
        assert complaints, f"{outlet.name} is not named"
    if missing := trial.missing(outlet):
        assert outlet.may_lose, f"{outlet.name} lost {missing}: {complaints}"
        assert complaints, f"{outlet.name} lost {missing}, and nothing says why"


def test_each_outlet_serves_what_a_crawl_must_collect() -> None:
    assert len(BY_NAME) == len(HOSTILE_OUTLETS) + 1
    for outlet in BY_NAME.values():
        routes = outlet.routes(f"http://{outlet.host}:80")
        assert set(outlet.collects) <= set(routes), outlet.name


def test_the_good_outlet_comes_in_beside_some_of_each_kind(alone: float, tmp_path: Path) -> None:
    outlets = [BY_NAME[name] for name in SOME]
    check(crawl_outlets(outlets, tmp_path, limit=90), outlets, alone, LATER_ON_A_BUSY_MACHINE)


@pytest.mark.slow
@pytest.mark.parametrize("outlet", HOSTILE_OUTLETS, ids=lambda outlet: outlet.name)
def test_the_good_outlet_comes_in_beside_each(outlet: Outlet, alone: float, tmp_path: Path) -> None:
    check(crawl_outlets([outlet], tmp_path, limit=90), [outlet], alone)


@pytest.mark.slow
def test_the_good_outlet_comes_in_beside_all(alone: float, tmp_path: Path) -> None:
    check(crawl_outlets(HOSTILE_OUTLETS, tmp_path, limit=400), HOSTILE_OUTLETS, alone)


@pytest.mark.slow
def test_a_crawl_of_all_ends_at_sigterm_and_the_next_one_goes_on(tmp_path: Path) -> None:
    asked: list[float] = []

    def terminate(process: subprocess.Popen[str], good: HostileServer) -> None:
        until = time.time() + 60
        while time.time() < until and sum(one.path in GOOD.collects for one in good.requests()) < 5:
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        asked.append(time.time())
        process.wait(timeout=60)
        asked.append(time.time())

    ended = crawl_outlets(HOSTILE_OUTLETS, tmp_path, limit=120, during=terminate)
    assert ended.exit_code == 128 + signal.SIGTERM
    assert asked[1] - asked[0] < ENDING
    assert ended.survivors == ()
    assert ended.run["outcome"] == "interrupted"
    assert ended.unfinished == []
    for file in ended.run["files"]:
        assert hashlib.sha256((tmp_path / file["path"]).read_bytes()).hexdigest() == file["sha256"]

    after = crawl_outlets([], tmp_path, limit=60)
    assert after.exit_code == 0, after.printed
    assert after.missing(GOOD) == set()
    assert after.unfinished == []
