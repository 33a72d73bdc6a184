"""Numbers to the geometry of small SVG plots. Coordinates are of the plot's own `viewBox`."""

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
    """A piece of a bar of width 100: where it begins, how wide it is, what it stands for."""

    x: float
    width: float
    kind: str
    count: float


def sparkline(values: Sequence[int]) -> str:
    """Upright bars as one path, the highest SPARK_HEIGHT, one unit for each value; the path is stroked."""
    most = max(values, default=0)
    return "".join(
        f"M{at}.5 {SPARK_HEIGHT}V{SPARK_HEIGHT - max(1.0, value / most * SPARK_HEIGHT):.1f}"
        for at, value in enumerate(values)
        if value
    )


def stacked_bar(counts: Mapping[str, float], most: float) -> list[PlotBar]:
    """One bar of pieces by kind; a bar of `most` is 100 wide."""
    bars, x = [], 0.0
    for kind, count in kinds_in_order(counts):
        width = count / most * 100 if most else 0.0
        bars.append(PlotBar(round(x, 2), round(width, 2), kind, count))
        x += width
    return bars


def strip_plot(pieces: Iterable[tuple[str, int]]) -> tuple[int, dict[str, str]]:
    """Pieces side by side as one stroked path for each kind, and the width of all."""
    paths: defaultdict[str, str] = defaultdict(str)
    x = 0
    for kind, width in pieces:
        paths[kind] += f"M{x} 5h{width}"
        x += width
    return x, dict(paths)
