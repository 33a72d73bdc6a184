"""Test the block model: its file, its decisions, and the languages that it leaves to the rules."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files

import numpy as np
import orjson
import pytest

from cleaners import Document, clean_html
from cleaners.model import block_model
from cleaners.model.boosted_trees import MODEL_FORMAT, ModelError, read_model
from cleaners.training.decisions import LanguageFigures

NAMES = ("length", "links")
TREES = [
    [[0, 10.0, 1, 2], [-2.0], [1, 0.5, 3, 4], [2.0], [-1.0]],
    [[1, 0.9, 1, 2], [0.5], [-3.0]],
]
PARAGRAPH = "The harbour board met on Tuesday and agreed to repair the northern quay before the winter storms arrive. "
PAGE = f"""<html lang="en"><head><title>Quay to be repaired</title></head><body><article><h1>Quay to be repaired</h1>
{"".join(f"<p>{PARAGRAPH * 3}</p>" for _ in range(4))}
<p>All our stories about the sea, hand-picked: sign up, or browse the shop</p></article></body></html>"""


def source(**changes: object) -> bytes:
    data = {"format": MODEL_FORMAT, "version": "1", "thresholds": [0.5, 0.6, 0.7], "features": NAMES, "trees": TREES}
    return orjson.dumps(data | changes)


def test_trees_are_walked_from_root_to_leaf() -> None:
    scores = read_model(source(), NAMES).scores(np.array([[5, 0.1], [20, 0.2], [20, 0.8], [20, 1.0]], np.float32))
    sums = [-2.0 + 0.5, 2.0 + 0.5, -1.0 + 0.5, -1.0 - 3.0]
    assert scores == pytest.approx([1 / (1 + np.exp(-total)) for total in sums])


@pytest.mark.parametrize("changes", [{"features": ["length", "tags"]}, {"format": MODEL_FORMAT + 1}])
def test_a_model_for_other_code_is_refused_with_a_remedy(changes: dict[str, object]) -> None:
    with pytest.raises(ModelError, match="make train"):
        read_model(source(**changes), NAMES, file="blocks.json")


def test_the_shipped_model_is_small_and_fits_the_code() -> None:
    model = block_model.load_block_model()
    assert len(model.thresholds) == 3
    assert len(files("cleaners.model").joinpath(block_model.BLOCK_MODEL_FILE).read_bytes()) < 1_000_000


def clean_with_model(monkeypatch: pytest.MonkeyPatch, *, rules_only: frozenset[str]) -> Document:
    drop_everything = (1.1, 1.1, 1.1)
    model = replace(block_model.load_block_model(), rules_only_languages=rules_only, thresholds=drop_everything)
    monkeypatch.setattr(block_model, "load_block_model", lambda: model)
    return clean_html(PAGE.encode(), "https://courier.example/quay")


def test_a_language_that_the_model_harms_is_left_to_the_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    assert clean_with_model(monkeypatch, rules_only=frozenset({"de"})).text == ""
    assert clean_with_model(monkeypatch, rules_only=frozenset({"en"})).text.startswith(PARAGRAPH)


@pytest.mark.parametrize(
    ("language", "pages", "learned", "harmed"),
    [
        ("fr", 9, 0.95, True),
        ("fr", 9, 0.969, False),
        ("fr", 3, 0.5, False),
        ("", 9, 0.5, False),
        ("fr", 9, 0.99, False),
    ],
)
def test_harm_needs_enough_pages_as_evidence(language: str, pages: int, learned: float, harmed: bool) -> None:
    assert LanguageFigures(language, pages, 0.97, learned).is_harmed is harmed
