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


class ModelError(ValueError):
    """The model file does not fit the code: another format, or other features."""


@dataclass(frozen=True, slots=True)
class Model:
    """Trees of one size, side by side: node i of tree t sends a row to `children[t, i, 0]` where
    `row[feature[t, i]] <= threshold[t, i]`, else to `children[t, i, 1]`.

    A leaf points to itself, so that all rows may walk as many steps as the deepest tree has. The score is the logistic function
    of the sum of the leaves.
    """

    feature: NDArray[np.int32]
    threshold: NDArray[np.float64]
    children: NDArray[np.int32]
    value: NDArray[np.float64]
    depth: int
    thresholds: tuple[float, ...]
    version: str
    ruled: frozenset[str] = frozenset()  # languages (ISO 639-1) that are left to the rules, which do better there

    def scores(self, rows: Array) -> NDArray[np.float64]:
        """The probability of each row that it is the article's, shape (rows,)."""
        n, trees = len(rows), len(self.feature)
        flat = rows.astype(np.float64).ravel()
        starts = np.arange(n, dtype=np.int32) * rows.shape[1]
        base = (np.arange(trees, dtype=np.int32) * self.feature.shape[1])[:, None]
        feature, threshold, children = self.feature.ravel(), self.threshold.ravel(), self.children.ravel()
        nodes = np.repeat(base, n, axis=1)
        for _ in range(self.depth):
            right = flat.take(starts + feature.take(nodes)) > threshold.take(nodes)
            nodes = base + children.take(2 * nodes + right)
        total = self.value.ravel().take(nodes).sum(axis=0)
        scores: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-total))
        return scores


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
    shape = (len(trees), max(map(len, trees)))
    feature, children = np.zeros(shape, np.int32), np.zeros((*shape, 2), np.int32)
    threshold, value = np.full(shape, math.inf), np.zeros(shape)
    for t, tree in enumerate(trees):
        for i, node in enumerate(tree):
            if len(node) == 1:
                children[t, i] = i
                value[t, i] = node[0]
            else:
                feature[t, i], threshold[t, i], *children[t, i] = node
    depth = max(_depth(tree) for tree in trees)
    ruled = frozenset(data.get("ruled", ()))
    return Model(feature, threshold, children, value, depth, tuple(data["thresholds"]), data["version"], ruled)


def _depth(tree: list[list[float]]) -> int:
    """Steps from the root to the deepest leaf; children stand behind their parents."""
    depths = [0] * len(tree)
    for i, node in enumerate(tree):
        if len(node) == 4:
            for child in (int(node[2]), int(node[3])):
                depths[child] = depths[i] + 1
    return max(depths)
