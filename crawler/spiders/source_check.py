"""Check that the sources of the site profiles still answer, and that they still lead to articles."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urljoin, urlsplit

from scrapy import Request, Spider

from crawler.discovery.autodiscovery import feed_links
from crawler.discovery.base import SOURCE_OK, BrokenReadingError, Fetched
from crawler.discovery.links import parse_page
from crawler.discovery.source_kinds import find_source_kind, source_kinds
from crawler.middlewares.robots import RobotsMiddleware
from crawler.requests.request_info import RequestInfo, as_meta, info_of
from crawler.requests.request_rejected import RequestRejected
from crawler.requests.response_headers import content_type
from crawler.run.crawl_workers import workers_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Sequence

    from scrapy.http import Response
    from twisted.python.failure import Failure

    from crawler.sites.profile import SiteProfile

SOURCE_ROBOTS = "robots"


@dataclass(frozen=True, slots=True)
class SourceReport:
    """The result of checking a source. `kind` is a source kind's name, `home` or `robots`; `outcome` is SOURCE_OK or a fault."""

    site: str
    kind: str
    url: str
    outcome: str
    detail: str = ""

    @property
    def fine(self) -> bool:
        return self.outcome == SOURCE_OK


def check_exit_code(reports: Iterable[SourceReport]) -> int:
    """Return 0 if all is well, 3 if some source fails, 4 if every source does."""
    reports = list(reports)
    if all(report.fine for report in reports):
        return 0
    return 3 if any(report.fine for report in reports if report.kind != SOURCE_ROBOTS) else 4


def sources_of(profile: SiteProfile) -> list[tuple[str, str]]:
    """Return kind and URL of each source; of a profile without sources, its home page, which has to name some."""
    named = [(kind.name, url) for kind in source_kinds() for url in profile.sources_by_key[kind.key]]
    return named or [("home", profile.home)]


def judge_source(kind: str, profile: SiteProfile, page: Fetched, sitemaps: int = 0) -> tuple[str, str]:
    """Return outcome and detail of a source that answered; `sitemaps` is how many its host's robots.txt names."""
    if found := find_source_kind(kind):
        return found.judge(page, profile.is_article)
    tree = parse_page(page.body, page.content_type)
    named = sitemaps + (len(feed_links(tree, page.url)) if tree is not None else 0)
    return (
        (SOURCE_OK, f"feeds and sitemaps named: {named}") if named else ("no source", "names neither feed nor sitemap")
    )


def _request_kind(kind: str) -> str:
    known = find_source_kind(kind)
    return known.request_kind if known else "page"


class SourceCheck(Spider):
    """Requests every source of `profiles` once, as politely as a crawl does, and adds its report to `reports`."""

    name = "source-check"
    custom_settings: ClassVar[dict[str, Any]] = {  # type: ignore[misc]
        "ITEM_PIPELINES": {},  # a check is not a run: it writes nothing and takes no lock
        "EXTENSIONS": {},
        "FEEDS": {},
        "HTTPERROR_ALLOW_ALL": True,  # the status is part of the report
    }

    def __init__(self, profiles: Sequence[SiteProfile], reports: list[SourceReport], **kwargs: Any):
        super().__init__(**kwargs)
        self.profiles, self.reports = profiles, reports

    async def start(self) -> AsyncIterator[Request]:
        robots = [asyncio.create_task(self._check_robots(profile)) for profile in self.profiles]
        for request in self._requests():
            yield request
        await asyncio.gather(*robots)

    def _requests(self) -> Iterator[Request]:
        for profile in self.profiles:
            for kind, url in sources_of(profile):
                yield Request(
                    url,
                    callback=self.parse_source,
                    errback=self.source_failed,
                    cb_kwargs={"profile": profile, "kind": kind, "url": url},
                    meta=as_meta(RequestInfo(_request_kind(kind), delay=profile.delay)),
                    dont_filter=True,  # two profiles may share a source
                )

    async def _check_robots(self, profile: SiteProfile) -> None:
        """Report whether robots.txt allows articles; its rules are fetched once, for the articles and the sources."""
        middleware = self.crawler.get_downloader_middleware(RobotsMiddleware)
        if middleware is None:
            return
        article = profile.test.articles[0]
        rules = await middleware.rules(Request(article, meta=as_meta(RequestInfo(delay=profile.delay))))
        forbidden = rules.why_not(article)
        notes = ["articles may be fetched"]
        notes += [f"Crawl-delay {rules.delay:g} s"] if rules.delay else []
        notes += [f"sitemaps named: {len(rules.sitemaps)}"] if rules.sitemaps else []
        outcome, detail = ("refused", forbidden) if forbidden else (SOURCE_OK, ", ".join(notes))
        self.reports.append(SourceReport(profile.id, SOURCE_ROBOTS, urljoin(article, "/robots.txt"), outcome, detail))

    async def parse_source(self, response: Response, profile: SiteProfile, kind: str, url: str) -> None:
        outcome, detail = f"http {response.status}", ""
        if response.status == 200:
            page = Fetched(response.url, response.body, content_type(response))
            sitemaps = len(info_of(response).findings.sitemaps)
            try:
                outcome, detail = await workers_of(self.crawler).read(judge_source, kind, profile, page, sitemaps)
            except BrokenReadingError as error:
                outcome, detail = "unreadable", str(error)
        if urlsplit(response.url)[1:4] != urlsplit(url)[1:4]:
            detail = f"{detail}, now at {response.url}".lstrip(", ")
        self.reports.append(SourceReport(profile.id, kind, url, outcome, detail))

    def source_failed(self, failure: Failure) -> None:
        source = failure.request.cb_kwargs  # type: ignore[attr-defined]
        error = failure.value
        if isinstance(error, RequestRejected):
            outcome, detail = "refused", error.rejection.detail
        else:
            outcome, detail = "error", _one_line(error)
        self.reports.append(SourceReport(source["profile"].id, source["kind"], source["url"], outcome, detail))


def _one_line(error: BaseException | None) -> str:
    return " ".join(f"{type(error).__name__} {error}".split())[:160]
