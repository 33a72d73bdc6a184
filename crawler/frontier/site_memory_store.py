"""Site memory in a crawl: what a run teaches it, and its last word on each article.

The blocks stand in the `.part` beside each article (`crawler.frontier.pending_blocks`), and memory is applied when the run is finished, so
that the first pages of an outlet profit from the last. `revision`, `content_hash` and duplicates were settled before, on
the text that the page alone gives: what a run happened to see never fakes a change.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cleaners.document import Block, Document, Kind, render
from cleaners.site_memory import (
    BlockOutline,
    Headlines,
    Recurrence,
    SiteMemory,
    apply_memory,
    group_versions,
    known_recurrences,
    merge_versions,
    outline_of,
    publisher_names,
    tally_article,
)
from crawler.discovery.urls import comparison_key
from crawler.frontier.pending_blocks import read_blocks, read_classifier_drops
from output.records.pending import pending_of
from output.state import State, block_counts
from output.state.database import batches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sqlalchemy import Connection

    from output.files.record_file import Record

_SITES = 10  # outlets that are counted at a time, so that the counts of all do not stand in memory at once


class SiteMemoryStore:
    """What `output.files.finalize` asks at the end of a run: learns from its articles, then takes from each what its outlet repeats.

    `now` is the moment under which they are remembered.
    """

    def __init__(self, now: datetime | None = None):
        self._now = now

    def learner(self) -> RunLearner:
        """Return what learns from one run."""
        return RunLearner(self._now or datetime.now(UTC))

    def learn(self, connection: Connection, records: Iterable[Record]) -> None:
        """Learn from these articles alone."""
        learner = self.learner()
        deque(learner.observe(records), maxlen=0)
        learner.store(connection)

    def transform(self, state: State) -> Callable[[Record], Record]:
        """The last word on each article: its text without what its outlet repeats."""
        memories: dict[str, SiteMemory] = {}
        with state.transaction() as connection:
            several = block_counts.sites_with_several(connection)

        def without_repeats(record: Record) -> Record:
            pending = pending_of(record, comparison_key)
            site = pending.url.site
            if site not in several or not pending.spans:
                return record
            if site not in memories:
                memories[site] = load_memory(state, site)
            return drop_repeated(record, read_blocks(record["text"], pending), memories[site])

        return without_repeats


class RunLearner:
    """Counts the blocks of a run's articles, once all of them were seen: any of them may name the headline of another.

    Until then it keeps an outline of each.
    """

    def __init__(self, now: datetime):
        self._now = now
        self._sites: dict[str, list[BlockOutline]] = defaultdict(list)
        self._headlines: dict[str, str | None] = {}  # of articles, by id

    def observe(self, records: Iterable[Record]) -> Iterator[Record]:
        """Yield the records, each outlined."""
        for record in records:
            pending = pending_of(record, comparison_key)
            if pending.url.site and pending.spans:
                # What repeats an earlier article, here or at another outlet, is a version of it.
                name = record.get("duplicate_of") or record["id"]
                counted = [*read_blocks(record["text"], pending), *read_classifier_drops(pending)]
                outlined = outline_of(name, counted, record.get("title"))
                self._headlines[record["id"]] = outlined.headline
                self._sites[pending.url.site].append(outlined)
            yield record

    def store(self, connection: Connection) -> None:
        """Count what was observed, once. Articles that an earlier transaction counted are not counted again."""
        known = block_counts.known_sites(connection, self._sites)
        for sites in batches(list(self._sites), _SITES):
            block_counts.add_blocks(
                connection, {site: self._carried(connection, site, site in known) for site in sites}, self._now
            )

    def _carried(self, connection: Connection, site: str, is_known: bool) -> list[block_counts.ArticleBlocks]:
        articles = self._sites.pop(site)
        folded = {one.headline for one in articles if one.headline}
        headlines = Headlines.of_keys(folded.union(block_counts.load_headlines(connection, site) if is_known else ()))
        return [
            block_counts.ArticleBlocks(
                tuple({one.article: None for one in group}), merge_versions(group), self._headlines
            )
            for group in group_versions([tally_article(one, headlines) for one in articles])
        ]


def load_memory(state: State, site: str) -> SiteMemory:
    """What the state remembers of an outlet."""
    with state.transaction() as connection:
        remembered = block_counts.load_blocks(connection, site)
        headlines = (
            Headlines.of_keys(block_counts.load_headlines(connection, site)) if remembered.blocks else Headlines()
        )
    return SiteMemory(
        remembered.articles,
        {block: Recurrence(articles, within) for block, (articles, within) in remembered.blocks.items()},
        headlines,
    )


def drop_repeated(record: Record, before: Sequence[Block], memory: SiteMemory) -> Record:
    """The record, whose blocks are `before`, without what its outlet repeats: its text made anew, `removed` counted up."""
    memory = replace(memory, names=publisher_names(record.get("source_name"), record.get("source")))
    after = apply_memory(before, memory, title=record.get("title"), description=record.get("description"))
    taken = sum(block.dropped_by is not None for block in after)
    if not taken:
        return record
    removed = dict(record["removed"])
    removed[Kind.REPEATED.value] = removed.get(Kind.REPEATED.value, 0) + taken
    in_order = {kind.value: removed[kind.value] for kind in Kind if kind.value in removed}
    return record | {"text": render(after), "removed": in_order}


def apply_to_document(document: Document, memory: SiteMemory) -> Document:
    """The document without what its outlet repeats."""
    memory = replace(memory, names=publisher_names(document.source_name, *memory.names))
    after = apply_memory(document.blocks, memory, title=document.title, description=document.description)
    return replace(document, blocks=tuple(after), text=render(after)) if after != list(document.blocks) else document


def recurrence_labels(document: Document, memory: SiteMemory) -> dict[int, str]:
    """Index → "12/40" for each block that 12 of 40 articles carry."""
    known = known_recurrences(document.blocks, memory, title=document.title)
    return {index: f"{recurrence.articles}/{memory.articles}" for index, recurrence in known.items()}
