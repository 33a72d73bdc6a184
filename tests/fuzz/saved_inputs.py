"""Find the targets by name, and the inputs that are kept for each."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from tests.fuzz import targets

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
SEEDS, FOUND = HERE / "seeds", HERE / "found"


def target_names() -> list[str]:
    return [module.name for module in iter_modules(targets.__path__)]


def load_check(target: str) -> Callable[[bytes], None]:
    check: Callable[[bytes], None] = import_module(f"{targets.__name__}.{target}").check
    return check


def input_folders(target: str) -> list[Path]:
    return [folder for folder in (SEEDS / target, FOUND / target) if folder.is_dir()]


def saved_inputs(target: str) -> list[Path]:
    return sorted(path for folder in input_folders(target) for path in folder.iterdir())
