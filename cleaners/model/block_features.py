"""Compute the features that the two models see: one row per segment, in arrays over all segments of a page.

No feature is a word, a site or a language: what is learned on some sites must hold for all. Lengths are weighted (see
`text.measures.weight`), so that all scripts count alike.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import numpy as np

from cleaners.document import BlockType, Drop, Kind
from cleaners.model import text_columns
from cleaners.model.text_columns import TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from cleaners.html.node import Node
    from cleaners.html.segment import Segment
    from cleaners.model.boosted_trees import Array
    from cleaners.selection.page_context import PageContext
    from cleaners.selection.signals import Signals

_KINDS = {kind: number for number, kind in enumerate(Kind)}
_RULE_FEATURES = ("hint", "hint_certain", "hint_share", "hint_depth", "hint_outer", "rule", "rule_firm")
# As the models were trained; `block_model._FIRM`, which no score may overrule, is another list.
_FIRM_FEATURE = ("phrase:", "headline:", "profile:")
_HEADING = TYPES[BlockType.HEADING]
_FAR = 14  # steps in the tree; any longer way counts as this

# Features of the page alone. "Taken" means chosen and not dropped by a rule; in the first pass, chosen by the seed selection.
_PAGE_FEATURES: tuple[str, ...] = (
    *text_columns.TEXT_FEATURE_NAMES,
    # its position
    "index", "position", "chars_before", "before_first", "after_last", "from_first", "to_last", "since_headline", "since_break",
    # what the page says about itself
    "article_body", "chosen", *text_columns.NEIGHBOUR_FEATURE_NAMES,
    # what the rules say
    *_RULE_FEATURES,
    # its neighbours
    "taken_before", "taken_after", "taken_before_2", "taken_after_2", "taken_5", "weight_before", "weight_after", "links_before",
    "links_after", "same_type_before", "same_type_after", "same_tag_before", "same_tag_after", "run_prose_before", "run_prose_after",
    # its family (segments with the same parent) and clan (with the same grandparent)
    "family_size", "family_taken", "family_weight_share", "family_page_share", "family_links", "family_place", "family_headings",
    "clan_taken", "clan_page_share", "clan_links", "steps_up", "steps_down", "in_container", "depth",
    # the page
    "page_segments", "page_chosen", "page_chosen_weight", "page_article_body",
)  # fmt: skip
# The first pass also sees how much of the prose has markup like the segment's: same tag and class, tag, tag and depth.
_LIKENESS = ("alike", "alike_tag", "alike_depth")
FIRST_PASS_FEATURE_NAMES: tuple[str, ...] = (*_PAGE_FEATURES, *_LIKENESS)
# The block model also sees the first pass's score, trafilatura's extraction and the standfirst.
BLOCK_FEATURE_NAMES: tuple[str, ...] = (*_PAGE_FEATURES, "first_pass", "extraction", "standfirst")


def block_features(context: PageContext, signals: Signals, labels: Sequence[Drop | None]) -> Array:
    """Return what the block model sees: float32, one row per segment, one column per name of `BLOCK_FEATURE_NAMES`.

    `labels` are those of the rules.
    """
    if not context.segments:
        return np.zeros((0, len(BLOCK_FEATURE_NAMES)), np.float32)
    columns = _page_columns(context, signals.article_body, labels)
    n = len(context.segments)
    columns["first_pass"] = np.asarray(signals.first_pass, np.float32)
    columns["extraction"] = np.asarray(signals.selection, np.float32)
    columns["standfirst"] = np.arange(n) == (-1 if context.standfirst is None else context.standfirst)
    return _rows(columns, n, BLOCK_FEATURE_NAMES)


def first_pass_features(context: PageContext, article_body: Sequence[float], labels: Sequence[Drop | None]) -> Array:
    """Return what the first pass sees: float32, one row per segment, one column per name of `FIRST_PASS_FEATURE_NAMES`.

    The context's `chosen` is the seed selection; for `article_body` see `Signals`.
    """
    if not context.segments:
        return np.zeros((0, len(FIRST_PASS_FEATURE_NAMES)), np.float32)
    columns = _page_columns(context, article_body, labels)
    _add_likeness(columns, context.segments)
    return _rows(columns, len(context.segments), FIRST_PASS_FEATURE_NAMES)


def _rows(columns: Mapping[str, Array], n: int, names: Sequence[str]) -> Array:
    rows = np.empty((n, len(names)), np.float32)
    for number, name in enumerate(names):
        rows[:, number] = columns[name]
    return rows


def _page_columns(
    context: PageContext, article_body: Sequence[float], labels: Sequence[Drop | None]
) -> dict[str, Array]:
    segments = context.segments
    n = len(segments)
    columns: dict[str, Array] = dict(context.text_columns)
    chosen = np.fromiter(context.chosen, np.float32, n)
    ruled = np.fromiter((drop is not None for drop in labels), np.float32, n)
    taken = chosen * (1 - ruled)
    _add_position(columns, context, labels, taken)
    _add_rules(columns, segments, labels, chosen)
    _add_neighbours(columns, taken)
    _add_family(columns, context.families, taken)
    total = columns["weight"] * taken
    return columns | {
        "chosen": chosen,
        "article_body": np.asarray(article_body, np.float32),
        "page_segments": np.full(n, n, np.float32),
        "page_chosen": np.full(n, taken.sum(), np.float32),
        "page_chosen_weight": np.full(n, total.sum(), np.float32),
        "page_article_body": np.full(n, max(article_body, default=0.0), np.float32),
    }


def _add_position(columns: dict[str, Array], context: PageContext, labels: Sequence[Drop | None], taken: Array) -> None:
    n = len(context.segments)
    index = np.arange(n, dtype=np.float32)
    first, last = context.prose_bounds(labels)
    mass = columns["weight"] * taken
    before = np.cumsum(mass) - mass
    headline = next((i for i, drop in enumerate(labels) if drop and drop.kind is Kind.HEADLINE), -1)
    heads = columns["type"] == _HEADING
    last_head = np.maximum.accumulate(np.where(heads, index, -1)).astype(np.float32)
    columns |= {
        "index": index,
        "position": index / n,
        "chars_before": before / max(1.0, float(mass.sum())),
        "before_first": (index < first).astype(np.float32),
        "after_last": (index > last).astype(np.float32),
        "from_first": np.clip(index - first, -50, 200),
        "to_last": np.clip(last - index, -50, 200),
        "since_headline": np.clip(index - headline, -50, 100) if headline >= 0 else np.full(n, 101, np.float32),
        "since_break": np.clip(index - last_head, 0, 30),
    }


def _add_rules(
    columns: dict[str, Array], segments: Sequence[Segment], labels: Sequence[Drop | None], chosen: Array
) -> None:
    mass = (columns["weight"] * chosen).tolist()
    total = max(1.0, sum(mass))
    inside: Counter[int] = Counter()
    for segment, weight in zip(segments, mass, strict=True):
        if weight and segment.hint:
            for around in segment.hint.chain():
                inside[id(around)] += weight
    by_hint: dict[int, tuple[float, ...]] = {id(None): (-1, 0, -1, 0, -1)}
    rows = []
    for segment in segments:
        hint = segment.hint
        row = by_hint.get(id(hint))
        if row is None and hint is not None:
            depth, outermost = 1, hint
            while outermost.outer is not None:
                depth, outermost = depth + 1, outermost.outer
            share = inside.get(id(hint), 0) / total
            row = by_hint[id(hint)] = (_KINDS[hint.kind], hint.certain, share, depth, _KINDS[outermost.kind])
        rows.append(row)
    columns |= dict(zip(_RULE_FEATURES, np.array(rows, np.float32).T, strict=False))
    columns["rule"] = np.fromiter((_KINDS[drop.kind] if drop else -1 for drop in labels), np.float32, len(labels))
    firm = (drop is not None and drop.rule.startswith(_FIRM_FEATURE) for drop in labels)
    columns["rule_firm"] = np.fromiter(firm, np.float32, len(labels))


def _shift(column: Array, by: int, fill: float) -> Array:
    """Return for each segment the value `by` places later, `fill` beyond the ends."""
    moved = np.full_like(column, fill)
    if abs(by) < len(column):
        if by > 0:
            moved[:-by] = column[by:]
        else:
            moved[-by:] = column[:by]
    return moved


def _add_neighbours(columns: dict[str, Array], taken: Array) -> None:
    kind, tag, mass, links = columns["type"], columns["tag"], columns["weight"], columns["link_density"]
    window = (
        np.convolve(taken, np.ones(11, np.float32), "same") if len(taken) > 11 else np.full_like(taken, taken.sum())
    )
    prose = ((taken > 0) & (mass >= 80)).astype(np.float32)
    columns |= {
        "taken_before": _shift(taken, -1, 0),
        "taken_after": _shift(taken, 1, 0),
        "taken_before_2": _shift(taken, -2, 0),
        "taken_after_2": _shift(taken, 2, 0),
        "taken_5": window - taken,
        "weight_before": _shift(mass, -1, 0),
        "weight_after": _shift(mass, 1, 0),
        "links_before": _shift(links, -1, 0),
        "links_after": _shift(links, 1, 0),
        "same_type_before": (_shift(kind, -1, -1) == kind).astype(np.float32),
        "same_type_after": (_shift(kind, 1, -1) == kind).astype(np.float32),
        "same_tag_before": (_shift(tag, -1, -1) == tag).astype(np.float32),
        "same_tag_after": (_shift(tag, 1, -1) == tag).astype(np.float32),
        "run_prose_before": _distance(prose),
        "run_prose_after": _distance(prose[::-1])[::-1],
    }


def _distance(marks: Array) -> Array:
    """Return how many places back the last marked segment is, at most 60, and 60 if there is none."""
    index = np.arange(len(marks), dtype=np.float32)
    last = np.maximum.accumulate(np.where(marks > 0, index, -100))
    return np.clip(index - _shift(last, -1, -100), 0, 60)


def _add_family(columns: dict[str, Array], families: Sequence[Node], taken: Array) -> None:
    n = len(families)
    mass, links, heads = (
        columns["weight"],
        columns["link_density"] * columns["weight"],
        columns["type"] == _HEADING,
    )
    total, page = max(1.0, float((mass * taken).sum())), max(1.0, float(mass.sum()))
    parents = list(families)
    family = _number(parents)
    clan = _number([parent.parent or parent for parent in parents])
    for name, group in (("family", family), ("clan", clan)):
        size = np.bincount(group).astype(np.float32)
        weights = np.bincount(group, mass)
        taken_weights = np.bincount(group, mass * taken)
        columns[f"{name}_taken"] = (taken_weights / np.maximum(weights, 1))[group]
        columns[f"{name}_page_share"] = (taken_weights / total)[group]
        columns[f"{name}_links"] = (np.bincount(group, links) / np.maximum(weights, 1))[group]
        if name == "family":
            columns["family_size"] = size[group]
            columns["family_weight_share"] = (weights / page)[group]
            columns["family_headings"] = (np.bincount(group, heads) / size)[group]
            columns["family_place"] = _order_in_group(group) / size[group]
    best = int(np.argmax(columns["family_page_share"])) if n else 0
    steps = np.array(_tree_distances(parents, parents[best]), np.float32)
    columns["steps_up"], columns["steps_down"] = steps[:, 0], steps[:, 1]
    columns["in_container"] = (steps[:, 1] == 0).astype(np.float32)
    columns["depth"] = np.fromiter((parent.depth + 1 for parent in parents), np.float32, n)


def _add_likeness(columns: dict[str, Array], segments: Sequence[Segment]) -> None:
    mass = (columns["weight"] * columns["chosen"]).tolist()
    total = max(1.0, sum(mass))
    nodes = [segment.node for segment in segments]
    keys_by_feature: tuple[list[object], ...] = (
        [(node.tag, node.class_names) for node in nodes],
        [node.tag for node in nodes],
        [(node.tag, node.depth) for node in nodes],
    )
    for name, keys in zip(_LIKENESS, keys_by_feature, strict=True):
        weights: defaultdict[object, float] = defaultdict(float)
        for key, weight in zip(keys, mass, strict=True):
            if weight:
                weights[key] += weight
        columns[name] = np.array([weights.get(key, 0.0) for key in keys], np.float32) / total


def _number(nodes: Sequence[Node]) -> NDArray[np.intp]:
    """Assign a small integer to each node; equal nodes get the same one."""
    numbers: dict[Node, int] = {}
    return np.array([numbers.setdefault(node, len(numbers)) for node in nodes], np.intp)


def _order_in_group(group: NDArray[np.intp]) -> Array:
    """Count for each member how many of its group come before it."""
    order = np.argsort(group, kind="stable")
    sizes = np.bincount(group)
    places = np.empty(len(group), np.float32)
    places[order] = np.arange(len(group)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return places


def _tree_distances(nodes: Sequence[Node], container: Node) -> list[tuple[int, int]]:
    """Count for each node the steps up to the first ancestor of the container, and from there down to the container."""
    known = {node: (0, down) for down, node in enumerate(container.climb())}
    for start in nodes:
        path, node = [], start
        while node not in known and node.parent is not None:
            path.append(node)
            node = node.parent
        up, down = known.get(node, (_FAR, _FAR))
        for steps, passed in enumerate(reversed(path), 1):
            known[passed] = (up + steps, down)
    return [(min(up, _FAR), min(down, _FAR)) for up, down in map(known.__getitem__, nodes)]
