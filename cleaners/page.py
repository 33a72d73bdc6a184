"""Define the input of cleaning: a fetched page, and what its site's profile adds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Page:
    """Hold one fetched page, as bytes.

    `headers` have lower-case names. `more` are the following pages of a multi-page article, in order. `feed_html` is
    the article's full text in the site's own feed, if the feed has it.

    >>> Page("https://www.example.com/2026/03/quay", b"<html>...</html>", {"content-type": "text/html"}).more
    ()
    """

    url: str | None
    html: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    fetched_at: datetime | None = None
    more: tuple[bytes, ...] = ()
    feed_html: str | None = None


@dataclass(frozen=True, slots=True)
class StripRule:
    """Mark elements of one site as clutter: an XPath and the kind of clutter."""

    xpath: str
    kind: str


@dataclass(frozen=True, slots=True)
class PhraseRule:
    """Mark lines of one site as clutter: a regular expression that must match the whole block, and the kind of clutter."""

    pattern: str
    kind: str


@dataclass(frozen=True, slots=True)
class SiteRules:
    """Hold what a site's profile adds to the cleaning of its pages; all fields are optional.

    `name` is the publisher's name, `language` an ISO 639-1 code, `timezone` an IANA name for dates without an offset.

    >>> SiteRules(timezone="Europe/Berlin", strip=(StripRule("//aside", "promotion"),)).strip[0].kind
    'promotion'
    """

    name: str | None = None
    language: str | None = None
    timezone: str | None = None
    strip: tuple[StripRule, ...] = ()
    phrases: tuple[PhraseRule, ...] = ()
