"""Define the records that leave Winnow: a clean article, or a rejected page and why it was rejected.

`python -m output.records.article` writes the JSON Schemas beside this file.
"""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema
from typing_extensions import TypeAliasType

from cleaners.document import Kind
from cleaners.rejection import RejectReason

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SCHEMA_VERSION: Literal["1.0"] = "1.0"


def article_id(canonical_url: str) -> str:
    """Return the stable id of an article: a 64-bit BLAKE2b of its canonical URL, as 16 hex digits."""
    return _blake2b(canonical_url, 8)


def content_hash(text: str) -> str:
    """Return a 128-bit BLAKE2b of an article's text before site memory, as 32 hex digits."""
    return _blake2b(text, 16)


def _blake2b(text: str, size: int) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=size).hexdigest()


def _is_date_or_datetime(value: str) -> str:
    if len(value) == len("YYYY-MM-DD"):
        date.fromisoformat(value)
    else:
        datetime.fromisoformat(value)
    return value


def _is_utc(value: str) -> str:
    if datetime.fromisoformat(value).utcoffset() != timedelta(0):
        raise ValueError("must be in UTC")
    return value


_DAY = r"\d{4}-\d{2}-\d{2}"
_CLOCK = r"T\d{2}:\d{2}:\d{2}(\.\d{1,6})?"

Id = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
HttpUrl = Annotated[str, Field(pattern=r"^https?://[^\s/]")]
LanguageCode = Annotated[str, Field(pattern=r"^[a-z]{2}$")]
Score = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[int, Field(ge=1)]
Timestamp = Annotated[
    str, Field(pattern=rf"^{_DAY}({_CLOCK}(Z|[+-]\d{{2}}:\d{{2}}))?$"), AfterValidator(_is_date_or_datetime)
]
UtcTimestamp = Annotated[str, Field(pattern=rf"^{_DAY}{_CLOCK}(Z|\+00:00)$"), AfterValidator(_is_utc)]

_KINDS: dict[str, Any] = {
    "description": "Kind of clutter, as counted in `removed`",
    "enum": [kind.value for kind in Kind],
    "title": "RemovedKind",
    "type": "string",
}
# `Kind` under the name that the schema gives it.
RemovedKind = TypeAliasType("RemovedKind", Annotated[Kind, WithJsonSchema(_KINDS)])


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_serialization_defaults_required=True)


class Article(_Record):
    """A clean article. Fields are listed in the order in which they are written.

    URLs, `source` and `source_name` are null if the page came from a file without a URL.
    """

    id: Id = Field(
        description="Stable id: a 64-bit BLAKE2b of the canonical URL, or the id in the name of the page's file"
    )
    text: str = Field(
        min_length=1, description="Standfirst, paragraphs, subheads, list items and quotes, separated by empty lines"
    )
    url: HttpUrl | None = Field(description="URL of the page, after redirects")
    canonical_url: HttpUrl | None = Field(description="URL that the page declares as canonical, in normalized form")
    requested_url: HttpUrl | None = Field(description="URL that was requested, before redirects")
    source: str | None = Field(description="Registered domain of the site")
    source_name: str | None = Field(description="Name of the publisher, as the page gives it")
    title: str | None = Field(description="Headline, without the publisher's name")
    description: str | None = Field(description="Standfirst or meta description")
    authors: list[str] = Field(description="People or news agencies, without 'By'")
    published: Timestamp | None = Field(description="RFC 3339 with an offset, or a date if the offset is unknown")
    modified: Timestamp | None = Field(description="Time of the last change, in the same form as `published`")
    section: str | None = Field(description="Section of the site, as the publisher names it")
    tags: list[str] = Field(description="Keywords that the publisher gives the article")
    image: HttpUrl | None = Field(description="URL of the lead image")
    language: LanguageCode | None = Field(
        description="ISO 639-1 code; null if the text is too short to detect its language"
    )
    language_score: Score | None = Field(description="Confidence in the language, 0 to 1")
    free: bool | None = Field(description="False if the page says that it is behind a paywall")
    live: bool | None = Field(description="True for a live blog")
    rights: dict[str, dict[str, str | list[str]]] = Field(
        description="Opt-out signals (robots, robots_ai, tdm_reservation, noai, ...), each with its place "
        "(robots.txt, tdmrep.json, header, meta, link) and the value found there"
    )
    revision: Positive = Field(default=1, description="1 for the first version of an article")
    previous_hash: Hash | None = Field(default=None, description="`content_hash` of the previous version")
    content_hash: Hash = Field(description="128-bit BLAKE2b of the text before site memory is applied")
    duplicate_of: Id | None = Field(default=None, description="Id of the earlier record that this one repeats")
    similarity: Score | None = Field(default=None, description="Similarity of the two texts, 0 to 1")
    fetched: UtcTimestamp = Field(description="When the page was fetched, RFC 3339 in UTC")
    run: str = Field(min_length=1, description="Id of the run that wrote this record")
    removed: dict[RemovedKind, Positive] = Field(description="Number of blocks removed, by kind")
    schema_version: Literal["1.0"] = Field(default=SCHEMA_VERSION, description="Version of this schema")


class Reject(_Record):
    """A URL or file that yielded no article, and the reason."""

    id: Id = Field(description="Stable id, as for an article")
    url: str | None = Field(description="The URL as found, which may be invalid")
    source: str | None = Field(description="Registered domain of the site")
    reason: RejectReason = Field(description="Why the URL yielded no article")
    detail: str = Field(description="The reason in words, for human readers")
    status: int | None = Field(description="HTTP status; null if there was no response")
    fetched: UtcTimestamp = Field(description="When the URL was rejected, RFC 3339 in UTC")
    run: str = Field(min_length=1, description="Id of the run that wrote this record")


SCHEMAS: Mapping[str, type[_Record]] = {"article.schema.json": Article, "reject.schema.json": Reject}


def schema(model: type[_Record]) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a record as written, with every field present."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **model.model_json_schema(mode="serialization"),
    }


def write_schemas(folder: Path, *, report: Callable[[str], None] = print) -> None:
    """Write the schemas to `folder`, and report the path of each."""
    for name, model in SCHEMAS.items():
        path = folder / name
        path.write_text(json.dumps(schema(model), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        report(str(path))


if __name__ == "__main__":
    write_schemas(Path(__file__).parent)
