"""Test `winnow` as a process, in an unrelated folder and in the folder of another Scrapy project."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from crawler import __version__
from crawler.newsroom.fixture_site import Newsroom
from crawler.newsroom.gold import expected_articles
from crawler.sites.profile_loader import profile_ids

ROOT = Path(__file__).resolve().parents[2]


def winnow(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SCRAPY_", "WINNOW_"))}
    return subprocess.run(
        [sys.executable, "-P", "-m", "crawler.cli", *arguments],
        cwd=folder, env=environment | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """Create a Scrapy project whose packages have the names of ours."""
    for name in ("crawler", "cleaners", "output"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise RuntimeError('not Winnow')", encoding="utf-8")
    (tmp_path / "scrapy.cfg").write_text("[settings]\ndefault = crawler.settings\n", encoding="utf-8")
    return tmp_path


def test_it_is_installed_with_the_version_that_it_prints(tmp_path: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["scripts"] == {"winnow": "crawler.cli:main"}
    assert project["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "crawler.__version__"}
    run = winnow(tmp_path, "--version")
    assert (run.returncode, run.stdout, run.stderr) == (0, f"Winnow {__version__}\n", "")


def test_sites_are_listed_from_any_folder(tmp_path: Path) -> None:
    run = winnow(tmp_path, "sites")
    assert (run.returncode, run.stderr) == (0, "")
    assert [line.split("\t")[0] for line in run.stdout.splitlines()] == sorted(profile_ids())


def test_a_page_is_cleaned_from_any_folder(tmp_path: Path) -> None:
    url, expected = next(iter(expected_articles().items()))
    (tmp_path / "page.html").write_bytes(Newsroom().respond(urlsplit(url).path).body)
    run = winnow(tmp_path, "clean", "page.html", "--url", url)
    assert run.returncode == 0
    record = json.loads(run.stdout)
    assert (record["title"], record["text"]) == (expected["title"], expected["text"])


def test_in_the_folder_of_another_project_it_crawls_with_our_settings_into_that_folder(foreign: Path) -> None:
    run = winnow(foreign, "demo")
    assert run.returncode == 0, run.stderr
    assert " winnow crawl news -a start=http://newsroom.example/ " in run.stdout.splitlines()[0]
    (file,) = (foreign / "data" / "demo" / "articles").glob("*/*.jsonl")
    assert {json.loads(line)["source"] for line in file.read_text(encoding="utf-8").splitlines()} == {
        "newsroom.example"
    }


def test_without_a_command_it_lists_them_under_its_name(tmp_path: Path) -> None:
    run = winnow(tmp_path)
    assert run.returncode == 0
    first, *rest = run.stdout.splitlines()
    assert first.startswith(f"Winnow {__version__} (Scrapy ")
    assert "  winnow <command> [options] [args]" in "\n".join(rest)
    names = {line.split()[0] for line in rest if line.startswith("  ")}
    assert {"crawl", "clean", "sites", "demo", "fetch", "shell"} <= names


def test_an_unknown_command_is_one_line_that_names_the_nearest(tmp_path: Path) -> None:
    run = winnow(tmp_path, "craw", "news")
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == "winnow: unknown command 'craw'; did you mean crawl?\n"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("crawl",), 2, "winnow: error: name one spider, for example: winnow crawl news"),
        (
            ("sites", "chekc"),
            2,
            "winnow sites: unknown arguments 'chekc'; write `winnow sites`, `winnow sites check [ID ...]`",
        ),
        (("sites", "check", "qqqqqq"), 2, "`winnow sites` lists all sites"),
        (("clean",), 2, "winnow: error: name a file or a folder, or - for stdin"),
    ],
)
def test_messages_call_it_by_its_name(tmp_path: Path, arguments: tuple[str, ...], code: int, message: str) -> None:
    run = winnow(tmp_path, *arguments)
    assert run.returncode == code
    assert message in run.stderr
    assert "scrapy" not in run.stderr


def test_help_calls_it_by_its_name(tmp_path: Path) -> None:
    shown = winnow(tmp_path, "crawl", "--help").stdout
    assert shown.startswith("Usage\n=====\n  winnow crawl [options] <spider>\n")
    assert "  winnow crawl news -a sites=techcrunch.com,heise.de -a since=2d\n" in shown
    assert "scrapy" not in shown
