"""Hold one article that is being fetched, and make the item that says what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cleaners.rejection import Rejection, RejectReason
from cleaners.text.url_length import MAX_URL_LENGTH
from crawler.items import FailedPage, FetchedPage, RepeatedPage, UnchangedPage
from crawler.requests.request_info import info_of
from crawler.spiders.responses import to_continuation, to_page

if TYPE_CHECKING:
    from scrapy.http import Response

    from crawler.discovery.base import Candidate
    from crawler.frontier.frontier import Revisit
    from crawler.spiders.site_crawl import SiteCrawl


@dataclass(frozen=True, slots=True)
class ArticleFetch:
    """An article of a site. With `revisit`, an earlier run recorded it, and this run checks it for changes.

    Each method counts one outcome in the site's statistics, and returns the item for the pipeline.
    """

    site: SiteCrawl
    candidate: Candidate
    revisit: Revisit | None = None

    @property
    def url(self) -> str:
        return self.candidate.url

    def fetched(self, first: Response, more: tuple[Response, ...]) -> FetchedPage:
        """Return the article that starts on the page `first` and continues on `more`."""
        self.site.stats.count("fetched")
        published = self.candidate.published
        return FetchedPage(
            page=to_page(first, tuple(page.body for page in more), self.candidate.feed_html),
            requested_url=self.url,
            site=self.site.id,
            status=first.status,
            hint_title=self.candidate.title,
            hint_published=published.isoformat() if published else None,
            rights=info_of(first).findings.rights,
            revisit_of=self._revisited_id,
            continued=tuple(map(to_continuation, more)),
            rules=self.site.rules,
        )

    def refused_unasked(self) -> FailedPage | None:
        """Return the failure of an article whose URL is too long to be fetched; None for all others."""
        if not self.candidate.overlong:
            return None
        self.site.stats.count("candidates")
        detail = f"its URL has more than {MAX_URL_LENGTH:,} characters, and this is its beginning"
        return self.failed(Rejection(RejectReason.TOO_LARGE, detail))

    def failed(self, rejection: Rejection) -> FailedPage:
        """Return the failure of an article that gave no page."""
        self.site.stats.count("refused")
        return FailedPage(self.url, self.site.id, rejection, self.url, self._revisited_id)

    def unchanged(self, revisit: Revisit) -> UnchangedPage:
        """Return the item of an article that has not changed since it was last fetched."""
        self.site.stats.count("unchanged")
        return UnchangedPage(self.url, self.site.id, revisit.article)

    def repeated(self) -> RepeatedPage:
        """Return the item of a URL that led to the same page as another URL of this run."""
        self.site.stats.count("repeated")
        return RepeatedPage(self.url, self.site.id)

    @property
    def _revisited_id(self) -> str | None:
        return self.revisit.article if self.revisit else None
