"""Test `scrapy demo` as a process: its records are the newsroom's gold, and each error is one line."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from crawler.newsroom import gold

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[3]
GOLD = gold.expected_articles()
FIELDS = sorted(next(iter(GOLD.values())))
# Pages that only the home page or nobody links to: no feed names them, so a crawl need not see them.
UNLISTED = {"/about/", "/account/login", "/business/2024/10/10/harbour-budget-2025.pdf"}


def scrapy(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scrapy", *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "data"


@pytest.fixture(scope="module")
def demo(folder: Path) -> subprocess.CompletedProcess[str]:
    return scrapy("demo", "-s", f"DATA_DIR={folder}", no_proxy="*")  # a setting of many networks, not for the demo


def lines(folder: Path, kind: str) -> Iterator[dict[str, Any]]:
    for file in folder.glob(f"{kind}/*/*.jsonl"):
        yield from map(json.loads, file.read_text(encoding="utf-8").splitlines())


@pytest.fixture(scope="module")
def records(demo: subprocess.CompletedProcess[str], folder: Path) -> dict[str, dict[str, Any]]:
    assert demo.returncode == 0, demo.stderr
    return {record["canonical_url"]: record for record in lines(folder, "articles")}


def test_every_story_is_a_record_once(records: dict[str, dict[str, Any]], folder: Path) -> None:
    assert sorted(record["canonical_url"] for record in lines(folder, "articles")) == sorted(GOLD)
    assert set(next(iter(records.values()))) - set(FIELDS) == {"fetched", "run", "language_score", "removed"}


@pytest.mark.parametrize("field", FIELDS)
def test_records_equal_the_gold(field: str, records: dict[str, dict[str, Any]]) -> None:
    known = records.keys() & GOLD
    assert known
    assert {url: records[url][field] for url in known} == {url: GOLD[url][field] for url in known}


def test_what_is_no_article_is_rejected_with_its_reason(records: dict[str, dict[str, Any]], folder: Path) -> None:
    assert records
    found = {reject["url"]: reject["reason"] for reject in lines(folder, "rejects")}
    copies = {url for url, reason in found.items() if reason == "duplicate"}
    assert copies <= gold.expected_copies().keys()
    expected = {url: reason for url, reason in gold.expected_rejects().items() if not url.endswith(tuple(UNLISTED))}
    assert {url: reason for url, reason in found.items() if url not in copies} == expected


def test_shows_the_summary_the_place_and_the_first_record_whole(
    demo: subprocess.CompletedProcess[str], records: dict[str, dict[str, Any]], folder: Path
) -> None:
    file = next(folder.glob("articles/*/*.jsonl"))
    head, _, shown = demo.stdout.partition("The first one:\n")
    assert json.loads(shown) == next(lines(folder, "articles"))
    assert f"{len(records)} records, one a line, in {file}\n" in head
    assert "newsroom.example" in head
    assert "scrapy crawl news -a start=http://newsroom.example/" in head
    assert "Traceback" not in demo.stderr
    assert "WARNING" not in demo.stderr


@pytest.mark.slow
def test_a_second_demo_starts_anew(demo: subprocess.CompletedProcess[str], folder: Path) -> None:
    assert demo.returncode == 0
    before = next(folder.glob("articles/*/*.jsonl"))
    again = scrapy("demo", "-s", f"DATA_DIR={folder}")
    assert again.returncode == 0, again.stderr
    assert not before.exists()
    assert len(list(lines(folder, "articles"))) == len(GOLD)


def one_line(result: subprocess.CompletedProcess[str]) -> str:
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.stderr
    return result.stderr


def test_never_empties_a_folder_that_no_demo_made(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("three years of work")
    message = one_line(scrapy("demo", "-s", f"DATA_DIR={tmp_path}"))
    assert "contains other files" in message
    assert str(tmp_path) in message
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_file_in_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    message = one_line(scrapy("demo", WINNOW_DATA_DIR=str(tmp_path / "file")))
    assert f"cannot use {str(tmp_path / 'file' / 'demo')!r} (Not a directory)" in message


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        message = one_line(scrapy("demo", "--port", str(port), "-s", f"DATA_DIR={tmp_path / 'data'}"))
    assert f"cannot listen on port {port}" in message
    assert "--port" in message


def test_help_shows_an_example_and_usage_errors_end_with_2() -> None:
    assert "scrapy demo -s DATA_DIR=/tmp/demo --port 8898" in scrapy("demo", "--help").stdout
    assert scrapy("demo", "everything").returncode == 2


def test_the_newsroom_can_be_served_alone() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        command = [sys.executable, "-m", "crawler.newsroom", "--port", str(taken.getsockname()[1])]
        result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert "choose another with --port" in one_line(result)
