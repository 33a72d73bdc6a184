"""The kinds of clutter as a person meets them: words, families, and a colour each that holds in light and dark.

A family has a hue, its kinds differ in lightness; hues are those that the colour-blind tell apart (after Okabe and Ito).
A colour never stands alone: the kind's name is written beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from cleaners.blocks import Kind

Count = TypeVar("Count", int, float)


@dataclass(frozen=True, slots=True)
class Family:
    """Kinds that belong together. `hue` is OKLCH's, in degrees, `chroma` its strength; `kinds` with their words."""

    name: str
    hue: int
    chroma: float
    kinds: Mapping[Kind, str]


FAMILIES = (
    Family("ways elsewhere", 255, 0.13, {
        Kind.RELATED_LINK: "related link", Kind.NAVIGATION: "navigation", Kind.TAGS: "tags",
        Kind.SECTION_LABEL: "section label",
    }),
    Family("selling", 50, 0.14, {
        Kind.ADVERTISEMENT: "advertisement", Kind.PROMOTION: "promotion", Kind.NEWSLETTER: "newsletter",
    }),
    Family("company", 310, 0.14, {
        Kind.SOCIAL_FOLLOW: "follow us", Kind.SHARE: "share buttons", Kind.COMMENTS: "comments",
    }),
    Family("pictures and sound", 180, 0.10, {
        Kind.CAPTION: "caption", Kind.CREDIT: "credit", Kind.AUDIO_WIDGET: "audio player",
        Kind.VIDEO_WIDGET: "video player",
    }),
    Family("about the article", 100, 0.12, {
        Kind.HEADLINE: "headline", Kind.BYLINE: "byline", Kind.TIMESTAMP: "date", Kind.READING_TIME: "reading time",
        Kind.TRUST_BADGE: "trust badge",
    }),
    Family("walls and law", 0, 0.15, {
        Kind.PAYWALL: "paywall", Kind.CONSENT: "consent", Kind.COPYRIGHT: "copyright",
    }),
    Family("the rest", 260, 0.015, {
        Kind.REPEATED: "repeated by the outlet", Kind.OTHER: "other",
    }),
)  # fmt: skip

NAMES: Mapping[str, str] = {kind.value: name for family in FAMILIES for kind, name in family.kinds.items()}
# Lightness from the first kind of a family to its last: dark enough on white, and light enough on black, for 3 to 1.
_ON_LIGHT, _ON_DARK = (0.42, 0.64), (0.86, 0.62)


def in_order(counts: Mapping[str, Count]) -> list[tuple[str, Count]]:
    """Counts by kind, families side by side, as they are drawn everywhere."""
    return [(kind, counts[kind]) for kind in NAMES if counts.get(kind)]


def name_of(kind: str) -> str:
    """A kind in words; one that this version does not know, as it is written."""
    return NAMES.get(kind, kind.replace("_", " "))


def css() -> str:
    """Colours for light and dark as `--k-<kind>`; in the class `k-<kind>`, the colour is `--k` and the words `--n`."""
    dark = "".join(_properties(_ON_DARK))
    classes = "".join(f'.k-{kind}{{--k:var(--k-{kind});--n:"{name}"}}' for kind, name in NAMES.items())
    return f":root{{{''.join(_properties(_ON_LIGHT))}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}{classes}"


def _properties(lightness: tuple[float, float]) -> list[str]:
    first, last = lightness
    return [
        f"--k-{kind.value}:oklch({first + (last - first) * at / (len(family.kinds) - 1):.2f} {family.chroma} {family.hue});"
        for family in FAMILIES
        for at, kind in enumerate(family.kinds)
    ]
