"""Each target holds on its seeds, and on all that fuzzing has found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fuzz.saved_inputs import FOUND, SEEDS, load_check, saved_inputs, target_names

if TYPE_CHECKING:
    from pathlib import Path

INPUTS = [(target, path) for target in target_names() for path in saved_inputs(target)]


@pytest.mark.parametrize(("target", "path"), [pytest.param(*each, id=f"{each[0]}-{each[1].name}") for each in INPUTS])
def test_what_must_hold_holds(target: str, path: Path) -> None:
    load_check(target)(path.read_bytes())


def test_every_target_begins_with_seeds_and_every_input_has_a_target() -> None:
    names = set(target_names())
    assert {folder.name for folder in SEEDS.iterdir()} == names
    assert {folder.name for folder in FOUND.iterdir()} <= names
    assert max(path.stat().st_size for _, path in INPUTS) < 4096
