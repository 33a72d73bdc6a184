"""Select article segments from the extractors' signals. Rules later drop remaining clutter.

The selection starts from the first pass, or from trafilatura if the first pass is uncertain. Three things that either may
lose are added: the standfirst between headline and body, paragraphs that JSON-LD or the feed contains, and siblings of
selected paragraphs.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING

from cleaners.document import BlockType, Kind, Metadata
from cleaners.html.siblings import outer_parent
from cleaners.text.measures import word_overlap, word_set
from cleaners.text.normalize import letters_only

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleaners.html.node import Node
    from cleaners.html.segment import Segment
    from cleaners.selection.signals import Signals

# For lower-case names. Each alternative begins with a letter, so that the search can skip other positions.
STANDFIRST_WORDS = re.compile(
    r"stand.?first|de(?<!\wde)k\b|deck\b|sub.?title|sub.?head(?:line|ing)?|le(?<!\wle)(?:ads?|de)\b|intro|teaser|summary|vorspann"
    r"|chapo|chapeau|entradilla|bajada|excerpt|abstract|description|sommario|occhiello|catenaccio|ingress|manchet|anrei(?:ss|ß)er"
)
_STANDFIRST_LENGTH = range(40, 700)  # characters
_SUMMARY_POINT = range(20, 300)  # characters of one point in a list that sums the article up
_DESCRIPTION_OVERLAP = 0.6  # least share of words that a standfirst has in common with the description
_FAMILY = 0.7  # selected share of a parent's text from which the rest between is added
_TAIL = 0.5  # the same for paragraphs after the selection breaks off
_CONFIRMED = 0.9  # least share of a paragraph that stands in JSON-LD or the feed


def choose_segments(
    segments: Sequence[Segment],
    families: Sequence[Node],
    list_groups: Sequence[Sequence[int]],
    signals: Signals,
    metadata: Metadata,
) -> tuple[list[bool], int | None]:
    """Return whether each segment is chosen, and the index of the standfirst or None."""
    chosen = [share >= 0.5 for share in signals.selection]
    _add_confirmed(chosen, segments, signals)
    _add_siblings(chosen, segments, families)
    _add_lists(chosen, segments, families, list_groups)
    standfirst = find_standfirst(segments, chosen, metadata)
    if standfirst is not None:
        chosen[standfirst] = True
    return chosen, standfirst


def _add_confirmed(chosen: list[bool], segments: Sequence[Segment], signals: Signals) -> None:
    for index, (body, feed) in enumerate(zip(signals.article_body, signals.feed, strict=True)):
        if (
            not chosen[index]
            and max(body, feed) >= _CONFIRMED
            and len(segments[index].text) >= 60
            and segments[index].link_density < 0.5
        ):
            chosen[index] = True


def _add_siblings(chosen: list[bool], segments: Sequence[Segment], families: Sequence[Node]) -> None:
    """Add subheads and paragraphs among selected siblings."""
    members: dict[Node, list[int]] = defaultdict(list)
    for index, parent in enumerate(families):
        members[parent].append(index)
    for family in members.values():
        total = sum(len(segments[index].text) for index in family)
        selected = [index for index in family if chosen[index]]
        share = sum(len(segments[index].text) for index in selected) / max(1, total)
        if len(selected) < 3 or share < _TAIL:
            continue
        for index in family:
            segment = segments[index]
            if segment.hint is not None or segment.link_density >= 0.3:
                continue
            leads = segment.type is BlockType.HEADING and index == selected[0] - 1
            inside = share >= _FAMILY and (leads or selected[0] < index < selected[-1])
            if inside or (index > selected[0] and segment.prose):
                chosen[index] = True


def _add_lists(
    chosen: list[bool],
    segments: Sequence[Segment],
    families: Sequence[Node],
    list_groups: Sequence[Sequence[int]],
) -> None:
    """Add lists and tables that are partly chosen, or that stand between chosen paragraphs of one element."""
    following = _following(chosen)
    before, seen = None, 0  # the last chosen segment before a list, which may be in another list
    for members in list_groups:
        before = next((index for index in range(members[0] - 1, seen - 1, -1) if chosen[index]), before)
        seen = members[0]
        items = [segments[index] for index in members]
        if any(item.hint for item in items) or sum(item.link_density for item in items) > 0.3 * len(items):
            continue
        around = outer_parent(families[members[0]], len(members))
        after = following[members[-1]]
        between = before is not None and after is not None and families[before] is around and families[after] is around
        if (
            between
            or any(chosen[index] for index in members)
            or _sums_up(items, segments[max(0, members[0] - 2) : members[0]])
        ):
            for index in members:
                chosen[index] = True


def _following(chosen: Sequence[bool]) -> list[int | None]:
    """Return for each segment the index of the next chosen one after it."""
    found: list[int | None] = []
    last = None
    for index in range(len(chosen) - 1, -1, -1):
        found.append(last)
        if chosen[index]:
            last = index
    return found[::-1]


def _sums_up(items: Sequence[Segment], before: Sequence[Segment]) -> bool:
    """Tell whether a list sums the article up: a few sentences right below the headline."""
    below_headline = any(segment.node.tag == "h1" for segment in before)
    return below_headline and len(items) <= 6 and all(len(item.text) in _SUMMARY_POINT for item in items)


def find_standfirst(segments: Sequence[Segment], chosen: Sequence[bool], metadata: Metadata) -> int | None:
    """Return the index of the text between headline and body that sums the article up; None if there is none.

    It repeats the page's description, or its element is named for a standfirst.
    """
    body = next((i for i, segment in enumerate(segments) if chosen[i] and segment.prose), None)
    if body is None:
        return None
    start = _after_headline(segments, metadata.title, body)
    if start is None:
        return None
    described = word_set(metadata.description or "")
    named = None
    for index in range(body, start - 1, -1):
        segment = segments[index]
        if len(segment.text) not in _STANDFIRST_LENGTH or segment.link_density > 0.3 or _is_certain_clutter(segment):
            continue
        words = word_set(segment.text)
        if described and word_overlap(words, described) >= _DESCRIPTION_OVERLAP:
            return index
        if index < body and named is None and is_named_standfirst(segment):
            named = index
    return named


def _after_headline(segments: Sequence[Segment], title: str | None, body: int) -> int | None:
    """Return the index after the last headline before the body."""
    wanted = letters_only(title or "")
    for index in range(body - 1, -1, -1):
        segment = segments[index]
        if segment.type is BlockType.HEADING and (segment.node.tag == "h1" or (wanted and segment.key == wanted)):
            return index + 1
    return None


def _is_certain_clutter(segment: Segment) -> bool:
    return segment.hint is not None and segment.hint.certain and segment.hint.kind not in (Kind.OTHER, Kind.HEADLINE)


def is_named_standfirst(segment: Segment) -> bool:
    """Tell whether the segment's element or its parent is named for a standfirst."""
    node = segment.node
    return _is_standfirst_node(node) or (node.parent is not None and _is_standfirst_node(node.parent))


def _is_standfirst_node(node: Node) -> bool:
    get = node.element.get
    return _names_standfirst(f"{node.class_names} {get('itemprop', '')} {get('data-testid', '')}")


@lru_cache(maxsize=4096)
def _names_standfirst(names: str) -> bool:
    return STANDFIRST_WORDS.search(names.lower()) is not None
