"""The pages that are measured: recorded ones of ../shared/corpus where it is there, else the newsroom's."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
CORPUS = SHARED / "corpus"


@dataclass(frozen=True, slots=True)
class Sample:
    """One page."""

    name: str
    url: str
    html: bytes


def samples(corpus: Path, most: int, *, others: bool = False) -> list[Sample]:
    """At most so many pages, evenly spread; or else as many `others`, where there are so many."""
    found = recorded(corpus) if (corpus / "news" / "index.jsonl").is_file() else newsroom()
    step = max(1, -(-len(found) // most))
    return found[step // 2 if others else 0 :: step]


def recorded(corpus: Path) -> list[Sample]:
    folder = corpus / "news"
    rows = [json.loads(line) for line in (folder / "index.jsonl").read_text(encoding="utf-8").splitlines()]
    return [
        Sample(row["id"], row["url"], gzip.decompress((folder / "html" / f"{row['id']}.html.gz").read_bytes()))
        for row in rows
        if row.get("url")
    ]


def newsroom() -> list[Sample]:
    from crawler.newsroom.fixture_site import HOME, Newsroom

    room = Newsroom()
    return [Sample(story.slug, HOME + story.url, room.respond(story.url).body) for story in room.stories]
