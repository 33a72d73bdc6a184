"""What goes in: a fetched page, and what is known of the outlet it came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Page:
    """One fetched page, as bytes.

    `headers` have lower-case names. `more` are the pages that continue a multi-page article, in order.
    `feed_html` is the full text that the outlet's own feed carried for this article, if any.
    """

    url: str | None
    html: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    fetched_at: datetime | None = None
    more: tuple[bytes, ...] = ()
    feed_html: str | None = None


@dataclass(frozen=True, slots=True)
class StripRule:
    """Elements of one outlet that are clutter: an XPath and the kind it is."""

    xpath: str
    kind: str


@dataclass(frozen=True, slots=True)
class PhraseRule:
    """A line of one outlet that is clutter: a regular expression that must match the whole block, and its kind."""

    pattern: str
    kind: str


@dataclass(frozen=True, slots=True)
class SiteRules:
    """What a site profile tells the cleaners; all of it optional."""

    name: str | None = None
    language: str | None = None
    timezone: str | None = None
    strip: tuple[StripRule, ...] = ()
    phrases: tuple[PhraseRule, ...] = ()
