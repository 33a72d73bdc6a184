"""From documents to records: which URL an article is known by, and what is no article."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any, get_origin

import pytest

from cleaners.document import Block, Document, Drop, Kind, Metadata
from cleaners.rejection import Rejection, RejectReason
from cleaners.text.measures import weight
from crawler.pipelines.document_record import RecordOrigin, canonical_url_of, to_record, to_reject
from output.records.article import Article, HttpUrl, LanguageCode, Reject, Timestamp, article_id, content_hash
from output.records.field_types import empty_values, value_types

URL = "https://www.example.co.uk/2026/03/story?b=2&a=1&utm_source=rss#top"
CANONICAL = "https://www.example.co.uk/2026/03/story?a=1&b=2"
WHOLE = "The council met on Tuesday and agreed on the plan. " * 8
ORIGIN = RecordOrigin(
    "20260301T120000Z-0a1b2c", datetime(2026, 3, 1, 12, tzinfo=UTC), URL, URL, "The Example", status=200
)


def document(text: str = WHOLE, **fields: Any) -> Document:
    return Document(text, (Block(text),), **fields)


def article(page: Document, origin: RecordOrigin = ORIGIN) -> Article:
    record = to_record(page, origin)
    assert isinstance(record, Article), record
    return record


def reject(page: Document, origin: RecordOrigin = ORIGIN) -> Reject:
    record = to_record(page, origin)
    assert isinstance(record, Reject), record
    return record


def test_an_article_carries_what_the_page_and_its_origin_say() -> None:
    blocks = (Block("Share", dropped_by=Drop(Kind.SHARE, "dom:share")), Block(WHOLE))
    page = Document(
        WHOLE, blocks, title="A plan", authors=("Zhou Xin",), published="2026-03-01", language="en", language_score=0.9,
        tags=("councils",), source_name="example.co.uk - news", rights={"robots": {"meta": "noai"}},
    )  # fmt: skip
    record = article(page)
    assert (record.url, record.canonical_url, record.requested_url) == (URL, CANONICAL, URL)
    assert record.id == article_id(CANONICAL)
    assert (record.source, record.source_name) == ("example.co.uk", "The Example")
    assert (record.title, record.authors, record.published) == ("A plan", ["Zhou Xin"], "2026-03-01")
    assert (record.language, record.tags, record.rights) == ("en", ["councils"], {"robots": {"meta": "noai"}})
    assert record.removed == {"share": 1}
    assert record.content_hash == content_hash(WHOLE)
    assert (record.fetched, record.run) == ("2026-03-01T12:00:00Z", ORIGIN.run)


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ("https://m.example.co.uk/2026/03/the-story?utm_medium=x", "https://m.example.co.uk/2026/03/the-story"),
        ("https://www.other.co.uk/2026/03/story", CANONICAL),
        ("https://www.example.co.uk/", CANONICAL),
        ("https://www.example.co.uk", CANONICAL),
        ("https://www.example.co.uk/index.html#top", CANONICAL),
        ("https://www.example.co.uk/?p=17", "https://www.example.co.uk/?p=17"),
        ("/2026/03/story", CANONICAL),
        ("https://[bad", CANONICAL),
        ("", CANONICAL),
        (None, CANONICAL),
    ],
)
def test_a_page_names_itself_only_within_its_domain_and_never_home(own: str | None, expected: str) -> None:
    assert canonical_url_of(document(canonical_url=own), URL) == expected


def test_a_page_from_a_file_has_no_url_and_a_given_id() -> None:
    origin = RecordOrigin(ORIGIN.run, ORIGIN.fetched, id="a1dabfe53a31de1e")
    record = article(document(canonical_url="https://www.example.co.uk/story", source_name="Example"), origin)
    assert record.id == "a1dabfe53a31de1e"
    assert (record.url, record.canonical_url, record.requested_url, record.source) == (None, None, None, None)
    assert record.source_name == "Example"


@pytest.mark.parametrize(
    ("text", "length"), [("abc", 3), ("日本語", 9), ("한국 news", 11), ("中文，", 7), ("𠮷", 3), ("カナ", 6), ("é", 1)]
)
def test_a_cjk_character_counts_as_three(text: str, length: int) -> None:
    assert weight(text) == length


def test_what_the_cleaners_refuse_is_rejected_with_their_reason() -> None:
    page = document(reject=Rejection(RejectReason.CONSENT_WALL, "asks for consent and shows nothing else"))
    record = reject(page)
    assert (record.reason, record.detail) == (RejectReason.CONSENT_WALL, "asks for consent and shows nothing else")
    assert (record.id, record.url, record.status) == (article_id(CANONICAL), URL, 200)


def test_every_field_of_the_metadata_reaches_the_record() -> None:
    """A new field of `Metadata` fails here until `Article` has it. `origins` is for people who ask why."""
    said = {field.name for field in fields(Metadata)} - {"origins"}
    assert said <= set(Article.model_fields)
    samples: dict[Any, Any] = {
        str: "x",
        bool: True,
        int: 1,
        float: 0.5,
        list: ("x",),
        dict: {"x": {"meta": "x"}},
        Timestamp: "2026-03-01",
        HttpUrl: URL,
        LanguageCode: "en",
    }
    values: dict[str, Any] = {
        name: samples[get_origin(kind) if get_origin(kind) in samples else kind]
        for name, kind in value_types(Article).items()
        if name in said
    }
    written = article(document(**values), replace(ORIGIN, site_name=None)).model_dump(mode="json")
    expected = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
    assert {name: written[name] for name in said} == expected | {"canonical_url": CANONICAL}


def test_every_field_of_the_metadata_but_the_canonical_url_may_be_left_out(caplog: pytest.LogCaptureFixture) -> None:
    said = {field.name for field in fields(Metadata)} - {"origins", "canonical_url"}
    wrong: dict[str, Any] = dict.fromkeys(said, object())
    written = article(document(**wrong), replace(ORIGIN, site_name=None)).model_dump(mode="json")
    assert {name: written[name] for name in said} == {name: empty_values(Article)[name] for name in said}
    assert caplog.text.count("left out of the record") == len(said)


def test_a_bad_date_or_image_costs_that_field_and_not_the_article(caplog: pytest.LogCaptureFixture) -> None:
    record = article(document(published="2026-02-31", image="/logo.png", title="A plan"))
    assert (record.published, record.image, record.title) == (None, None, "A plan")
    assert "2026-02-31" in caplog.text
    assert URL in caplog.text


def test_a_text_that_cannot_be_written_is_a_crash_with_its_url() -> None:
    record = reject(document(WHOLE + "\udcff"))
    assert (record.reason, record.url) == (RejectReason.CLEANING_CRASH, URL)


def test_a_reject_of_something_that_is_no_url_keeps_it_as_it_was_met() -> None:
    record = to_reject(
        RejectReason.DOWNLOAD_FAILED, "no such host", RecordOrigin(ORIGIN.run, ORIGIN.fetched, url="http://[bad")
    )
    assert (record.url, record.source) == ("http://[bad", None)
