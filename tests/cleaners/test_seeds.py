"""Test `clean_text` to the letter: on the seed documents, and on two twins that are part of this repository."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cleaners import Document, clean_text

SEEDS = Path(__file__).resolve().parents[3] / "shared" / "seeds"
FILES = sorted(SEEDS.glob("*.txt"))
TIMES = {"twice": 2, "three times": 3, "four times": 4}
_ROW = re.compile(r"\| (?P<document>\d{3}) \| (?P<lines>.+?) \| (?P<kind>[a-z_]+) \|")

present = pytest.mark.skipif(not FILES, reason="no ../shared/seeds here")

TWINS = Path(__file__).with_name("twins")  # same shapes, other stories
REMOVED = {
    "port": {"related_link": 2, "promotion": 1, "social_follow": 1},
    "chips": {
        "advertisement": 4, "audio_widget": 9, "reading_time": 1, "trust_badge": 1, "section_label": 2,
        "headline": 1, "byline": 1, "caption": 1,
    },
}  # fmt: skip


def removed_lines(document: Document) -> list[tuple[str, str]]:
    return [(block.text, block.dropped_by.kind.value) for block in document.blocks if block.dropped_by]


def clean_file(file: Path) -> Document:
    return clean_text(file.read_text(encoding="utf-8"))


def expected_text(file: Path) -> str:
    """Return the text that must be left, byte for byte, without the newline at the end."""
    folder = "expected" if file.parent == SEEDS else "left"
    return (file.parent / folder / file.name).read_text(encoding="utf-8").removesuffix("\n")


@present
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_seed_is_cleaned_to_the_letter(file: Path) -> None:
    document = clean_file(file)
    assert document.text == expected_text(file)
    assert document.reject is None


def rows(document: str) -> list[tuple[str, str]]:
    """Return a pattern and a kind for each line that the seeds' table wants removed, repeated as often as it says."""
    found = []
    for row in _ROW.finditer((SEEDS / "README.md").read_text(encoding="utf-8")):
        if row["document"] == document:
            times = next((count for words, count in TIMES.items() if words in row["lines"]), 1)
            for line in re.findall(r"`([^`]+)`", re.sub(r"\(.*?\)", "", row["lines"])):
                found += [(".+".join(map(re.escape, line.split("…"))), row["kind"])] * times
    return found


@present
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_lines_are_removed_from_a_seed_as_the_right_kind(file: Path) -> None:
    left = removed_lines(clean_file(file))
    wanted = rows(file.name[:3])
    assert wanted
    for pattern, kind in wanted:
        match = next((line for line in left if line[1] == kind and re.fullmatch(pattern, line[0])), None)
        assert match, f"no line like {pattern!r} was removed as {kind}; left: {left}"
        left.remove(match)
    assert [kind for _, kind in left] == (["headline"] if file.name.startswith("001") else [])


@present
def test_headline_and_byline_of_a_seed_become_metadata() -> None:
    file = next(file for file in FILES if file.name.startswith("001"))
    document = clean_file(file)
    said = {line for line, kind in rows("001") if kind == "byline"}
    lines = {line.strip() for line in file.read_text(encoding="utf-8").splitlines()}
    gone = lines - {line.strip() for line in expected_text(file).splitlines()}
    headline = [line for line in gone if line and not any(re.fullmatch(row, line) for row, _ in rows("001"))]
    assert [document.title] == headline
    assert {re.escape(author) for author in document.authors} == said


@pytest.mark.parametrize("name", REMOVED)
def test_a_twin_is_cleaned_to_the_letter(name: str) -> None:
    document = clean_file(TWINS / f"{name}.txt")
    assert document.text == expected_text(TWINS / f"{name}.txt")
    assert document.removed == REMOVED[name]


def test_headline_and_byline_of_a_twin_become_metadata() -> None:
    document = clean_file(TWINS / "chips.txt")
    assert document.title == "Glass maker Orrin lends its furnaces to chip plants as demand for substrates doubles"
    assert document.authors == ("Mei Larsen",)
    assert "Mei Larsen Holding" in document.text


@pytest.mark.parametrize("name", REMOVED)
def test_cleaning_again_changes_nothing(name: str) -> None:
    once = clean_file(TWINS / f"{name}.txt").text
    assert clean_text(once).text == once
