"""Do the sources of the site profiles still answer, and do they still lead to articles?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, ClassVar
from urllib.parse import urljoin, urlsplit

from scrapy import Request, Spider
from scrapy.http import Response, TextResponse
from twisted.python.failure import Failure

from crawler.discovery.feeds import parse_feed
from crawler.discovery.sections import article_links
from crawler.discovery.sitemaps import SitemapEntry, SitemapError, iter_sitemap
from crawler.middlewares.robots import RobotsMiddleware
from crawler.profile import SiteProfile
from crawler.refusal import RequestRejected

OK = "ok"
ROBOTS = "robots"
_ENTRIES = 1000  # of a sitemap: enough to see whether it lives, and a big one is not read to its end
_ALTERNATE = "//link[@rel='alternate'][contains(@type, 'rss') or contains(@type, 'atom')]/@href"


@dataclass(frozen=True, slots=True)
class SourceReport:
    """What became of a source. `kind` is feed, sitemap, section, home or robots; `outcome` is OK or what is wrong."""

    site: str
    kind: str
    url: str
    outcome: str
    detail: str = ""

    @property
    def fine(self) -> bool:
        return self.outcome == OK


def exit_code(reports: Iterable[SourceReport]) -> int:
    """0 where all is well, 3 where some source fails, 4 where every source does."""
    reports = list(reports)
    if all(report.fine for report in reports):
        return 0
    return 3 if any(report.fine for report in reports if report.kind != ROBOTS) else 4


def sources_of(profile: SiteProfile) -> list[tuple[str, str]]:
    """Kind and URL of each source; where a profile names none, its home page, which has to name some."""
    kinds = {"feed": profile.feeds, "sitemap": profile.sitemaps, "section": profile.sections}
    named = [(kind, url) for kind, urls in kinds.items() for url in urls]
    return named or [("home", profile.home)]


def judge(kind: str, profile: SiteProfile, response: Response) -> tuple[str, str]:
    """Outcome and detail of a source that answered."""
    if response.status != 200:
        return f"http {response.status}", ""
    if kind == "feed":
        return _judge_feed(profile, response)
    if kind == "sitemap":
        return _judge_sitemap(profile, response)
    if kind == "section":
        found = len(article_links(response.body, response.url, profile.is_article))
        return (
            (OK, f"links to {found} articles")
            if found
            else ("no article", "none of its links fits the article pattern")
        )
    named = len(response.xpath(_ALTERNATE)) if isinstance(response, TextResponse) else 0
    named += len(response.meta.get("winnow_robots_sitemaps", ()))
    return (OK, f"feeds and sitemaps named: {named}") if named else ("no source", "names neither feed nor sitemap")


def _judge_feed(profile: SiteProfile, response: Response) -> tuple[str, str]:
    feed = parse_feed(response.body, response.url, (response.headers.get("Content-Type") or b"").decode("latin-1"))
    if not feed.candidates:
        silent = not feed.problems or not response.body.strip()
        return ("empty", "") if silent else ("not a feed", feed.problems[0])
    return _judge_entries(profile, [(found.url, found.published) for found in feed.candidates])


def _judge_sitemap(profile: SiteProfile, response: Response) -> tuple[str, str]:
    entries: list[SitemapEntry] = []
    problem = ""
    try:
        entries.extend(islice(iter_sitemap(response.body, response.url), _ENTRIES))
    except SitemapError as error:
        problem = str(error)
    if not entries:
        return ("not a sitemap", problem) if problem else ("empty", "")
    if all(entry.is_index for entry in entries):
        return OK, f"index of {len(entries)} sitemaps"
    return _judge_entries(profile, [(entry.url, entry.published or entry.lastmod) for entry in entries])


def _judge_entries(profile: SiteProfile, entries: Sequence[tuple[str, datetime | None]]) -> tuple[str, str]:
    articles = sum(profile.is_article(url) for url, _ in entries)
    newest = max((date for _, date in entries if date), default=None)
    counts = f"{articles} of {len(entries)} entries are articles"
    counts += f", newest {newest.date()}" if newest else ", none with a date"
    return (OK, counts) if articles else ("no article", f"{counts}, such as {entries[0][0]}")


class SourceCheck(Spider):
    """Asks every source of `profiles` once, as politely as a crawl does; `reports` grows by one each."""

    name = "source-check"
    custom_settings: ClassVar[dict[str, Any]] = {  # type: ignore[misc]
        "ITEM_PIPELINES": {},  # a check writes nothing, holds no lock, and is no run
        "EXTENSIONS": {},
        "FEEDS": {},
        "HTTPERROR_ALLOW_ALL": True,  # the status is what is asked for
    }

    def __init__(self, profiles: Sequence[SiteProfile], reports: list[SourceReport], **kwargs: Any):
        super().__init__(**kwargs)
        self.profiles, self.reports = profiles, reports

    async def start(self) -> AsyncIterator[Request]:
        robots = [asyncio.create_task(self._ask_robots(profile)) for profile in self.profiles]
        for request in self._requests():
            yield request
        await asyncio.gather(*robots)

    def _requests(self) -> Iterator[Request]:
        for profile in self.profiles:
            for kind, url in sources_of(profile):
                yield Request(
                    url,
                    callback=self.answered,
                    errback=self.failed,
                    cb_kwargs={"profile": profile, "kind": kind, "url": url},
                    meta={
                        "winnow_kind": kind if kind in ("feed", "sitemap") else "page",
                        "winnow_delay": profile.delay,
                    },
                    dont_filter=True,  # two profiles may share a source
                )

    async def _ask_robots(self, profile: SiteProfile) -> None:
        """May articles be fetched at all? The rules are those that the sources are judged by, fetched once."""
        middleware = self.crawler.get_downloader_middleware(RobotsMiddleware)
        if middleware is None:
            return
        article = profile.test.articles[0]
        rules = await middleware.rules(Request(article, meta={"winnow_delay": profile.delay}))
        refused = rules.why_not(article)
        notes = ["articles may be fetched"]
        notes += [f"Crawl-delay {rules.delay:g} s"] if rules.delay else []
        notes += [f"sitemaps named: {len(rules.sitemaps)}"] if rules.sitemaps else []
        outcome, detail = ("refused", refused) if refused else (OK, ", ".join(notes))
        self.reports.append(SourceReport(profile.id, ROBOTS, urljoin(article, "/robots.txt"), outcome, detail))

    def answered(self, response: Response, profile: SiteProfile, kind: str, url: str) -> None:
        outcome, detail = judge(kind, profile, response)
        if urlsplit(response.url)[1:4] != urlsplit(url)[1:4]:
            detail = f"{detail}, now at {response.url}".lstrip(", ")
        self.reports.append(SourceReport(profile.id, kind, url, outcome, detail))

    def failed(self, failure: Failure) -> None:
        asked = failure.request.cb_kwargs  # type: ignore[attr-defined]
        error = failure.value
        if isinstance(error, RequestRejected):
            outcome, detail = "refused", error.rejection.detail
        else:
            outcome, detail = "error", _one_line(error)
        self.reports.append(SourceReport(asked["profile"].id, asked["kind"], asked["url"], outcome, detail))


def _one_line(error: BaseException | None) -> str:
    return " ".join(f"{type(error).__name__} {error}".split())[:160]
