"""The spider that looks at an outlet nobody has described: where it lists its articles, and a few of them."""

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
from crawler.discovery.autodiscovery import choose_sitemaps, usual_places
from crawler.discovery.base import Candidate, Fetched, SourceError
from crawler.discovery.source_discovery import SourceDiscovery, as_source
from crawler.discovery.source_kinds import request_kind
from crawler.discovery.url_score import is_plainly_no_article, leads_away
from crawler.discovery.urls import canonicalize, comparison_key, registered_domain
from crawler.middlewares.robots import RobotsMiddleware
from crawler.requests.request_info import ARTICLE, RequestInfo, as_meta, info_of
from crawler.requests.response_headers import content_type
from crawler.spiders.responses import rejection_of, to_page, why_not_html

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from scrapy.http import Response

    from cleaners.page import Page

PROBE_PAGES = 8  # article pages to fetch: enough to see what they share, little to ask of an outlet
PROBE_ATTEMPTS = 16  # of which some may fail
PROBE_CANDIDATES = 300  # candidates to look at; more say nothing new
_HOSTS = 5  # whose robots.txt is read before one of their articles is asked for
_PER_SITEMAP = 20  # discovery's limit: a sitemap's newest entries


@dataclass(frozen=True, slots=True)
class ProbedPage:
    """A page that was listed as an article: how it was listed, and the page."""

    listed: Candidate
    page: Page


@dataclass(slots=True)
class ProbeResult:
    """What was found. `front` are the start page and the section pages; `sources` maps the address of a source that lists
    articles to its kind (`feed`, `sitemap`, `page`), `kinds` any page that was read as one; `forbidden` may not be
    fetched; `failed` are pages that could not.
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
    """Fills a `Scouted`; asks as politely as a crawl does, of one host at a time one thing at a time."""

    name = "addsite"
    custom_settings: ClassVar[dict[str, Any]] = {  # type: ignore[misc]
        "ITEM_PIPELINES": {},  # a look writes nothing, holds no lock, and is no run
        "EXTENSIONS": {},
        "FEEDS": {},
    }

    def __init__(self, found: ProbeResult, **kwargs: Any):
        super().__init__(**kwargs)
        self.found = found
        found.domains = (registered_domain(found.start),)
        self._robots_sitemaps: tuple[str, ...] = ()
        self._source_of: dict[str, str] = {}  # where a page was found in the end → the source it belongs to
        self._root = ""

    async def start(self) -> AsyncIterator[Request]:
        """Does all there is to do; there is nothing to schedule."""
        await self._discover()
        if self.found.listed:
            await self._sift()
            await self._sample()
        self.found.done = True
        nothing: list[Request] = []
        for request in nothing:
            yield request

    async def _discover(self) -> None:
        discovery = SourceDiscovery(
            self._fetch_source,
            self,
            owns=self._owns,
            robots_sitemaps=lambda _: self._robots_sitemaps,
            limit=_PER_SITEMAP,
        )
        candidates = discovery.from_start(self.found.start)
        seen: set[str] = set()
        async for candidate in candidates:
            source = self._source_of.get(candidate.source_url, candidate.source_url)
            self.found.sources.setdefault(source, self.found.kinds.get(candidate.source_url, "page"))
            key = comparison_key(candidate.url)
            if key not in seen:
                seen.add(key)
                self.found.listed.append(candidate)
            if len(self.found.listed) >= PROBE_CANDIDATES:
                break

    async def _sift(self) -> None:
        """Puts aside what robots.txt forbids, on the first few hosts. Theirs was mostly read already."""
        middleware = self.crawler.get_downloader_middleware(RobotsMiddleware)
        if middleware is None:
            return
        allowed = []
        hosts: set[str] = set()
        for candidate in self.found.listed:
            host = urlsplit(candidate.url).netloc
            if not self._owns(candidate.url) or (host not in hosts and len(hosts) >= _HOSTS):
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
        arrived: set[str] = set()
        for number, candidate in enumerate(varied_sample(self.found.listed)):
            if len(self.found.samples) >= PROBE_PAGES or number >= PROBE_ATTEMPTS:
                break
            try:
                response = await self._ask(candidate.url, "article")
            except Exception as error:  # whatever the network did
                self.found.failed[candidate.url] = rejection_of(error)
                continue
            why = why_not_html(response)
            if response.status != 200:
                why = Rejection(RejectReason.HTTP_ERROR, f"HTTP {response.status}", response.status)
            elif leads_away(candidate.url, response.url):
                why = Rejection(RejectReason.NOT_ARTICLE, f"redirects to {response.url}", response.status)
            if why:
                self.found.failed[candidate.url] = why
            elif (key := comparison_key(response.url)) not in arrived:
                arrived.add(key)
                self.found.samples.append(ProbedPage(candidate, to_page(response)))

    async def _ask(self, url: str, kind: str) -> Response:
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
            response = await self._ask(url, kind)
        except Exception as error:
            why = rejection_of(error)
            raise SourceError(why.detail) from (None if isinstance(error, IgnoreRequest) else error)
        if response.status != 200:
            raise SourceError(f"HTTP {response.status}", response.status)
        at_start = url == self.found.start
        if at_start and not self._owns(response.url):  # an outlet that changed its domain
            self.found.domains += (registered_domain(response.url),)
        roots = {*choose_sitemaps(self._robots_sitemaps), *(place for _, place in usual_places(response.url))}
        if kind != "sitemap" or url in roots or at_start:
            self._root = url
        fetched = Fetched(response.url, response.body, content_type(response), url)
        if at_start and (recognized := as_source(fetched)):
            kind = request_kind(recognized)
        self._source_of[response.url] = self._root
        self.found.kinds[response.url] = kind
        if kind == "page":
            self.found.front.append(fetched)
        return fetched

    def _owns(self, url: str) -> bool:
        return registered_domain(url) in self.found.domains

    # --- what discovery notes

    def source_ok(self, url: str) -> None:
        """Told by what it lists."""

    def source_failed(self, url: str, detail: str) -> None:
        """The start page's own failure is that of the whole."""
        if url == self.found.start:
            self.found.unreachable = detail
        elif len(self.found.problems) < 20:
            self.found.problems.append(f"{url}: {detail}")

    def gone(self, url: str) -> None:
        """Old parts of an archive go; nothing is wrong."""

    def problem(self, detail: str) -> None:
        """Broken entries of a source that otherwise works."""
        if len(self.found.problems) < 20:
            self.found.problems.append(detail)

    def too_old(self) -> None:
        """Nothing is, for a look."""


def varied_sample(candidates: Iterable[Candidate]) -> list[Candidate]:
    """The candidates in an order in which every shape of URL comes early, the commonest first, each one's in its order."""
    groups: dict[object, list[Candidate]] = {}
    for candidate in candidates:
        if urlsplit(candidate.url).path.strip("/") and not is_plainly_no_article(candidate.url, offered_as_news=True):
            groups.setdefault(template_key(url_features(canonicalize(candidate.url))), []).append(candidate)
    rows = sorted(groups.values(), key=len, reverse=True)
    longest = max(map(len, rows), default=0)
    return [row[at] for at in range(longest) for row in rows if at < len(row)]
