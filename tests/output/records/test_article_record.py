"""Check the record: which values it accepts, its JSON, and that its schema agrees."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import orjson
import pytest
from pydantic import ValidationError

import output.records.article
from output.records.article import (
    SCHEMAS,
    Article,
    Reject,
    Timestamp,
    UtcTimestamp,
    article_id,
    content_hash,
    schema,
)
from output.records.field_types import empty_values, plain_type, value_types

FOLDER = Path(output.records.article.__file__).parent
SHIPPED = json.loads((FOLDER / "article.schema.json").read_text(encoding="utf-8"))


def article(**changes: Any) -> dict[str, Any]:
    url = "https://example.com/2026/03/story"
    fields: dict[str, Any] = empty_values(Article) | {
        "id": article_id(url),
        "text": "A first paragraph.\n\nA second one.",
        "url": url,
        "canonical_url": url,
        "requested_url": f"{url}?utm_source=rss",
        "source": "example.com",
        "source_name": "Example",
        "title": "A story",
        "authors": ["Zhou Xin"],
        "published": "2026-03-01T09:30:00+01:00",
        "modified": "2026-03-02",
        "language": "en",
        "language_score": 0.99,
        "free": True,
        "rights": {"noai": {"meta": "true"}, "robots_ai": {"robots.txt": ["GPTBot"]}},
        "content_hash": content_hash("A first paragraph."),
        "fetched": "2026-03-01T12:00:00Z",
        "run": "20260301T120000Z-0a1b2c",
        "removed": {"byline": 1, "related_link": 3},
    }
    return fields | changes


def test_json_has_every_field_in_the_order_of_the_shipped_schema() -> None:
    record = json.loads(Article(**article()).model_dump_json())
    assert list(record) == list(SHIPPED["properties"])
    assert (record["revision"], record["schema_version"], record["duplicate_of"]) == (1, "1.0", None)
    assert record["removed"] == {"byline": 1, "related_link": 3}


def test_ids_and_hashes_are_those_of_blake2b() -> None:
    # Taken with `b2sum -l 64` and `-l 128` of the same bytes.
    assert article_id("https://example.com/") == "14ba2eb79c27555b"
    assert content_hash("abc") == "cf4ab791c62b8d2b2109c90275287816"


def test_ids_of_odd_urls_do_not_fail() -> None:
    assert len(article_id("https://example.com/\udcff")) == 16


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "A1DABFE53A31DE1E"},
        {"id": "a1da"},
        {"text": ""},
        {"url": "ftp://example.com/x"},
        {"image": "data:image/png;base64,AAAA"},
        {"published": "yesterday"},
        {"published": "2026-02-30"},
        {"published": "2026-03-01T09:30:00"},
        {"published": "2026-03-01T29:30:00Z"},
        {"fetched": "2026-03-01T12:00:00+01:00"},
        {"fetched": "2026-03-01"},
        {"language": "zh-cn"},
        {"language": "eng"},
        {"language_score": 1.5},
        {"content_hash": "abc"},
        {"removed": {"gibberish": 1}},
        {"removed": {"byline": 0}},
        {"revision": 0},
        {"duplicate_of": "first"},
        {"schema_version": "2.0"},
        {"surprise": 1},
    ],
    ids=str,
)
def test_invalid_values_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Article(**article(**changes))
    validator = jsonschema.Draft202012Validator(schema(Article))
    calendar = {"2026-02-30", "2026-03-01T29:30:00Z"} & set(map(str, changes.values()))
    written = json.loads(Article(**article()).model_dump_json()) | changes
    # A pattern cannot know how long a month is; the schema refuses everything else.
    assert calendar or not validator.is_valid(written)


@pytest.mark.parametrize("timestamp", ["2026-03-01", "2026-03-01T09:30:00Z", "2026-03-01T09:30:00.123+05:30", None])
def test_a_date_may_be_whole_or_a_day_or_missing(timestamp: str | None) -> None:
    assert Article(**article(published=timestamp)).published == timestamp


def test_a_page_from_a_file_has_no_url() -> None:
    record = Article(**article(url=None, canonical_url=None, requested_url=None, source=None, source_name=None))
    jsonschema.validate(json.loads(record.model_dump_json()), schema(Article))


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_shipped_schema_is_current(name: str) -> None:
    assert json.loads((FOLDER / name).read_text(encoding="utf-8")) == schema(SCHEMAS[name]), (
        "run `python -m output.records.article`"
    )


def test_records_as_written_are_valid_by_the_shipped_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SHIPPED)
    jsonschema.validate(orjson.loads(orjson.dumps(Article(**article()).model_dump(mode="json"))), SHIPPED)
    assert set(SHIPPED["required"]) == set(Article.model_fields)


def test_a_field_says_whether_it_may_be_empty_and_what_it_holds() -> None:
    empty = empty_values(Article)
    assert (empty["title"], empty["free"], empty["tags"], empty["rights"]) == (None, None, [], {})
    assert {"id", "text", "revision", "fetched", "run", "schema_version"}.isdisjoint(empty)
    types = value_types(Article)
    assert list(types) == list(Article.model_fields)
    assert (types["published"], types["fetched"], types["free"]) == (Timestamp, UtcTimestamp, bool)
    assert (plain_type(types["published"]), plain_type(types["revision"])) == (str, int)


def test_a_reject_as_written_is_valid_by_its_schema() -> None:
    reject = Reject(
        id="0" * 16, url="no url", source=None, reason="robots", detail="/private/ is disallowed", status=None,
        fetched="2026-03-01T12:00:00Z", run="r",
    )  # fmt: skip
    written = json.loads(reject.model_dump_json())
    assert list(written) == ["id", "url", "source", "reason", "detail", "status", "fetched", "run"]
    jsonschema.validate(written, json.loads((FOLDER / "reject.schema.json").read_text(encoding="utf-8")))
    with pytest.raises(ValidationError):
        Reject(**{**written, "reason": "because"})
