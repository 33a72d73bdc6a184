"""CPU time a page: `clean_html` beside trafilatura with metadata, in one process, on the same pages in the same minute."""

from __future__ import annotations

import argparse
import gzip
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
Sample = tuple[str, str, bytes]  # id, URL, HTML


def corpus_pages(corpus: Path, most: int) -> list[Sample]:
    """Pages of `corpus`/news, evenly spread where there are more than `most`."""
    folder = corpus / "news"
    rows = [json.loads(line) for line in (folder / "index.jsonl").read_text(encoding="utf-8").splitlines()]
    rows = rows[:: max(1, -(-len(rows) // most))]
    return [
        (row["id"], row.get("url") or "", gzip.decompress((folder / "html" / f"{row['id']}.html.gz").read_bytes()))
        for row in rows
    ]


def newsroom_pages() -> list[Sample]:
    from crawler.newsroom.site import HOME, Newsroom

    room = Newsroom()
    return [(story.slug, HOME + story.url, room.respond(story.url).body) for story in room.stories]


def ours(html: bytes, url: str) -> Any:
    from cleaners import clean_html

    return clean_html(html, url)


def theirs(html: bytes, url: str) -> Any:
    import trafilatura

    return trafilatura.bare_extraction(html, url=url, include_comments=False, with_metadata=True)


def milliseconds(system: Callable[[bytes, str], Any], page: Sample) -> float:
    start = time.process_time()
    system(page[2], page[1])
    return 1000 * (time.process_time() - start)


def compare(pages: Sequence[Sample]) -> tuple[list[float], list[float]]:
    """Milliseconds of each page for both. They take turns in going first, so that neither finds caches the other filled."""
    for system in (ours, theirs):
        for page in pages[:3]:  # imports, models, phrases
            system(page[2], page[1])
    times: dict[Callable[[bytes, str], Any], list[float]] = {ours: [], theirs: []}
    for turn, page in enumerate(pages):
        for system in (ours, theirs) if turn % 2 else (theirs, ours):
            times[system].append(milliseconds(system, page))
    return times[ours], times[theirs]


def line(name: str, times: Sequence[float], pages: Sequence[Sample]) -> str:
    slowest, page = max(zip(times, (page[0] for page in pages), strict=True))
    ordered = sorted(times)
    high = ordered[int(0.95 * (len(ordered) - 1))]
    return (
        f"{name:30} mean {statistics.mean(times):6.1f}  median {statistics.median(times):6.1f}  "
        f"95 % {high:6.1f}  most {slowest:7.1f} ({page})"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=ROOT.parent / "shared" / "corpus")
    parser.add_argument("--pages", type=int, default=120, help="at most so many pages (default 120)")
    arguments = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    here = (arguments.corpus / "news" / "index.jsonl").is_file()
    pages = corpus_pages(arguments.corpus, arguments.pages) if here else newsroom_pages()
    mine, other = compare(pages)
    size = statistics.mean(len(page[2]) for page in pages) / 1024
    print(f"{sum(mine) / sum(other):.2f} times the CPU of trafilatura with metadata")
    print(
        f"{len(pages)} pages of {'the corpus' if here else 'the newsroom'}, {size:.0f} KB of HTML each; CPU milliseconds:"
    )
    print(line("cleaners.clean_html", mine, pages))
    print(line("trafilatura.bare_extraction", other, pages))


if __name__ == "__main__":
    main()
