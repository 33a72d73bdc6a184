"""A text as lines, each with the empty lines before it, so that what stays is put together again to the letter."""

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
_PROSE = 80  # weighted characters from which on a sentence is no label


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line that is not empty. `number` counts from 1 in the source, `gap` is the number of empty lines before it."""

    text: str
    number: int
    gap: int

    @property
    def ends(self) -> bool:
        """Whether it ends as a sentence does."""
        return self.text.rstrip(_QUOTES).endswith(_ENDS)

    @property
    def is_item(self) -> bool:
        return self.text.startswith(BULLETS)

    @property
    def is_prose(self) -> bool:
        return weight(self.text) >= _PROSE and self.ends and not self.is_item


def read_lines(text: str) -> list[TextLine]:
    """The lines of a text that hold more than space."""
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
    """What is kept, with the source's own separators; a gap that lost lines holds at most one empty line."""
    parts: list[str] = []
    lost, empty = False, 0
    for line, drop in zip(lines, labels, strict=True):
        empty += line.gap
        if drop:
            lost = True
            continue
        if parts:
            parts.append("\n" * (1 + (min(1, empty) if lost else empty)))
        parts.append(line.text)
        lost, empty = False, 0
    return "".join(parts)
