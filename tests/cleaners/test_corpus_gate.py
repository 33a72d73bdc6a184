"""Test that the cleaners' figures on recorded pages keep to their bounds, and that these only get tighter."""

from __future__ import annotations

import pytest
from lxml import html as lxml_html

from cleaners.document import Kind
from cleaners.html.segment import segment
from tests.support import leaks
from tests.support.gate import (
    CORPUS,
    FLOORS,
    LEAKS,
    MARGINS,
    SCORE,
    Figures,
    FloorError,
    holds,
    margin,
    measure,
    read_floors,
    rewrite,
    tighten,
)

TEXT = FLOORS.read_text(encoding="utf-8")
WANTED = read_floors(TEXT)
NEWSROOM = LEAKS + "newsroom"


@pytest.fixture(scope="module")
def figures() -> Figures:
    return measure()


@pytest.mark.skipif(not (SCORE.is_file() and CORPUS.is_dir()), reason="no ../shared/corpus here")
@pytest.mark.parametrize(("name", "key"), [(name, key) for name, bounds in WANTED.items() for key in bounds])
def test_figure(name: str, key: str, figures: Figures) -> None:
    assert holds(name, figures[name][key], WANTED[name][key]), (figures[name][key], WANTED[name][key])


def test_no_clutter_of_the_newsroom_leaks() -> None:
    found = leaks.newsroom_rates()
    assert {kind: rate for kind, rate in found.items() if not holds(NEWSROOM, rate, WANTED[NEWSROOM][kind])} == {}


@pytest.mark.parametrize("name", ["leaks.news", "leaks.text", "leaks.snippets", NEWSROOM])
def test_every_kind_has_a_ceiling_in_every_set(name: str) -> None:
    assert WANTED[name].keys() == set(leaks.KINDS)


# --- how the bounds move ---


def better(by: float) -> Figures:
    """Return figures that are better than their bounds by this much."""
    return {
        name: {key: bound - by if name.startswith(LEAKS) else bound + by for key, bound in bounds.items()}
        for name, bounds in WANTED.items()
    }


def test_every_bound_has_a_margin() -> None:
    assert {key for name, floors in WANTED.items() if not name.startswith(LEAKS) for key in floors} <= MARGINS.keys()
    assert all(margin(name, key) >= 0 for name, bounds in WANTED.items() if name.startswith(LEAKS) for key in bounds)


def test_bounds_tighten_to_the_figure_less_its_margin() -> None:
    after = tighten(WANTED, better(0.05))
    assert after["news"]["F1"] == pytest.approx(WANTED["news"]["F1"] + 0.05 - MARGINS["F1"])
    assert after["leaks.news"]["any"] == pytest.approx(WANTED["leaks.news"]["any"] - 0.05 + margin("leaks.news", "any"))
    for name, bounds in WANTED.items():
        for key, bound in bounds.items():
            assert after[name][key] < bound if name.startswith(LEAKS) else after[name][key] > bound


def test_a_figure_within_its_margin_moves_no_bound() -> None:
    assert tighten(WANTED, better(0.0)) == WANTED


@pytest.mark.parametrize(
    ("name", "key", "by", "message"),
    [
        ("news", "title", -0.001, r"news title is 0\.\d+, under its floor 0\.\d+"),
        ("leaks.snippets", "byline", 0.001, r"leaks\.snippets byline is 0\.\d+, over its ceiling 0\.\d+"),
    ],
)
def test_bounds_do_not_loosen(name: str, key: str, by: float, message: str) -> None:
    worse = better(0.0)
    worse[name][key] += by
    with pytest.raises(FloorError, match=message):
        tighten(WANTED, worse)


def test_only_broken_bounds_loosen_on_request() -> None:
    worse = better(0.0)
    worse["news"]["title"] -= 0.1
    worse["leaks.news"]["share"] += 0.1
    after = tighten(WANTED, worse, lower=True)
    assert after["news"].pop("title") == pytest.approx(WANTED["news"]["title"] - 0.1 - MARGINS["title"], abs=1e-4)
    assert after["leaks.news"].pop("share") == pytest.approx(
        WANTED["leaks.news"]["share"] + 0.1 + margin("leaks.news", "share"), abs=1e-4
    )
    assert {
        **after,
        "news": {**after["news"], "title": WANTED["news"]["title"]},
        "leaks.news": {**after["leaks.news"], "share": WANTED["leaks.news"]["share"]},
    } == WANTED


def test_the_file_keeps_its_comments() -> None:
    after = tighten(WANTED, better(0.02))
    text = rewrite(TEXT, after)
    assert read_floors(text) == after
    assert [line for line in text.splitlines() if "#" in line] == [line for line in TEXT.splitlines() if "#" in line]


# --- the kind of a leak ---


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Read more: The port that never sleeps", Kind.RELATED_LINK),
        ("Anzeige", Kind.ADVERTISEMENT),
        ("4 March 2026, 12:30", Kind.TIMESTAMP),
        ("Harbour opens its gates to everyone", Kind.HEADLINE),
        ("By Petra Lindqvist and Anselm Korr", Kind.BYLINE),
        ("Quay photographs are on show until May", Kind.CAPTION),
        ("The works of this street, all of them", Kind.RELATED_LINK),
        ("A line without any hint", Kind.OTHER),
    ],
)
def test_the_kind_of_a_leak_follows_from_its_words_and_then_from_its_element(line: str, kind: Kind) -> None:
    page = lxml_html.document_fromstring(
        "<p>Quay photographs are on show until May</p>".join(("<figure><figcaption>", "</figcaption></figure>"))
        + "<p><a href=/x>The works of this street, all of them</a></p><p>A line without any hint</p>"
    )
    places = [place for place in segment(page) if place.text == line]
    assert leaks.kind_of(line, "Harbour opens its gates to everyone", None, places) is kind
