"""The outlet: what it calls itself, and whether a piece of text is one of its names."""

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
    """The names of one outlet, folded for comparing. `name` is how people write it."""

    __slots__ = ("_bare", "_folded", "name")

    def __init__(self, name: str | None, names: list[str]) -> None:
        self.name = name
        self._bare = frozenset(bare for text in names if 3 <= len(bare := _bare(text)) <= 60)
        self._folded = frozenset(folded for text in names if 2 <= len(folded := letters_only(text)) <= 60)

    def is_name(self, text: str, *, loosely: bool = False) -> bool:
        """Whether the text is this outlet's name, also with words like "The", "Online" or "Redaktion" around it.

        `loosely` also takes one more short word: what trails a headline is "Metro News", "Sport Daily Planet".
        """
        whole = letters_only(text)
        if not whole or len(whole) > 80:
            return False
        if whole in self._folded:
            return True
        bare = _bare(text)
        if bare in self._folded or (bare != whole and bare in self._bare):
            return True
        return loosely and any(
            len(name) >= 4 and len(whole) <= len(name) + 12 and (whole.startswith(name) or whole.endswith(name))
            for name in self._folded
        )


def read_publisher(head: Head, jsonld: StructuredData, url: str | None, rules: SiteRules | None) -> Publisher:
    """Gather the outlet's names from the profile, the head, the structured data and the domain."""
    told = [rules.name] if rules and rules.name else []
    told += head.all("og:site_name", "http://ogp.me/ns#site_name", "twitter:site:name", "site_name")
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
    names = told + from_data + [text for text in other if not text.startswith("http")]
    name = _written(told + from_data + head.all("application-name"))
    for text in list(names):
        names += [part for part in text.replace(" – ", " - ").replace(" | ", " - ").split(" - ") if len(part) > 3]
    return Publisher(name, names + _domain_names(url))


def _written(names: list[str]) -> str | None:
    """The first name, in the spelling with capitals where another place has one: "nationalpost" is "National Post"."""
    fit = [text for text in names if len(text) <= 80 and not text.startswith("http")]
    if not fit:
        return None
    return next((text for text in fit if letters_only(text) == letters_only(fit[0]) and not text.islower()), fit[0])


def _bare(text: str) -> str:
    """A name without the words that come and go around it, folded."""
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
    """The host of a URL, lower-case; "" where there is none."""
    try:
        return (urlsplit(url or "").hostname or "").lower()
    except ValueError:
        return ""


def _name(node: object, key: str) -> str:
    if isinstance(node, str):
        return node if key == "name" and not node.startswith("http") else ""
    return plain_text(node.get(key), 200) if isinstance(node, Mapping) else ""
