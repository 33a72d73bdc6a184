"""Define the source kind of sitemaps and sitemap indexes."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from crawler.discovery.base import SOURCE_OK, Candidate, ChildSource, Fetched, SourceKind, SourceListing, judge_entries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

# Entries that a check reads: enough to judge a sitemap without reading a big one to its end.
_CHECKED_ENTRIES = 1000


class SitemapKind(SourceKind):
    """List the entries of a sitemap one by one, with `crawler.discovery.sitemaps`."""

    name, key, order = "sitemap", "sitemaps", 20
    max_bytes = 64 * 1024 * 1024  # the protocol allows 50 MB uncompressed (sitemaps.org); some exceed it
    common_paths = ("/news-sitemap.xml", "/sitemap-news.xml", "/sitemap_index.xml", "/sitemap.xml")
    lists_only_articles = False
    is_lazy = True

    def read(self, page: Fetched, is_article: Callable[[str], bool] | None = None) -> SourceListing:  # noqa: ARG002
        """Return the sitemap's entries as a lazy listing."""
        listing = SourceListing()
        listing.candidates = _candidates(page, listing)
        return listing

    def recognizes(self, page: Fetched) -> bool:
        """Recognize a sitemap by its first bytes."""
        head = page.body[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
        return b"<urlset" in head or b"<sitemapindex" in head or head.startswith(b"\x1f\x8b")

    def choose_children(self, children: Sequence[ChildSource], since: datetime | None) -> list[str]:
        """Return the children of an index that are worth fetching, newest first."""
        from crawler.discovery.sitemaps import SitemapEntry, choose_child_sitemaps

        entries = [SitemapEntry(child.url, is_index=True, lastmod=child.modified) for child in children]
        return [entry.url for entry in choose_child_sitemaps(entries, since)]

    def judge(self, page: Fetched, is_article: Callable[[str], bool]) -> tuple[str, str]:
        """Return outcome and detail by the first entries."""
        from crawler.discovery.sitemaps import SitemapEntry, SitemapError, iter_sitemap

        entries: list[SitemapEntry] = []
        problem = ""
        try:
            entries.extend(islice(iter_sitemap(page.body, page.url), _CHECKED_ENTRIES))
        except SitemapError as error:
            problem = str(error)
        if not entries:
            return ("not a sitemap", problem) if problem else ("empty", "")
        if all(entry.is_index for entry in entries):
            return SOURCE_OK, f"index of {len(entries)} sitemaps"
        return judge_entries([(entry.url, entry.published or entry.lastmod) for entry in entries], is_article)


def _candidates(page: Fetched, listing: SourceListing) -> Iterator[Candidate]:
    """Yield the articles; add the children of an index, and problems, to the listing."""
    from crawler.discovery.sitemaps import SitemapError, iter_sitemap

    problems = 0
    try:
        for entry in iter_sitemap(page.body, page.url):
            if entry.problem:
                problems += 1
                if problems <= 3:
                    listing.problems.append(entry.problem)
            if entry.is_index and not entry.overlong:
                listing.children.append(ChildSource(entry.url, entry.lastmod))
            else:
                yield Candidate(
                    entry.url, entry.title, entry.published, None, page.url, entry.lastmod, overlong=entry.overlong
                )
    except SitemapError as error:
        listing.problems.append(str(error))
    if problems > 3:
        listing.problems.append(f"{problems} unreadable dates in all: {page.url}")


KIND = SitemapKind()
