"""Site memory in a crawl: what a run teaches it, and its last word on each article.

The blocks stand in the `.part` beside each article (`crawler.carried`), and memory is applied when the run is finished, so
that the first pages of an outlet profit from the last. `revision`, `content_hash` and duplicates were settled before, on
the text that the page alone gives: what a run happened to see never fakes a change.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection

from cleaners.blocks import Document, Kind
from cleaners.memory import (
    Headlines,
    Recurrence,
    SiteMemory,
    Traces,
    apply_memory,
    headline_key,
    merged,
    names_of,
    recurrences,
    traces,
    versions,
)
from cleaners.render import render
from crawler.carried import BLOCKS, SITE, blocks_of, taken_of
from output.feed import Record, Transform, read_records
from output.state import State, blocks


class OutletMemories:
    """What `output.finishing` asks at the end of a run: learns from its articles, then takes from each what its outlet repeats.

    `now` is the moment under which they are remembered.
    """

    def __init__(self, now: datetime | None = None):
        self._now = now

    def learn(self, connection: Connection, records: Sequence[Path]) -> None:
        """Count the blocks of the articles in these files. To count them twice does no harm."""
        seen: dict[str, list[Traces]] = defaultdict(list)
        titles: dict[str, str | None] = {}
        known = {site: Headlines.of_folded(folded) for site, folded in _headlines(connection, records).items()}
        for record in _articles(records):
            titles[record["id"]] = headline_key(record.get("title"))
            # What repeats an earlier article, here or at another outlet, is a version of it.
            name = record.get("duplicate_of") or record["id"]
            counted = [*blocks_of(record), *taken_of(record)]
            seen[record[SITE]].append(traces(name, counted, known[record[SITE]], record.get("title")))
        carried = {
            site: [
                blocks.Carried(tuple({one.article: None for one in group}), merged(group), titles)
                for group in versions(articles)
            ]
            for site, articles in seen.items()
        }
        blocks.add(connection, carried, self._now or datetime.now(UTC))

    def transform(self, state: State) -> Transform:
        """The last word on each article: its text without what its outlet repeats."""
        memories: dict[str, SiteMemory] = {}
        with state.transaction() as connection:
            several = blocks.sites_with_several(connection)

        def without_repeats(record: Record) -> Record:
            site = record.get(SITE)
            if site not in several:
                return record
            if site not in memories:
                memories[site] = recall(state, site)
            return forget_repeats(record, memories[site])

        return without_repeats


def recall(state: State, site: str) -> SiteMemory:
    """What the state remembers of an outlet."""
    with state.transaction() as connection:
        remembered = blocks.load(connection, site)
        headlines = Headlines.of_folded(blocks.headlines(connection, site)) if remembered.blocks else Headlines()
    return SiteMemory(
        remembered.articles,
        {block: Recurrence(articles, within) for block, (articles, within) in remembered.blocks.items()},
        headlines,
    )


def forget_repeats(record: Record, memory: SiteMemory) -> Record:
    """The record without what its outlet repeats: its text made anew, `removed` counted up."""
    before = blocks_of(record)
    memory = replace(memory, names=names_of(record.get("source_name"), record.get("source")))
    after = apply_memory(before, memory, title=record.get("title"), description=record.get("description"))
    taken = sum(block.dropped_by is not None for block in after)
    if not taken:
        return record
    removed = dict(record["removed"])
    removed[Kind.REPEATED.value] = removed.get(Kind.REPEATED.value, 0) + taken
    in_order = {kind.value: removed[kind.value] for kind in Kind if kind.value in removed}
    return record | {"text": render(after), "removed": in_order}


def with_memory(document: Document, memory: SiteMemory) -> Document:
    """The document without what its outlet repeats."""
    memory = replace(memory, names=names_of(document.source_name, *memory.names))
    after = apply_memory(document.blocks, memory, title=document.title, description=document.description)
    return replace(document, blocks=tuple(after), text=render(after)) if after != list(document.blocks) else document


def counts(document: Document, memory: SiteMemory) -> dict[int, str]:
    """Index → "12/40" for each block that 12 of 40 articles carry."""
    known = recurrences(document.blocks, memory, title=document.title)
    return {index: f"{recurrence.articles}/{memory.seen}" for index, recurrence in known.items()}


def _articles(records: Sequence[Path]) -> Iterator[Record]:
    for path in records:
        yield from (record for record in read_records(path) if record.get(SITE) and record.get(BLOCKS))


def _headlines(connection: Connection, records: Sequence[Path]) -> dict[str, set[str]]:
    """The folded headlines of each outlet that has articles in these files: of those, and of earlier ones."""
    found: dict[str, set[str]] = defaultdict(set)
    for record in _articles(records):
        headlines = found[record[SITE]]
        if key := headline_key(record.get("title")):
            headlines.add(key)
    for site in blocks.known_sites(connection, found):
        found[site].update(blocks.headlines(connection, site))
    return found
