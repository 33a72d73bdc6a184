"""Define the parts of discovery: candidates, fetched sources, and the kinds of source that list candidates.

The caller provides a `SiteScope`, a `FetchSource`, a `CallReader`, a `SourceObserver` and a `SeenFilter`; nothing here
depends on Scrapy.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, ParamSpec, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

_P = ParamSpec("_P")
_T = TypeVar("_T")

SOURCE_OK = "ok"
# The index of a site's whole history has thousands of children; a crawl for news reads the newest.
MAX_CHILDREN = 50


@dataclass(frozen=True, slots=True)
class Candidate:
    """Hold a URL that may be an article.

    `url` is cleaned (`urls.clean_url`). `published` and `modified` always have a time zone. `feed_html` is the full text
    in the feed. `source_url` is the feed, sitemap or page that listed the URL. `overlong` means that the URL is longer
    than any that is fetched, and `url` its beginning.
    """

    url: str
    title: str | None = None
    published: datetime | None = None
    feed_html: str | None = None
    source_url: str = ""
    modified: datetime | None = None
    overlong: bool = False


class SourceError(Exception):
    """Report in one line why a source gave nothing. `status` is the HTTP status, if there was a response."""

    def __init__(self, detail: str, status: int | None = None):
        super().__init__(detail)
        self.status = status


class BrokenReadingError(SourceError):
    """Report a source that broke its reader: it cost more than a source may, or made the reader fail.

    `traceback` is that of the reader, where there is one.
    """

    def __init__(self, detail: str, traceback: str = ""):
        super().__init__(detail)
        self.traceback = traceback


@dataclass(frozen=True, slots=True)
class Fetched:
    """Hold a source as fetched. `url` is where redirects ended, `requested` the URL requested, if it differs.

    `unchanged` is set if the source answered that it has not changed: the number of articles it listed when it was last
    read. With `replayed` it answered the same, and `body` is the one stored then. `etag` and `last_modified` are as the
    server sent them.
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
        """Return the URL by which the source is known."""
        return self.requested or self.url


@dataclass(frozen=True, slots=True)
class ChildSource:
    """Name another source of the same kind that a source lists, such as a sitemap in an index."""

    url: str
    modified: datetime | None = None


@dataclass(slots=True)
class SourceListing:
    """Hold what a source lists. `problems` are lines for people; each names the source's URL.

    `candidates` may be lazy: then `problems` and `children` are complete only when it is exhausted.
    """

    candidates: Iterable[Candidate] = ()
    problems: list[str] = field(default_factory=list)
    children: list[ChildSource] = field(default_factory=list)


class SourceKind:
    """Define a kind of source. A subclass sets `name` and `key` and implements `read`; the other defaults fit most kinds.

    `name` is for reports, `key` is its key in a profile. Kinds are fetched in `order`, the lowest first.
    """

    name: ClassVar[str]
    key: ClassVar[str]
    order: ClassVar[int] = 100
    # The Accept header, the largest body, and the media types allowed. None and () stand for the crawl's defaults:
    # DOWNLOAD_MAXSIZE, and anything that is not an image, a PDF or the like.
    accept: ClassVar[str | None] = None
    max_bytes: ClassVar[int | None] = None
    media_types: ClassVar[tuple[str, ...]] = ()
    requested_as: ClassVar[str] = ""  # the request kind, if it is not the name
    common_paths: ClassVar[tuple[str, ...]] = ()  # paths to try on a site that names no source, the likeliest first
    # Whether it lists nothing but articles. If not, a URL without a date must also look like an article.
    lists_only_articles: ClassVar[bool] = True
    may_redirect: ClassVar[bool] = False  # whether some sites send its links through a redirector's host
    is_lazy: ClassVar[bool] = False  # whether `read` yields candidates one by one, for sources too large to hold

    @property
    def request_kind(self) -> str:
        """Return the name by which middlewares and the fetcher know requests for this kind."""
        return self.requested_as or self.name

    def read(self, page: Fetched, is_article: Callable[[str], bool] | None = None) -> SourceListing | None:
        """Return what the source lists; None if there is nothing to read and that is not an error. Pure.

        It runs in a worker process: whatever it raises is a failure of this source. `is_article` is the profile's test, for
        kinds that must choose among links.
        """
        raise NotImplementedError

    def recognizes(self, page: Fetched) -> bool:  # noqa: ARG002
        """Tell whether a page given as a start page is such a source."""
        return False

    def choose_children(self, children: Sequence[ChildSource], since: datetime | None) -> list[str]:  # noqa: ARG002
        """Return the URLs of the children that are worth fetching."""
        return [child.url for child in children]

    def judge(self, page: Fetched, is_article: Callable[[str], bool]) -> tuple[str, str]:
        """Return outcome (SOURCE_OK or a fault) and detail of a source that answered, for `scrapy sites check`."""
        listing = self.read(page, is_article) or SourceListing()
        candidates = list(listing.candidates)
        if not candidates:
            is_empty = not listing.problems or not page.body.strip()
            return ("empty", "") if is_empty else (f"not {_with_article(self.name)}", listing.problems[0])
        return judge_entries([(found.url, found.published or found.modified) for found in candidates], is_article)


def judge_entries(entries: Sequence[tuple[str, datetime | None]], is_article: Callable[[str], bool]) -> tuple[str, str]:
    """Return outcome and detail of a source that lists these URLs with these dates."""
    articles = sum(is_article(url) for url, _ in entries)
    newest = max((date for _, date in entries if date), default=None)
    counts = f"{articles} of {len(entries)} entries are articles"
    counts += f", newest {newest.date()}" if newest else ", none with a date"
    return (SOURCE_OK, counts) if articles else ("no article", f"{counts}, such as {entries[0][0]}")


class SiteScope(Protocol):
    """Decide which URLs are a site's. A value that can be pickled, because readers run in other processes."""

    @property
    def is_article(self) -> Callable[[str], bool] | None:
        """Return the test of the site's own pattern for articles' URLs; None where it has no pattern."""

    def owns(self, url: str) -> bool:
        """Tell whether a URL is on this site."""


class FetchSource(Protocol):
    """Fetch a source; `kind` is the `request_kind` or name of its kind, or `page`. Raises SourceError."""

    async def __call__(self, url: str, kind: str) -> Fetched: ...


class CallReader(Protocol):
    """Call a function that reads what a site sent, within limits. Raises BrokenReadingError, whatever the function raised."""

    async def __call__(self, reader: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T: ...


async def call_here(reader: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """Call the function in this process, without any limit; a `CallReader` for sources that can be trusted."""
    return reader(*args, **kwargs)


class SourceObserver(Protocol):
    """Take note of what became of a site's sources."""

    def source_ok(self, url: str) -> None: ...
    def source_failed(self, url: str, detail: str) -> None: ...
    def source_broke_reader(self, url: str, error: BrokenReadingError) -> None: ...
    def child_gone(self, url: str) -> None: ...
    def source_problem(self, detail: str) -> None: ...
    def articles_too_old(self, count: int) -> None: ...


class SeenFilter(Protocol):
    """Select the articles that are not known yet."""

    def select_due(self, found: Sequence[Candidate], source: str) -> Sequence[Candidate]:
        """Return the candidates to fetch of those that `source` lists."""

    def record_read(self, page: Fetched, listed: int, *, names_sources: bool) -> None:
        """Record that a source was read to its end.

        All its `listed` articles went through `select_due`. `names_sources` says that it may name other sources, which
        have to be fetched even if it has not changed.
        """


class AllNew:
    """Treat every article as new; a `SeenFilter` without a memory."""

    def select_due(self, found: Sequence[Candidate], source: str) -> Sequence[Candidate]:  # noqa: ARG002
        return found

    def record_read(self, page: Fetched, listed: int, *, names_sources: bool) -> None:
        """Do nothing."""


def _with_article(name: str) -> str:
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
