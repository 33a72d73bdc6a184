"""Read a site's start page in a worker process: the sources it names, its sections, and its links to articles."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crawler.discovery.autodiscovery import feed_links, linked_feeds
from crawler.discovery.base import SourceListing
from crawler.discovery.links import page_links, parse_page
from crawler.discovery.read_source import SourceReading, read_listing
from crawler.discovery.sections import choose_articles, choose_sections
from crawler.discovery.source_kinds import section_kind

if TYPE_CHECKING:
    from crawler.discovery.base import Fetched, SiteScope
    from crawler.discovery.read_source import ReadingRules


@dataclass(frozen=True, slots=True)
class StartPage:
    """Hold what a start page leads to: feeds that it declares, feeds that it only links to, sections, and articles."""

    feeds: tuple[str, ...] = ()
    linked_feeds: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    articles: SourceReading = field(default_factory=SourceReading)


def read_start_page(page: Fetched, scope: SiteScope, rules: ReadingRules) -> StartPage:
    """Return what the page leads to."""
    tree = parse_page(page.body, page.content_type)
    if tree is None:
        return StartPage()
    links = page_links(tree, page.url)
    found = choose_articles(links, page.url, scope.is_article)
    return StartPage(
        tuple(feed_links(tree, page.url)),
        tuple(linked_feeds(tree, page.url)),
        tuple(choose_sections(links, page.url)),
        read_listing(SourceListing(found), section_kind.KIND, page, scope, rules),
    )
