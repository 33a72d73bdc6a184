"""One article that is asked for, and the items that may become of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.items import FailedPage, FetchedPage, RepeatedPage, UnchangedPage
from crawler.requests.request_info import info_of
from crawler.spiders.responses import to_continuation, to_page

if TYPE_CHECKING:
    from scrapy.http import Response

    from cleaners.rejection import Rejection
    from crawler.discovery.base import Candidate
    from crawler.frontier.frontier import Revisit
    from crawler.spiders.site_crawl import SiteCrawl


@dataclass(frozen=True, slots=True)
class ArticleFetch:
    """An article of a site. With `revisit`, an earlier run has its record, and it is looked at again.

    Each method counts what became of it, and returns the item that says so.
    """

    job: SiteCrawl
    candidate: Candidate
    revisit: Revisit | None = None

    @property
    def url(self) -> str:
        return self.candidate.url

    def fetched(self, first: Response, more: tuple[Response, ...]) -> FetchedPage:
        """Return the article of these pages."""
        self.job.stats.count("fetched")
        published = self.candidate.published
        return FetchedPage(
            page=to_page(first, tuple(one.body for one in more), self.candidate.feed_html),
            requested_url=self.url,
            site=self.job.id,
            status=first.status,
            hint_title=self.candidate.title,
            hint_published=published.isoformat() if published else None,
            rights=info_of(first).findings.rights,
            revisit_of=self._revisited,
            continued=tuple(to_continuation(one) for one in more),
            rules=self.job.rules,
        )

    def refused(self, why: Rejection) -> FailedPage:
        """Return the refusal of an article that gave no page."""
        self.job.stats.count("refused")
        return FailedPage(self.url, self.job.id, why, self.url, self._revisited)

    def unchanged(self, revisit: Revisit) -> UnchangedPage:
        """Return that the article is what it was when it was last fetched."""
        self.job.stats.count("unchanged")
        return UnchangedPage(self.url, self.job.id, revisit.article)

    def repeated(self) -> RepeatedPage:
        """Return that the URL leads where another one has led."""
        self.job.stats.count("repeated")
        return RepeatedPage(self.url, self.job.id)

    @property
    def _revisited(self) -> str | None:
        return self.revisit.article if self.revisit else None
