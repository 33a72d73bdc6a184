"""What README and CONTRIBUTING say is so: the record, the names of targets, commands and settings, the examples."""

from __future__ import annotations

import ast
import json
import re
import subprocess
from pathlib import Path

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
