"""What `scrapy addsite` prints: what was found, then what needs a person's eye."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from crawler.addsite.draft import Draft


def tell(draft: Draft, file: Path, fixtures: Sequence[Path], other_owner: str = "") -> None:
    """Prints a line for each thing, to stdout. `other_owner` is another profile that claims these articles, too."""
    sources = [f"{len(urls)} {name}" for name, urls in draft.sources.items() if urls]
    rows = [
        ("name", draft.name),
        ("domains", ", ".join(draft.domains)),
        ("language", draft.language),
        ("timezone", draft.timezone),
        ("delay", f"{draft.delay:g} s"),
        ("sources", ", ".join(sources)),
        *((name, url) for name, urls in draft.sources.items() for url in urls),
        ("article", draft.article),
        ("listed", f"{draft.listed} pages, {draft.accepted} of them accepted, {len(draft.samples)} read as articles"),
        *(
            ("strip", f"{rule.xpath or rule.phrase} ({rule.articles} of {rule.seen}: {rule.example})")
            for rule in draft.strip
        ),
        ("written", str(file)),
        ("fixtures", f"{fixtures[0].parent}: {len(fixtures)}" if fixtures else "none"),
    ]
    for name, value in rows:
        print(f"{name:<9} {_plain(value)}")
    claimed = f"the profile {other_owner} claims these articles, too: keep one, or part their domains"
    for doubt in (*draft.doubts, *([claimed] if other_owner else [])):
        print(f"look at   {_plain(doubt)}")
    sys.stdout.flush()


def _plain(text: str) -> str:
    """One line without control characters: the web's text may hold what moves a terminal's cursor."""
    return "".join(char if char.isprintable() else " " for char in " ".join(text.split()))
