"""Probe a site without a profile: find its sources, and fetch a few of its articles."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.exceptions import IgnoreRequest
from scrapy.http.request import NO_CALLBACK

from cleaners.rejection import Rejection, RejectReason
from crawler.addsite.url_features import url_features
from crawler.addsite.url_template import template_key
from crawler.discovery.autodiscovery import choose_sitemaps, common_source_urls
from crawler.discovery.base import BrokenReadingError, Candidate, Fetched, SourceError
from crawler.discovery.read_source import ReadingRules
from crawler.discovery.source_discovery import SourceDiscovery, detect_source_kind
from crawler.discovery.url_score import is_clearly_no_article, is_redirect_elsewhere
from crawler.discovery.urls import canonicalize, comparison_key, registered_domain
from crawler.middlewares.robots import RobotsMiddleware
from crawler.requests.request_info import ARTICLE, RequestInfo, as_meta, info_of
from crawler.requests.response_headers import content_type
from crawler.run.crawl_workers import workers_of
from crawler.sites.site_scope import DomainScope
from crawler.spiders.responses import rejection_of, to_page, why_not_html

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from scrapy.http import Response

    from cleaners.page import Page

PROBE_PAGES = 8  # article pages to fetch: enough to see what they share, and a small load for the site
PROBE_ATTEMPTS = 16  # requests for them, since some fail
PROBE_CANDIDATES = 300  # more say nothing new
_MAX_HOSTS = 5  # whose robots.txt is read before articles are chosen
_PER_SITEMAP = 20  # newest entries of a sitemap
_MAX_PROBLEMS = 20


@dataclass(frozen=True, slots=True)
class ProbedPage:
    """Hold a page that was listed as an article, and its listing."""

    listed: Candidate
    page: Page


@dataclass(slots=True)
class ProbeResult:
    """Hold what a probe found.

    `front` are the start page and the section pages. `sources` maps the URL of each source that lists articles to its
    request kind (`feed`, `sitemap`, `page`), `kinds` does so for every source that was read. robots.txt forbids to fetch
    `forbidden`; fetching `failed` did not succeed.
    """

    start: str
    domains: tuple[str, ...] = ()
    front: list[Fetched] = field(default_factory=list)
    sources: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    listed: list[Candidate] = field(default_factory=list)
    forbidden: list[str] = field(default_factory=list)
    samples: list[ProbedPage] = field(default_factory=list)
    failed: dict[str, Rejection] = field(default_factory=dict)
    crawl_delay: float | None = None
    problems: list[str] = field(default_factory=list)
    unreachable: str = ""
    done: bool = False


class ProbeSpider(Spider):
    """Fill a `ProbeResult`, with one request at a time and a crawl's delays."""

    name = "addsite"
    custom_settings: ClassVar[dict[str, Any]] = {  # type: ignore[misc]
        "ITEM_PIPELINES": {},  # a probe writes nothing, takes no lock, and is not a run
        "EXTENSIONS": {},
        "FEEDS": {},
    }

    def __init__(self, found: ProbeResult, **kwargs: Any):
        super().__init__(**kwargs)
        self.found = found
        found.domains = (registered_domain(found.start),)
        self._robots_sitemaps: tuple[str, ...] = ()
        self._source_of: dict[str, str] = {}  # final URL of a source → URL of the source it belongs to
        self._root = ""

    async def start(self) -> AsyncIterator[Request]:
        """Run the whole probe; it schedules no requests."""
        await self._discover()
        if self.found.listed:
            await self._drop_forbidden()
            await self._sample()
        self.found.done = True
        nothing: list[Request] = []
        for request in nothing:
            yield request

    async def _discover(self) -> None:
        workers = workers_of(self.crawler)
        discovery = SourceDiscovery(
            self._fetch_source,
            self,
            call=workers.read,
            scope=lambda: DomainScope(self.found.domains),
            robots_sitemaps=lambda _: self._robots_sitemaps,
            rules=ReadingRules(limit=_PER_SITEMAP, seconds=workers.reading_seconds),
        )
        candidates = discovery.from_start_page(self.found.start)
        known: set[str] = set()
        async for candidate in candidates:
            source = self._source_of.get(candidate.source_url, candidate.source_url)
            self.found.sources.setdefault(source, self.found.kinds.get(candidate.source_url, "page"))
            key = comparison_key(candidate.url)
            if key not in known:
                known.add(key)
                self.found.listed.append(candidate)
            if len(self.found.listed) >= PROBE_CANDIDATES:
                break

    async def _drop_forbidden(self) -> None:
        """Move candidates that robots.txt forbids to `forbidden`, for the first few hosts; most are already cached."""
        middleware = self.crawler.get_downloader_middleware(RobotsMiddleware)
        if middleware is None:
            return
        allowed = []
        hosts: set[str] = set()
        for candidate in self.found.listed:
            host = urlsplit(candidate.url).netloc
            if not self._owns(candidate.url) or (host not in hosts and len(hosts) >= _MAX_HOSTS):
                allowed.append(candidate)
                continue
            hosts.add(host)
            rules = await middleware.rules(Request(candidate.url))
            if rules.delay and self.found.crawl_delay is None:
                self.found.crawl_delay = rules.delay
            if rules.why_not(candidate.url):
                self.found.forbidden.append(candidate.url)
            else:
                allowed.append(candidate)
        self.found.listed[:] = allowed

    async def _sample(self) -> None:
        final_keys: set[str] = set()
        for number, candidate in enumerate(varied_sample(self.found.listed)):
            if len(self.found.samples) >= PROBE_PAGES or number >= PROBE_ATTEMPTS:
                break
            try:
                response = await self._request(candidate.url, "article")
            except Exception as error:  # any failure of the network
                self.found.failed[candidate.url] = rejection_of(error)
                continue
            rejection = why_not_html(response)
            if response.status != 200:
                rejection = Rejection(RejectReason.HTTP_ERROR, f"HTTP {response.status}", response.status)
            elif is_redirect_elsewhere(candidate.url, response.url):
                rejection = Rejection(RejectReason.NOT_ARTICLE, f"redirects to {response.url}", response.status)
            if rejection:
                self.found.failed[candidate.url] = rejection
            elif (key := comparison_key(response.url)) not in final_keys:
                final_keys.add(key)
                self.found.samples.append(ProbedPage(candidate, to_page(response)))

    async def _request(self, url: str, kind: str) -> Response:
        assert self.crawler.engine
        info = RequestInfo(kind, self.found.domains if kind == ARTICLE else ())
        request = Request(url, callback=NO_CALLBACK, meta=as_meta(info), dont_filter=True)
        try:
            response = await self.crawler.engine.download_async(request)
        finally:
            self._robots_sitemaps = info_of(request).findings.sitemaps or self._robots_sitemaps
        if response.request is not None and (named := info_of(response.request).findings.sitemaps):
            self._robots_sitemaps = named
        return response

    async def _fetch_source(self, url: str, kind: str) -> Fetched:
        try:
            response = await self._request(url, kind)
        except Exception as error:
            rejection = rejection_of(error)
            raise SourceError(rejection.detail) from (None if isinstance(error, IgnoreRequest) else error)
        if response.status != 200:
            raise SourceError(f"HTTP {response.status}", response.status)
        at_start = url == self.found.start
        if at_start and not self._owns(response.url):  # the site has moved to another domain
            self.found.domains += (registered_domain(response.url),)
        roots = {*choose_sitemaps(self._robots_sitemaps), *(guess for _, guess in common_source_urls(response.url))}
        if kind != "sitemap" or url in roots or at_start:
            self._root = url
        fetched = Fetched(response.url, response.body, content_type(response), url)
        if at_start and (recognized := detect_source_kind(fetched)):
            kind = recognized.request_kind
        self._source_of[response.url] = self._root
        self.found.kinds[response.url] = kind
        if kind == "page":
            self.found.front.append(fetched)
        return fetched

    def _owns(self, url: str) -> bool:
        return registered_domain(url) in self.found.domains

    # --- SourceObserver

    def source_ok(self, url: str) -> None:
        """Do nothing: `sources` are known by what they list."""

    def source_failed(self, url: str, detail: str) -> None:
        """Keep the detail; if the start page itself failed, as the reason for the whole probe."""
        if url == self.found.start:
            self.found.unreachable = detail
        elif len(self.found.problems) < _MAX_PROBLEMS:
            self.found.problems.append(f"{url}: {detail}")

    def source_broke_reader(self, url: str, error: BrokenReadingError) -> None:
        """Keep the detail, as that of any source that failed."""
        self.source_failed(url, f"cannot be read: {error}")

    def child_gone(self, url: str) -> None:
        """Do nothing: old parts of an archive disappear without anything being wrong."""

    def source_problem(self, detail: str) -> None:
        """Keep the detail of broken entries in a source that otherwise works."""
        if len(self.found.problems) < _MAX_PROBLEMS:
            self.found.problems.append(detail)

    def articles_too_old(self, count: int) -> None:
        """Do nothing: a probe has no `since`."""


def varied_sample(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Order the candidates so that every shape of URL comes early: shapes in turn, the most common first."""
    groups: dict[object, list[Candidate]] = {}
    for candidate in candidates:
        if urlsplit(candidate.url).path.strip("/") and not is_clearly_no_article(candidate.url, offered_as_news=True):
            groups.setdefault(template_key(url_features(canonicalize(candidate.url))), []).append(candidate)
    by_size = sorted(groups.values(), key=len, reverse=True)
    longest = max(map(len, by_size), default=0)
    return [group[at] for at in range(longest) for group in by_size if at < len(group)]
