"""What the site profile of the outlet strips: XPaths and phrases that only this outlet has."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import cast

from lxml import etree
from lxml.html import HtmlElement

from ..blocks import Drop, Kind
from ..scene import Scene


def profile(scene: Scene, _labels: Sequence[Drop | None]) -> Mapping[int, Drop]:
    """Segments inside an element that the profile strips, or that match one of its phrases whole."""
    rules = scene.rules
    if not scene.segments or not (rules.strip or rules.phrases):
        return {}
    drops: dict[int, Drop] = {}
    root = scene.segments[0].node.element.getroottree().getroot()
    for rule in rules.strip:
        stripped = set(cast("list[HtmlElement]", etree.XPath(rule.xpath)(root)))
        for index, segment in enumerate(scene.segments):
            if any(node.element in stripped for node in segment.node.climb()):
                drops.setdefault(index, Drop(Kind(rule.kind), f"profile:{rule.xpath}"))
    for phrase in rules.phrases:
        matches = re.compile(phrase.pattern, re.I).fullmatch
        for index, segment in enumerate(scene.segments):
            if matches(segment.text):
                drops.setdefault(index, Drop(Kind(phrase.kind), f"profile:{phrase.pattern}"))
    return drops
