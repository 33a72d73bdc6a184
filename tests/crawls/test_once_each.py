"""Publish each article once: find equal and similar texts, on one site or several, in one run or across runs."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from crawler.pipelines.document_record import RecordOrigin
from crawler.pipelines.duplicate_check import DuplicateCheck, DuplicateFinder
from output.duplicates.minhash import bands, signature, similarity, units
from output.records.article import Article, Reject, article_id, content_hash
from output.records.pending import Pending, UrlOutcome
from output.state import State, stored_signatures
from output.state.commit import Commit
from output.state.schedule import Schedule
from output.state.tables import BANDS_TABLE, SIGNATURES_TABLE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
WORDS = [f"word{number}" for number in range(3000)]


def story(seed: int, words: int = 400) -> list[str]:
    return random.Random(seed).choices(WORDS, k=words)


def edited(words: list[str], cuts: int) -> list[str]:
    """Edit a story as another newsroom would: a new lead, and `cuts` words replaced."""
    changed = list(words)
    dice = random.Random(cuts)
    for at in dice.sample(range(len(words)), cuts):
        changed[at] = "changed"
    return ["London", "Reuters", *changed]


def article(text: str, host: str = "one.example", name: str = "a", revision: int = 1) -> Article:
    url = f"https://{host}/{name}"
    blank = dict.fromkeys(
        ("source_name", "title", "description", "published", "modified", "section", "image", "language",
         "language_score", "free", "live")
    )  # fmt: skip
    return Article.model_validate(
        {
            **blank, "id": article_id(url), "text": text, "url": url, "canonical_url": url, "requested_url": url,
            "source": host, "authors": [], "tags": [], "rights": {}, "content_hash": content_hash(text),
            "fetched": "2026-03-04T05:06:07Z", "run": "r", "removed": {}, "revision": revision,
        }
    )  # fmt: skip


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    opened = State.open(f"sqlite:///{tmp_path / 'state.db'}")
    yield opened
    opened.close()


def store(state: State, *records: tuple[Article, bytes | None], now: datetime = NOW, run: str = "earlier") -> None:
    lines = []
    for record, hashes in records:
        outcome = UrlOutcome(record.url or "", (record.url or "",), record.source or "")
        lines.append(record.model_dump(mode="json") | Pending(outcome, hashes).to_part_keys())
    with state.transaction() as connection:
        Commit(connection, run, Schedule(), now, lambda url: url).add_articles(lines)


def check(finder: DuplicateFinder, record: Article, *, drop: bool = False) -> Article | Reject:
    origin = RecordOrigin("r", NOW, record.url, id=record.id)
    return DuplicateCheck(finder, drop=drop).check(record, signature(record.text), origin)


def test_shingles_are_words_or_characters_depending_on_the_script() -> None:
    assert units("The cat sat on the MAT, twice.") == ("the cat sat on the mat twice".split(), 5)
    assert units("東京の天気は今日も晴れです。") == (list("東京の天気は今日も晴れです"), 9)
    assert units("서울의 날씨는 오늘도 아주 맑습니다") == ("서울의 날씨는 오늘도 아주 맑습니다".split(), 5)


def test_word_order_matters_and_case_and_punctuation_do_not() -> None:
    text = "The cat sat on the mat, twice."
    assert signature(text) == signature("THE CAT: sat on the mat twice")
    assert similarity(signature(text), signature("Twice the mat sat on the cat")) < 0.1
    assert signature("Too short") == signature("too short!")
    assert signature("Too short") != signature("short too")
    assert similarity(signature("too short"), signature("too short a text to hold two")) < 0.1


@pytest.mark.parametrize("cuts", [4, 20, 60])
def test_the_estimate_is_near_the_share_of_shingles_in_common(cuts: int) -> None:
    one, other = " ".join(story(1)), " ".join(edited(story(1), cuts))
    left, right = (
        {tuple(words[at : at + 5]) for at in range(len(words) - 4)} for words in map(str.split, (one, other))
    )
    true = len(left & right) / len(left | right)
    assert similarity(signature(one), signature(other)) == pytest.approx(true, abs=0.12)


def test_similar_texts_share_a_band_and_others_hardly_ever_do() -> None:
    met = sum(
        bool({*bands(signature(" ".join(story(n))))} & {*bands(signature(" ".join(edited(story(n), 8))))})
        for n in range(60)
    )
    assert met >= 58  # they share about .83 of their shingles
    apart = [set(bands(signature(" ".join(story(n))))) for n in range(60)]
    assert sum(bool(apart[n] & apart[n + 1]) for n in range(59)) == 0


def test_the_same_text_on_one_site_is_a_reject_and_on_another_a_marked_record() -> None:
    finder = DuplicateFinder(None)
    first = check(finder, article(" ".join(story(1))))
    again = check(finder, article(" ".join(story(1)), name="b"))
    elsewhere = check(finder, article(" ".join(story(1)), "two.example"))
    assert isinstance(again, Reject)
    assert (again.reason, again.detail) == ("duplicate", "the same text as https://one.example/a")
    assert isinstance(elsewhere, Article)
    assert (elsewhere.duplicate_of, elsewhere.similarity) == (first.id, 1.0)


def test_a_wire_story_on_another_site_is_marked_or_dropped() -> None:
    wire = edited(story(1), 6)
    for drop in (False, True):
        finder = DuplicateFinder(None)
        first = check(finder, article(" ".join(story(1))), drop=drop)
        check(finder, article(" ".join(story(2)), name="other"), drop=drop)
        found = check(finder, article(" ".join(wire), "two.example"), drop=drop)
        if drop:
            assert isinstance(found, Reject)
            assert "the text of https://one.example/a" in found.detail
        else:
            assert isinstance(found, Article)
            assert found.duplicate_of == first.id
            assert 0.8 <= (found.similarity or 0) < 1


def test_articles_of_earlier_runs_are_found_and_of_equal_ones_the_first(state: State) -> None:
    text = " ".join(story(1))
    first, second = article(text), article(" ".join(edited(story(1), 2)), "two.example")
    store(state, (first, signature(first.text)))
    store(state, (second, signature(second.text)), now=NOW + timedelta(hours=1))
    found = check(DuplicateFinder(state), article(text, "three.example"))
    assert isinstance(found, Article)
    assert (found.duplicate_of, found.similarity) == (first.id, 1.0)
    near = check(DuplicateFinder(state), article(" ".join(edited(story(1), 2)) + " indeed", "four.example"))
    assert isinstance(near, Article)
    assert near.duplicate_of == second.id  # the most similar one


def test_a_new_version_repeats_neither_itself_nor_what_came_after_it(state: State) -> None:
    first = article(" ".join(story(1)))
    copy = article(" ".join(edited(story(1), 1)), "two.example")
    store(state, (first, signature(first.text)))
    store(state, (copy, signature(copy.text)), now=NOW + timedelta(hours=1))
    revised = article(" ".join([*story(1), "corrected"]), revision=2)
    marked = DuplicateCheck(DuplicateFinder(state), drop=False).mark(revised, signature(revised.text))
    assert marked.duplicate_of is None


def test_memory_is_bounded_and_signatures_age_out_with_their_bands(state: State) -> None:
    finder = DuplicateFinder(None, max_recent=10)
    texts = [" ".join(story(number, 60)) for number in range(50)]
    for number, text in enumerate(texts):
        check(finder, article(text, name=str(number)))
    again = [article(text, "two.example", name="again") for text in texts]
    newest = [number >= 40 for number in range(50)]
    assert [finder.same_text(one) is not None for one in again] == newest
    assert [finder.near(one, signature(one.text)) is not None for one in again] == newest

    old, new = article(" ".join(story(1)), name="old"), article(" ".join(story(2)), name="new")
    store(state, (old, signature(old.text)))
    store(state, (new, signature(new.text)), now=NOW + timedelta(days=10))
    with state.transaction() as connection:
        assert stored_signatures.delete_old_signatures(connection, NOW + timedelta(days=5)) == 1
        assert (
            connection.scalars(select(BANDS_TABLE.c.article).distinct()).all()
            == connection.scalars(select(SIGNATURES_TABLE.c.article)).all()
        )
        assert connection.scalar(select(func.count()).select_from(BANDS_TABLE)) == 18
