"""Find the sources of a site without a profile: named on its start page or in robots.txt, or at common paths."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from crawler.discovery.links import MAX_ANCHORS, base_url
from crawler.discovery.sitemaps import is_news_sitemap, lists_other_than_articles
from crawler.discovery.source_kinds import source_kinds
from crawler.discovery.urls import comparison_key, registered_domain, resolve

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lxml import html

    from crawler.discovery.base import SourceKind

MAX_FEEDS = 5
MAX_SITEMAPS = 4

_FEED_TYPES = re.compile(r"application/(?:rss\+xml|atom\+xml|rdf\+xml|feed\+json|xml)|text/xml|application/json", re.I)
_FEED_URL = re.compile(r"rss|feed|atom|\.rdf|\.xml", re.I)
_UNWANTED_FEED = re.compile(r"comment|kommentar|podcast|video|oembed|wp-json|/author/|/tag/", re.I)
_TECH_OR_BUSINESS = re.compile(
    r"tech|digital|business|wirtschaft|econom|financ|market|computer|netzwelt|テクノロジー|経済", re.I
)


def feed_links(tree: html.HtmlElement, url: str) -> list[str]:
    """Return the feeds that the page at `url` declares as alternates: tech and business first, at most MAX_FEEDS.

    Feeds of comments, podcasts, authors and the like are left out.
    """
    found: dict[str, tuple[bool, int, str]] = {}
    base = base_url(tree, url)
    for link in islice(tree.iter("link"), MAX_ANCHORS):
        if "alternate" not in (link.get("rel") or "").lower().split():
            continue
        media_type, href, title = (link.get(name) or "" for name in ("type", "href", "title"))
        target = resolve_source(base, href)
        if not target or not _FEED_TYPES.match(media_type.strip()) or _UNWANTED_FEED.search(f"{target} {title}"):
            continue
        if not any(word in media_type for word in ("rss", "atom", "feed")) and not _FEED_URL.search(target):
            continue
        found.setdefault(target, (not _TECH_OR_BUSINESS.search(f"{target} {title}"), len(found), target))
    return [target for _, _, target in sorted(found.values())][:MAX_FEEDS]


def linked_feeds(tree: html.HtmlElement, url: str) -> list[str]:
    """Return feeds that the page only links to (`<a href="/rss/business.xml">`), for pages that declare none."""
    base, domain = base_url(tree, url), registered_domain(url)
    found: dict[str, tuple[bool, int, str]] = {}
    for anchor in islice(tree.iter("a"), MAX_ANCHORS):
        target = resolve_source(base, anchor.get("href") or "")
        if not target or registered_domain(target) != domain or _UNWANTED_FEED.search(target):
            continue
        if re.search(
            r"(?:\.(?:rss|rdf|atom)|/(?:rss|feed|atom)(?:/[\w-]+)?(?:\.xml)?/?)$", urlsplit(target).path, re.I
        ):
            found.setdefault(target, (not _TECH_OR_BUSINESS.search(target), len(found), target))
    return [target for _, _, target in sorted(found.values())][:MAX_FEEDS]


def resolve_source(base: str, href: str) -> str | None:
    """Return `href` as the URL of a source, with its parameters: `?feed=rss2` is not tracking. None if unusable."""
    try:
        target = urljoin(base, href.strip()).split("#")[0]
    except ValueError:
        return None
    return target if href.strip() and resolve(base, target) else None


def choose_sitemaps(urls: Iterable[str]) -> list[str]:
    """Return the news sitemaps among those that robots.txt names; if there are none, all that may list articles."""
    unique = list({comparison_key(url): url for url in urls if resolve(url, url)}.values())
    news = [url for url in unique if is_news_sitemap(url)]
    return (news or [url for url in unique if not lists_other_than_articles(url)])[:MAX_SITEMAPS]


def common_source_urls(url: str) -> list[tuple[SourceKind, str]]:
    """Return kind and URL of the sources to try on the host of `url`, one after another, the likeliest first."""
    return [(kind, urljoin(url, path)) for kind in source_kinds() for path in kind.common_paths]
