"""Export articles from files of records to a sink: select them, and leave out older revisions and copies."""

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
    """Say which articles to export.

    `once` leaves out copies: articles with the same text as another, or marked as its duplicates.
    """

    conditions: tuple[Condition, ...] = ()
    all_revisions: bool = False
    once: bool = False


@dataclass(slots=True)
class ExportCounts:
    """Count the lines that were read, by what became of them. `broken` lines hold no article."""

    written: int = 0
    not_selected: int = 0
    older: int = 0
    repeats: int = 0
    broken: int = 0


def export_articles(
    paths: Sequence[Path], sink: Sink, choice: ExportSelection, warn: Callable[[str], None]
) -> ExportCounts:
    """Write the selected articles to the sink, in the order of the files. Raises OSError.

    The newest revision is chosen before the conditions apply, and copies are sought among the articles that meet them.
    Files are read twice if articles must be compared. `warn` receives a line for each line or file that cannot be read.
    """
    counts = ExportCounts()

    def broken(line: str) -> None:
        counts.broken += 1
        warn(line)

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
        for position, article in read_articles(paths, broken):
            repeats.add(position, article, wanted=all_hold(choice.conditions, article))
            read += 1
        counts.older, counts.repeats = repeats.choose(newest=not choice.all_revisions, once=choice.once)
        kept = repeats.kept()
        next_kept = next(kept, None)
        for position, article in read_articles(paths, lambda _line: None):  # already warned about
            if position == next_kept:
                sink.write(article)
                counts.written += 1
                next_kept = next(kept, None)
    counts.not_selected = read - counts.written - counts.older - counts.repeats
    return counts
