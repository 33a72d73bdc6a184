"""The record that leaves Winnow: one clean article, or one page that was turned away and why.

`python -m output.records.article` writes the JSON Schemas that ship beside this file.
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
    """The stable id of an article: a 64-bit BLAKE2b of its canonical URL, as 16 hex digits."""
    return _blake2b(canonical_url, 8)


def content_hash(text: str) -> str:
    """A 128-bit BLAKE2b of an article's text before site memory, as 32 hex digits."""
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
    "description": "The kinds of clutter that `Article.removed` counts.",
    "enum": [kind.value for kind in Kind],
    "title": "RemovedKind",
    "type": "string",
}
RemovedKind = TypeAliasType("RemovedKind", Annotated[Kind, WithJsonSchema(_KINDS)])  # `Kind`, as the schema calls it


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_serialization_defaults_required=True)


class Article(_Record):
    """One clean article. Fields stand in the order in which they are written.

    URLs, `source` and `source_name` are null where the page came from a file without a URL.
    """

    id: Id = Field(description="Stable: a 64-bit BLAKE2b of the canonical URL, or the id that the file's name carried")
    text: str = Field(
        min_length=1, description="Standfirst, paragraphs, subheads, list items and quotes, separated by an empty line"
    )
    url: HttpUrl | None = Field(description="Where the page was found, after redirects")
    canonical_url: HttpUrl | None = Field(description="What the page calls itself, in comparable form")
    requested_url: HttpUrl | None = Field(description="What was asked for")
    source: str | None = Field(description="Registered domain of the outlet")
    source_name: str | None = Field(description="The outlet's name")
    title: str | None = Field(description="Headline without the outlet's name")
    description: str | None = Field(description="Standfirst or meta description")
    authors: list[str] = Field(description="People or agencies, without 'By'")
    published: Timestamp | None = Field(description="RFC 3339 with an offset, or a date where the offset is not known")
    modified: Timestamp | None = Field(description="Last change, in the form of `published`")
    section: str | None = Field(description="The outlet's section")
    tags: list[str] = Field(description="The outlet's own keywords")
    image: HttpUrl | None = Field(description="The lead image")
    language: LanguageCode | None = Field(description="ISO 639-1; null where the text is too short to tell")
    language_score: Score | None = Field(description="How sure the language is, 0 to 1")
    free: bool | None = Field(description="False where the page says that it is behind a paywall")
    live: bool | None = Field(description="True for a live blog")
    rights: dict[str, dict[str, str | list[str]]] = Field(
        description="Opt-out signals (robots, robots_ai, tdm_reservation, noai, ...), each with where it was found "
        "(robots.txt, tdmrep.json, header, meta, link) and what was found there"
    )
    revision: Positive = Field(default=1, description="1 for the first version of an article")
    previous_hash: Hash | None = Field(default=None, description="`content_hash` of the version before this one")
    content_hash: Hash = Field(description="BLAKE2b-128 of the text before site memory")
    duplicate_of: Id | None = Field(default=None, description="The earlier record that this one repeats")
    similarity: Score | None = Field(default=None, description="How alike the two texts are, 0 to 1")
    fetched: UtcTimestamp = Field(description="When the page was read, RFC 3339 in UTC")
    run: str = Field(min_length=1, description="The run that wrote this record")
    removed: dict[RemovedKind, Positive] = Field(description="How many blocks of each kind were taken out")
    schema_version: Literal["1.0"] = Field(default=SCHEMA_VERSION, description="Version of this schema")


class Reject(_Record):
    """One URL or file that gave no article, and why."""

    id: Id = Field(description="As in an article's record")
    url: str | None = Field(description="The URL as it was met, which need not be a valid one")
    source: str | None = Field(description="Registered domain of the outlet")
    reason: RejectReason = Field(description="Why there is no article")
    detail: str = Field(description="The reason in words, for people")
    status: int | None = Field(description="HTTP status, where there was an answer")
    fetched: UtcTimestamp = Field(description="When it was decided, RFC 3339 in UTC")
    run: str = Field(min_length=1, description="The run that wrote this record")


SCHEMAS: Mapping[str, type[_Record]] = {"article.schema.json": Article, "reject.schema.json": Reject}


def schema(model: type[_Record]) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a record as it is written: every field is present in every record."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **model.model_json_schema(mode="serialization"),
    }


def write_schemas(folder: Path, *, report: Callable[[str], None] = print) -> None:
    """Write each schema into `folder`, and name each file to `report`."""
    for name, model in SCHEMAS.items():
        path = folder / name
        path.write_text(json.dumps(schema(model), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        report(str(path))


if __name__ == "__main__":
    write_schemas(Path(__file__).parent)
