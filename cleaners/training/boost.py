"""Gradient boosting with LightGBM, and its trees as plain JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..classifier.features import NAMES, Array
from .examples import Example

TREES = 300
# Extra-trees splits and half of the features a tree: outlets are few, so variance is what costs. Chosen by the cross-validation.
PARAMETERS: dict[str, Any] = {
    "objective": "binary",
    "learning_rate": 0.07,
    "num_leaves": 24,
    "min_data_in_leaf": 30,
    "feature_fraction": 0.4,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "extra_trees": True,
    "seed": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbose": -1,
}


def fit(examples: Sequence[Example], *, without: Sequence[str] = ()) -> Any:
    """A booster. `without` names features that it may not see (they are set to zero), for the ablation."""
    import lightgbm

    rows = np.vstack([_masked(example.rows, without) for example in examples])
    truth = np.concatenate([example.truth for example in examples])
    weight = np.concatenate([example.weight for example in examples])
    known = weight > 0
    data = lightgbm.Dataset(
        rows[known], truth[known], weight=weight[known], feature_name=list(NAMES), params={"verbose": -1}
    )
    return lightgbm.train(PARAMETERS, data, TREES)


def predict(booster: Any, example: Example, *, without: Sequence[str] = ()) -> NDArray[np.float64]:
    """The score of each segment of a page."""
    scores: NDArray[np.float64] = np.asarray(booster.predict(_masked(example.rows, without)))
    return scores


def trees_of(booster: Any) -> list[list[list[float]]]:
    """The trees as lists of nodes, parents before children: `[feature, threshold, left, right]` or `[value]`."""
    return [_flat(tree["tree_structure"]) for tree in booster.dump_model()["tree_info"]]


def _masked(rows: Array, without: Sequence[str]) -> Array:
    if not without:
        return rows
    rows = rows.copy()
    rows[:, [NAMES.index(name) for name in without]] = 0
    return rows


def _flat(root: dict[str, Any]) -> list[list[float]]:
    nodes: list[list[float]] = []
    queue: list[tuple[dict[str, Any], int, int]] = [(root, -1, 0)]
    for node, parent, side in queue:
        if parent >= 0:
            nodes[parent][side] = len(nodes)
        if "leaf_value" in node:
            nodes.append([round(node["leaf_value"], 6)])
            continue
        # nine digits keep every float32 apart, and features are float32
        nodes.append([node["split_feature"], float(f"{node['threshold']:.9g}"), 0, 0])
        at = len(nodes) - 1
        queue += [(node["left_child"], at, 2), (node["right_child"], at, 3)]
    return nodes
