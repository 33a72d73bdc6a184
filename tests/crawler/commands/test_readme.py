"""Hold README and CONTRIBUTING to what they say: the record, the names of targets, commands and settings, the examples."""

from __future__ import annotations

import ast
import gzip
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest

from cleaners.phrases import phrases_of
from crawler import settings
from crawler.newsroom import gold
from crawler.newsroom.fixture_site import HOME, HOST, Newsroom
from crawler.newsroom.newsroom_server import serve_newsroom
from crawler.sites.profile_loader import load_profiles, profile_ids
from output.records.article import Article
from output.records.field_types import empty_values

ROOT = Path(__file__).resolve().parents[3]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
BOTH = README + CONTRIBUTING
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.M))
OF_THE_RUN = {"fetched", "run", "removed", "language_score"}


def fenced(text: str, language: str) -> list[str]:
    """Return the blocks of code in that language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.M | re.S)


def test_the_record_shown_is_one_of_the_demo() -> None:
    (shown,) = (empty_values(Article) | json.loads(code) for code in fenced(README, "json"))
    Article.model_validate(shown)
    expected = gold.expected_articles()[shown["canonical_url"]]
    assert shown.keys() - expected.keys() == OF_THE_RUN
    assert {key: shown[key] for key in expected} == expected


def test_make_targets_are_those_there_are() -> None:
    named = set(re.findall(r"(?:`|^)make ([a-z-]+)", BOTH, re.M))
    assert named <= TARGETS
    assert TARGETS - named <= {"help"}
    assert set(re.findall(r"make ([a-z-]+)", subprocess.check_output(["make", "help"], cwd=ROOT, text=True))) <= TARGETS


def test_commands_are_those_there_are() -> None:
    named = set(re.findall(r"\b(?:scrapy|winnow) ([a-z]+)", BOTH))
    assert named == {file.stem for file in (ROOT / "crawler" / "commands").glob("[a-z]*.py")} - {"command_line"}


def test_settings_are_those_there_are() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \| (.+?) \|", README, re.M)
    assert len(rows) >= 6
    for name, default in rows:
        value = getattr(settings, name)
        if re.fullmatch(r"[\d.]+", default):
            assert (name, float(value)) == (name, float(default))


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\((?!http)([^)]+)\)", BOTH))))
def test_links_lead_somewhere(target: str) -> None:
    name, _, anchor = target.partition("#")
    assert (ROOT / name).exists()
    if anchor:
        headings = re.findall(r"^#+ ([^\n]+)$", (ROOT / (name or "README.md")).read_text(encoding="utf-8"), re.M)
        assert anchor in {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings}


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
    _, code = fenced(CONTRIBUTING, "toml")
    (tmp_path / "en.toml").write_text(code, encoding="utf-8")
    phrases = phrases_of(tmp_path)
    (phrase,) = phrases.rows
    (written,) = tomllib.loads(code)["phrase"]
    assert all(phrases.match(text) is phrase for text in written["matches"])
    assert not any(phrases.match(text) for text in written["rejects"])


def test_the_export_format_shown_writes_articles() -> None:
    chapter = CONTRIBUTING.partition("## Add an export format")[2]
    module: dict[str, Any] = {"__name__": "example"}
    exec(fenced(chapter, "python")[0], module)
    record = json.loads(fenced(README, "json")[0])
    file = io.BytesIO()
    sink = module["FORMAT"].open(file)
    sink.write(Article.model_validate(empty_values(Article) | record))
    sink.close()
    assert json.loads(file.getvalue()) == {name: record[name] for name in ("id", "url", "title")}


@pytest.mark.parametrize("code", fenced(BOTH, "python"))
def test_python_shown_is_python(code: str) -> None:
    ast.parse(code)


# Replace the README's example site by the newsroom; the longest first.
STAND_INS = {
    "https://www.example.com/2026/03/story": HOME + "/business/article/3276008/court-lets-parcels-rest-on-sundays",
    "https://www.example.com/": HOME + "/",
    "example.com": HOST,
}
ELSEWHERE = re.compile(r"make |winnow crawl ")  # make has its own tests; a crawl would contact real sites
POLITE = re.compile(r"winnow (?:addsite|sites check) ")  # has a delay that a test can skip
# A third of the newsroom, with a page of each layout: enough to see that a command works.
_ALL = Newsroom()
NEWSROOM = replace(
    _ALL, stories=tuple(s for n, s in enumerate(_ALL.stories) if n % 3 == 0 or s.slug == "sunday-delivery-court")
)
GOLD = {record["id"]: record for record in gold.expected_articles(NEWSROOM).values()}


@dataclass(frozen=True)
class Block:
    """Hold the commands of one block of the README, with the heading of its section."""

    section: str
    commands: tuple[str, ...]

    @property
    def script(self) -> str:
        """Return the commands that are run here."""
        return "\n".join(map(_here, filter(lambda command: not ELSEWHERE.match(command), self.commands)))


def shell_blocks() -> list[Block]:
    found, section = [], ""
    for heading, block in re.findall(r"^#+ ([^\n]+)$|^```sh\n(.*?)^```", README, re.M | re.S):
        section = heading or section
        if block:
            lines = [re.sub(r"\s+#.*", "", line) for line in block.replace("\\\n", " ").splitlines()]
            found.append(Block(section, tuple(filter(None, lines))))
    return found


def _here(command: str) -> str:
    for there, here in STAND_INS.items():
        command = command.replace(there, here)
    return command + " -s DOWNLOAD_DELAY=0" if POLITE.match(command) else command


@dataclass(frozen=True)
class Place:
    """Hold a folder with all that the README's commands name: `data/` after a crawl of the newsroom, pages, the commands."""

    folder: Path
    environment: dict[str, str]

    def run(self, script: str) -> subprocess.CompletedProcess[str]:
        """Run commands, which must all succeed without a traceback."""
        done = subprocess.run(
            ["sh", "-eu", "-c", script],
            cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=200, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr
        return done

    def lines(self, pattern: str) -> list[dict[str, Any]]:
        """Return the JSON lines of all files that match."""
        files = sorted(self.folder.glob(pattern))
        return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("readme")
    shutil.copy(ROOT / "scrapy.cfg", folder)
    (folder / ".venv").symlink_to(sys.prefix)
    (folder / "pages").mkdir()
    stories = [NEWSROOM.respond(record["canonical_url"].removeprefix(HOME)).body for record in list(GOLD.values())[:2]]
    for number, story in enumerate(stories):
        (folder / "pages" / f"{number}.html").write_bytes(story)
    (folder / "page.html").write_bytes(stories[0])
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    (folder / "bin").mkdir()
    winnow = folder / "bin" / "winnow"  # the console script, as an installation writes it
    winnow.write_text(f'#!/bin/sh\nexec {sys.executable} -P -m crawler.cli "$@"\n', encoding="utf-8")
    winnow.chmod(0o755)
    commands = f"{winnow.parent}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    with serve_newsroom(NEWSROOM) as proxy:
        environment = {**kept, "http_proxy": proxy, "PYTHONPATH": str(ROOT), "PATH": commands}
        made = Place(folder, environment)
        made.run(f"winnow crawl news -a start={HOME}/ -s ARCHIVE=True -s DOWNLOAD_DELAY=0 -s WINNOW_CONTACT={HOME}/")
        yield made


@pytest.fixture(scope="module")
def ran(place: Place) -> Callable[[str], subprocess.CompletedProcess[str]]:
    """Run the commands of a section, once."""

    @cache
    def run(section: str) -> subprocess.CompletedProcess[str]:
        (block,) = (block for block in shell_blocks() if block.section == section)
        return place.run(block.script)

    return run


Ran = Callable[[str], subprocess.CompletedProcess[str]]
needs_jq = pytest.mark.skipif(not shutil.which("jq"), reason="no jq here")
# Sections whose commands take long; other tests run them one by one.
LONG = (
    "Find out why a paragraph is gone",
    "Add a site",
    "Clean pages that you have",
    "Export",
    "Rebuild from the archive",
    "See what came in",
)
SECTIONS = [
    pytest.param(
        block.section,
        marks=[
            *([needs_jq] if "jq " in block.script else []),
            *([pytest.mark.slow] if block.section in LONG else []),
        ],
    )
    for block in shell_blocks()
    if block.script
]


@pytest.mark.parametrize("section", SECTIONS)
def test_every_command_works(section: str, ran: Ran) -> None:
    ran(section)


def test_one_block_of_commands_a_section() -> None:
    sections = [block.section for block in shell_blocks()]
    assert len(sections) == len(set(sections)) > 8


def test_crawls_are_called_as_they_can_be() -> None:
    crawls = [shlex.split(command) for block in shell_blocks() for command in block.commands if "crawl news" in command]
    assert len(crawls) >= 5
    for crawl in crawls:
        assert crawl[:3] == ["winnow", "crawl", "news"]
        given = dict(part.split("=", 1) for flag, part in pairwise(crawl) if flag == "-a")
        assert given.keys() <= {"sites", "start", "urls", "since", "limit", "budget"}
        assert set(given.get("sites", "").split(",")) <= {*profile_ids(), "", "example.com"}
        assert all(hasattr(settings, part.partition("=")[0]) for flag, part in pairwise(crawl) if flag == "-s")
    (sites,) = re.findall(r"^make crawl SITES=(\S+)  ", README, re.M)
    assert set(sites.split(",")) <= profile_ids()


def test_the_numbers_of_profiles_and_languages() -> None:
    words = " ".join(README.split())
    assert f"has those of {len(profile_ids())} sites" in words
    languages = {file.stem for file in (ROOT / "cleaners" / "phrases").glob("*.toml")} - {"any"}
    assert f"by its wording in {len(languages)} languages" in words


def test_the_report_is_a_page(ran: Ran, place: Place) -> None:
    ran("See what came in")
    html = (place.folder / "data" / "report.html").read_text(encoding="utf-8")
    assert "newsroom.example" in html
    assert "Court lets parcels rest on Sundays" in html


def test_explain_shows_what_was_dropped(ran: Ran, place: Place) -> None:
    shown = ran("Find out why a paragraph is gone").stdout
    assert re.search(r"^-\t.*\bshare\b", shown, re.M)
    assert re.search(r"^\+\t.*Zipp had argued", shown, re.M)
    html = (place.folder / "story.html").read_text(encoding="utf-8")
    assert "Zipp had argued" in html


@needs_jq
def test_jq_reads_the_output(ran: Ran, place: Place) -> None:
    lines = ran("Read the output").stdout.splitlines()
    assert "2024-10-07T13:25:00+02:00\tnewsroom.example\tCourt lets parcels rest on Sundays" in lines
    assert lines[-1].split()[1] in set(gold.expected_rejects(NEWSROOM).values())
    free = {key for key, record in GOLD.items() if record["language"] == "en" and record["free"] is not False}
    assert {row["id"] for row in place.lines("english.jsonl")} == free


def test_exports_hold_the_articles(ran: Ran, place: Place) -> None:
    ran("Export")
    kept = duckdb.connect().execute(f"SELECT id, text FROM '{place.folder}/news.parquet'").fetchall()
    assert dict(kept) == {key: record["text"] for key, record in GOLD.items()}
    c4 = [json.loads(line) for line in gzip.decompress((place.folder / "c4.jsonl.gz").read_bytes()).splitlines()]
    chosen = [one for one in GOLD.values() if one["language"] in ("en", "de") and one["published"] >= "2024-10-01"]
    assert sorted(row["text"] for row in c4) == sorted(record["text"] for record in chosen)
    assert len(list((place.folder / "texts").glob("*.txt"))) == len(GOLD)


def test_a_site_is_added(ran: Ran, place: Place) -> None:
    assert "\ncheck     " in ran("Add a site").stdout
    (profile,) = load_profiles(folder=place.folder / "my-sites")
    assert profile.id == HOST
    assert profile.language == "en"


def test_the_archive_gives_the_same_records(ran: Ran, place: Place) -> None:
    ran("Rebuild from the archive")
    again = {record["id"]: record["text"] for record in place.lines("again/articles/*/*.jsonl")}
    assert again == {key: record["text"] for key, record in GOLD.items()}


@needs_jq
def test_files_are_cleaned(ran: Ran, place: Place) -> None:
    text = ran("Clean pages that you have").stdout
    assert text.strip() == next(iter(GOLD.values()))["text"]
    assert [record["text"] for record in place.lines("articles.jsonl")] == [
        record["text"] for record in list(GOLD.values())[:2]
    ]


def test_the_duckdb_queries_work(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    database = duckdb.connect()
    monkeypatch.chdir(place.folder)
    count, copy = fenced(README, "sql")[0].strip().split("\n\n")
    rows = database.execute(count).fetchall()
    assert rows[0][:2] == ("newsroom.example", "en")
    database.execute(copy)
    kept = database.execute("SELECT id, text FROM 'articles.parquet'").fetchall()
    assert dict(kept) == {key: record["text"] for key, record in GOLD.items()}


def python(place: Place, code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=place.folder, env=place.environment, capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def test_the_python_lines_work(place: Place) -> None:
    reading, counting, cleaning = fenced(README, "python")
    assert len(python(place, reading).splitlines()) == len(GOLD)
    german = sum(record["language"] == "de" for record in GOLD.values())
    assert re.search(rf"newsroom.example +de +{german}\n", python(place, counting))
    cleaned = python(place, "html_bytes = open('page.html', 'rb').read()\n" + cleaning)
    first = next(iter(GOLD.values()))
    assert cleaned.startswith(first["title"])
    assert first["text"] in cleaned


def test_the_rules_named_are_those_there_are(ran: Ran) -> None:
    shown = ran("Find out why a paragraph is gone").stdout
    given = {line.split("\t")[2].partition(":")[0] for line in shown.splitlines() if line.startswith("-\t")}
    section = README.partition("## Find out why")[2].partition("\n## ")[0]
    named = {
        rule.partition(":")[0]
        for row in re.findall(r"^\| (`.+?) \|", section, re.M)
        for rule in re.findall(r"`(\S+?)`", row)
    }
    rules = {file.stem for file in (ROOT / "cleaners" / "rules").glob("[a-z]*.py")}
    assert given
    assert given <= named | rules
