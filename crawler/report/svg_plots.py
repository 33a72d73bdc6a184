"""Turn numbers into the geometry of small SVG plots, in the coordinates of each plot's `viewBox`."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.report.kind_display import kinds_in_order

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

SPARK_HEIGHT = 20


@dataclass(frozen=True, slots=True)
class PlotBar:
    """Describe a piece of a bar of width 100: its left edge, width, kind and count."""

    x: float
    width: float
    kind: str
    count: float


def sparkline(values: Sequence[int]) -> str:
    """Return upright bars as one path to stroke, one unit wide each, the highest SPARK_HEIGHT."""
    most = max(values, default=0)
    return "".join(
        f"M{position}.5 {SPARK_HEIGHT}V{SPARK_HEIGHT - max(1.0, value / most * SPARK_HEIGHT):.1f}"
        for position, value in enumerate(values)
        if value
    )


def stacked_bar(counts: Mapping[str, float], most: float) -> list[PlotBar]:
    """Return one bar with a piece for each kind; a total of `most` is 100 wide."""
    bars, x = [], 0.0
    for kind, count in kinds_in_order(counts):
        width = count / most * 100 if most else 0.0
        bars.append(PlotBar(round(x, 2), round(width, 2), kind, count))
        x += width
    return bars


def strip_plot(pieces: Iterable[tuple[str, int]]) -> tuple[int, dict[str, str]]:
    """Return the total width, and one path to stroke for each kind, of pieces side by side."""
    paths: defaultdict[str, str] = defaultdict(str)
    x = 0
    for kind, width in pieces:
        paths[kind] += f"M{x} 5h{width}"
        x += width
    return x, dict(paths)
