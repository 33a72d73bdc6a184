"""Articles from files of records to a sink: selected, the newest revision of each, each once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from output.export.conditions import Condition, all_hold
from output.export.repeated_articles import RepeatFinder
from output.files.article_files import read_articles

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from output.export.formats import Sink


@dataclass(frozen=True, slots=True)
class ExportSelection:
    """Which articles to export. `once` leaves out copies: the same text, or an article that repeats another."""

    conditions: tuple[Condition, ...] = ()
    all_revisions: bool = False
    once: bool = False


@dataclass(slots=True)
class ExportCounts:
    """What became of the lines that were read; `broken` are those that hold no article."""

    written: int = 0
    not_selected: int = 0
    older: int = 0
    repeats: int = 0
    broken: int = 0


def export_articles(
    paths: Sequence[Path], sink: Sink, choice: ExportSelection, tell: Callable[[str], None]
) -> ExportCounts:
    """Write the chosen articles to the sink, in the order of the files. `tell` gets a line for what cannot be read.

    The newest revision is chosen before the conditions are asked, and repeats are looked for among what they leave.
    Files are read twice where articles must be compared. Raises OSError.
    """
    counts = ExportCounts()

    def broken(line: str) -> None:
        counts.broken += 1
        tell(line)

    if choice.all_revisions and not choice.once:
        for _, article in read_articles(paths, broken):
            if all_hold(choice.conditions, article):
                sink.write(article)
                counts.written += 1
            else:
                counts.not_selected += 1
        return counts
    with RepeatFinder() as repeats:
        read = 0
        for place, article in read_articles(paths, broken):
            repeats.add(place, article, wanted=all_hold(choice.conditions, article))
            read += 1
        counts.older, counts.repeats = repeats.choose(newest=not choice.all_revisions, once=choice.once)
        kept = repeats.kept()
        following = next(kept, None)
        for place, article in read_articles(paths, lambda _line: None):  # told of already
            if place == following:
                sink.write(article)
                counts.written += 1
                following = next(kept, None)
    counts.not_selected = read - counts.written - counts.older - counts.repeats
    return counts
