"""Find every regular expression of the project: in modules, classes and tables, in calls, and those built at run time."""

from __future__ import annotations

import ast
import pkgutil
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import cleaners
import crawler
import output

if TYPE_CHECKING:
    from types import ModuleType

_METHODS = {"match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer"}
_DEPTH = 3  # of tables in tables


@dataclass(frozen=True, slots=True)
class ProjectPattern:
    """Hold a pattern, where it stands, and the methods by which it is called."""

    where: str
    pattern: re.Pattern[Any]
    methods: frozenset[str]


def modules() -> Iterator[ModuleType]:
    """Import all modules of the three packages."""
    for package in (crawler, cleaners, output):
        yield package
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.endswith(".__main__"):
                yield import_module(found.name)


def written_patterns() -> list[ProjectPattern]:
    """Return the patterns that modules, classes and tables hold, and those that are written where they are called."""
    every = list(modules())
    trees = {module.__name__: ast.parse(Path(module.__file__ or "").read_text(encoding="utf-8")) for module in every}
    shared = _methods_by_name(trees.values())
    found = {}
    for module in every:
        own = _methods_by_name([trees[module.__name__]])
        for name, value in vars(module).items():
            methods = own if name.startswith("_") else shared
            for pattern in _patterns_in(value, module.__name__):
                called = frozenset(methods.get(name, ())) or frozenset({"search"})
                found[id(pattern), called] = ProjectPattern(f"{module.__name__}.{name}", pattern, called)
        for line, pattern, method in _called_patterns(trees[module.__name__], vars(module)):
            key = id(pattern), frozenset({method})
            found[key] = ProjectPattern(f"{module.__name__}:{line}", pattern, frozenset({method}))
    return list(found.values())


@contextmanager
def compiled_patterns() -> Iterator[list[re.Pattern[Any]]]:
    """Collect the patterns that are compiled in the block."""
    made: list[re.Pattern[Any]] = []
    real = re.compile

    def compile_and_keep(pattern: Any, flags: Any = 0) -> re.Pattern[Any]:
        made.append(real(pattern, flags))
        return made[-1]

    with patch("re.compile", compile_and_keep):
        yield made


def _patterns_in(value: object, module: str, depth: int = _DEPTH) -> Iterator[re.Pattern[Any]]:
    owner = getattr(value, "__self__", None)  # a method of a pattern
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(owner, re.Pattern):
        yield owner
    elif depth and isinstance(value, Mapping):
        for inner in list(value.values()):
            yield from _patterns_in(inner, module, depth - 1)
    elif depth and isinstance(value, tuple | list | set | frozenset):
        for inner in value:
            yield from _patterns_in(inner, module, depth - 1)
    elif depth and isinstance(value, type) and value.__module__ == module:
        yield from _patterns_in(vars(value), module, depth - 1)
    elif depth and is_dataclass(value) and not isinstance(value, type):
        for one in fields(value):
            yield from _patterns_in(getattr(value, one.name, None), module, depth - 1)


def _methods_by_name(trees: Any) -> dict[str, set[str]]:
    """Return by the name of a global the methods that any module gets of it."""
    found: dict[str, set[str]] = {}
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in _METHODS and isinstance(node.value, ast.Name):
                found.setdefault(node.value.id, set()).add(node.attr)
    return found


def _called_patterns(tree: ast.AST, names: dict[str, Any]) -> Iterator[tuple[int, re.Pattern[Any], str]]:
    """Yield the line, pattern and method of calls such as `re.sub(r"\\s+", ...)` where the pattern is known beforehand."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="re"), attr=method), args=[text, *_]):
                flags = next((word.value for word in node.keywords if word.arg == "flags"), None)
                if flags is None and len(node.args) == 3 and method in ("match", "search", "fullmatch"):
                    flags = node.args[2]
                if method in _METHODS and (written := _value(text, names)) is not None:
                    yield node.lineno, re.compile(written, _value(flags, names) if flags else 0), method


def _value(node: ast.expr, names: dict[str, Any]) -> Any:
    """Return what an expression of constants and globals gives; None where it has other names."""
    used = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
    if any(isinstance(inner, ast.Call) for inner in ast.walk(node)) or not used <= names.keys():
        return None
    return eval(compile(ast.Expression(node), "<pattern>", "eval"), dict(names))
