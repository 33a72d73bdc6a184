"""Finalize a run: parse each line twice, count blocks as if all headlines were known, and read version 0.1's parts."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from sqlalchemy import select

from cleaners.document import LEARNED, Block, BlockType, Document, Drop, Kind, render
from cleaners.site_memory import Headlines, headline_key, is_counted
from cleaners.site_memory.block_keys import HEADLINE, block_key, key_digest
from cleaners.site_memory.block_tally import ArticleTally
from crawler.discovery.urls import comparison_key
from crawler.frontier.site_memory_store import SiteMemoryStore, with_blocks
from output.files import part_repair, record_file
from output.files.finalize import FinalizedRun, RunFinalizer
from output.files.record_file import RecordFile, part_of, read_records, record_path
from output.records.article import article_id, content_hash
from output.records.pending import Pending, UrlOutcome, read_pending
from output.state import State, known_urls, run_stages
from output.state.run_stages import Stage
from output.state.schedule import Schedule
from output.state.tables import BLOCKS_TABLE, SIGNATURES_TABLE, SITE_ARTICLES_TABLE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
RUN = "20260304T110000Z-0000aa"
SITES = ("one.example", "two.example")
WORDS = ("harbour", "crane", "ferry", "quay", "timber", "grain", "deliver", "night", "pilot", "rope", "anchor", "tide")


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    opened = State.open(f"sqlite:///{tmp_path / 'state.db'}")
    yield opened
    opened.close()


def finalizer_of(data_dir: Path, state: State) -> RunFinalizer:
    return RunFinalizer(data_dir, state, Schedule(), comparison_key, SiteMemoryStore(NOW))


def sentence(dice: random.Random, words: int) -> str:
    return " ".join(dice.choices(WORDS, k=words))


def documents(number: int, seed: int = 1) -> list[Document]:
    """Make articles that name each other's headlines and repeat the same lines, once or more often."""
    dice = random.Random(seed)
    titles = [f"{sentence(dice, 6)} {at}" for at in range(number)]
    found = []
    for title in titles:
        blocks = [Block(f"{sentence(dice, 20)}.") for _ in range(4)]
        blocks += [Block(f"Read more: {dice.choice(titles)}", BlockType.LIST_ITEM) for _ in range(dice.randint(0, 3))]
        blocks += [
            Block(f"Round {dice.randint(1, 3)} of a very long series that we print each day of each week, all year")
        ]
        blocks += [Block("Round 2")] * dice.randint(0, 2) + [Block("12"), Block("***"), Block(title)]
        dice.shuffle(blocks)
        blocks += [Block("Our board tells more", dropped_by=Drop(Kind.OTHER, LEARNED))] * dice.randint(0, 1)
        text = render([block for block in blocks if block.dropped_by is None])
        found.append(Document(title=title, text=text, blocks=tuple(blocks)))
    return found


def line_of(number: int, document: Document) -> dict[str, Any]:
    site = SITES[number % len(SITES)]
    url = f"https://{site}/{number}"
    pending = with_blocks(Pending(UrlOutcome(url, (comparison_key(url),), site), bytes(256)), document)
    return {
        "id": article_id(url), "text": document.text, "url": url, "canonical_url": url, "requested_url": url,
        "source": site, "source_name": None, "title": document.title, "description": None, "published": None,
        "content_hash": content_hash(document.text), "revision": 1, "duplicate_of": None,
        "fetched": "2026-03-04T11:00:00Z", "run": RUN, "removed": {"share": 2}, **pending.to_part_keys(),
    }  # fmt: skip


def reject_of(number: int) -> dict[str, Any]:
    url = f"https://{SITES[0]}/reject{number}"
    pending = Pending(UrlOutcome(url, (comparison_key(url),), SITES[0]))
    return {"id": article_id(url), "url": url, "source": SITES[0], "reason": "too_short", "run": RUN,
            **pending.to_part_keys()}  # fmt: skip


def leave_parts(data_dir: Path, articles: list[dict[str, Any]], rejects: list[dict[str, Any]]) -> list[Path]:
    paths = []
    for folder, lines in (("articles", articles), ("rejects", rejects)):
        file = RecordFile(record_path(data_dir, folder, RUN))  # type: ignore[arg-type]
        for line in lines:
            file.write(line)
        file.abandon()
        paths.append(file.path)
    return paths


class CountingReader:
    """Stand in for orjson, and count how often each line is parsed."""

    JSONDecodeError, OPT_APPEND_NEWLINE = orjson.JSONDecodeError, orjson.OPT_APPEND_NEWLINE
    dumps = staticmethod(orjson.dumps)

    def __init__(self) -> None:
        self.parsed: Counter[str] = Counter()

    def loads(self, line: bytes) -> Any:
        record = orjson.loads(line)
        self.parsed[record["id"]] += 1
        return record


def test_each_line_is_parsed_twice_and_written_records_are_counted(
    tmp_path: Path, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    articles = [line_of(number, document) for number, document in enumerate(documents(20))]
    rejects = [reject_of(number) for number in range(5)]
    paths = leave_parts(tmp_path, articles, rejects)
    reader = CountingReader()
    with monkeypatch.context() as patch:
        for module in (record_file, part_repair):
            patch.setattr(module, "orjson", reader)
        done = finalizer_of(tmp_path, state).finalize(RUN, NOW)
    assert reader.parsed == Counter({line["id"]: 2 for line in (*articles, *rejects)})
    assert [(file.path, file.lines, file.sha256) for file in done.files] == [
        (path.relative_to(tmp_path).as_posix(), *record_file.measure_file(path)) for path in paths
    ]
    written = [list(read_records(path)) for path in paths]
    assert_counted(done, *written)
    assert done.articles.removed["repeated"] > 0
    again = finalizer_of(tmp_path, state).finalize(RUN, NOW)  # the files have their names
    assert (again.files, again.articles, again.rejects) == (done.files, done.articles, done.rejects)


def assert_counted(done: FinalizedRun, articles: list[dict[str, Any]], rejects: list[dict[str, Any]]) -> None:
    removed: Counter[str] = Counter()
    for record in articles:
        removed.update(record["removed"])
    assert done.articles.removed == removed
    assert done.articles.sources == Counter(record["source"] for record in articles)
    assert done.rejects.reasons == Counter(record["reason"] for record in rejects)


def counted_at_once(article: str, document: Document, headlines: Headlines) -> ArticleTally:
    """Return what `outline_of` and `tally_article` return, in one step with all headlines known."""
    own = headline_key(document.title)
    copies: Counter[tuple[int, str]] = Counter()
    for block in filter(is_counted, document.blocks):
        if key := block_key(block.text, headlines, own):
            copies[key_digest(key), "" if HEADLINE in key else block.text] += 1
    times: dict[int, int] = {}
    for (name, _), number in copies.items():
        times[name] = max(number, times.get(name, 0))
    return ArticleTally(article, times)


@pytest.mark.parametrize("seed", range(3))
def test_memory_counts_as_if_all_headlines_were_known_from_the_first_line(
    seed: int, tmp_path: Path, state: State
) -> None:
    pages = documents(40, seed)
    leave_parts(tmp_path, [line_of(number, document) for number, document in enumerate(pages)], [])
    finalizer_of(tmp_path, state).finalize(RUN, NOW)
    articles: dict[tuple[str, int], int] = defaultdict(int)
    within: dict[tuple[str, int], int] = defaultdict(int)
    for at, site in enumerate(SITES):
        of_site = pages[at :: len(SITES)]
        headlines = Headlines.of(page.title for page in of_site)
        for page in of_site:
            for block, times in counted_at_once("", page, headlines).times.items():
                articles[site, block] += 1
                within[site, block] += times > 1
    with state.transaction() as connection:
        rows = connection.execute(
            select(BLOCKS_TABLE.c.site, BLOCKS_TABLE.c.block, BLOCKS_TABLE.c.articles, BLOCKS_TABLE.c.within)
        ).all()
        known = connection.execute(select(SITE_ARTICLES_TABLE.c.headline)).scalars().all()
    assert {(row.site, row.block): (row.articles, row.within) for row in rows} == {
        key: (number, within[key]) for key, number in articles.items()
    }
    template = key_digest("readmore" + HEADLINE)
    assert articles[SITES[0], template] > 1
    assert sorted(filter(None, known)) == sorted(filter(None, (headline_key(page.title) for page in pages)))


def as_version_0_1(line: dict[str, Any]) -> dict[str, Any]:
    """Return a line with the five private keys that version 0.1 wrote."""
    line = dict(line)
    value = line.pop("_pending")
    url = dict(value["url"])
    url["asked"] = url.pop("requested_url")
    old = {"_seen": url, "_site": url["site"], "_signature": value.get("signature")}
    old |= {"_blocks": value.get("spans"), "_taken": value.get("classifier_drops")}
    return line | {key: one for key, one in old.items() if one}


def test_a_part_written_by_version_0_1_is_finalized_the_same_way(tmp_path: Path) -> None:
    articles = [line_of(number, document) for number, document in enumerate(documents(20))]
    rejects = [reject_of(number) for number in range(3)]
    results = []
    for name, form in (("new", dict), ("old", as_version_0_1)):
        data_dir = tmp_path / name
        data_dir.mkdir()
        state = State.open(f"sqlite:///{data_dir / 'state.db'}")
        paths = leave_parts(data_dir, [form(line) for line in articles], [form(line) for line in rejects])
        done = finalizer_of(data_dir, state).finalize(RUN, NOW)
        with state.transaction() as connection:
            assert run_stages.stage_of(connection, RUN) == Stage.RECORDED
            keys = [comparison_key(line["url"]) for line in (*articles, *rejects)]
            found = known_urls.find_urls(connection, keys)
            tables = [
                sorted(map(repr, connection.execute(select(table)))) for table in (BLOCKS_TABLE, SIGNATURES_TABLE)
            ]
        state.close()
        assert len(found) == len(keys)
        assert not [key for path in paths for record in read_records(path) for key in record if key.startswith("_")]
        results.append((done, found, tables, [path.read_bytes() for path in paths]))
    assert results[0] == results[1]
    assert "repeated" in results[0][0].articles.removed


def test_pending_data_is_read_back_as_written() -> None:
    outcome = UrlOutcome(
        "https://one.example/a", ("one.example/a",), "one.example", '"etag"', "yesterday", False, False
    )
    pending = Pending(outcome, b"\0\1\2", (("p", 0, 5), ("H", 7, 9)), ("a text",))
    for one in (pending, Pending(outcome)):
        assert read_pending(orjson.loads(orjson.dumps(one.to_part_keys())), comparison_key) == one
    url = "https://www.one.example/a"
    finished = {"requested_url": None, "url": url, "source": "one.example"}
    assert read_pending(finished, comparison_key) == Pending(UrlOutcome(url, (comparison_key(url),), "one.example"))


def interrupt(*_: Any) -> None:
    raise KeyboardInterrupt


def test_broken_lines_are_removed_before_the_state_records_the_others(tmp_path: Path, state: State) -> None:
    lines = [line_of(number, document) for number, document in enumerate(documents(4))]
    articles, _ = leave_parts(tmp_path, lines, [])
    whole = part_of(articles).read_bytes().splitlines(keepends=True)
    part_of(articles).write_bytes(b"".join((*whole[:2], bytes(4096) + b"\n", *whole[2:], b'{"id": "to')))
    finalizer = finalizer_of(tmp_path, state)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RunFinalizer, "_publish_file", interrupt)
        with pytest.raises(KeyboardInterrupt):
            finalizer.finalize(RUN, NOW)
    assert part_of(articles).read_bytes() == b"".join(whole)
    finalizer.finalize(RUN, NOW)
    assert [record["id"] for record in read_records(articles)] == [line["id"] for line in lines]
