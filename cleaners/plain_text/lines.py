"""Split a text into lines, each with the empty lines before it, and join the kept ones with their own separators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cleaners.text.measures import weight

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleaners.document import Drop

BULLETS = ("• ", "- ", "– ", "* ", "‣ ", "◦ ", "·")
_ENDS = (".", "!", "?", "…", "。", "！", "？", ":", "：", "।", "؟", "۔", "።")
_QUOTES = "\"'”’“‘»«›‹)]）」』】"
_PROSE = 80  # weighted characters; a shorter sentence may be a label


@dataclass(frozen=True, slots=True)
class TextLine:
    """Hold one line that is not empty: its `number` in the source, from 1, and the `gap` of empty lines before it."""

    text: str
    number: int
    gap: int

    @property
    def ends(self) -> bool:
        """Tell whether the line ends as a sentence does."""
        return self.text.rstrip(_QUOTES).endswith(_ENDS)

    @property
    def is_item(self) -> bool:
        """Tell whether the line is a list item."""
        return self.text.startswith(BULLETS)

    @property
    def is_prose(self) -> bool:
        """Tell whether the line is long enough, and ends, like a sentence of the article."""
        return weight(self.text) >= _PROSE and self.ends and not self.is_item


def read_lines(text: str) -> list[TextLine]:
    """Return the lines of a text that are not blank, stripped."""
    lines: list[TextLine] = []
    gap = 0
    for number, raw in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        if stripped := raw.strip():
            lines.append(TextLine(stripped, number, gap))
            gap = 0
        else:
            gap += 1
    return lines


def join_lines(lines: Sequence[TextLine], labels: Sequence[Drop | None]) -> str:
    """Join the kept lines with the source's own separators; where lines were dropped, at most one empty line remains."""
    parts: list[str] = []
    dropped, empty = False, 0
    for line, drop in zip(lines, labels, strict=True):
        empty += line.gap
        if drop:
            dropped = True
            continue
        if parts:
            parts.append("\n" * (1 + (min(1, empty) if dropped else empty)))
        parts.append(line.text)
        dropped, empty = False, 0
    return "".join(parts)
