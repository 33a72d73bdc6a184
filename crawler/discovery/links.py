"""Extract the links of a page: target, anchor text, and where on the page they are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from lxml import etree, html

from cleaners.html.decoding import utf8_of
from cleaners.text.sanitize import sanitize_page
from crawler.discovery.urls import comparison_key, registered_domain, resolve

if TYPE_CHECKING:
    from collections.abc import Iterator

# Of a page. Pages that people read have some hundreds.
MAX_ANCHORS = 4000
_NAVIGATION_TAGS = {"nav", "footer"}
_NAVIGATION_NAME = re.compile(
    r"(?:^|[-_\s])(?:nav|navbar|navigation|menu|footer|breadcrumbs?|cookie|social)(?:$|[-_\s])", re.I
)
_HEADINGS = {"h1", "h2", "h3", "h4", "h5"}


@dataclass(frozen=True, slots=True)
class Link:
    """Describe one target by all links to it on a page.

    `text` is the longest anchor text. `in_navigation` means that every link to it is in a nav, menu or footer,
    `in_heading` that one of them is in, or holds, a heading.
    """

    url: str
    text: str
    in_navigation: bool
    in_heading: bool


def parse_page(body: bytes, content_type: str | None = None) -> html.HtmlElement | None:
    """Parse an HTML page in any encoding; None if it contains no element."""
    source = sanitize_page(utf8_of(body, {"content-type": content_type} if content_type else {}))
    try:
        # As bytes, since lxml refuses a str with an encoding declaration.
        tree = html.fromstring(source, parser=html.HTMLParser(encoding="utf-8"))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None
    return tree if isinstance(tree.tag, str) else None


def base_url(tree: html.HtmlElement, url: str) -> str:
    """Return the URL that relative links on the page refer to."""
    declared = str(tree.xpath("string(//base/@href)")).strip()
    try:
        return urljoin(url, declared)
    except ValueError:
        return url


def page_links(tree: html.HtmlElement, url: str) -> list[Link]:
    """Return the links to other pages of the same registered domain, in page order, one for each target."""
    base, domain, own = base_url(tree, url), registered_domain(url), comparison_key(url)
    found: dict[str, Link] = {}
    in_navigation: dict[html.HtmlElement, bool] = {}
    for anchor, target in _anchors(tree, base):
        key = comparison_key(target)
        if key == own or registered_domain(target) != domain:
            continue
        text, navigation = _label(anchor), _is_in_navigation(anchor, in_navigation)
        heading = not navigation and _is_in_heading(anchor)
        known = found.get(key)
        if known:
            text = max(known.text, text, key=len)
            target, navigation, heading = known.url, known.in_navigation and navigation, known.in_heading or heading
        found[key] = Link(target, text, navigation, heading)
    return list(found.values())


def _anchors(tree: html.HtmlElement, base: str) -> Iterator[tuple[html.HtmlElement, str]]:
    for anchor in islice(tree.iter("a"), MAX_ANCHORS):
        href = (anchor.get("href") or "").strip()
        if href and not href.startswith("#"):
            target = resolve(base, href)
            if target:
                yield anchor, target


def _label(anchor: html.HtmlElement) -> str:
    text = " ".join(anchor.text_content().split())
    if text:
        return text
    named = anchor.get("aria-label") or anchor.get("title") or anchor.xpath("string(.//img/@alt)")
    return " ".join(str(named).split())


def _is_in_navigation(anchor: html.HtmlElement, known: dict[html.HtmlElement, bool]) -> bool:
    """Tell whether the link is in a nav, menu or footer. Such a name on the page's whole body proves nothing.

    `known` keeps the answer for every element on the way up, so that many links deep in a page cost no more than the page.
    """
    way: list[html.HtmlElement] = []
    answer = False
    for element in anchor.iterancestors():
        way.append(element)
        if element in known:
            answer = known[element]
            break
        if element.tag in ("body", "main", "article"):
            break
        if _is_navigation(element):
            answer = True
            break
    known.update(dict.fromkeys(way, answer))
    return answer


def _is_navigation(element: html.HtmlElement) -> bool:
    if element.tag in _NAVIGATION_TAGS or element.get("role") in ("navigation", "contentinfo"):
        return True
    named = element.tag in ("ul", "ol", "div", "section")
    return named and _NAVIGATION_NAME.search(element.get("class") or "") is not None


def _is_in_heading(anchor: html.HtmlElement) -> bool:
    if any(child.tag in _HEADINGS for child in anchor.iterdescendants(*_HEADINGS)):
        return True
    return any(parent.tag in _HEADINGS for _, parent in zip(range(4), anchor.iterancestors(), strict=False))
