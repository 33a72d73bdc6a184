"""Define the items that the spider yields: what became of each URL that it requested."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cleaners.page import Page, SiteRules
    from cleaners.rejection import Rejection


@dataclass(frozen=True, slots=True)
class Continuation:
    """Describe the response for a further page of an article. Header names are in lower case."""

    url: str
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FetchedPage:
    """Carry an article page as fetched.

    `site` is the id of its profile, or the registered domain if it has none. `rights` are the opt-out signals of its host, in
    the form of a record's. `revisit_of` is the id of the article that this page revisits. `continued` describes each of
    the page's `more`, in order. `rules` come from the site's profile, if it has one.
    """

    page: Page
    requested_url: str
    site: str
    status: int = 200
    hint_title: str | None = None
    hint_published: str | None = None
    rights: Mapping[str, Mapping[str, str | list[str]]] = field(default_factory=dict)
    revisit_of: str | None = None
    continued: tuple[Continuation, ...] = ()
    rules: SiteRules | None = None


@dataclass(frozen=True, slots=True)
class FailedPage:
    """Carry the rejection of an article URL that gave no page, or whose page broke the cleaners.

    `requested_url` is set if it differs from `url`.
    """

    url: str
    site: str
    rejection: Rejection
    requested_url: str | None = None
    revisit_of: str | None = None


@dataclass(frozen=True, slots=True)
class UnchangedPage:
    """Report that a revisited article has not changed, according to its server. `article` is its id."""

    url: str
    site: str
    article: str


@dataclass(frozen=True, slots=True)
class RepeatedPage:
    """Report an article URL that leads to the same page as another URL of this run."""

    url: str
    site: str
