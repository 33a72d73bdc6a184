"""Define what discovery is made of: candidates, fetched sources, and the kinds of source that candidates come from.

Whoever runs discovery hands in a `FetchSource`, a `SourceObserver` and a `SeenFilter`; nothing here knows Scrapy.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

SOURCE_OK = "ok"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A URL that may be an article.

    `url` is cleaned (`urls.clean_url`). `published` and `modified` always have a time zone. `feed_html` is the full text
    that the feed carried. `source_url` names the feed, sitemap or page that it was found in.
    """

    url: str
    title: str | None = None
    published: datetime | None = None
    feed_html: str | None = None
    source_url: str = ""
    modified: datetime | None = None


class SourceError(Exception):
    """Say in one line why a source gave nothing. `status` is the HTTP status, where there was one."""

    def __init__(self, detail: str, status: int | None = None):
        super().__init__(detail)
        self.status = status


@dataclass(frozen=True, slots=True)
class Fetched:
    """A source as fetched; `url` is where it was found in the end, `asked` what was asked for, where that differs.

    `unchanged`: it answered that it has not changed since it was read last; it listed so many articles then. With
    `replayed` it answered the same, and `body` is what it was then. `etag` and `last_modified` are as it sent them.
    """

    url: str
    body: bytes
    content_type: str | None = None
    requested: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    unchanged: int | None = None
    replayed: bool = False

    @property
    def requested_url(self) -> str:
        """The URL by which the source is known."""
        return self.requested or self.url


@dataclass(frozen=True, slots=True)
class ChildSource:
    """Another source of the same kind that a source names, such as a sitemap in an index."""

    url: str
    modified: datetime | None = None


@dataclass(slots=True)
class SourceListing:
    """What a source lists. `problems` are lines for people, each naming the source's URL.

    `candidates` may be lazy; then `problems` and `children` are complete once it is exhausted.
    """

    candidates: Iterable[Candidate] = ()
    problems: list[str] = field(default_factory=list)
    children: list[ChildSource] = field(default_factory=list)


class SourceKind:
    """A kind of source. A subclass sets `name` and `key` and writes `read`; all else has a default that fits most.

    `name` is what reports call it, `key` its key in a profile. Kinds are asked in `order`, the lowest first.
    """

    name: ClassVar[str]
    key: ClassVar[str]
    order: ClassVar[int] = 100
    # What is asked for and what may come back: the Accept header, the most bytes, media types. None and () are the
    # crawl's own: DOWNLOAD_MAXSIZE, and anything that is not an image, a PDF or the like.
    accept: ClassVar[str | None] = None
    max_bytes: ClassVar[int | None] = None
    media_types: ClassVar[tuple[str, ...]] = ()
    requested_as: ClassVar[str] = ""  # the request kind, where it is not the name
    common_paths: ClassVar[tuple[str, ...]] = ()  # where to look at a site that names no source, the likeliest first
    # Does it list articles only? If not, a URL of which it gives no date must look like an article.
    lists_only_articles: ClassVar[bool] = True
    may_redirect: ClassVar[bool] = False  # do its links lead through a redirector's host at some sites?
    is_lazy: ClassVar[bool] = False  # does `read` give candidates as it goes, for sources too large to hold?

    @property
    def request_kind(self) -> str:
        """Return the name by which middlewares and the fetcher know requests for this kind."""
        return self.requested_as or self.name

    def read(self, page: Fetched, is_article: Callable[[str], bool] | None = None) -> SourceListing | None:
        """Return what the source lists; None where there is nothing to read and that is no fault. Pure, and never raises.

        `is_article` is the profile's, for kinds that must choose among links.
        """
        raise NotImplementedError

    def recognizes(self, page: Fetched) -> bool:  # noqa: ARG002
        """Tell whether a page given as a start page is such a source."""
        return False

    def choose_children(self, children: Sequence[ChildSource], since: datetime | None) -> list[str]:  # noqa: ARG002
        """Return the URLs of the children that are worth fetching."""
        return [child.url for child in children]

    def judge(self, page: Fetched, is_article: Callable[[str], bool]) -> tuple[str, str]:
        """Return outcome and detail of a source that answered, for `scrapy sites check`; the outcome is SOURCE_OK or a fault."""
        listing = self.read(page, is_article) or SourceListing()
        candidates = list(listing.candidates)
        if not candidates:
            silent = not listing.problems or not page.body.strip()
            return ("empty", "") if silent else (f"not {_article(self.name)}", listing.problems[0])
        return judge_entries([(found.url, found.published or found.modified) for found in candidates], is_article)


def judge_entries(entries: Sequence[tuple[str, datetime | None]], is_article: Callable[[str], bool]) -> tuple[str, str]:
    """Return outcome and detail of a source that lists these URLs with these dates."""
    articles = sum(is_article(url) for url, _ in entries)
    newest = max((date for _, date in entries if date), default=None)
    counts = f"{articles} of {len(entries)} entries are articles"
    counts += f", newest {newest.date()}" if newest else ", none with a date"
    return (SOURCE_OK, counts) if articles else ("no article", f"{counts}, such as {entries[0][0]}")


class FetchSource(Protocol):
    """Fetches a source; `kind` is a kind's `request_kind` or name, or `page`. Raises SourceError."""

    async def __call__(self, url: str, kind: str) -> Fetched: ...


class SourceObserver(Protocol):
    """Keeps the count of a site's sources."""

    def source_ok(self, url: str) -> None: ...
    def source_failed(self, url: str, detail: str) -> None: ...
    def child_gone(self, url: str) -> None: ...
    def source_problem(self, detail: str) -> None: ...
    def article_too_old(self) -> None: ...


class SeenFilter(Protocol):
    """Knows which articles are new."""

    def select_due(self, found: Sequence[Candidate], source: str) -> Sequence[Candidate]:
        """Return those that are to be fetched; `source` listed them."""

    def record_read(self, page: Fetched, listed: int, *, names_sources: bool) -> None:
        """Note that a source was read to its end.

        It listed so many articles, which all went through `fresh`. It may name other sources, which are to be asked
        even if it has not changed.
        """


class AllNew:
    """A `SeenFilter` to which every article is new."""

    def select_due(self, found: Sequence[Candidate], source: str) -> Sequence[Candidate]:  # noqa: ARG002
        return found

    def record_read(self, page: Fetched, listed: int, *, names_sources: bool) -> None:
        """Keep nothing."""


def _article(name: str) -> str:
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
