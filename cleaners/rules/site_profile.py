"""Drop what the site's profile strips: XPaths and phrases of this site only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from lxml import etree

from cleaners.document import Drop, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lxml.html import HtmlElement

    from cleaners.selection.page_context import PageContext


def site_profile_rules(context: PageContext, _labels: Sequence[Drop | None]) -> Mapping[int, Drop]:
    """Drop segments inside an element that the profile strips, and those that match one of its phrases as a whole."""
    rules = context.rules
    if not context.segments or not (rules.strip or rules.phrases):
        return {}
    drops: dict[int, Drop] = {}
    root = context.segments[0].node.element.getroottree().getroot()
    for rule in rules.strip:
        stripped = set(cast("list[HtmlElement]", etree.XPath(rule.xpath)(root)))
        for index, segment in enumerate(context.segments):
            if any(node.element in stripped for node in segment.node.climb()):
                drops.setdefault(index, Drop(Kind(rule.kind), f"profile:{rule.xpath}"))
    for phrase in rules.phrases:
        matches = re.compile(phrase.pattern, re.I).fullmatch
        for index, segment in enumerate(context.segments):
            if matches(segment.text):
                drops.setdefault(index, Drop(Kind(phrase.kind), f"profile:{phrase.pattern}"))
    return drops
