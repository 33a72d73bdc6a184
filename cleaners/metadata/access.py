"""Read whether an article is free, whether it is a live blog, and which uses of the page the publisher allows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from cleaners.html.json_ld import StructuredData, types_of, values_of
from cleaners.text.sanitize import sanitize

if TYPE_CHECKING:
    from cleaners.metadata.head import Head

_YES = frozenset(
    {
        "true",
        "1",
        "yes",
        "free",
        "open",
        "unlocked",
        "http://schema.org/true",
        "https://schema.org/true",
        "public",
        "gratis",
    }
)
_NO = frozenset(
    [
        "false",
        "0",
        "no",
        "locked",
        "premium",
        "paid",
        "paywall",
        "paywalled",
        "subscription",
        "subscriber",
        "subscribers",
        "abo",
        "plus",
        "metered-paid",
        "payant",
        "pay",
        "registered-paid",
        "http://schema.org/false",
        "https://schema.org/false",
        "member",
        "members",
        "subscribe-only",
        "subscription-only",
    ]
)
# Facebook and Google News define article:content_tier (free, metered, locked); the others are publishers' own tags.
_TIERS = (
    "article:content_tier",
    "og:article:content_tier",
    "isaccessibleforfree",
    "content_tier",
    "access",
    "article:access",
    "article-access",
    "cxenseparse:paywall-free",
)
# From the robots directives, the W3C TDM Reservation Protocol, and the IETF drafts on AI preferences.
_RIGHTS_HEADERS = ("x-robots-tag", "tdm-reservation", "tdm-policy", "content-usage", "content-signal")
# A crawler's name, which may precede directives in X-Robots-Tag. Directives with a value look the same: exclude them.
_AGENT = re.compile(r"(?!max-|unavailable_after)[a-z][\w.-]*:.*")
_LONGEST_VALUE = 2000  # characters that a record keeps of a signal
_RIGHTS_META = (
    "robots",
    "googlebot",
    "googlebot-news",
    "tdm-reservation",
    "tdm-policy",
    "content-usage",
    "ai-content-usage",
    "gptbot",
    "google-extended",
    "ccbot",
)


def is_free(head: Head, jsonld: StructuredData) -> bool | None:
    """Tell whether the article can be read without paying; None if the page does not say.

    One part that is not free (a `hasPart` with the paywall's selector) makes the whole page not free.
    """
    values = list(_free_values(jsonld))
    if False in values:
        return False
    for content in head.all(*_TIERS):
        value = _to_bool(content)
        if value is not None:
            values.append(value)
    return False if False in values else True if values else None


def is_live(head: Head, jsonld: StructuredData) -> bool | None:
    """Tell whether the article is a live blog; None if the page has no structured data that says so."""
    if any(
        "LiveBlogPosting" in types_of(node) or "liveBlogUpdate" in node or "coverageStartTime" in node
        for node in jsonld.articles
    ):
        return True
    if (head.first("og:type") or "").lower() == "liveblog" or (
        head.first("article:live", "liveblog") or ""
    ).lower() in _YES:
        return True
    return False if jsonld.articles else None


def read_rights(head: Head, headers: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Collect the page's rights signals: name (with underscores) → place (header, meta or link) → value.

    `X-Robots-Tag` and `<meta name="robots">` are both called `robots`. Their directives that turn machines away
    (noai, noimageai, noml, noindex) are also listed as signals of their own, with the value "true".
    """
    rights: dict[str, dict[str, str]] = {}
    for name in _RIGHTS_META:
        if values := head.all(name):
            rights.setdefault(_key(name), {})["meta"] = ", ".join(dict.fromkeys(values))
    for name in _RIGHTS_HEADERS:
        if value := headers.get(name):
            rights.setdefault(_key(name), {})["header"] = sanitize(str(value))
    for place, value in rights.get("robots", {}).items():
        for directive in _directives(value):
            rights.setdefault(directive, {})[place] = "true"
    if licence := next(iter(head.links.get("license", ())), None):
        rights["license"] = {"link": licence}
    return {name: {place: value[:_LONGEST_VALUE] for place, value in places.items()} for name, places in rights.items()}


def _key(name: str) -> str:
    return "robots" if name == "x-robots-tag" else name.replace("-", "_")


def _directives(value: str) -> Iterator[str]:
    """Yield the directives of a robots tag that turn machines away.

    AI directives count for any agent, `noindex` only before the first named agent: repeated headers arrive joined
    into one value, so the end of a named agent's part is unknown.
    """
    words = [word.strip().lower() for word in value.replace(",", " ").replace(";", " ").split()]
    first_agent = next((index for index, word in enumerate(words) if _AGENT.fullmatch(word)), len(words))
    for directive in ("noai", "noimageai", "noml"):
        if any(word.rpartition(":")[2] == directive for word in words):
            yield directive
    if "noindex" in words[:first_agent] or "none" in words[:first_agent]:
        yield "noindex"


def _free_values(jsonld: StructuredData) -> Iterator[bool]:
    """Yield what `isAccessibleForFree` says of the articles; of their parts, only False."""
    for node in jsonld.articles:
        for item in (node, *(part for part in values_of(node.get("hasPart")) if isinstance(part, Mapping))):
            for key, value in item.items():
                if isinstance(key, str) and key.lower() == "isaccessibleforfree":
                    is_accessible = _to_bool(value[0] if isinstance(value, list) and value else value)
                    if is_accessible is not None and (is_accessible is False or item is node):
                        yield is_accessible


def _to_bool(value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower() if isinstance(value, str | int) else ""
    return True if text in _YES else False if text in _NO else None
