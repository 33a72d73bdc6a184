"""Define how the kinds of clutter are displayed: names, families, and a colour each for light and dark schemes.

A family has one hue; its kinds differ in lightness. The values are the result of a search: no two kinds are closer than 0.029
in OKLab, in either scheme, for any kind of colour vision (simulated after Machado, Oliveira and Fernandes, 2009). A colour
never stands alone: the name of the kind is beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from cleaners.document import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

Count = TypeVar("Count", int, float)


@dataclass(frozen=True, slots=True)
class KindFamily:
    """Group related kinds.

    `hue` (degrees) and `chroma` are OKLCH's; `light` and `dark` are the lightness of the first and the last kind in each scheme.
    """

    name: str
    hue: int
    chroma: float
    light: tuple[float, float]
    dark: tuple[float, float]
    kinds: Mapping[Kind, str]


KIND_FAMILIES = (
    KindFamily("ways elsewhere", 273, 0.148, (0.43, 0.66), (0.60, 0.72), {
        Kind.RELATED_LINK: "related link", Kind.NAVIGATION: "navigation", Kind.TAGS: "tags",
        Kind.SECTION_LABEL: "section label",
    }),
    KindFamily("selling", 44, 0.146, (0.66, 0.52), (0.76, 0.60), {
        Kind.ADVERTISEMENT: "advertisement", Kind.PROMOTION: "promotion", Kind.NEWSLETTER: "newsletter",
    }),
    KindFamily("company", 319, 0.132, (0.40, 0.59), (0.65, 0.83), {
        Kind.SOCIAL_FOLLOW: "follow us", Kind.SHARE: "share buttons", Kind.COMMENTS: "comments",
    }),
    KindFamily("pictures and sound", 174, 0.089, (0.47, 0.64), (0.64, 0.88), {
        Kind.CAPTION: "caption", Kind.CREDIT: "credit", Kind.AUDIO_WIDGET: "audio player",
        Kind.VIDEO_WIDGET: "video player",
    }),
    KindFamily("about the article", 86, 0.065, (0.65, 0.34), (0.60, 0.89), {
        Kind.HEADLINE: "headline", Kind.BYLINE: "byline", Kind.TIMESTAMP: "date", Kind.READING_TIME: "reading time",
        Kind.TRUST_BADGE: "trust badge",
    }),
    KindFamily("walls and law", 9, 0.126, (0.50, 0.36), (0.77, 0.60), {
        Kind.PAYWALL: "paywall", Kind.CONSENT: "consent", Kind.COPYRIGHT: "copyright",
    }),
    KindFamily("the rest", 260, 0.012, (0.33, 0.61), (0.93, 0.85), {
        Kind.REPEATED: "repeated by the site", Kind.OTHER: "other",
    }),
)  # fmt: skip

KIND_NAMES: Mapping[str, str] = {kind.value: name for family in KIND_FAMILIES for kind, name in family.kinds.items()}


def kinds_in_order(counts: Mapping[str, Count]) -> list[tuple[str, Count]]:
    """Return counts by kind in display order, families together."""
    return [(kind, counts[kind]) for kind in KIND_NAMES if counts.get(kind)]


def kind_name(kind: str) -> str:
    """Return the name of a kind; an unknown one as it is written."""
    return KIND_NAMES.get(kind, kind.replace("_", " "))


def kind_colours(*, dark: bool) -> dict[str, tuple[float, float, int]]:
    """Return lightness, chroma and hue (OKLCH) of each kind, in one scheme."""
    found = {}
    for family in KIND_FAMILIES:
        first, last = family.dark if dark else family.light
        for position, kind in enumerate(family.kinds):
            lightness = first + (last - first) * position / (len(family.kinds) - 1)
            found[kind.value] = round(lightness, 2), family.chroma, family.hue
    return found


def kind_css() -> str:
    """Return CSS: `--k-<kind>` for both schemes, and classes `k-<kind>` that set the colour `--k` and the name `--n`."""
    light, dark = (
        "".join(f"--k-{kind}:oklch({lightness} {chroma} {hue});" for kind, (lightness, chroma, hue) in scheme.items())
        for scheme in (kind_colours(dark=False), kind_colours(dark=True))
    )
    classes = "".join(f'.k-{kind}{{--k:var(--k-{kind});--n:"{name}"}}' for kind, name in KIND_NAMES.items())
    return f":root{{{light}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}{classes}"
