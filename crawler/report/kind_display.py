"""The kinds of clutter as a person meets them: words, families, and a colour each that holds in light and dark.

A family has a hue, its kinds differ in lightness. The values were searched for, so that of all pairs of kinds none is
nearer than 0.029 in OKLab, in either scheme, to people of any kind of colour vision (simulated after Machado, Oliveira
and Fernandes, 2009). A colour never stands alone: the kind's name is written beside it.
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
    """Kinds that belong together. `hue` is OKLCH's, in degrees, `chroma` its strength; `light` and `dark` are the
    lightness of the first and the last kind in each scheme.
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
        Kind.REPEATED: "repeated by the outlet", Kind.OTHER: "other",
    }),
)  # fmt: skip

KIND_NAMES: Mapping[str, str] = {kind.value: name for family in KIND_FAMILIES for kind, name in family.kinds.items()}


def kinds_in_order(counts: Mapping[str, Count]) -> list[tuple[str, Count]]:
    """Counts by kind, families side by side, as they are drawn everywhere."""
    return [(kind, counts[kind]) for kind in KIND_NAMES if counts.get(kind)]


def kind_name(kind: str) -> str:
    """A kind in words; one that this version does not know, as it is written."""
    return KIND_NAMES.get(kind, kind.replace("_", " "))


def kind_colours(*, dark: bool) -> dict[str, tuple[float, float, int]]:
    """Lightness, chroma and hue (OKLCH) of each kind, in one of the schemes."""
    found = {}
    for family in KIND_FAMILIES:
        first, last = family.dark if dark else family.light
        for at, kind in enumerate(family.kinds):
            lightness = first + (last - first) * at / (len(family.kinds) - 1)
            found[kind.value] = round(lightness, 2), family.chroma, family.hue
    return found


def kind_css() -> str:
    """Colours for light and dark as `--k-<kind>`; in the class `k-<kind>`, the colour is `--k` and the words `--n`."""
    light, dark = (
        "".join(f"--k-{kind}:oklch({lightness} {chroma} {hue});" for kind, (lightness, chroma, hue) in scheme.items())
        for scheme in (kind_colours(dark=False), kind_colours(dark=True))
    )
    classes = "".join(f'.k-{kind}{{--k:var(--k-{kind});--n:"{name}"}}' for kind, name in KIND_NAMES.items())
    return f":root{{{light}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}{classes}"
