"""What the spider hands to the pipeline: what became of each URL that it asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cleaners.page import Page, SiteRules
    from cleaners.rejection import Rejection


@dataclass(frozen=True, slots=True)
class Continuation:
    """Where a page came from that continues an article. Names of headers are in lower case."""

    url: str
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FetchedPage:
    """An article page as fetched. `site` is the profile's id, or the registered domain where there is no profile.

    `rights` are the opt-out signals of its host, in the form of a record's. `revisit_of` is the id of the article that
    it is another look at. `continued` tells of each of the page's `more`, in order. `rules` are what the site's profile
    says of its pages; None where it has none.
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
    """An article URL that gave no page, or one that broke the cleaners. `requested_url` is what was asked for, where that differs."""

    url: str
    site: str
    rejection: Rejection
    requested_url: str | None = None
    revisit_of: str | None = None


@dataclass(frozen=True, slots=True)
class UnchangedPage:
    """An article that was looked at again and says that it has not changed. `article` is its id."""

    url: str
    site: str
    article: str


@dataclass(frozen=True, slots=True)
class RepeatedPage:
    """An article URL that led to a page to which another one has led in this run."""

    url: str
    site: str
