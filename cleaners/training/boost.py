"""Train boosted trees with LightGBM, and write them as plain JSON."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import orjson

from cleaners.model.boosted_trees import MODEL_FORMAT, Array, BoostedTrees, read_model

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

FOLDS = 5
# Extra-trees splits and 40 % of the features per tree: with few publishers, variance costs most. Chosen by cross-validation.
PARAMETERS: dict[str, Any] = {
    "objective": "binary",
    "learning_rate": 0.07,
    "num_leaves": 24,
    "max_depth": 7,
    "min_data_in_leaf": 30,
    "feature_fraction": 0.4,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "extra_trees": True,
    "seed": 1,
    "deterministic": True,
    "num_threads": 1,
    "force_row_wise": True,
    "verbose": -1,
}


@dataclass(frozen=True, slots=True)
class Recipe:
    """Hold the number of trees and LightGBM's parameters."""

    trees: int
    parameters: Mapping[str, Any]


BLOCK_RECIPE = Recipe(360, PARAMETERS)
LINE_RECIPE = Recipe(300, PARAMETERS)
# Runs on every page, so it has fewer trees with a higher learning rate; they are larger, as it sees the page alone.
FIRST_PASS_RECIPE = Recipe(150, PARAMETERS | {"learning_rate": 0.13, "num_leaves": 31, "max_depth": 8})


class Rows(Protocol):
    """Describe training rows: features, the truth of each row, and its weight (0: unknown)."""

    @property
    def rows(self) -> Array: ...
    @property
    def truth(self) -> NDArray[np.float32]: ...
    @property
    def weight(self) -> NDArray[np.float32]: ...
    @property
    def group(self) -> str: ...


def fit(examples: Sequence[Rows], names: Sequence[str], recipe: Recipe = BLOCK_RECIPE) -> Any:
    """Train a booster. `names` are the features, in order."""
    import lightgbm

    rows = np.vstack([example.rows for example in examples])
    truth = np.concatenate([example.truth for example in examples])
    weight = np.concatenate([example.weight for example in examples])
    known = weight > 0
    data = lightgbm.Dataset(
        rows[known], truth[known], weight=weight[known], feature_name=list(names), params={"verbose": -1}
    )
    return lightgbm.train(dict(recipe.parameters), data, recipe.trees)


def predict(booster: Any, example: Rows) -> NDArray[np.float64]:
    """Return the score of each row of a page."""
    if not len(example.rows):
        return np.zeros(0)
    scores: NDArray[np.float64] = np.asarray(booster.predict(example.rows))
    return scores


def out_of_fold(
    examples: Sequence[Rows], names: Sequence[str], recipe: Recipe = BLOCK_RECIPE
) -> list[NDArray[np.float64]]:
    """Return for each page the scores of a model that saw no page of its publisher."""
    scores: list[NDArray[np.float64]] = [np.zeros(0)] * len(examples)
    folds = [fold_of(example.group) for example in examples]
    for fold in range(FOLDS):
        others = [example for example, of in zip(examples, folds, strict=True) if of != fold]
        booster = fit(others, names, recipe)
        for index, of in enumerate(folds):
            if of == fold:
                scores[index] = predict(booster, examples[index])
    return scores


def fold_of(group: str) -> int:
    """Return the fold of a publisher by a hash of its name, the same in every run."""
    return int(hashlib.md5(group.encode(), usedforsecurity=False).hexdigest(), 16) % FOLDS


def write_model(
    file: Path,
    booster: Any,
    names: Sequence[str],
    thresholds: Sequence[float],
    version: str,
    ruled: Sequence[str] = (),
) -> BoostedTrees:
    """Write the model as JSON and return it as read back. `ruled` are the languages that it leaves to the rules.

    Raises ValueError if the written model scores differently from the booster.
    """
    trees = trees_of(booster)
    data = {
        "format": MODEL_FORMAT,
        "version": version,
        "thresholds": thresholds,
        "ruled": ruled,
        "features": names,
        "trees": trees,
    }
    source = orjson.dumps(data)
    model = read_model(source, names)
    probe = np.random.default_rng(1).normal(0, 50, (200, len(names))).astype(np.float32)
    if float(np.abs(model.scores(probe) - booster.predict(probe)).max()) > 1e-4:
        raise ValueError(f"{file}: the written model scores differently from the trained one: nothing was written")
    file.write_bytes(source)
    return model


def trees_of(booster: Any) -> list[list[list[float]]]:
    """Return trees as lists of nodes, parents before children: `[feature, threshold, left, right]` or `[value]`."""
    return [_flat(tree["tree_structure"]) for tree in booster.dump_model()["tree_info"]]


def _flat(root: dict[str, Any]) -> list[list[float]]:
    nodes: list[list[float]] = []
    queue: list[tuple[dict[str, Any], int, int]] = [(root, -1, 0)]
    for node, parent, side in queue:
        if parent >= 0:
            nodes[parent][side] = len(nodes)
        if "leaf_value" in node:
            nodes.append([round(node["leaf_value"], 6)])
            continue
        # Features are float32, which nine digits distinguish.
        nodes.append([node["split_feature"], float(f"{node['threshold']:.9g}"), 0, 0])
        at = len(nodes) - 1
        queue += [(node["left_child"], at, 2), (node["right_child"], at, 3)]
    return nodes
