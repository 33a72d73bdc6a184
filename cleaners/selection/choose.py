"""Which segments are the article, by what the witnesses say. The steps then take out what is clutter all the same.

The selection of the first reading, or of trafilatura where that was in doubt, is the backbone. Three things that either may
lose are brought back: the standfirst between headline and body, paragraphs that the page's own structured data carries, and
members of a family of selected paragraphs.
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

# In names in lower case. Each begins with a letter, so that the search skips what begins with another.
STANDFIRST_WORDS = re.compile(
    r"stand.?first|de(?<!\wde)k\b|deck\b|sub.?title|sub.?head(?:line|ing)?|le(?<!\wle)(?:ads?|de)\b|intro|teaser|summary|vorspann"
    r"|chapo|chapeau|entradilla|bajada|excerpt|abstract|description|sommario|occhiello|catenaccio|ingress|manchet|anrei(?:ss|ß)er"
)
_STANDFIRST_LENGTH = range(40, 700)  # characters
_POINT = range(20, 300)  # characters of one of the points that sum an article up
_SAME = 0.6  # share of its words that a standfirst has in common with the description
_FAMILY = 0.7  # share of a parent's text that is selected, from which on the rest of it is believed too
_TAIL = 0.5  # the same for paragraphs that go on where the selection breaks off
_QUOTED = 0.9  # share of a paragraph that stands in the structured data's text


def choose_segments(
    segments: Sequence[Segment],
    families: Sequence[Node],
    list_groups: Sequence[Sequence[int]],
    signals: Signals,
    metadata: Metadata,
) -> tuple[list[bool], int | None]:
    """Whether each segment is chosen, and the index of the standfirst or None."""
    chosen = [share >= 0.5 for share in signals.selection]
    _bring_back_quoted(chosen, segments, signals)
    _bring_back_family(chosen, segments, families)
    _bring_back_lists(chosen, segments, families, list_groups)
    standfirst = find_standfirst(segments, chosen, metadata)
    if standfirst is not None:
        chosen[standfirst] = True
    return chosen, standfirst


def _bring_back_quoted(chosen: list[bool], segments: Sequence[Segment], signals: Signals) -> None:
    for index, (body, feed) in enumerate(zip(signals.article_body, signals.feed, strict=True)):
        if (
            not chosen[index]
            and max(body, feed) >= _QUOTED
            and len(segments[index].text) >= 60
            and segments[index].link_density < 0.5
        ):
            chosen[index] = True


def _bring_back_family(chosen: list[bool], segments: Sequence[Segment], families: Sequence[Node]) -> None:
    """Subheads and paragraphs among selected siblings."""
    members: dict[Node, list[int]] = defaultdict(list)
    for index, parent in enumerate(families):
        members[parent].append(index)
    for family in members.values():
        total = sum(len(segments[index].text) for index in family)
        taken = [index for index in family if chosen[index]]
        share = sum(len(segments[index].text) for index in taken) / max(1, total)
        if len(taken) < 3 or share < _TAIL:
            continue
        for index in family:
            segment = segments[index]
            if segment.hint is not None or segment.link_density >= 0.3:
                continue
            opens = segment.type is BlockType.HEADING and index == taken[0] - 1
            inside = share >= _FAMILY and (opens or taken[0] < index < taken[-1])
            if inside or (index > taken[0] and segment.prose):
                chosen[index] = True


def _bring_back_lists(
    chosen: list[bool],
    segments: Sequence[Segment],
    families: Sequence[Node],
    list_groups: Sequence[Sequence[int]],
) -> None:
    """Lists and tables of which a part is chosen, or that stand between chosen paragraphs in one container."""
    for members in list_groups:
        items = [segments[index] for index in members]
        if any(item.hint for item in items) or sum(item.link_density for item in items) > 0.3 * len(items):
            continue
        around = outer_parent(families[members[0]], len(members))
        before = next((i for i in range(members[0] - 1, -1, -1) if chosen[i]), None)
        after = next((i for i in range(members[-1] + 1, len(segments)) if chosen[i]), None)
        between = before is not None and after is not None and families[before] is around and families[after] is around
        if (
            between
            or any(chosen[index] for index in members)
            or _sums_up(items, segments[max(0, members[0] - 2) : members[0]])
        ):
            for index in members:
                chosen[index] = True


def _sums_up(items: Sequence[Segment], before: Sequence[Segment]) -> bool:
    """Whether a list gives the article in points: a few sentences right under the headline."""
    under = any(segment.node.tag == "h1" for segment in before)
    return under and len(items) <= 6 and all(len(item.text) in _POINT for item in items)


def find_standfirst(segments: Sequence[Segment], chosen: Sequence[bool], metadata: Metadata) -> int | None:
    """The text between headline and body that sums the article up: the description again, or one whose class says so."""
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
        if len(segment.text) not in _STANDFIRST_LENGTH or segment.link_density > 0.3 or _certain(segment):
            continue
        mine = word_set(segment.text)
        if described and word_overlap(mine, described) >= _SAME:
            return index
        if index < body and named is None and is_named_standfirst(segment):
            named = index
    return named


def _after_headline(segments: Sequence[Segment], title: str | None, body: int) -> int | None:
    """The place after the last headline before the body."""
    wanted = letters_only(title or "")
    for index in range(body - 1, -1, -1):
        segment = segments[index]
        if segment.type is BlockType.HEADING and (segment.node.tag == "h1" or (wanted and segment.key == wanted)):
            return index + 1
    return None


def _certain(segment: Segment) -> bool:
    return segment.hint is not None and segment.hint.certain and segment.hint.kind not in (Kind.OTHER, Kind.HEADLINE)


def is_named_standfirst(segment: Segment) -> bool:
    """Whether the element or its parent is named for a standfirst."""
    node = segment.node
    return _standfirst_words(node) or (node.parent is not None and _standfirst_words(node.parent))


def _standfirst_words(node: Node) -> bool:
    get = node.element.get
    return _names_standfirst(f"{node.class_names} {get('itemprop', '')} {get('data-testid', '')}")


@lru_cache(maxsize=4096)
def _names_standfirst(names: str) -> bool:
    return STANDFIRST_WORDS.search(names.lower()) is not None
