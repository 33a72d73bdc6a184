"""Segments → an array of features, one row a segment: what the block classifier sees.

Computed in one pass over the segments and then in arrays over all of them. No feature is a word, an outlet or a language: what is
learned on some outlets must hold for all. Lengths are weighted (see `scene.weight`), so that no script counts for more than another.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from lxml.html import HtmlElement
from numpy.typing import NDArray

from ..blocks import BlockType, Drop, Kind
from ..choose import Testimony, overlap, says_standfirst, words
from ..fold import fold
from ..length import weight
from ..scene import Scene
from ..segment import HEADINGS, Segment

Array = NDArray[np.floating[Any]]

_TYPES = tuple(BlockType)
_KINDS = tuple(Kind)
_TAGS = (
    "p",
    "div",
    "li",
    "span",
    "h1",
    "h2",
    "h3",
    "h4",
    "td",
    "section",
    "article",
    "blockquote",
    "a",
    "button",
    "dd",
    "figcaption",
)
_SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’»)」』]*\s*$")
_INNER_END = re.compile(r"[.!?。！？]\s|、|, ")
_DIGIT = re.compile(r"\d")
_UPPER = re.compile(r"[A-ZÀ-ÖØ-ÞА-Я]")
_DATE_LIKE = re.compile(r"\d{1,4}\s?[./\-年]\s?\d{1,2}|\d{1,2}:\d{2}|(?:19|20)\d\d")
_SIGNS = re.compile(r"[|»›→▶►©•·@#/]")
_OF_RULES = ("zone", "zone_certain", "zone_share", "zone_depth", "zone_outer", "rule", "rule_firm")
_FAR = 14  # steps in the tree beyond which all is equally far

NAMES: tuple[str, ...] = (
    # the text itself
    "weight", "words", "ends", "clauses", "digits", "uppercase", "date_like", "signs", "colon", "quote", "question", "comma_rate",
    "link_density", "bold_density", "tight", "type", "tag", "heading_rank", "repeats",
    # where it stands
    "index", "position", "chars_before", "before_first", "after_last", "from_first", "to_last", "since_headline", "since_break",
    # what the witnesses and the head say
    "extraction", "article_body", "chosen", "standfirst", "says_standfirst", "title_overlap", "description_overlap", "is_description",
    # what the rules say
    "zone", "zone_certain", "zone_share", "zone_depth", "zone_outer", "rule", "rule_firm",
    # around it
    "taken_before", "taken_after", "taken_before_2", "taken_after_2", "taken_5", "weight_before", "weight_after", "links_before",
    "links_after", "same_type_before", "same_type_after", "same_tag_before", "same_tag_after", "run_prose_before", "run_prose_after",
    # the family it stands in
    "family_size", "family_taken", "family_weight_share", "family_page_share", "family_links", "family_place", "family_headings",
    "clan_taken", "clan_page_share", "clan_links", "steps_up", "steps_down", "in_container", "depth",
    # the page
    "page_segments", "page_chosen", "page_chosen_weight", "page_article_body",
)  # fmt: skip


def features(scene: Scene, testimony: Testimony, labels: Sequence[Drop | None]) -> Array:
    """An array of shape (segments, len(NAMES)), float32; `labels` are what the rules said before."""
    segments = scene.segments
    n = len(segments)
    if not n:
        return np.zeros((0, len(NAMES)), np.float32)
    columns: dict[str, Array] = {}
    _of_text(columns, segments)
    chosen = np.fromiter(scene.chosen, np.float32, n)
    ruled = np.fromiter((0.0 if drop is None else 1.0 for drop in labels), np.float32, n)
    taken = chosen * (1 - ruled)
    _of_place(columns, scene, labels, taken)
    _of_witnesses(columns, scene, testimony, chosen)
    _of_rules(columns, segments, labels, chosen)
    _of_neighbours(columns, taken)
    _of_family(columns, scene.families, taken)
    total = columns["weight"] * taken
    columns["page_segments"] = np.full(n, n, np.float32)
    columns["page_chosen"] = np.full(n, taken.sum(), np.float32)
    columns["page_chosen_weight"] = np.full(n, total.sum(), np.float32)
    columns["page_article_body"] = np.full(n, max(testimony.article_body, default=0.0), np.float32)
    return np.column_stack([columns[name] for name in NAMES]).astype(np.float32)


def _of_text(columns: dict[str, Array], segments: Sequence[Segment]) -> None:
    n = len(segments)
    rows = np.zeros((n, 19), np.float32)
    repeats = Counter(segment.text for segment in segments)
    for index, segment in enumerate(segments):
        text = segment.text
        size = len(text)
        tag = segment.element.tag
        rows[index] = (
            weight(text),
            text.count(" ") + 1,
            _SENTENCE_END.search(text) is not None,
            len(_INNER_END.findall(text)),
            len(_DIGIT.findall(text)) / size,
            len(_UPPER.findall(text)) / size,
            _DATE_LIKE.search(text) is not None,
            len(_SIGNS.findall(text)) / size,
            text.endswith((":", "：")),
            text[0] in "\"'“„«»‘「『",
            "?" in text or "？" in text,
            (text.count(",") + text.count("、") + text.count("，")) / size,
            segment.link_density,
            min(1.0, segment.bold_chars / size),
            segment.tight,
            _TYPES.index(segment.type),
            _TAGS.index(tag) if tag in _TAGS else len(_TAGS),
            int(tag[1]) if tag in HEADINGS else 0,
            repeats[text],
        )
    columns |= dict(zip(NAMES, rows.T, strict=False))


def _of_place(columns: dict[str, Array], scene: Scene, labels: Sequence[Drop | None], taken: Array) -> None:
    n = len(scene.segments)
    index = np.arange(n, dtype=np.float32)
    first, last = scene.bounds(labels)
    mass = columns["weight"] * taken
    before = np.cumsum(mass) - mass
    headline = next((i for i, drop in enumerate(labels) if drop and drop.kind is Kind.HEADLINE), -1)
    heads = np.fromiter((segment.type is BlockType.HEADING for segment in scene.segments), np.bool_, n)
    last_head = np.maximum.accumulate(np.where(heads, index, -1))
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


def _of_witnesses(columns: dict[str, Array], scene: Scene, testimony: Testimony, chosen: Array) -> None:
    n = len(scene.segments)
    title, description = words(scene.metadata.title or ""), words(scene.metadata.description or "")
    told = fold(scene.metadata.description or "")
    near = np.zeros((n, 4), np.float32)
    for index, segment in enumerate(scene.segments):
        if 8 < len(segment.text) < 700 and segment.link_density < 0.9:
            mine = words(segment.text)
            near[index] = (
                says_standfirst(segment) if len(segment.text) > 25 else 0,
                overlap(mine, title, least=2),
                overlap(mine, description, least=4),
                len(told) > 30 and segment.key[:60] == told[:60],
            )
    columns |= {
        "extraction": np.asarray(testimony.extraction, np.float32),
        "article_body": np.asarray(testimony.article_body, np.float32),
        "chosen": chosen,
        "standfirst": np.fromiter((index == scene.standfirst for index in range(n)), np.float32, n),
        "says_standfirst": near[:, 0],
        "title_overlap": near[:, 1],
        "description_overlap": near[:, 2],
        "is_description": near[:, 3],
    }


def _of_rules(
    columns: dict[str, Array], segments: Sequence[Segment], labels: Sequence[Drop | None], chosen: Array
) -> None:
    n = len(segments)
    mass = columns["weight"] * chosen
    total = max(1.0, float(mass.sum()))
    inside: Counter[int] = Counter()
    for index, segment in enumerate(segments):
        for around in segment.zone.chain() if segment.zone else ():
            inside[id(around)] += int(mass[index])
    rows = np.zeros((n, 7), np.float32)
    for index, (segment, drop) in enumerate(zip(segments, labels, strict=True)):
        zone = segment.zone
        chain = list(zone.chain()) if zone else []
        rows[index] = (
            _KINDS.index(zone.kind) if zone else -1,
            zone.certain if zone else 0,
            inside[id(zone)] / total if zone else -1,
            len(chain),
            _KINDS.index(chain[-1].kind) if chain else -1,
            _KINDS.index(drop.kind) if drop else -1,
            drop is not None and drop.rule.startswith(("phrase:", "headline:", "profile:")),
        )
    columns |= dict(zip(_OF_RULES, rows.T, strict=True))


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


def _of_family(columns: dict[str, Array], families: Sequence[HtmlElement], taken: Array) -> None:
    n = len(families)
    mass, links, heads = (
        columns["weight"],
        columns["link_density"] * columns["weight"],
        columns["type"] == _TYPES.index(BlockType.HEADING),
    )
    total, page = max(1.0, float((mass * taken).sum())), max(1.0, float(mass.sum()))
    parents = list(families)
    family = _number(parents)
    clan = _number([parent if parent.getparent() is None else parent.getparent() for parent in parents])
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
            seen: Counter[int] = Counter()
            place = np.zeros(n, np.float32)
            for index, number in enumerate(group.tolist()):
                place[index] = seen[number]
                seen[number] += 1
            columns["family_place"] = place / size[group]
    best = int(np.argmax(columns["family_page_share"])) if n else 0
    above = {element: step for step, element in enumerate(_climb(parents[best]))}
    steps = np.array([_to(parent, above) for parent in parents], np.float32)
    columns["steps_up"], columns["steps_down"] = steps[:, 0], steps[:, 1]
    columns["in_container"] = (steps[:, 1] == 0).astype(np.float32)
    columns["depth"] = np.fromiter((sum(1 for _ in _climb(parent)) for parent in parents), np.float32, n)


def _number(elements: Sequence[HtmlElement]) -> NDArray[np.intp]:
    """Elements as small integers, equal where the element is the same."""
    numbers: dict[HtmlElement, int] = {}
    return np.array([numbers.setdefault(element, len(numbers)) for element in elements], np.intp)


def _climb(element: HtmlElement | None) -> list[HtmlElement]:
    """The element and those that hold it, inside out."""
    found = []
    while element is not None:
        found.append(element)
        element = element.getparent()
    return found


def _to(element: HtmlElement, above: dict[HtmlElement, int]) -> tuple[int, int]:
    """Steps from the element up to the first element that also holds the article's container, and from there down to it."""
    for step, parent in enumerate(_climb(element)):
        if parent in above:
            return min(step, _FAR), min(above[parent], _FAR)
    return _FAR, _FAR
