"""Boilerplate phrases: every row's examples, the loader's errors, speed, and harm on real articles."""

from __future__ import annotations

import pytest

from cleaners.phrases import Phrase, Phrases, fold, load_phrases

ROWS = load_phrases().rows


def by_id(row: Phrase) -> str:
    return row.id


@pytest.fixture(scope="module")
def phrases() -> Phrases:
    return load_phrases()


# --- the rows ---


@pytest.mark.parametrize("row", ROWS, ids=by_id)
def test_what_must_go_is_matched_as_its_kind(row: Phrase, phrases: Phrases) -> None:
    for text in row.go:
        kinds = {found.kind for found in phrases.matches(text, [row.language])}
        assert row.kind in kinds, f"{text!r} matches {[found.id for found in phrases.matches(text)]}"
        assert Phrases([row]).match(text) is row, f"{text!r} is matched by other rows alone"


@pytest.mark.parametrize("row", ROWS, ids=by_id)
def test_what_must_stay_is_matched_by_no_strict_row(row: Phrase, phrases: Phrases) -> None:
    for text in row.stay:
        assert Phrases([row]).match(text) is None, text
        strict = [found.id for found in phrases.matches(text) if found.needs == "none"]
        assert not strict, f"{text!r} is dropped by {strict}"


def test_examples_differ_in_form() -> None:
    for row in ROWS:
        assert len({fold(text).casefold() for text in row.go}) >= 3, row.id
        assert len({fold(text).casefold() for text in row.stay}) >= 3, row.id
