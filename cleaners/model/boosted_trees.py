"""Evaluate boosted trees as arrays: read them from JSON, score all segments of a page at once."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Array = NDArray[np.floating[Any]]

MODEL_FORMAT = 1
_BATCH = 64  # rows evaluated at once; the arrays of more do not fit a processor's cache


class ModelError(ValueError):
    """Report a model file that does not fit the code: another format, or other features."""


@dataclass(frozen=True, slots=True)
class BoostedTrees:
    """Hold complete trees of equal depth, one array per level: level d holds 2**d nodes of each tree, tree by tree.

    A row goes from node i of one level to node 2i of the next if `row[feature[d][i]] <= threshold[d][i]`, else to 2i + 1.
    All nodes below an early leaf repeat its value. The score is the logistic function of the sum of the values reached.
    `rules_only_languages` (ISO 639-1) are left to the rules, which do better there.
    """

    feature: tuple[NDArray[np.intp], ...]
    threshold: tuple[NDArray[np.float32], ...]
    value: NDArray[np.float64]
    thresholds: tuple[float, ...]
    version: str
    rules_only_languages: frozenset[str] = frozenset()

    def scores(self, rows: Array) -> NDArray[np.float64]:
        """Return the probability that each row (float32) belongs to the article, shape (rows,)."""
        parts = [self._sums(rows[start : start + _BATCH]) for start in range(0, len(rows), _BATCH)]
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
def load_packaged_model(package: str, file: str, names: tuple[str, ...]) -> BoostedTrees:
    """Load a model that ships with a package, once. Raises ModelError if it does not fit the code."""
    return read_model(files(package).joinpath(file).read_bytes(), names, file=file)


def read_model(source: bytes, names: Sequence[str], *, file: str = "model") -> BoostedTrees:
    """Read a model from its JSON. Raises ModelError if it was trained for other features than `names`.

    Its keys are `format`, `version`, `features` (names, in order), `thresholds`, `ruled` (languages left to the rules)
    and `trees`; a tree is a list of nodes, `[feature, threshold, left, right]` or `[value]`.
    """
    data: Mapping[str, Any] = orjson.loads(source)
    if data.get("format") != MODEL_FORMAT:
        raise ModelError(
            f"{file}: has format {data.get('format')!r}, but this code reads {MODEL_FORMAT}; run `make train`"
        )
    if data["features"] != list(names):
        raise ModelError(f"{file}: trained for other features; run `make train`")
    trees = data["trees"]
    nodes = _read_nodes(trees)
    levels = [np.cumsum([0, *map(len, trees[:-1])])]
    while not nodes.is_leaf[levels[-1]].all():
        levels.append(nodes.children[levels[-1]].ravel())
    return BoostedTrees(
        feature=tuple(nodes.feature[level] for level in levels[:-1]),
        threshold=tuple(nodes.threshold[level] for level in levels[:-1]),
        value=nodes.value[levels[-1]],
        thresholds=tuple(data["thresholds"]),
        version=data["version"],
        rules_only_languages=frozenset(data.get("ruled", ())),
    )


class _Nodes(NamedTuple):
    """Hold the nodes of all trees in sequence; `children` are each node's left and right, and a leaf's are itself."""

    feature: NDArray[np.intp]
    threshold: NDArray[np.float32]
    value: NDArray[np.float64]
    children: NDArray[np.intp]

    @property
    def is_leaf(self) -> NDArray[np.bool_]:
        return np.isinf(self.threshold)


def _read_nodes(trees: Sequence[Sequence[Sequence[float]]]) -> _Nodes:
    rows: list[tuple[float, ...]] = []
    for tree in trees:
        start = len(rows)
        for at, node in enumerate(tree, start):
            if len(node) == 1:
                rows.append((0, math.inf, node[0], at, at))
            else:
                rows.append((node[0], node[1], 0, start + node[2], start + node[3]))
    columns = np.array(rows)
    return _Nodes(
        columns[:, 0].astype(np.intp), _round_down(columns[:, 1]), columns[:, 2], columns[:, 3:].astype(np.intp)
    )


def _round_down(exact: NDArray[np.float64]) -> NDArray[np.float32]:
    """Round down to float32, so that comparing a float32 value gives the same result as with the exact threshold."""
    rounded = exact.astype(np.float32)
    above = rounded.astype(np.float64) > exact
    rounded[above] = np.nextafter(rounded[above], np.float32(-np.inf))
    return rounded
