"""Build site memory from a run's articles, and drop what a site repeats from them.

The blocks are stored in the `.part` file beside each article (`with_blocks`). Memory is applied when the
run is finalized, so that a site's first pages profit from its last. `revision`, `content_hash` and duplicates are
settled earlier, on the text of the page alone: which pages a run happened to fetch must not look like a change.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cleaners.document import LEARNED, Block, BlockType, Document, Drop, Kind, render
from cleaners.site_memory import (
    BlockOutline,
    Headlines,
    Recurrence,
    SiteMemory,
    apply_memory,
    group_versions,
    is_counted,
    known_recurrences,
    merge_versions,
    outline_of,
    publisher_names,
    tally_article,
)
from crawler.discovery.urls import comparison_key
from output.records.pending import Pending, Span, read_pending
from output.state import State, block_counts
from output.state.database import batches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sqlalchemy import Connection

    from output.files.record_file import Record

# Sites counted at a time: the counts of all sites together may not fit in memory.
_SITES_PER_BATCH = 10

_TYPES = {kind.value[0]: kind for kind in BlockType}


class SiteMemoryStore:
    """Update site memory when a run is finalized, and drop repeated blocks from its articles.

    Implements `output.files.finalize.MemoryUpdater`. `now` is the timestamp of the stored counts; by default the time of
    the call.
    """

    def __init__(self, now: datetime | None = None):
        self._now = now

    def learner(self) -> RunLearner:
        """Return a learner for one run."""
        return RunLearner(self._now or datetime.now(UTC))

    def learn(self, connection: Connection, records: Iterable[Record]) -> None:
        """Count the blocks of these articles alone."""
        learner = self.learner()
        deque(learner.observe(records), maxlen=0)
        learner.store(connection)

    def transform(self, state: State) -> Callable[[Record], Record]:
        """Return a function that drops from a record what its site repeats."""
        memories: dict[str, SiteMemory] = {}
        with state.transaction() as connection:
            several = block_counts.sites_with_several(connection)

        def without_repeats(record: Record) -> Record:
            pending = read_pending(record, comparison_key)
            site = pending.outcome.site
            if site not in several or not pending.spans:
                return record
            if site not in memories:
                memories[site] = load_memory(state, site)
            return drop_repeated(record, read_blocks(record["text"], pending), memories[site])

        return without_repeats


class RunLearner:
    """Count the blocks of a run's articles.

    Counting has to wait for the last article, since any of them may quote the headline of another. Until then the
    learner keeps an outline of each.
    """

    def __init__(self, now: datetime):
        self._now = now
        self._sites: dict[str, list[BlockOutline]] = defaultdict(list)
        self._headlines: dict[str, str | None] = {}  # by article id

    def observe(self, records: Iterable[Record]) -> Iterator[Record]:
        """Yield the records unchanged, keeping an outline of each."""
        for record in records:
            pending = read_pending(record, comparison_key)
            if pending.outcome.site and pending.spans:
                # A duplicate of an earlier article, of this or another site, counts as a version of it.
                name = record.get("duplicate_of") or record["id"]
                counted = [*read_blocks(record["text"], pending), *read_classifier_drops(pending)]
                outline = outline_of(name, counted, record.get("title"))
                self._headlines[record["id"]] = outline.headline
                self._sites[pending.outcome.site].append(outline)
            yield record

    def store(self, connection: Connection) -> None:
        """Store the counts of all observed articles; call it once. Articles counted before are skipped."""
        known = block_counts.known_sites(connection, self._sites)
        for sites in batches(list(self._sites), _SITES_PER_BATCH):
            block_counts.add_blocks(
                connection, {site: self._article_blocks(connection, site, site in known) for site in sites}, self._now
            )

    def _article_blocks(self, connection: Connection, site: str, is_known: bool) -> list[block_counts.ArticleBlocks]:
        articles = self._sites.pop(site)
        headline_keys = {one.headline for one in articles if one.headline}
        headlines = Headlines.of_keys(
            headline_keys.union(block_counts.load_headlines(connection, site) if is_known else ())
        )
        return [
            block_counts.ArticleBlocks(
                tuple({one.article: None for one in group}), merge_versions(group), self._headlines
            )
            for group in group_versions([tally_article(one, headlines) for one in articles])
        ]


def load_memory(state: State, site: str) -> SiteMemory:
    """Return the memory that the state holds of a site."""
    with state.transaction() as connection:
        stored = block_counts.load_blocks(connection, site)
        headlines = Headlines.of_keys(block_counts.load_headlines(connection, site)) if stored.blocks else Headlines()
    return SiteMemory(
        stored.articles,
        {block: Recurrence(articles, within) for block, (articles, within) in stored.blocks.items()},
        headlines,
    )


def drop_repeated(record: Record, before: Sequence[Block], memory: SiteMemory) -> Record:
    """Return the record without what its site repeats: a new `text`, and `removed` counted up.

    `before` are the record's blocks.
    """
    memory = replace(memory, names=publisher_names(record.get("source_name"), record.get("source")))
    after = apply_memory(before, memory, title=record.get("title"), description=record.get("description"))
    dropped = sum(block.dropped_by is not None for block in after)
    if not dropped:
        return record
    removed = dict(record["removed"])
    removed[Kind.REPEATED.value] = removed.get(Kind.REPEATED.value, 0) + dropped
    in_order = {kind.value: removed[kind.value] for kind in Kind if kind.value in removed}
    return record | {"text": render(after), "removed": in_order}


def apply_to_document(document: Document, memory: SiteMemory) -> Document:
    """Return the document without what its site repeats."""
    memory = replace(memory, names=publisher_names(document.source_name, *memory.names))
    after = apply_memory(document.blocks, memory, title=document.title, description=document.description)
    return replace(document, blocks=tuple(after), text=render(after)) if after != list(document.blocks) else document


def recurrence_labels(document: Document, memory: SiteMemory) -> dict[int, str]:
    """Map the index of each repeated block to a label such as "12/40": it stands on 12 of 40 articles."""
    known = known_recurrences(document.blocks, memory, title=document.title)
    return {index: f"{recurrence.articles}/{memory.articles}" for index, recurrence in known.items()}


def with_blocks(pending: Pending, document: Document) -> Pending:
    """Add the document's kept blocks, and the texts that the classifier alone dropped."""
    spans: list[Span] = []
    end = 0
    for block in document.blocks:
        if block.dropped_by is None:
            start = document.text.find(block.text, end)
            end = start + len(block.text)
            letter = block.type.value[0]
            spans.append((letter.upper() if block.tight else letter, start, end))
    drops = tuple(block.text for block in document.blocks if block.dropped_by and is_counted(block))
    return replace(pending, spans=tuple(spans), classifier_drops=drops)


def read_blocks(text: str, pending: Pending) -> list[Block]:
    """Return the kept blocks of an article with this text; [] if none are stored or they do not add up to the text."""
    found = [
        Block(text[start:end], _TYPES[letter.lower()], tight=letter.isupper()) for letter, start, end in pending.spans
    ]
    return found if render(found) == text else []


def read_classifier_drops(pending: Pending) -> list[Block]:
    """Return the blocks that only the classifier dropped from an article."""
    return [Block(text, dropped_by=Drop(Kind.OTHER, LEARNED)) for text in pending.classifier_drops]
