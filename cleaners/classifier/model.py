"""Boosted trees as arrays: read from JSON, evaluated for all segments of a page at once."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]

FORMAT = 1
_SIDE_BY_SIDE = 64  # rows walked at once; the arrays of more no longer fit a processor's cache


class ModelError(ValueError):
    """The model file does not fit the code: another format, or other features."""


@dataclass(frozen=True, slots=True)
class Model:
    """Trees of one depth, side by side and filled up to their full width: level d holds 2**d nodes of each tree, tree after tree.

    A row goes from node i of one level to node 2i of the next where `row[feature[d][i]] <= threshold[d][i]`, else to 2i + 1; below
    a leaf that stands higher up, all have its value. The score is the logistic function of the sum of the values reached.
    """

    feature: tuple[NDArray[np.intp], ...]
    threshold: tuple[NDArray[np.float32], ...]
    value: NDArray[np.float64]
    thresholds: tuple[float, ...]
    version: str
    ruled: frozenset[str] = frozenset()  # languages (ISO 639-1) that are left to the rules, which do better there

    def scores(self, rows: Array) -> NDArray[np.float64]:
        """The probability of each row (float32) that it is the article's, shape (rows,)."""
        parts = [self._sums(rows[start : start + _SIDE_BY_SIDE]) for start in range(0, len(rows), _SIDE_BY_SIDE)]
        total = np.concatenate(parts) if parts else np.zeros(0)
        scores: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-total))
        return scores

    def _sums(self, rows: Array) -> NDArray[np.float64]:
        cells = np.ascontiguousarray(rows, np.float32).ravel()
        starts = np.arange(len(rows), dtype=np.intp) * rows.shape[1]
        nodes = np.repeat(np.arange(len(self.feature[0]), dtype=np.intp)[:, None], len(rows), axis=1)
        for feature, threshold in zip(self.feature, self.threshold, strict=True):
            right = cells.take(feature.take(nodes) + starts) > threshold.take(nodes)
            nodes += nodes
            nodes += right
        sums: NDArray[np.float64] = self.value.take(nodes).sum(axis=0)
        return sums


@cache
def load_model(package: str, file: str, names: tuple[str, ...]) -> Model:
    """The model that ships with a package, read on first use. Raises ModelError where it does not fit the code."""
    return read_model(files(package).joinpath(file).read_bytes(), names, file=file)


def read_model(source: bytes, names: Sequence[str], *, file: str = "model") -> Model:
    """A model from its JSON: `format`, `version`, `features` (names, in order), `thresholds`, `ruled`
    (languages), `trees`; a tree is a list of nodes,
    `[feature, threshold, left, right]` or `[value]`. Raises ModelError where it was made for other features than `names`."""
    data: Mapping[str, Any] = orjson.loads(source)
    if data.get("format") != FORMAT:
        raise ModelError(f"{file}: format {data.get('format')!r}, this code reads {FORMAT}: run `make train`")
    if data["features"] != list(names):
        raise ModelError(f"{file}: made for other features: run `make train`")
    trees = data["trees"]
    depth = max(map(_depth, trees))
    levels = [[_Side(tree, 0) for tree in trees]]
    for _ in range(depth):
        levels.append([side for node in levels[-1] for side in node.sides()])
    return Model(
        feature=tuple(np.array([node.feature for node in level], np.intp) for level in levels[:-1]),
        threshold=tuple(_below([node.threshold for node in level]) for level in levels[:-1]),
        value=np.array([node.value for node in levels[-1]]),
        thresholds=tuple(data["thresholds"]),
        version=data["version"],
        ruled=frozenset(data.get("ruled", ())),
    )


@dataclass(frozen=True, slots=True)
class _Side:
    """A node of a tree as JSON has it; a leaf stands for all that would be below it."""

    tree: list[list[float]]
    at: int

    @property
    def is_leaf(self) -> bool:
        return len(self.tree[self.at]) == 1

    @property
    def feature(self) -> int:
        return 0 if self.is_leaf else int(self.tree[self.at][0])

    @property
    def threshold(self) -> float:
        return math.inf if self.is_leaf else self.tree[self.at][1]

    @property
    def value(self) -> float:
        return self.tree[self.at][0]

    def sides(self) -> tuple[_Side, _Side]:
        if self.is_leaf:
            return self, self
        _, _, left, right = self.tree[self.at]
        return _Side(self.tree, int(left)), _Side(self.tree, int(right))


def _below(thresholds: Sequence[float]) -> NDArray[np.float32]:
    """The largest float32 not above each: a float32 is above the one exactly where it is above the other."""
    exact = np.array(thresholds)
    rounded = exact.astype(np.float32)
    above = rounded.astype(np.float64) > exact
    rounded[above] = np.nextafter(rounded[above], np.float32(-np.inf))
    return rounded


def _depth(tree: list[list[float]]) -> int:
    """Steps from the root to the deepest leaf; children stand behind their parents."""
    depths = [0] * len(tree)
    for i, node in enumerate(tree):
        if len(node) == 4:
            for child in (int(node[2]), int(node[3])):
                depths[child] = depths[i] + 1
    return max(depths)
