"""What README and CONTRIBUTING say is so: the record, the names of targets, commands and settings, the examples."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from cleaners.phrases import phrases_of
from crawler import settings
from crawler.newsroom import gold
from crawler.profiles import load_profiles
from output.article import Article

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
BOTH = README + CONTRIBUTING
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.M))
OF_THE_RUN = {"fetched", "run", "removed", "language_score"}


def fenced(text: str, language: str) -> list[str]:
    """The blocks of code in that language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.M | re.S)


def test_the_record_shown_is_one_of_the_demo() -> None:
    (shown,) = map(json.loads, fenced(README, "json"))
    Article.model_validate(shown)
    expected = gold.expected_articles()[shown["canonical_url"]]
    assert shown.keys() - expected.keys() == OF_THE_RUN
    assert {key: shown[key] for key in expected} == expected


def test_make_targets_are_those_there_are() -> None:
    told = set(re.findall(r"(?:`|^)make ([a-z-]+)", BOTH, re.M))
    assert told <= TARGETS
    assert TARGETS - told <= {"help"}
    assert set(re.findall(r"make ([a-z-]+)", subprocess.check_output(["make", "help"], cwd=ROOT, text=True))) <= TARGETS


def test_commands_are_those_there_are() -> None:
    told = set(re.findall(r"\bscrapy (?!command)([a-z]+)", BOTH)) - {"subcommand"}
    there = {file.stem for file in (ROOT / "crawler" / "commands").glob("[a-z]*.py")}
    assert told == there


def test_settings_are_those_there_are() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \| (.+?) \|", README, re.M)
    assert len(rows) >= 6
    for name, default in rows:
        value = getattr(settings, name)
        if re.fullmatch(r"[\d.]+", default):
            assert (name, float(value)) == (name, float(default))


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\((?!http)([^)]+)\)", BOTH))))
def test_links_lead_somewhere(target: str) -> None:
    assert (ROOT / target).exists()


def test_files_named_are_there() -> None:
    for name in set(re.findall(r"\b((?:tests|cleaners|crawler|output)/[\w/.]+\w)", CONTRIBUTING)):
        assert (ROOT / name).exists(), name


def test_the_site_shown_is_a_valid_profile(tmp_path: Path) -> None:
    site, _ = fenced(CONTRIBUTING, "toml")
    (tmp_path / "example.com.toml").write_text(site, encoding="utf-8")
    (profile,) = load_profiles(folder=tmp_path)
    assert all(profile.is_article(url) for url in profile.test.articles)
    assert not any(profile.is_article(url) for url in profile.test.others)
    assert len(profile.rules().strip) == len(profile.rules().phrases) == 1


def test_the_phrase_shown_does_what_it_says(tmp_path: Path) -> None:
    _, row = fenced(CONTRIBUTING, "toml")
    (tmp_path / "en.toml").write_text(row, encoding="utf-8")
    phrases = phrases_of(tmp_path)
    (phrase,) = phrases.rows
    assert all(phrases.match(text) is phrase for text in phrase.go)
    assert not any(phrases.match(text) for text in phrase.stay)


@pytest.mark.parametrize("code", fenced(BOTH, "python"))
def test_python_shown_is_python(code: str) -> None:
    ast.parse(code)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder in which the README's commands find `data/`, with the records that the demo writes and a reject."""
    shown = json.loads(fenced(README, "json")[0])
    of_the_run = {key: shown[key] for key in OF_THE_RUN}
    for kind, rows in {
        "articles": [record | of_the_run for record in gold.expected_articles().values()],
        "rejects": [{"id": "0" * 16, "reason": "paywall"}],
    }.items():
        folder = tmp_path / "data" / kind / "2026-11-21"
        folder.mkdir(parents=True)
        (folder / "run.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return tmp_path


@pytest.mark.skipif(not shutil.which("jq"), reason="no jq here")
def test_the_jq_commands_work(data: Path) -> None:
    commands = next(block for block in fenced(README, "sh") if "jq" in block)
    done = subprocess.run(["sh", "-eu", "-c", commands], cwd=data, capture_output=True, text=True, check=True)
    assert "newsroom.example\tCourt lets parcels rest on Sundays\n" in done.stdout
    assert done.stdout.splitlines()[-1].split() == ["1", "paywall"]
    english = [json.loads(line) for line in (data / "english.jsonl").read_text(encoding="utf-8").splitlines()]
    free = [
        url
        for url, record in gold.expected_articles().items()
        if record["language"] == "en" and record["free"] is not False
    ]
    assert sorted(row["url"] for row in english) == sorted(free)


def test_the_duckdb_queries_work(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = duckdb.connect()
    monkeypatch.chdir(data)
    count, copy = fenced(README, "sql")[0].strip().split("\n\n")
    rows = database.execute(count).fetchall()
    assert rows[0][:2] == ("newsroom.example", "en")
    database.execute(copy)
    kept = database.execute("SELECT id, text FROM 'articles.parquet'").fetchall()
    assert dict(kept) == {record["id"]: record["text"] for record in gold.expected_articles().values()}


def test_the_pandas_lines_work(data: Path) -> None:
    lines = next(code for code in fenced(README, "python") if "pandas" in code)
    done = subprocess.run([sys.executable, "-c", lines], cwd=data, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert re.search(r"newsroom.example +de +4\n", done.stdout)
