"""Parse `-a NAME=VALUE`, with an error of one line for what is not valid."""

from __future__ import annotations

import io
import logging
import os
import sys
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from crawler.spiders.arguments import CrawlArguments, SpiderArgumentError, read_arguments

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2024, 5, 3, 12, tzinfo=UTC)


def read(**given: str) -> CrawlArguments:
    return read_arguments(given, NOW)


def test_nothing_means_every_profile() -> None:
    assert read() == CrawlArguments()


def test_lists_are_split_and_urls_keep_their_commas() -> None:
    assert read(sites="a.com, b.de,a.com").sites == ("a.com", "b.de")
    start = read(start="https://example.com/news,1.html,http://example.org, https://example.net/").start
    assert start == ("https://example.com/news,1.html", "http://example.org", "https://example.net/")


@pytest.mark.parametrize(
    ("text", "since"),
    [
        ("2d", NOW - timedelta(days=2)),
        ("12h", NOW - timedelta(hours=12)),
        ("30 M", NOW - timedelta(minutes=30)),
        ("1w", NOW - timedelta(weeks=1)),
        ("1d12h", NOW - timedelta(hours=36)),
        ("2024-05-01", datetime(2024, 5, 1, tzinfo=UTC)),
        ("2024-05-01T06:00:00+02:00", datetime(2024, 5, 1, 6, tzinfo=timezone(timedelta(hours=2)))),
    ],
)
def test_since(text: str, since: datetime) -> None:
    assert read(since=text).since == since


def test_limit_and_budget() -> None:
    assert read(limit="20").limit == 20
    assert read(budget="10m").budget == "10m"


def test_a_file_of_urls_may_have_comments_blank_lines_and_errors(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "list.txt"
    file.write_text(
        "\ufeff# ours\n\nhttps://example.com/a?utm_source=x\n  https://example.com/b  \nexample.com/c\nhttps://example.com/a\n"
    )
    with caplog.at_level(logging.WARNING):
        assert read(urls=str(file)).urls == ("https://example.com/a", "https://example.com/b")
    assert [record.getMessage().partition(":")[0] for record in caplog.records] == [f"{file}, line 5 skipped"]


def test_a_url_that_no_server_can_have_costs_its_line_of_the_file(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    bad = [
        f"http://{'v' * 64}.com/x",
        f"https://{'v.' * 130}com/",
        "https://example.com/" + "a" * 5_000,
        "http://[::1/",
    ]
    file = tmp_path / "list.txt"
    file.write_text("\n".join(["https://example.com/a", *bad, "https://example.com/b"]))
    with caplog.at_level(logging.WARNING):
        assert read(urls=str(file)).urls == ("https://example.com/a", "https://example.com/b")
    said = [record.getMessage() for record in caplog.records]
    assert [line.partition(":")[0] for line in said] == [f"{file}, line {number} skipped" for number in (2, 3, 4, 5)]
    assert "a URL of 5020 characters, more than 2083" in said[2]
    assert all(len(line) < 400 for line in said)
    for url in bad:
        with pytest.raises(SpiderArgumentError, match=r"start=.*(?:not a URL|a URL of 5020 characters)") as error:
            read(start=url)
        assert len(str(error.value)) < 400


def test_urls_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"https://example.com/a\n")))
    assert read(urls="-").urls == ("https://example.com/a",)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"site": "a.com"}, "did you mean sites=?"),
        ({"colour": "red"}, "valid arguments"),
        ({"sites": " , "}, "sites="),
        ({"start": "example.com"}, "https://example.com/"),
        ({"start": "mailto:a@example.com"}, "not a URL"),
        ({"start": ""}, "start="),
        ({"since": "yesterday"}, "2d, 12h"),
        ({"since": "2024-13-01"}, "2d, 12h"),
        ({"since": "999999w"}, "2d, 12h"),
        ({"since": "2025-01-01"}, "in the future"),
        ({"limit": "0"}, "limit=20"),
        ({"limit": "-3"}, "limit=20"),
        ({"limit": "many"}, "limit=20"),
        ({"limit": "²"}, "limit=20"),
        ({"urls": "no/such/file.txt"}, "cannot be read"),
        ({"urls": "."}, "cannot be read"),
        ({"urls": "x", "start": "https://example.com/"}, "leave out"),
    ],
)
def test_an_unusable_argument_is_one_line_that_says_what_to_write(given: dict[str, str], says: str) -> None:
    with pytest.raises(SpiderArgumentError) as error:
        read_arguments(given, NOW)
    assert says in str(error.value)
    assert "\n" not in str(error.value)


def test_a_list_of_urls_that_is_no_file_or_has_no_end_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "sparse").touch()
    os.truncate(tmp_path / "sparse", 5 << 30)
    for name, said in (
        (tmp_path / "pipe", "a named pipe, not a regular file"),
        ("/dev/zero", "a device, not a regular file"),
        (tmp_path, "a folder, not a regular file"),
        (tmp_path / "sparse", "more than 134,217,728 bytes"),
        ("a\0b", "embedded null byte"),
    ):
        with pytest.raises(SpiderArgumentError) as error:
            read(urls=str(name))
        assert str(error.value) == f"urls={name}: cannot be read ({said}); name a file with one URL per line"
    monkeypatch.setattr("crawler.spiders.arguments._LARGEST_LIST", 1000)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"https://example.com/a\n" * 100)))
    with pytest.raises(SpiderArgumentError, match=r"^urls=-: cannot be read \(more than 1,000 bytes\)"):
        read(urls="-")


def test_an_empty_list_of_urls_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "none.txt").write_bytes(b"# nothing\n\xff\xfe\n")
    with pytest.raises(SpiderArgumentError, match="contains no URL"):
        read(urls=str(tmp_path / "none.txt"))
