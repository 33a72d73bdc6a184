"""Find the publisher's names, and tell whether a text is one of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cleaners.html.json_ld import StructuredData, plain_text, types_of, values_of
from cleaners.metadata.name_words import PUBLISHER_FILLERS
from cleaners.text.domains import registered_name
from cleaners.text.normalize import letters_only

if TYPE_CHECKING:
    from cleaners.metadata.head import Head
    from cleaners.page import SiteRules

_PUBLISHERS = frozenset({"Organization", "NewsMediaOrganization", "WebSite", "Corporation", "NewsOrganization"})


class Publisher:
    """Hold the names of one publisher; `name` is the one to show to people."""

    __slots__ = ("_full_names", "_short_names", "name")

    def __init__(self, name: str | None, names: list[str]) -> None:
        self.name = name
        self._full_names = frozenset(full for text in names if 2 <= len(full := letters_only(text)) <= 60)
        self._short_names = frozenset(short for text in names if 3 <= len(short := _shorten(text)) <= 60)

    def is_name(self, text: str, *, loosely: bool = False) -> bool:
        """Tell whether a text is this publisher's name, even with "The", "Online" or "Redaktion" around it.

        With `loosely`, one more short word may stand before or after it, as at the end of a title: "Daily Planet Sport".
        """
        full = letters_only(text)
        if not full or len(full) > 80:
            return False
        if full in self._full_names:
            return True
        short = _shorten(text)
        if short in self._full_names or (short != full and short in self._short_names):
            return True
        return loosely and any(
            len(name) >= 4 and len(full) <= len(name) + 12 and (full.startswith(name) or full.endswith(name))
            for name in self._full_names
        )


def read_publisher(head: Head, jsonld: StructuredData, url: str | None, rules: SiteRules | None) -> Publisher:
    """Gather the publisher's names from the site's profile, the head, the structured data and the domain."""
    stated = [rules.name] if rules and rules.name else []
    stated += head.all("og:site_name", "http://ogp.me/ns#site_name", "twitter:site:name", "site_name")
    nodes = [item for node in jsonld.articles for item in values_of(jsonld.resolve(node.get("publisher")))]
    nodes += [node for node in jsonld.nodes if types_of(node) & _PUBLISHERS]
    from_data = [text for node in nodes for key in ("name", "alternateName", "legalName") if (text := _name(node, key))]
    other = head.all(
        "application-name",
        "apple-mobile-web-app-title",
        "publisher",
        "dc.publisher",
        "article:publisher",
        "cre",
        "copyright",
    )
    other += [handle.lstrip("@") for handle in head.all("twitter:site") if " " not in handle and "/" not in handle]
    names = stated + from_data + [text for text in other if not text.startswith("http")]
    name = _choose_spelling(stated + from_data + head.all("application-name"))
    for text in list(names):
        names += [part for part in text.replace(" – ", " - ").replace(" | ", " - ").split(" - ") if len(part) > 3]
    return Publisher(name, names + _domain_names(url))


def _choose_spelling(names: list[str]) -> str | None:
    """Return the first name, in a spelling with capitals if any place has one: "National Post" for "nationalpost"."""
    usable = [text for text in names if len(text) <= 80 and not text.startswith("http")]
    if not usable:
        return None
    first = letters_only(usable[0])
    return next((text for text in usable if letters_only(text) == first and not text.islower()), usable[0])


def _shorten(text: str) -> str:
    """Reduce a name to letters and digits, without filler words such as "The" and "Online"."""
    words = text.replace(".", " ").replace("-", " ").split()
    return letters_only(" ".join(word for word in words if word.casefold() not in PUBLISHER_FILLERS))


def _domain_names(url: str | None) -> list[str]:
    host = hostname(url)
    if not host:
        return []
    names = [host, host.removeprefix("www.")]
    if domain := registered_name(host):
        names += [domain.partition(".")[0], domain]
    return names


def hostname(url: str | None) -> str:
    """Return the host of a URL, lower-case; "" if there is none."""
    try:
        return (urlsplit(url or "").hostname or "").lower()
    except ValueError:
        return ""


def _name(node: object, key: str) -> str:
    if isinstance(node, str):
        return node if key == "name" and not node.startswith("http") else ""
    return plain_text(node.get(key), 200) if isinstance(node, Mapping) else ""
