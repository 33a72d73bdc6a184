"""Segments → arrays of features, one row a segment: what the two models see.

Computed in arrays over all segments of a page. No feature is a word, an outlet or a language: what is learned on some outlets must
hold for all. Lengths are weighted (see `length.weight`), so that no script counts for more than another.
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
_OF_RULES = ("hint", "hint_certain", "hint_share", "hint_depth", "hint_outer", "rule", "rule_firm")
# As the models were trained; `classifier._FIRM`, what a score may not overrule, is another list.
_FIRM_FEATURE = ("phrase:", "headline:", "profile:")
_HEADING = TYPES[BlockType.HEADING]
_FAR = 14  # steps in the tree beyond which all is equally far

# What the page alone tells. "Taken" is what was chosen and no rule dropped; before anything has been read, what may be prose.
_OF_PAGE: tuple[str, ...] = (
    *text_columns.TEXT_FEATURE_NAMES,
    # where it stands
    "index", "position", "chars_before", "before_first", "after_last", "from_first", "to_last", "since_headline", "since_break",
    # what the page says of itself
    "article_body", "chosen", *text_columns.NEIGHBOUR_FEATURE_NAMES,
    # what the rules say
    *_OF_RULES,
    # around it
    "taken_before", "taken_after", "taken_before_2", "taken_after_2", "taken_5", "weight_before", "weight_after", "links_before",
    "links_after", "same_type_before", "same_type_after", "same_tag_before", "same_tag_after", "run_prose_before", "run_prose_after",
    # the family it stands in
    "family_size", "family_taken", "family_weight_share", "family_page_share", "family_links", "family_place", "family_headings",
    "clan_taken", "clan_page_share", "clan_links", "steps_up", "steps_down", "in_container", "depth",
    # the page
    "page_segments", "page_chosen", "page_chosen_weight", "page_article_body",
)  # fmt: skip
# What the first reading sees: also how much of the prose is set as a text is, by tag and class, by tag, and by tag and depth.
_LIKE = ("alike", "alike_tag", "alike_depth")
FIRST_PASS_FEATURE_NAMES: tuple[str, ...] = (*_OF_PAGE, *_LIKE)
# What the second model sees: also the first reading, trafilatura's selection, and what was chosen by that.
BLOCK_FEATURE_NAMES: tuple[str, ...] = (*_OF_PAGE, "first_pass", "extraction", "standfirst")


def block_features(context: PageContext, signals: Signals, labels: Sequence[Drop | None]) -> Array:
    """What the second model sees: an array of shape (segments, len(NAMES)), float32; `labels` are what the rules said before."""
    if not context.segments:
        return np.zeros((0, len(BLOCK_FEATURE_NAMES)), np.float32)
    columns = _of_page(context, signals.article_body, labels)
    n = len(context.segments)
    columns["first_pass"] = np.asarray(signals.first_pass, np.float32)
    columns["extraction"] = np.asarray(signals.selection, np.float32)
    columns["standfirst"] = np.arange(n) == (-1 if context.standfirst is None else context.standfirst)
    return _rows(columns, n, BLOCK_FEATURE_NAMES)


def first_pass_features(context: PageContext, article_body: Sequence[float], labels: Sequence[Drop | None]) -> Array:
    """What the first reading sees: an array of shape (segments, len(READING_NAMES)), float32; the context's `chosen` is what may be
    prose, `article_body` as in Testimony.
    """
    if not context.segments:
        return np.zeros((0, len(FIRST_PASS_FEATURE_NAMES)), np.float32)
    columns = _of_page(context, article_body, labels)
    _of_likeness(columns, context.segments)
    return _rows(columns, len(context.segments), FIRST_PASS_FEATURE_NAMES)


def _rows(columns: Mapping[str, Array], n: int, names: Sequence[str]) -> Array:
    rows = np.empty((n, len(names)), np.float32)
    for number, name in enumerate(names):
        rows[:, number] = columns[name]
    return rows


def _of_page(context: PageContext, article_body: Sequence[float], labels: Sequence[Drop | None]) -> dict[str, Array]:
    segments = context.segments
    n = len(segments)
    columns: dict[str, Array] = dict(context.text_columns)
    chosen = np.fromiter(context.chosen, np.float32, n)
    ruled = np.fromiter((drop is not None for drop in labels), np.float32, n)
    taken = chosen * (1 - ruled)
    _of_place(columns, context, labels, taken)
    _of_rules(columns, segments, labels, chosen)
    _of_neighbours(columns, taken)
    _of_family(columns, context.families, taken)
    total = columns["weight"] * taken
    return columns | {
        "chosen": chosen,
        "article_body": np.asarray(article_body, np.float32),
        "page_segments": np.full(n, n, np.float32),
        "page_chosen": np.full(n, taken.sum(), np.float32),
        "page_chosen_weight": np.full(n, total.sum(), np.float32),
        "page_article_body": np.full(n, max(article_body, default=0.0), np.float32),
    }


def _of_place(columns: dict[str, Array], context: PageContext, labels: Sequence[Drop | None], taken: Array) -> None:
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


def _of_rules(
    columns: dict[str, Array], segments: Sequence[Segment], labels: Sequence[Drop | None], chosen: Array
) -> None:
    mass = (columns["weight"] * chosen).tolist()
    total = max(1.0, sum(mass))
    inside: Counter[int] = Counter()
    for segment, own in zip(segments, mass, strict=True):
        if own and segment.hint:
            for around in segment.hint.chain():
                inside[id(around)] += own
    said: dict[int, tuple[float, ...]] = {id(None): (-1, 0, -1, 0, -1)}
    rows = []
    for segment in segments:
        hint = segment.hint
        row = said.get(id(hint))
        if row is None and hint is not None:
            depth, outermost = 1, hint
            while outermost.outer is not None:
                depth, outermost = depth + 1, outermost.outer
            share = inside.get(id(hint), 0) / total
            row = said[id(hint)] = (_KINDS[hint.kind], hint.certain, share, depth, _KINDS[outermost.kind])
        rows.append(row)
    columns |= dict(zip(_OF_RULES, np.array(rows, np.float32).T, strict=False))
    columns["rule"] = np.fromiter((_KINDS[drop.kind] if drop else -1 for drop in labels), np.float32, len(labels))
    firm = (drop is not None and drop.rule.startswith(_FIRM_FEATURE) for drop in labels)
    columns["rule_firm"] = np.fromiter(firm, np.float32, len(labels))


def _shift(column: Array, by: int, fill: float) -> Array:
    """The value of the segment `by` places on; `fill` beyond the ends."""
    moved = np.full_like(column, fill)
    if abs(by) < len(column):
        if by > 0:
            moved[:-by] = column[by:]
        else:
            moved[-by:] = column[:by]
    return moved


def _of_neighbours(columns: dict[str, Array], taken: Array) -> None:
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
    """How many places back the last mark before each segment stands; 60 where none does, or farther."""
    index = np.arange(len(marks), dtype=np.float32)
    last = np.maximum.accumulate(np.where(marks > 0, index, -100))
    return np.clip(index - _shift(last, -1, -100), 0, 60)


def _of_family(columns: dict[str, Array], families: Sequence[Node], taken: Array) -> None:
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
        held = np.bincount(group, mass * taken)
        columns[f"{name}_taken"] = (held / np.maximum(weights, 1))[group]
        columns[f"{name}_page_share"] = (held / total)[group]
        columns[f"{name}_links"] = (np.bincount(group, links) / np.maximum(weights, 1))[group]
        if name == "family":
            columns["family_size"] = size[group]
            columns["family_weight_share"] = (weights / page)[group]
            columns["family_headings"] = (np.bincount(group, heads) / size)[group]
            columns["family_place"] = _places(group) / size[group]
    best = int(np.argmax(columns["family_page_share"])) if n else 0
    steps = np.array(_ways(parents, parents[best]), np.float32)
    columns["steps_up"], columns["steps_down"] = steps[:, 0], steps[:, 1]
    columns["in_container"] = (steps[:, 1] == 0).astype(np.float32)
    columns["depth"] = np.fromiter((parent.depth + 1 for parent in parents), np.float32, n)


def _of_likeness(columns: dict[str, Array], segments: Sequence[Segment]) -> None:
    mass = (columns["weight"] * columns["chosen"]).tolist()
    total = max(1.0, sum(mass))
    nodes = [segment.node for segment in segments]
    settings: tuple[list[object], ...] = (
        [(node.tag, node.class_names) for node in nodes],
        [node.tag for node in nodes],
        [(node.tag, node.depth) for node in nodes],
    )
    for name, setting in zip(_LIKE, settings, strict=True):
        held: defaultdict[object, float] = defaultdict(float)
        for mine, own in zip(setting, mass, strict=True):
            if own:
                held[mine] += own
        columns[name] = np.array([held.get(mine, 0.0) for mine in setting], np.float32) / total


def _number(nodes: Sequence[Node]) -> NDArray[np.intp]:
    """Nodes as small integers, equal where the node is the same."""
    numbers: dict[Node, int] = {}
    return np.array([numbers.setdefault(node, len(numbers)) for node in nodes], np.intp)


def _places(group: NDArray[np.intp]) -> Array:
    """How many members of its own group stand before each."""
    order = np.argsort(group, kind="stable")
    sizes = np.bincount(group)
    places = np.empty(len(group), np.float32)
    places[order] = np.arange(len(group)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return places


def _ways(nodes: Sequence[Node], container: Node) -> list[tuple[int, int]]:
    """From each node the steps up to the first one that also holds the container, and those from there down to it."""
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
