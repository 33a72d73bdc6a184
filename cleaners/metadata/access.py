"""Whether the article is free, whether it is live, and what the outlet says about the use of its pages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from cleaners.html.json_ld import StructuredData, types_of, values_of

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
# article:content_tier is Facebook's and Google News': free, metered, locked. The rest are publishers' own spellings.
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
# W3C TDM Reservation Protocol; robots directives; the Content-Usage and AI preference headers of the IETF drafts.
_RIGHTS_HEADERS = ("x-robots-tag", "tdm-reservation", "tdm-policy", "content-usage", "content-signal")
# What may precede a directive in X-Robots-Tag: a crawler's name. Directives with a value look like one.
_AGENT = re.compile(r"(?!max-|unavailable_after)[a-z][\w.-]*:.*")
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
    """False where the page says that it is behind a paywall, True where it says that it is not, else None.

    A part of the page that is not free (a `hasPart` with the paywall's selector) makes the page not free.
    """
    said = list(_said_by_data(jsonld))
    if False in said:
        return False
    for value in head.all(*_TIERS):
        answer = _answer(value)
        if answer is not None:
            said.append(answer)
    return False if False in said else True if said else None


def is_live(head: Head, jsonld: StructuredData) -> bool | None:
    """True for a live blog, False for another kind of article, None where the page has no structured data to tell."""
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
    """Signals about the use of the page: name (with underscores) → where it was found (header, meta, link) → its value.

    `X-Robots-Tag` and `<meta name="robots">` are both `robots`; those of their directives that turn machines away
    (noai, noimageai, noml, noindex) are signals of their own, "true".
    """
    rights: dict[str, dict[str, str]] = {}
    for name in _RIGHTS_META:
        if values := head.all(name):
            rights.setdefault(_key(name), {})["meta"] = ", ".join(dict.fromkeys(values))
    for name in _RIGHTS_HEADERS:
        if value := headers.get(name):
            rights.setdefault(_key(name), {})["header"] = str(value)
    for where, value in rights.get("robots", {}).items():
        for directive in _directives(value):
            rights.setdefault(directive, {})[where] = "true"
    if licence := next(iter(head.links.get("license", ())), None):
        rights["license"] = {"link": licence}
    return rights


def _key(name: str) -> str:
    return "robots" if name == "x-robots-tag" else name.replace("-", "_")


def _directives(value: str) -> Iterator[str]:
    """Those of a robots tag that turn machines away. What speaks of AI counts whatever agent it names, `noindex` only
    where it names none: repeated headers arrive as one, and nothing tells where a named agent's part ends.
    """
    words = [word.strip().lower() for word in value.replace(",", " ").replace(";", " ").split()]
    named = next((place for place, word in enumerate(words) if _AGENT.fullmatch(word)), len(words))
    for directive in ("noai", "noimageai", "noml"):
        if any(word.rpartition(":")[2] == directive for word in words):
            yield directive
    if "noindex" in words[:named] or "none" in words[:named]:
        yield "noindex"


def _said_by_data(jsonld: StructuredData) -> Iterator[bool]:
    for node in jsonld.articles:
        for item in (node, *(part for part in values_of(node.get("hasPart")) if isinstance(part, Mapping))):
            for key, value in item.items():
                if isinstance(key, str) and key.lower() == "isaccessibleforfree":
                    answer = _answer(value[0] if isinstance(value, list) and value else value)
                    if answer is not None and (answer is False or item is node):
                        yield answer


def _answer(value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower() if isinstance(value, str | int) else ""
    return True if text in _YES else False if text in _NO else None
