"""Boosted trees as arrays: read from JSON, evaluated for all segments of a page at once."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from .features import NAMES, Array

FORMAT = 1
FILE = "blocks.json"


class ModelError(ValueError):
    """The model file does not fit the code: another format, or other features."""


@dataclass(frozen=True, slots=True)
class Model:
    """Trees of one size, side by side: node i of tree t sends a row left where `row[feature[t, i]] <= threshold[t, i]`.

    A leaf points to itself, so that all rows may walk as many steps as the deepest tree has. The score is the logistic function
    of the sum of the leaves.
    """

    feature: NDArray[np.int32]
    threshold: NDArray[np.float64]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    value: NDArray[np.float64]
    depth: int
    thresholds: tuple[float, float, float]
    version: str

    def scores(self, rows: Array) -> NDArray[np.float64]:
        """The probability of each row that it is the article's, shape (rows,)."""
        n, trees = len(rows), len(self.feature)
        flat = rows.astype(np.float64).ravel()
        starts = np.arange(n, dtype=np.int32)[None, :] * rows.shape[1]
        base = (np.arange(trees, dtype=np.int32) * self.feature.shape[1])[:, None]
        feature, threshold = self.feature.ravel(), self.threshold.ravel()
        left, right = self.left.ravel(), self.right.ravel()
        nodes = np.broadcast_to(base, (trees, n))
        for _ in range(self.depth):
            goes_left = flat[starts + feature[nodes]] <= threshold[nodes]
            nodes = base + np.where(goes_left, left[nodes], right[nodes])
        total = self.value.ravel()[nodes].sum(axis=0)
        scores: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-total))
        return scores


@cache
def load_model() -> Model:
    """The model that ships with the package, read on first use. Raises ModelError where it does not fit the code."""
    return read_model(files(__package__).joinpath(FILE).read_bytes())


def read_model(source: bytes) -> Model:
    """A model from its JSON: `format`, `version`, `features` (names, in order), `thresholds`, `trees`; a tree is
    a list of nodes, `[feature, threshold, left, right]` or `[value]`."""
    data: Mapping[str, Any] = orjson.loads(source)
    if data.get("format") != FORMAT:
        raise ModelError(f"{FILE}: format {data.get('format')!r}, this code reads {FORMAT}: run `make train`")
    if tuple(data["features"]) != NAMES:
        raise ModelError(f"{FILE}: made for other features: run `make train`")
    trees = data["trees"]
    shape = (len(trees), max(map(len, trees)))
    feature, left, right = (np.zeros(shape, np.int32) for _ in range(3))
    threshold, value = np.full(shape, math.inf), np.zeros(shape)
    for t, tree in enumerate(trees):
        for i, node in enumerate(tree):
            if len(node) == 1:
                left[t, i] = right[t, i] = i
                value[t, i] = node[0]
            else:
                feature[t, i], threshold[t, i], left[t, i], right[t, i] = node
    depth = max(_depth(tree) for tree in trees)
    return Model(feature, threshold, left, right, value, depth, tuple(data["thresholds"]), data["version"])


def _depth(tree: list[list[float]]) -> int:
    """Steps from the root to the deepest leaf; children stand behind their parents."""
    depths = [0] * len(tree)
    for i, node in enumerate(tree):
        if len(node) == 4:
            for child in (int(node[2]), int(node[3])):
                depths[child] = depths[i] + 1
    return max(depths)
