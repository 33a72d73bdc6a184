"""What a look at an outlet proves: which URLs are articles, which are not, and which of them a profile should show."""

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

_LIKELY = 0.3  # how sure it is that a short link in a menu, at a URL unlike an article's, leads to none
_FILES = -20  # the score of images, PDFs and lists of comments: no pages to tell articles from
_MOST = 300  # links that are no articles; more say nothing new
# An offset that no date has but one without its own: 12:45 hours ahead of UTC.
NAIVE_ZONE = "Pacific/Chatham"


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A fetched page, its tree and what the cleaners made of it. Dates without an offset are in NAIVE_ZONE."""

    sample: ProbedPage
    document: Document
    tree: html.HtmlElement

    @property
    def url(self) -> str:
        """Where it was found in the end, as patterns see it."""
        return as_matched(self.sample.page.url or self.sample.listed.url)


@dataclass(frozen=True, slots=True)
class Evidence:
    """`read` are the pages that gave an article, `empty` the URLs of those that gave none, with the reason. `articles`
    are what the pattern must accept, `others` what it should not, with how sure that is from 0 to 1; `links` are all
    that were seen.
    """

    read: tuple[ReadPage, ...]
    empty: dict[str, RejectReason]
    articles: tuple[str, ...]
    others: dict[str, float]
    links: tuple[Link, ...]


def as_matched(url: str) -> str:
    """A URL as profiles' patterns see it."""
    return re.sub("^http:", "https:", canonicalize(url))


def gather_evidence(found: ProbeResult) -> Evidence:
    """The evidence of what was fetched. Cleans the pages: some tenths of a second each."""
    read, empty = [], {url: why.reason for url, why in found.failed.items()}
    for sample in found.samples:
        document = clean_page(sample.page, rules=SiteRules(timezone=NAIVE_ZONE))
        tree = parse_page(sample.page.html)
        if tree is not None and (document.reject is None or document.reject.reason is RejectReason.PAYWALL):
            read.append(ReadPage(sample, document, tree))
        else:
            why = document.reject.reason if document.reject else RejectReason.NOT_HTML
            empty[sample.page.url or sample.listed.url] = why
    links = _links(found, read)
    articles = _articles(found, read, empty)
    return Evidence(tuple(read), empty, articles, _others(found, articles, empty, links), links)


def _links(found: ProbeResult, read: Sequence[ReadPage]) -> tuple[Link, ...]:
    """The links of the front pages, then those of the articles; each target once."""
    trees = [(page.url, parse_page(page.body, page.content_type)) for page in found.front]
    trees += [(one.sample.page.url or one.sample.listed.url, one.tree) for one in read]
    links: dict[str, Link] = {}
    for url, tree in trees:
        for link in page_links(tree, url) if tree is not None else []:
            links.setdefault(comparison_key(link.url), link)
    return tuple(links.values())


def _articles(found: ProbeResult, read: Sequence[ReadPage], empty: Iterable[str]) -> tuple[str, ...]:
    """What was read; and of what feeds and sitemaps list, which lists nothing but articles, all of the same shapes."""
    sure = {one.url: None for one in read}
    shapes = {template_key(url_features(url)) for url in sure}
    none = {as_matched(url) for url in empty}
    for candidate in found.listed:
        url = as_matched(candidate.url)
        if url in none:
            continue
        address = url_features(url) if urlsplit(url).path.strip("/") else None
        front = found.kinds.get(candidate.source_url) == "page"
        if address and template_key(address) in shapes and not (front and address.strength is not FeatureStrength.FIRM):
            sure.setdefault(url)
    return tuple(sure)


def _others(
    found: ProbeResult, articles: Sequence[str], empty: dict[str, RejectReason], links: Sequence[Link]
) -> dict[str, float]:
    known = {comparison_key(url) for url in articles}
    listed = {comparison_key(one.url) for one in found.listed}
    shapes = {template_key(url_features(url)) for url in articles}
    others: dict[str, float] = {as_matched(url): 1.0 for url in (*(page.url for page in found.front), *found.forbidden)}
    for url, reason in empty.items():
        if (
            reason.is_no_article
            and urlsplit(url).path.strip("/")
            and template_key(url_features(as_matched(url))) not in shapes
        ):
            others.setdefault(as_matched(url), 1.0)
    for link in links[: 4 * _MOST]:
        if len(others) >= _MOST:
            break
        key = comparison_key(link.url)
        score = url_score(link.url)
        if key in known or key in listed or score <= _FILES:
            continue
        if is_clearly_no_article(link.url):
            others.setdefault(as_matched(link.url), 1.0)
        elif score < 0 and (link.in_navigation or len(link.text.split()) < 3):
            others.setdefault(as_matched(link.url), _LIKELY)
    return {url: sure for url, sure in others.items() if comparison_key(url) not in known}


def examples(evidence: Evidence, found: ProbeResult, pattern: str) -> tuple[list[str], int]:
    """Articles that the pattern accepts, those that were read first, then what is listed, then what is linked; and how
    many of them were read.
    """
    read = [one.sample.page.url or one.sample.listed.url for one in evidence.read]
    listed = [one.url for one in found.listed]
    linked = [
        link.url for link in sorted(evidence.links, key=link_score, reverse=True) if link_score(link) >= ARTICLE_SCORE
    ]
    forbidden = {as_matched(url) for url in (*found.forbidden, *evidence.others)}
    chosen: dict[str, str] = {}
    for url in (*_apart(read), *listed, *linked):
        if (form := as_matched(url)) not in forbidden and re.search(pattern, form):
            chosen.setdefault(comparison_key(url), canonicalize(url))
    sure = {comparison_key(url) for url in read}
    return list(chosen.values()), sum(key in sure for key in list(chosen)[:3])


def _apart(urls: Sequence[str]) -> Iterator[str]:
    """One of each shape first."""
    seen: set[object] = set()
    later = []
    for url in urls:
        key = template_key(url_features(as_matched(url)))
        if key in seen:
            later.append(url)
        else:
            seen.add(key)
            yield url
    yield from later


def counterexamples(evidence: Evidence, found: ProbeResult, pattern: str) -> tuple[str, ...]:
    """Two pages that are surely no articles and stand at a path; else the start page."""
    domains = tuple(found.domains)
    real = {as_matched(link.url): link.url for link in evidence.links}
    sure = [url for url, weight in evidence.others.items() if weight == 1.0 and not re.search(pattern, url)]
    paths = [real.get(url, url) for url in sure if urlsplit(url).path.strip("/") and "?" not in url]
    here = [url for url in paths if any(f".{urlsplit(url).hostname}".endswith(f".{domain}") for domain in domains)]
    home = [
        f"{urlsplit(found.start).scheme}://{urlsplit(evidence.articles[0]).netloc}{path}"
        for path in ("/", "/robots.txt")
    ]
    return tuple(dict.fromkeys([*here, *home]))[:2]
