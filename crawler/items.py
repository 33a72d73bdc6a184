"""What the spider hands to the pipeline: a page that was fetched, or one that could not be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cleaners.page import Page


@dataclass(frozen=True, slots=True)
class FetchedPage:
    """An article page as fetched. `site` is the profile's id, or the registered domain where there is no profile.

    `rights` are the opt-out signals of its host, in the form of a record's.
    """

    page: Page
    requested_url: str
    site: str
    status: int = 200
    hint_title: str | None = None
    hint_published: str | None = None
    rights: Mapping[str, Mapping[str, str | list[str]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RefusedPage:
    """An article URL that gave no page: a reason of `output.article.RejectReason`, and a detail for people."""

    url: str
    site: str
    reason: str
    detail: str
    status: int | None = None
