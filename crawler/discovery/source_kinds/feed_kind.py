"""Define the source kind of feeds: RSS, Atom and JSON Feed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.discovery.base import Fetched, SourceKind, SourceListing

if TYPE_CHECKING:
    from collections.abc import Callable


class FeedKind(SourceKind):
    """List the entries of a feed, with `crawler.discovery.feeds`."""

    name, key, order = "feed", "feeds", 10
    max_bytes = 32 * 1024 * 1024  # some feeds hold the full text of months
    # The most common first: WordPress.
    common_paths = ("/feed/", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml")
    may_redirect = True

    def read(self, page: Fetched, is_article: Callable[[str], bool] | None = None) -> SourceListing:  # noqa: ARG002
        """Return the feed's entries."""
        from crawler.discovery.feeds import parse_feed

        feed = parse_feed(page.body, page.url, page.content_type)
        return SourceListing(feed.candidates, list(feed.problems))

    def recognizes(self, page: Fetched) -> bool:
        """Recognize a feed by its first bytes."""
        head = page.body[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
        if b"<urlset" in head or b"<sitemapindex" in head:
            return False
        return head.startswith((b"<?xml", b"<rss", b"<feed", b"<rdf:rdf", b"{")) and b"<html" not in head


KIND = FeedKind()
