"""Decide from a probe which URLs are articles and which are not, and choose examples for the profile."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cleaners import clean_page
from cleaners.page import SiteRules
from cleaners.rejection import RejectReason
from crawler.addsite.url_features import FeatureStrength, url_features
from crawler.addsite.url_template import template_key
from crawler.discovery.links import Link, page_links, parse_page
from crawler.discovery.sections import ARTICLE_SCORE, link_score
from crawler.discovery.url_score import is_clearly_no_article, url_score
from crawler.discovery.urls import canonicalize, comparison_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from lxml import html

    from cleaners.document import Document
    from crawler.addsite.probe import ProbedPage, ProbeResult

# Certainty that a short link in a menu, with a URL unlike an article's, does not lead to an article.
_LIKELY = 0.3
_FILE_SCORE = -20  # of images, PDFs and comment pages, which no pattern has to reject
_MAX_OTHERS = 300  # links that are no articles; more say nothing new
# The zone given to dates without an offset. No site has it: 12:45 hours ahead of UTC.
NAIVE_ZONE = "Pacific/Chatham"


@dataclass(frozen=True, slots=True)
class ReadPage:
    """Hold a fetched page, its tree and its cleaned document. Dates without an offset are in NAIVE_ZONE."""

    sample: ProbedPage
    document: Document
    tree: html.HtmlElement

    @property
    def url(self) -> str:
        """Return the URL after redirects, in the form that patterns are matched with."""
        return as_matched(self.sample.page.url or self.sample.listed.url)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Hold the pages that gave an article (`read`) and the URLs, with reasons, of those that gave none (`empty`).

    The pattern must accept `articles`, and should reject `others`, given with the certainty from 0 to 1 that they are no
    articles. `links` are all links found.
    """

    read: tuple[ReadPage, ...]
    empty: dict[str, RejectReason]
    articles: tuple[str, ...]
    others: dict[str, float]
    links: tuple[Link, ...]


def as_matched(url: str) -> str:
    """Return a URL in the form that profiles' patterns are matched with."""
    return re.sub("^http:", "https:", canonicalize(url))


def gather_evidence(found: ProbeResult) -> Evidence:
    """Clean the fetched pages, which takes some tenths of a second each, and return what they show."""
    read, empty = [], {url: rejection.reason for url, rejection in found.failed.items()}
    for sample in found.samples:
        document = clean_page(sample.page, rules=SiteRules(timezone=NAIVE_ZONE))
        tree = parse_page(sample.page.html)
        if tree is not None and (document.reject is None or document.reject.reason is RejectReason.PAYWALL):
            read.append(ReadPage(sample, document, tree))
        else:
            reason = document.reject.reason if document.reject else RejectReason.NOT_HTML
            empty[sample.page.url or sample.listed.url] = reason
    links = _links(found, read)
    articles = _articles(found, read, empty)
    return Evidence(tuple(read), empty, articles, _others(found, articles, empty, links), links)


def _links(found: ProbeResult, read: Sequence[ReadPage]) -> tuple[Link, ...]:
    """Return the links of the front pages, then those of the articles; each target once."""
    trees = [(page.url, parse_page(page.body, page.content_type)) for page in found.front]
    trees += [(page.sample.page.url or page.sample.listed.url, page.tree) for page in read]
    links: dict[str, Link] = {}
    for url, tree in trees:
        for link in page_links(tree, url) if tree is not None else []:
            links.setdefault(comparison_key(link.url), link)
    return tuple(links.values())


def _articles(found: ProbeResult, read: Sequence[ReadPage], empty: Iterable[str]) -> tuple[str, ...]:
    """Return the URLs that were read, then listed ones of the same shapes; those from pages only with firm features."""
    sure = {page.url: None for page in read}
    shapes = {template_key(url_features(url)) for url in sure}
    no_articles = {as_matched(url) for url in empty}
    for candidate in found.listed:
        url = as_matched(candidate.url)
        if url in no_articles:
            continue
        features = url_features(url) if urlsplit(url).path.strip("/") else None
        is_from_page = found.kinds.get(candidate.source_url) == "page"
        if (
            features
            and template_key(features) in shapes
            and not (is_from_page and features.strength is not FeatureStrength.FIRM)
        ):
            sure.setdefault(url)
    return tuple(sure)


def _others(
    found: ProbeResult, articles: Sequence[str], empty: dict[str, RejectReason], links: Sequence[Link]
) -> dict[str, float]:
    known = {comparison_key(url) for url in articles}
    listed = {comparison_key(candidate.url) for candidate in found.listed}
    shapes = {template_key(url_features(url)) for url in articles}
    others: dict[str, float] = {as_matched(url): 1.0 for url in (*(page.url for page in found.front), *found.forbidden)}
    for url, reason in empty.items():
        if (
            reason.is_no_article
            and urlsplit(url).path.strip("/")
            and template_key(url_features(as_matched(url))) not in shapes
        ):
            others.setdefault(as_matched(url), 1.0)
    for link in links[: 4 * _MAX_OTHERS]:
        if len(others) >= _MAX_OTHERS:
            break
        key = comparison_key(link.url)
        score = url_score(link.url)
        if key in known or key in listed or score <= _FILE_SCORE:
            continue
        if is_clearly_no_article(link.url):
            others.setdefault(as_matched(link.url), 1.0)
        elif score < 0 and (link.in_navigation or len(link.text.split()) < 3):
            others.setdefault(as_matched(link.url), _LIKELY)
    return {url: certainty for url, certainty in others.items() if comparison_key(url) not in known}


def choose_examples(evidence: Evidence, found: ProbeResult, pattern: str) -> tuple[list[str], int]:
    """Return articles that the pattern accepts, and how many of the first three were read.

    Those that were read come first, then listed ones, then linked ones.
    """
    read = [page.sample.page.url or page.sample.listed.url for page in evidence.read]
    listed = [candidate.url for candidate in found.listed]
    linked = [
        link.url for link in sorted(evidence.links, key=link_score, reverse=True) if link_score(link) >= ARTICLE_SCORE
    ]
    forbidden = {as_matched(url) for url in (*found.forbidden, *evidence.others)}
    chosen: dict[str, str] = {}
    for url in (*_vary_shapes(read), *listed, *linked):
        if (form := as_matched(url)) not in forbidden and re.search(pattern, form):
            chosen.setdefault(comparison_key(url), canonicalize(url))
    sure = {comparison_key(url) for url in read}
    return list(chosen.values()), sum(key in sure for key in list(chosen)[:3])


def _vary_shapes(urls: Sequence[str]) -> Iterator[str]:
    """Yield one URL of each shape, then the others."""
    shapes: set[object] = set()
    later = []
    for url in urls:
        key = template_key(url_features(as_matched(url)))
        if key in shapes:
            later.append(url)
        else:
            shapes.add(key)
            yield url
    yield from later


def choose_counterexamples(evidence: Evidence, found: ProbeResult, pattern: str) -> tuple[str, ...]:
    """Return two pages that are surely no articles and have a path; if there are too few, the home page."""
    domains = tuple(found.domains)
    original = {as_matched(link.url): link.url for link in evidence.links}
    sure = [url for url, weight in evidence.others.items() if weight == 1.0 and not re.search(pattern, url)]
    paths = [original.get(url, url) for url in sure if urlsplit(url).path.strip("/") and "?" not in url]
    on_site = [url for url in paths if any(f".{urlsplit(url).hostname}".endswith(f".{domain}") for domain in domains)]
    home = [
        f"{urlsplit(found.start).scheme}://{urlsplit(evidence.articles[0]).netloc}{path}"
        for path in ("/", "/robots.txt")
    ]
    return tuple(dict.fromkeys([*on_site, *home]))[:2]
