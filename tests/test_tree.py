"""The tree tells the product: no circles, one name for one thing, files of one idea, tests where their subject is."""

from __future__ import annotations

import ast
from collections import Counter
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("crawler", "cleaners", "output")
LONGEST = 300  # lines of a module
# Names that Scrapy, the registries and the standard library look for in every module.
AGREED = {"Command", "FORMAT", "KIND", "logger", "main"}
LOOSE = {
    "crawler": {"__init__", "cli", "items", "settings"},
    "cleaners": {"__init__", "accept", "document", "page", "pipeline", "rejection"},
    "output": {"__init__"},
}


@cache
def sources() -> dict[Path, str]:
    paths = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    return {path.relative_to(ROOT): path.read_text(encoding="utf-8") for path in paths}


def public_names(source: str) -> set[str]:
    found: set[str] = set()
    for node in ast.parse(source).body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.Assign(targets=targets):
                found.update(target.id for target in targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                found.add(name)
    return {name for name in found if not name.startswith("_")}


def test_no_module_imports_itself_by_any_way() -> None:
    graph = grimp.build_graph(*PACKAGES)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    # A package and its face know each other: `from cleaners import x` in a submodule reads the package first.
    assert len(imports) > 250
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(reversed(error.args[1])))


@pytest.mark.parametrize("package", PACKAGES)
def test_only_what_belongs_there_is_loose_at_the_top(package: str) -> None:
    assert {path.stem for path in (ROOT / package).glob("*.py")} <= LOOSE[package]


def test_no_file_has_the_name_of_another() -> None:
    names = Counter(path.name for path in sources() if path.stem not in ("__init__", "__main__"))
    assert [name for name, count in names.items() if count > 1] == []


def test_no_public_symbol_has_the_name_of_another() -> None:
    """But for the faces of packages, which pass calls on under the same name."""
    modules = {path: public_names(text) for path, text in sources().items() if path.stem != "__init__"}
    counts = Counter(name for names in modules.values() for name in names - AGREED)
    assert {
        name: [str(path) for path, names in modules.items() if name in names]
        for name, count in counts.items()
        if count > 1
    } == {}


def test_modules_are_short() -> None:
    lengths = {str(path): text.count("\n") for path, text in sources().items()}
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST} == {}


def test_every_folder_says_what_it_is_for() -> None:
    silent = [
        str(path)
        for path, text in sources().items()
        if path.stem == "__init__" and not ast.get_docstring(ast.parse(text))
    ]
    assert silent == []
