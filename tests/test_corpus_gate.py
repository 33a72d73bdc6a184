"""The cleaners' figures on recorded real pages stay over their floors, and floors only rise."""

from __future__ import annotations

import pytest
from gate import CORPUS, FLOORS, MARGINS, SCORE, Figures, FloorError, measure, raised, read_floors, rewrite

TEXT = FLOORS.read_text(encoding="utf-8")
WANTED = read_floors(TEXT)


@pytest.fixture(scope="module")
def figures() -> Figures:
    return measure()


@pytest.mark.skipif(not (SCORE.is_file() and CORPUS.is_dir()), reason="no ../shared/corpus here")
@pytest.mark.parametrize(("name", "key"), [(name, key) for name, floors in WANTED.items() for key in floors])
def test_figure(name: str, key: str, figures: Figures) -> None:
    assert figures[name][key] >= WANTED[name][key]


def better(by: float) -> Figures:
    return {name: {key: floor + by for key, floor in floors.items()} for name, floors in WANTED.items()}


def test_every_floor_has_a_margin() -> None:
    assert {key for floors in WANTED.values() for key in floors} <= MARGINS.keys()


def test_floors_rise_to_the_figure_less_its_margin() -> None:
    after = raised(WANTED, better(0.02))
    assert after["news"]["F1"] == pytest.approx(WANTED["news"]["F1"] + 0.02 - MARGINS["F1"])
    assert all(after[name][key] > floor for name, floors in WANTED.items() for key, floor in floors.items())


def test_a_figure_within_its_margin_moves_no_floor() -> None:
    assert raised(WANTED, better(0.0)) == WANTED


def test_floors_do_not_fall() -> None:
    worse = better(0.0)
    worse["news"]["title"] -= 0.001
    with pytest.raises(FloorError, match=r"news title is 0\.\d+, under its floor 0\.\d+"):
        raised(WANTED, worse)


def test_a_floor_falls_when_told_to_and_the_others_stay() -> None:
    worse = better(0.0)
    worse["news"]["title"] -= 0.1
    after = raised(WANTED, worse, lower=True)
    assert after["news"].pop("title") == pytest.approx(WANTED["news"]["title"] - 0.1 - MARGINS["title"], abs=1e-4)
    assert {**after, "news": {**after["news"], "title": WANTED["news"]["title"]}} == WANTED


def test_the_file_keeps_its_comments() -> None:
    after = raised(WANTED, better(0.02))
    text = rewrite(TEXT, after)
    assert read_floors(text) == after
    assert [line for line in text.splitlines() if "#" in line] == [line for line in TEXT.splitlines() if "#" in line]
