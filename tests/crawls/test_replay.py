"""Crawls of recorded outlets, through the proxy that replays them: the second run, and a network that fails."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from output import read
from tests.support.killing import Crawls

if TYPE_CHECKING:
    from collections.abc import Iterator

SHARED = Path(__file__).resolve().parents[2] / ".." / "shared"
pytestmark = pytest.mark.skipif(not (SHARED / "replay" / "replay.py").exists(), reason="../shared/replay is not there")
FAULTS = ("--fail", "0.2", "--drop", "0.1", "--stall", "0.02")


@contextmanager
def replaying(log: Path, *arguments: str) -> Iterator[str]:
    """The URL of the proxy; it serves while the block runs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, str(SHARED / "replay" / "replay.py"), "--port", str(port), "--log", str(log), *arguments]
    proxy = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert time.monotonic() < deadline, "the proxy does not answer"
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        proxy.kill()
        proxy.wait()


def outlets(at_most: int | None = None) -> str:
    rows = map(json.loads, (SHARED / "corpus" / "news" / "index.jsonl").read_text(encoding="utf-8").splitlines())
    hosts = sorted({urlsplit(row["url"]).hostname for row in rows if row.get("url")})
    return ",".join(f"https://{host}/" for host in hosts[:at_most])


def crawl(crawls: Crawls, data: Path, start: str) -> dict[str, Any]:
    """One run; its line in runs.jsonl."""
    crawls.crawl(
        data, "-a", f"start={start}", "-s", "DOWNLOAD_DELAY=0", "-s", "DOWNLOAD_VERIFY_CERTIFICATES=False",
        "-s", "WINNOW_CONTACT=a@b.example", "-s", "DOWNLOAD_TIMEOUT=4", "-L", "CRITICAL",
    )  # fmt: skip
    line: dict[str, Any] = json.loads((data / "runs.jsonl").read_bytes().splitlines()[-1])
    return line


def collected(data: Path) -> dict[str, str]:
    ids = Counter(record["id"] for record in read(data))
    assert set(ids.values()) == {1}
    return {record["id"]: record["content_hash"] for record in read(data)}


def requests(log: Path) -> list[dict[str, Any]]:
    return [row for row in map(json.loads, log.read_text().splitlines()) if row["path"] != "/robots.txt"]


def test_the_second_run_fetches_no_article_and_every_source_is_unchanged(tmp_path: Path) -> None:
    log = tmp_path / "log"
    start = outlets(15)
    with replaying(log) as proxy, Crawls(proxy) as crawls:
        first = crawl(crawls, tmp_path / "data", start)
        before = len(requests(log))
        second = crawl(crawls, tmp_path / "data", start)
    assert first["articles"] >= 15
    assert (second["articles"], second["files"], second["outcome"]) == (0, [], "finished")
    again = requests(log)[before:]
    assert {row["status"] for row in again} == {304}
    assert len(again) >= 30


@pytest.mark.slow
def test_a_network_that_fails_costs_no_article(tmp_path: Path) -> None:
    start = outlets()
    with replaying(tmp_path / "calm") as proxy, Crawls(proxy) as crawls:
        crawl(crawls, tmp_path / "undisturbed", start)
    whole = collected(tmp_path / "undisturbed")
    runs: list[dict[str, Any]] = []
    with replaying(tmp_path / "storm", *FAULTS) as proxy, Crawls(proxy) as crawls:
        while not runs or runs[-1]["articles"] or runs[-1]["outcome"] != "finished":
            runs.append(crawl(crawls, tmp_path / "disturbed", start))
            assert len(runs) < 10
    assert collected(tmp_path / "disturbed") == whole
    faults = Counter(row["fault"] for row in requests(tmp_path / "storm"))
    assert min(faults["fail"], faults["drop"], faults["stall"]) > 0
