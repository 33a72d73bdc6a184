"""An article's pages as a run fetched them, and what of this is told in the metadata record beside each response."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from cleaners.page import Page
from crawler.items import Continuation, FetchedPage


@dataclass(frozen=True, slots=True)
class Capture:
    """`unchanged`: it had the same bytes as when it was last archived, which are not kept twice; here they are empty."""

    run: str
    fetched: FetchedPage
    unchanged: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """One page of a capture: what a response record holds, and its metadata."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    about: Mapping[str, Any]


def parts_of(capture: Capture) -> list[Part]:
    """The pages of a capture, in order."""
    fetched = capture.fetched
    page = fetched.page
    count = 1 + len(page.more)
    common = {"run": capture.run, "requested_url": fetched.requested_url, "pages": count}
    about = {
        "page": 1,
        "site": fetched.site,
        "fetched": page.fetched_at.isoformat() if page.fetched_at else None,
        "hint_title": fetched.hint_title,
        "hint_published": fetched.hint_published,
        "rights": dict(fetched.rights),
        "revisit_of": fetched.revisit_of,
        "feed_html": page.feed_html,
    }
    first = Part(page.url or fetched.requested_url, fetched.status, page.headers, page.html, {**common, **about})
    return [first] + [
        Part(more.url, more.status, more.headers, body, {**common, "page": number})
        for number, (more, body) in enumerate(zip(fetched.continued, page.more, strict=True), 2)
    ]


def capture_of(parts: list[Part], *, unchanged: bool) -> Capture:
    """The capture of which these are all pages. Raises KeyError, TypeError or ValueError where one tells too little."""
    first, *others = parts
    about = first.about
    page = Page(
        first.url,
        first.body,
        dict(first.headers),
        datetime.fromisoformat(about["fetched"]) if about["fetched"] else None,
        tuple(other.body for other in others),
        about["feed_html"],
    )
    fetched = FetchedPage(
        page,
        about["requested_url"],
        about["site"],
        first.status,
        about["hint_title"],
        about["hint_published"],
        about["rights"],
        about["revisit_of"],
        tuple(Continuation(other.url, other.status, other.headers) for other in others),
    )
    return Capture(str(about["run"]), fetched, unchanged)


def as_metadata(part: Part) -> bytes:
    """The metadata record's content, JSON."""
    return orjson.dumps(part.about)


def from_metadata(data: bytes) -> dict[str, Any]:
    """What a metadata record tells; {} for one that is not ours."""
    try:
        about = orjson.loads(data)
    except orjson.JSONDecodeError:
        return {}
    return about if isinstance(about, dict) and {"run", "page", "pages", "requested_url"} <= about.keys() else {}
