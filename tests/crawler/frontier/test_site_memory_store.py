"""Build site memory from a run's articles, apply it when the run is finalized, bound it and let it age."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import orjson
import pytest
from sqlalchemy import func, insert, select

from cleaners import Block, Document, Drop, Kind, clean_html
from cleaners.document import LEARNED
from cleaners.site_memory.block_keys import key_digest
from crawler.discovery.urls import comparison_key
from crawler.frontier.site_memory_store import SiteMemoryStore, load_memory, read_blocks, with_blocks
from crawler.pipelines.document_record import RecordOrigin, to_record
from output.files.finalize import RunFinalizer
from output.files.record_file import RecordFile, read_records, record_path
from output.records.article import Article, content_hash
from output.records.pending import Pending, UrlOutcome, read_pending
from output.state import State, block_counts
from output.state.schedule import Schedule
from output.state.schema import to_microseconds
from output.state.tables import BLOCKS_TABLE, SITE_ARTICLES_TABLE, SITES_TABLE
from tests.support import recurring

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = datetime(2026, 3, 20, 6, tzinfo=UTC)
SITE = "quay"


@pytest.fixture(scope="module")
def documents() -> dict[str, Document]:
    """Return six articles of a site as a crawl cleans them, by URL."""
    return {article.url: clean_html(article.html, article.url) for article in recurring.outlet("blog", 6)}


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    opened = State.open(f"sqlite:///{tmp_path / 'state.db'}")
    yield opened
    opened.close()


def write(data_dir: Path, run: str, documents: dict[str, Document], site: str = SITE) -> Path:
    """Write the `.part` file of a run with these articles, and return the path of the finished file."""
    file = RecordFile(record_path(data_dir, "articles", run))
    for url, document in documents.items():
        record = to_record(document, RecordOrigin(run, NOW, url=url))
        assert isinstance(record, Article)
        pending = with_blocks(Pending(UrlOutcome(url, (comparison_key(url),), site)), document)
        file.write({**record.model_dump(mode="json"), **pending.to_part_keys()})
    file.abandon()
    return file.path


def finish(data_dir: Path, state: State, run: str, now: datetime = NOW) -> None:
    RunFinalizer(data_dir, state, Schedule(), comparison_key, SiteMemoryStore(now)).finalize(run, now)


def run_of(number: int) -> str:
    return f"20260320T0{number}0000Z-00000{number}"


def run(data_dir: Path, state: State, number: int, documents: dict[str, Document]) -> list[dict[str, Any]]:
    path = write(data_dir, run_of(number), documents)
    finish(data_dir, state, run_of(number))
    return list(read_records(path))


@cache
def repeated() -> set[str]:
    return {line for article in recurring.outlet("blog", 6) for line in article.put_in}


def test_the_first_articles_of_a_run_profit_from_the_last(
    tmp_path: Path, state: State, documents: dict[str, Document]
) -> None:
    records = run(tmp_path, state, 1, documents)
    assert [record["url"] for record in records] == list(documents)
    for record in records:
        before = documents[record["url"]].text
        lines = record["text"].split("\n\n")
        assert not repeated() & set(lines)
        assert [line for line in before.split("\n\n") if line not in repeated()] == lines
        assert record["removed"]["repeated"] == len(before.split("\n\n")) - len(lines) >= 6
        assert record["content_hash"] == content_hash(before)  # of the text that the page alone gives
        assert not [key for key in record if key.startswith("_")]
        Article.model_validate(record)


def test_what_the_classifier_took_on_other_pages_goes(
    tmp_path: Path, state: State, documents: dict[str, Document]
) -> None:
    line = "For more of what moves this town, look at the board beside our door."
    took = Block(line, dropped_by=Drop(Kind.OTHER, LEARNED))
    urls = list(documents)
    mixed = dict(documents)
    for url in urls[1:3]:
        mixed[url] = replace(documents[url], blocks=(*documents[url].blocks, took))
    first = documents[urls[0]]
    mixed[urls[0]] = replace(first, text=f"{first.text}\n\n{line}", blocks=(*first.blocks, Block(line)))
    records = run(tmp_path, state, 1, mixed)
    assert line not in records[0]["text"]
    assert not [key for record in records for key in record if key.startswith("_")]


def test_a_run_of_one_article_profits_from_earlier_runs(
    tmp_path: Path, state: State, documents: dict[str, Document]
) -> None:
    urls = list(documents)
    run(tmp_path, state, 1, {url: documents[url] for url in urls[:5]})
    (record,) = run(tmp_path, state, 2, {urls[5]: documents[urls[5]]})
    assert not repeated() & set(record["text"].split("\n\n"))


def test_a_run_that_was_interrupted_is_finished_the_same_way(
    tmp_path: Path, documents: dict[str, Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    state = State.open(f"sqlite:///{tmp_path / 'a.db'}")
    undisturbed = write(tmp_path / "a", run_of(1), documents)
    finish(tmp_path / "a", state, run_of(1))
    state.close()

    state = State.open(f"sqlite:///{tmp_path / 'b.db'}")
    path = write(tmp_path / "b", run_of(1), documents)
    with monkeypatch.context() as patch:
        patch.setattr(
            RunFinalizer, "_publish_file", Mock(side_effect=KeyboardInterrupt)
        )  # killed when the state has learned, no file has its name
        with pytest.raises(KeyboardInterrupt):
            finish(tmp_path / "b", state, run_of(1))
    finish(tmp_path / "b", state, run_of(1))
    assert path.read_bytes() == undisturbed.read_bytes()
    assert load_memory(state, SITE).articles == 6
    state.close()


def test_learning_twice_counts_once_and_so_does_a_new_version(
    tmp_path: Path, state: State, documents: dict[str, Document]
) -> None:
    path = write(tmp_path, run_of(1), documents)
    part = path.with_name(path.name + ".part")
    for hours in range(3):
        with state.transaction() as connection:
            SiteMemoryStore(NOW + timedelta(hours=hours)).learn(connection, read_records(part))
    memory = load_memory(state, SITE)
    assert memory.articles == 6
    assert max(block.articles for block in memory.blocks.values()) == 6


def test_sites_do_not_share_their_memories(tmp_path: Path, state: State, documents: dict[str, Document]) -> None:
    *most, (url, last) = documents.items()
    run(tmp_path, state, 1, dict(most))
    path = write(tmp_path, run_of(2), {url: last}, site="elsewhere")
    finish(tmp_path, state, run_of(2))
    assert next(read_records(path))["text"] == last.text
    assert load_memory(state, "elsewhere").blocks == {}


def test_a_line_gives_back_its_blocks(documents: dict[str, Document]) -> None:
    for document in documents.values():
        kept = [(block.text, block.type, block.tight) for block in document.blocks if not block.dropped_by]
        line = orjson.loads(orjson.dumps(with_blocks(Pending(UrlOutcome("", (), SITE)), document).to_part_keys()))
        pending = read_pending(line, comparison_key)
        read = read_blocks(document.text, pending)
        assert [(block.text, block.type, block.tight) for block in read] == kept
        assert read_blocks(document.text + " ", pending) == []
        assert read_blocks(document.text, Pending(pending.outcome)) == []


def carried(number: int, *more: int) -> block_counts.ArticleBlocks:
    return block_counts.ArticleBlocks(
        (f"{number:016x}",), dict.fromkeys((*more, *(key_digest(f"{number} {at}") for at in range(25))), 1)
    )


def test_memory_is_bounded_and_what_a_site_no_longer_prints_fades(state: State) -> None:
    old, new = key_digest("old notice"), key_digest("new notice")
    with state.transaction() as connection:
        for start in range(0, 7_000, 500):
            notice = old if start < 1_500 else new
            block_counts.add_blocks(connection, {SITE: [carried(start + at, notice) for at in range(500)]}, NOW)
        stored = connection.scalar(select(func.count()).select_from(BLOCKS_TABLE)) or 0
        memory = block_counts.load_blocks(connection, SITE)
    assert memory.articles < block_counts.WINDOW
    assert stored < 12 * block_counts.WINDOW
    assert memory.blocks[new][0] > 0.95 * memory.articles
    assert memory.blocks.get(old, (0, 0))[0] < 0.2 * memory.articles


def test_what_has_not_occurred_for_long_is_deleted(state: State) -> None:
    lasting, gone = key_digest("lasting"), key_digest("gone")
    with state.transaction() as connection:
        block_counts.add_blocks(connection, {SITE: [carried(at, lasting, gone) for at in range(5)]}, NOW)
        block_counts.add_blocks(
            connection, {SITE: [carried(5 + at, lasting) for at in range(5)]}, NOW + timedelta(days=60)
        )
        assert block_counts.delete_old_blocks(connection, NOW + timedelta(days=30)) > 0
        assert block_counts.load_blocks(connection, SITE).blocks == {lasting: (10, 0)}
        block_counts.delete_old_blocks(connection, NOW + timedelta(days=90))
        assert block_counts.load_blocks(connection, SITE) == block_counts.StoredBlocks()
        assert not connection.scalar(select(func.count()).select_from(SITE_ARTICLES_TABLE))


def test_a_site_of_a_hundred_thousand_articles_is_loaded_at_once(state: State) -> None:
    with state.transaction() as connection:
        rows = [
            {"site": SITE, "article": at, "headline": f"headline{at}", "seen": to_microseconds(NOW) + at}
            for at in range(100_000)
        ]
        connection.execute(insert(SITE_ARTICLES_TABLE), rows)
        once = [{"site": SITE, "block": at, "articles": 1, "within": 0, "seen": 0} for at in range(45_000)]
        shared = [{"site": SITE, "block": -at, "articles": 2 + at, "within": 0, "seen": 0} for at in range(1, 200)]
        connection.execute(insert(BLOCKS_TABLE), once + shared)
        connection.execute(insert(SITES_TABLE).values(site=SITE, articles=1_900, seen=to_microseconds(NOW)))
    memory = load_memory(state, SITE)
    assert len(memory.blocks) == 199
    assert "headline99999" in memory.headlines.keys
    assert len(memory.headlines.keys) == block_counts.HEADLINES
