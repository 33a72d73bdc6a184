"""Read a page's JSON-LD, once.

Many sites publish broken JSON: each script is parsed strictly first, then by ever more tolerant parsers. Size, depth
and the number of nodes are bounded, so that a hostile page costs only milliseconds.
"""

from __future__ import annotations

import html
import json
import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import orjson

from cleaners.text.normalize import letters_only
from cleaners.text.sanitize import sanitize, sanitize_json, sanitize_references
from cleaners.text.url_length import MAX_URL_LENGTH

if TYPE_CHECKING:
    from lxml.html import HtmlElement

JsonNode = Mapping[str, Any]

MAX_SCRIPT = 2_000_000  # characters; the longest real ones, of live blogs, stay under half of it
MAX_TOTAL = 4_000_000
MAX_REPAIR = 300_000  # characters for the slow, tolerant parser
MAX_DEPTH = 8  # levels of nesting at which a node can still describe the page
MAX_NODES = 2_000

ARTICLE_TYPES = frozenset(
    [
        "Article",
        "NewsArticle",
        "ReportageNewsArticle",
        "AnalysisNewsArticle",
        "BackgroundNewsArticle",
        "OpinionNewsArticle",
        "ReviewNewsArticle",
        "AskPublicNewsArticle",
        "AdvertiserContentArticle",
        "SatiricalArticle",
        "ScholarlyArticle",
        "TechArticle",
        "BlogPosting",
        "LiveBlogPosting",
        "SocialMediaPosting",
        "DiscussionForumPosting",
        "Report",
        "Review",
        "CriticReview",
        "MedicalScholarlyArticle",
    ]
)

_MAX_ARTICLES = 50  # nodes that describe the page's article; sites that repeat theirs have a handful
_MAX_HEADINGS = 8  # h1 elements, and tags og:title, that are compared with headlines
_MAX_TITLE = 500  # characters of each
_WRAPPING = re.compile(
    r"^\s*+(?:<!--|//\s*+<!\[CDATA\[|/\*\s*+<!\[CDATA\[\s*+\*/|<!\[CDATA\[)"
    r"|(?:-->|//\s*+\]\]>|/\*\s*+\]\]>\s*+\*/|\]\]>)\s*+;?\s*+$"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_LINE_TAG = re.compile(r"<(?:/p|/div|/li|/h[1-6]|/blockquote|br)\b[^<>]{0,200}>", re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,2000}>|<!--[^<>]{0,2000}-->")


@dataclass(frozen=True, slots=True)
class StructuredData:
    """Hold all JSON-LD of a page, flattened.

    `articles` are the nodes that describe this page's article, the main one first. `article_body` is their text without
    tags and entities, one paragraph a line. `types` are the types of all nodes of the page.
    """

    nodes: tuple[JsonNode, ...] = ()
    articles: tuple[JsonNode, ...] = ()
    types: frozenset[str] = frozenset()
    article_body: str | None = None
    by_id: Mapping[str, JsonNode] = field(default_factory=dict)

    @property
    def article(self) -> JsonNode | None:
        """Return the page's main article node, if there is one."""
        return self.articles[0] if self.articles else None

    def resolve(self, value: object) -> object:
        """Return the node that a reference `{"@id": ...}` names, or any other value unchanged."""
        if isinstance(value, Mapping) and "name" not in value and isinstance(value.get("@id"), str):
            return self.by_id.get(value["@id"], value)
        return value


def read_jsonld(tree: HtmlElement, url: str | None = None) -> StructuredData:
    """Read every `<script type="application/ld+json">` of a page; skip those that cannot be parsed."""
    nodes: list[JsonNode] = []
    total = 0
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        source = script.text or ""
        total += len(source)
        if len(source) > MAX_SCRIPT or total > MAX_TOTAL:
            continue
        nodes.extend(_flatten(sanitize_json(parse_json(source), source), MAX_NODES - len(nodes)))
    if not nodes:
        return StructuredData()
    by_id: dict[str, JsonNode] = {}
    for node in nodes:
        name = node.get("@id")
        if isinstance(name, str) and len(node) > len(by_id.get(name, ())):
            by_id[name] = node
    articles = _main_articles([node for node in nodes if types_of(node) & ARTICLE_TYPES], tree, url)
    return StructuredData(
        nodes=tuple(nodes),
        articles=articles,
        types=frozenset(kind for node in nodes for kind in types_of(node)),
        article_body=_body(articles),
        by_id=by_id,
    )


def parse_json(source: str) -> object:
    """Parse the content of one script; return None if no parser can."""
    try:
        return orjson.loads(source)
    except ValueError:  # also for deep nesting and lone surrogates
        pass
    source = _WRAPPING.sub("", _WRAPPING.sub("", source)).strip().rstrip(";")
    if not source or source[0] not in "[{":
        return None
    try:
        return json.loads(_CONTROL.sub(" ", source), strict=False)
    except (ValueError, RecursionError):
        pass
    if len(source) > MAX_REPAIR or source.count("[") + source.count("{") > MAX_REPAIR // 20:
        return None
    import chompjs  # slow to import, and few pages need it

    try:
        return chompjs.parse_js_object(_CONTROL.sub(" ", source), loader_kwargs={"strict": False})
    except (ValueError, RecursionError, TypeError):
        return None


def types_of(node: JsonNode) -> frozenset[str]:
    """Return the node's types without their namespace.

    >>> sorted(types_of({"@type": ["schema:NewsArticle", "https://schema.org/Article"]}))
    ['Article', 'NewsArticle']
    """
    value = node.get("@type")
    names = value if isinstance(value, list) else [value]
    return frozenset(re.split(r"[/:#]", name)[-1] for name in names if isinstance(name, str))


def values_of(value: object) -> list[Any]:
    """Return a property's values as a list of at most 200, whether it is a list or a single value."""
    if value is None or value == "":
        return []
    return list(value[:200]) if isinstance(value, list) else [value]


def plain_text(value: object, limit: int = 4_000) -> str:
    """Return a property's text on one line, without entities and tags; "" if it is not text."""
    if isinstance(value, Mapping):
        value = value.get("@value") or value.get("name")
    if isinstance(value, list):
        value = next((item for item in value if isinstance(item, str) and item.strip()), None)
    if not isinstance(value, str):
        return ""
    return " ".join(strip_markup(value[:limit]).split())


def strip_markup(text: str) -> str:
    """Return text without entities and tags; the ends of paragraphs become newlines."""
    for _ in range(2):
        if "&" not in text or not _ENTITY.search(text):
            break
        text = html.unescape(sanitize_references(text))
    if "<" in text:
        text = _TAG.sub("", _LINE_TAG.sub("\n", text))
        if "&" in text and _ENTITY.search(text):
            text = html.unescape(sanitize_references(text))
    return sanitize(text)


def _address(url: str) -> str:
    """Reduce a URL to what tells pages apart: no scheme, `www.`, query, fragment or final slash; "" for a start page."""
    try:
        parts = urlsplit(url.strip() if len(url) <= MAX_URL_LENGTH else "")
    except ValueError:
        return ""
    path = parts.path.rstrip("/")
    return f"{(parts.hostname or '').removeprefix('www.')}{path}" if path else ""


def _flatten(value: object, limit: int) -> Iterator[JsonNode]:
    """Yield the nodes that can describe the page, from lists, `@graph` and main entities, but not from item lists."""
    pending: deque[tuple[object, int]] = deque([(value, 0)])
    visited = 0
    while pending and limit > 0 and visited < 4 * MAX_NODES:
        current, depth = pending.popleft()
        visited += 1
        if depth > MAX_DEPTH:
            continue
        if isinstance(current, list):
            pending.extend((item, depth + 1) for item in current[:MAX_NODES] if isinstance(item, list | dict))
        elif isinstance(current, dict):
            if "@type" in current or "headline" in current:
                limit -= 1
                yield current
            for key in ("@graph", "mainEntity", "mainEntityOfPage"):
                inner = current.get(key)
                if isinstance(inner, list | dict):
                    pending.append((inner, depth + 1))


def _main_articles(candidates: list[JsonNode], tree: HtmlElement, url: str | None) -> tuple[JsonNode, ...]:
    """Return the candidates that are this page's article; many candidates without a match are a list of others."""
    if not candidates:
        return ()
    places = {_address(url or "")}
    places |= {_address(link.get("href") or "") for link in tree.iter("link") if link.get("rel") == "canonical"}
    places |= {_address(meta.get("content") or "") for meta in tree.iter("meta") if meta.get("property") == "og:url"}
    places.discard("")
    titles = _titles(tree)
    scored = []
    for order, node in enumerate(candidates):
        score = 4 * any(_address(own) in places for own in _addresses(node) if isinstance(own, str))
        headline = letters_only(plain_text(node.get("headline") or node.get("name")))
        if headline:
            score += 1 + 4 * any(headline == title or (len(headline) > 20 and headline in title) for title in titles)
        score += bool(node.get("articleBody")) + bool(node.get("datePublished")) + bool(node.get("author"))
        score += types_of(node) != {"Review"}
        scored.append((-score, order, node))
    scored.sort(key=lambda item: item[:2])
    best = -scored[0][0]
    if len(candidates) > 2 and best < 5:
        return ()
    return tuple(node for score, _, node in scored[:_MAX_ARTICLES] if score == -best or -score >= 5)


def _titles(tree: HtmlElement) -> set[str]:
    """Return the first headlines that the page gives outside its JSON-LD, reduced to letters and digits."""
    shared = (meta.get("content") or "" for meta in tree.iter("meta") if meta.get("property") == "og:title")
    headings = (h1.text_content() for h1 in islice(tree.iter("h1"), _MAX_HEADINGS))
    texts = (tree.findtext("head/title") or "", *islice(shared, _MAX_HEADINGS), *headings)
    return {letters for text in texts if (letters := letters_only(text[:_MAX_TITLE]))}


def _addresses(node: JsonNode) -> Iterator[object]:
    for key in ("url", "mainEntityOfPage", "@id"):
        value = node.get(key)
        if isinstance(value, Mapping):
            yield value.get("@id")
            yield value.get("url")
        else:
            yield value


def _body(articles: tuple[JsonNode, ...]) -> str | None:
    """Return the longest body among the article's nodes; the body of a live blog is its updates joined."""
    texts = []
    for node in articles:
        value = node.get("articleBody") or node.get("reviewBody")
        if isinstance(value, list):
            value = "\n".join(part for part in value if isinstance(part, str))
        if not value and "liveBlogUpdate" in node:
            updates = [item for item in values_of(node["liveBlogUpdate"]) if isinstance(item, Mapping)]
            value = "\n".join(str(item.get("articleBody") or "") for item in updates)
        if isinstance(value, str) and value.strip():
            lines = (" ".join(line.split()) for line in strip_markup(value[:MAX_SCRIPT]).splitlines())
            texts.append("\n".join(line for line in lines if line))
    return max(texts, key=len, default="") or None
