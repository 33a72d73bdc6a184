"""Numbers to the geometry of small SVG plots. Coordinates are of the plot's own `viewBox`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from crawler.report.kinds import in_order

SPARK_HEIGHT = 20


@dataclass(frozen=True, slots=True)
class Bar:
    """A piece of a bar of width 100: where it begins, how wide it is, what it stands for."""

    x: float
    width: float
    kind: str
    count: float


def spark(values: Sequence[int]) -> str:
    """Upright bars as one path, the highest SPARK_HEIGHT, one unit for each value; the path is stroked."""
    most = max(values, default=0)
    return "".join(
        f"M{at}.5 {SPARK_HEIGHT}V{SPARK_HEIGHT - max(1.0, value / most * SPARK_HEIGHT):.1f}"
        for at, value in enumerate(values)
        if value
    )


def stacked(counts: Mapping[str, float], most: float) -> list[Bar]:
    """One bar of pieces by kind; a bar of `most` is 100 wide."""
    bars, x = [], 0.0
    for kind, count in in_order(counts):
        width = count / most * 100 if most else 0.0
        bars.append(Bar(round(x, 2), round(width, 2), kind, count))
        x += width
    return bars


def strip(pieces: Iterable[tuple[str, int]]) -> tuple[int, dict[str, str]]:
    """Pieces side by side as one stroked path for each kind, and the width of all."""
    paths: defaultdict[str, str] = defaultdict(str)
    x = 0
    for kind, width in pieces:
        paths[kind] += f"M{x} 5h{width}"
        x += width
    return x, dict(paths)
