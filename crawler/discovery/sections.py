"""Find the links to articles and to sections on a page by URL, anchor text, position and sibling links.

No site is known by name here. Each link gets a score: the evidence of its URL (`url_score`), of its anchor text, of its
position, and of whether its siblings (links with the same URL shape) look like articles too.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from crawler.discovery.base import Candidate
from crawler.discovery.links import Link, page_links, parse_page
from crawler.discovery.url_score import count_words, names_service_page, url_score

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lxml import html

ARTICLE_SCORE = 3.0
# More section pages than this add fetches, not articles: new articles are linked from several of them.
MAX_SECTIONS = 4

_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
_WORD = re.compile(r"\w+")
_GENERIC = re.compile(
    r"(?:read|learn|see|find out|show|view) (?:more|all|full \w+)|more|continue reading|(?:\d+ )?comments?|\d+|share|"
    r"watch|play|(?:jetzt |hier )?(?:weiter)?lesen|mehr(?: lesen| dazu| erfahren)?|weiter|lire (?:la suite|plus)|leer más|ver más|"
    r"続きを読む|もっと見る",
    re.I,
)
_TOPIC = re.compile(
    r"tech|technolog(?:y|ies?)|technik|tecnolog[ií]a|digital(?:es)?|netzwelt|internet|computer|"
    r"computing|it|ai|ki|artificial-intelligence|gadgets?|hardware|software|cyber(?:security)?|startups?|innovation|"
    r"business|biz|wirtschaft|econom(?:y|ie|ia|ics|ía)|ekonomi|économie|money|geld|argent|dinero|"
    r"financ(?:e|es|ial|as|ieel)|finanzen|finanza|markets?|m[äa]rkte|maerkte|bourse|borsa|bolsa|companies|"
    r"unternehmen|entreprises?|empresas?|industry|negocios|affari|zakelijk|keizai|テクノロジー|経済|ビジネス|科技|财经|商业|경제",
    re.I,
)
_NEWEST = re.compile(
    r"news|latest(?:-news)?|nachrichten|aktuell(?:es)?|newsticker|actualit[ée]s?|noticias|notizie|nieuws|articles?|"
    r"blog|stories",
    re.I,
)
_OTHER_LISTS = re.compile(
    r"tags?|topics?|authors?|autoren?|themen?|search|videos?|podcasts?|newsletters?|events?|jobs?|shop|login|page", re.I
)


def article_links(
    page: html.HtmlElement | bytes, url: str, is_article: Callable[[str], bool] | None = None
) -> list[Candidate]:
    """Return the article links on the section page at `url`, in page order, each once.

    `is_article`, the profile's test, decides alone if it is given. Otherwise a link needs `ARTICLE_SCORE`.
    """
    tree = parse_page(page) if isinstance(page, bytes) else page
    return choose_articles(page_links(tree, url), url, is_article) if tree is not None else []


def choose_articles(
    links: Sequence[Link], url: str, is_article: Callable[[str], bool] | None = None
) -> list[Candidate]:
    """Do the same, given the links of the page."""
    if is_article is not None:
        return [_candidate(link, url) for link in links if is_article(link.url)]
    scores = {link.url: link_score(link) for link in links}
    shapes = Counter(_shape(link.url) for link in links if scores[link.url] >= ARTICLE_SCORE)
    return [_candidate(link, url) for link in links if scores[link.url] + _sibling_score(link, shapes) >= ARTICLE_SCORE]


def section_links(page: html.HtmlElement | bytes, url: str, *, at_most: int = MAX_SECTIONS) -> list[str]:
    """Return the tech and business sections that a start page links to, else its lists of new articles; likeliest first."""
    tree = parse_page(page) if isinstance(page, bytes) else page
    return choose_sections(page_links(tree, url), url, at_most=at_most) if tree is not None else []


def choose_sections(links: Sequence[Link], url: str, *, at_most: int = MAX_SECTIONS) -> list[str]:
    """Do the same, given the links of the page."""
    near = [link for link in links if _is_near(link.url, url)]
    ranked = [(rank, number, link.url) for number, link in enumerate(near) if (rank := _section_rank(link))]
    best = max((rank for rank, _, _ in ranked), default=0)
    wanted = [entry for entry in ranked if best < 2 or entry[0] >= 2]
    return [target for _, _, target in sorted(wanted, key=lambda entry: (-entry[0], entry[1]))][:at_most]


def link_score(link: Link) -> float:
    """Return the evidence of the link alone, without its siblings, that it leads to an article."""
    return url_score(link.url) + _text_score(link.text) + (-2 if link.in_navigation else 0) + link.in_heading


def _text_score(text: str) -> float:
    if not text or _GENERIC.fullmatch(text.strip(" .…»>→:")):
        return 0.0
    if names_service_page(text):
        return -5.0
    cjk = len(_CJK.findall(text))
    words = len(_WORD.findall(_CJK.sub(" ", text))) + cjk / 2.5
    if words >= 7:
        return 2.0
    if words >= 5:
        return 1.5
    if words >= 4:
        return 0.5
    return 0.0 if words >= 3 else -2.0


def _sibling_score(link: Link, shapes: Counter[tuple[str, ...]]) -> float:
    return 1.0 if shapes[_shape(link.url)] >= 3 and _text_score(link.text) > 0 else 0.0


def _shape(url: str) -> tuple[str, ...]:
    """Return what the URLs of one template share: depth, kinds of segments, suffix."""
    parts = urlsplit(url)
    shape = []
    for segment in [part for part in unquote(parts.path).split("/") if part]:
        kind = "slug" if count_words(segment) >= 3 else "id" if re.search(r"\d{4}", segment) else "word"
        shape.append(kind + (segment[segment.rfind(".") :] if "." in segment[-6:] else ""))
    return (*shape, "?" if parts.query else "")


def _is_near(url: str, start: str) -> bool:
    """Tell whether the URL is on the start page's host or on a section's own host (`economia.example.com`)."""
    host, own = (urlsplit(address).netloc.removeprefix("www.") for address in (url, start))
    return host == own or _TOPIC.fullmatch(host.split(".")[0]) is not None


def _section_rank(link: Link) -> int:
    """Return 3 for a tech or business section by URL and text, 2 by URL alone, 1 for a list of new articles, else 0."""
    parts = urlsplit(link.url)
    segments = [segment for segment in unquote(parts.path).split("/") if segment]
    if parts.query or not 1 <= len(segments) <= 3 or any(_OTHER_LISTS.fullmatch(segment) for segment in segments):
        return 0
    last = segments[-1].split(".")[0]
    names = [last, *last.split("-")] if count_words(last) <= 3 else [last]
    if any(_TOPIC.fullmatch(name) for name in names):
        return 3 if any(_TOPIC.fullmatch(word) for word in _WORD.findall(link.text)) and len(link.text) < 40 else 2
    return 1 if _NEWEST.fullmatch(last) else 0


def _candidate(link: Link, source: str) -> Candidate:
    return Candidate(link.url, link.text or None, source_url=source)
