"""Addresses the page gives: its canonical URL and its image."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from cleaners.html.json_ld import StructuredData, values_of
from cleaners.metadata.origins import Traced, in_jsonld
from cleaners.metadata.publisher import hostname
from cleaners.text.domains import icann_domain

if TYPE_CHECKING:
    from cleaners.metadata.head import Head


def read_canonical(head: Head, jsonld: StructuredData, url: str | None) -> Traced[str | None]:
    """What the page calls itself: `link rel=canonical`, else og:url, else the structured data's; absolute.

    It counts only on the page's own registered domain, and never when it is a home page: else all articles of an outlet
    would be one.
    """
    told: list[Traced[object]] = [Traced(value, "link:canonical") for value in head.links.get("canonical", ())]
    told += head.traced("og:url", "http://ogp.me/ns#url", "twitter:url")
    for node in jsonld.articles:
        place = node.get("mainEntityOfPage")
        own = place.get("@id") if isinstance(place, Mapping) else place
        told += [Traced(own, in_jsonld(node, "mainEntityOfPage")), Traced(node.get("url"), in_jsonld(node, "url"))]
    for value, origin in told:
        address = absolute(value, url) if isinstance(value, str) else None
        if (
            address
            and _is_page(address)
            and (not url or icann_domain(hostname(address)) == icann_domain(hostname(url)))
        ):
            return Traced(address, origin)
    return Traced(None)


def read_image(head: Head, jsonld: StructuredData) -> str | None:
    """The article's main image, as the page gives it."""
    told = head.all(
        "og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src", "thumbnail"
    )
    for node in jsonld.articles:
        for key in ("image", "thumbnailUrl"):
            told += [found for value in values_of(node.get(key)) if (found := _image_of(jsonld.resolve(value)))]
    told += head.links.get("image_src", ())
    return next((value for value in told if not value.startswith("data:")), None)


def absolute(address: str | None, base: str | None) -> str | None:
    """An http(s) URL without its fragment, or None. A relative one is resolved against the page's."""
    if not address:
        return None
    try:
        joined = urljoin(base or "", address.strip())
        parts = urlsplit(joined)
        if parts.scheme not in ("http", "https") or not parts.hostname or any(char.isspace() for char in joined):
            return None
    except ValueError:
        return None
    return joined.split("#")[0]


def _is_page(address: str) -> bool:
    parts = urlsplit(address)
    path = parts.path.strip("/").lower()
    return bool(parts.query and not path) or path not in ("", "index.html", "index.php", "index.htm", "home")


def _image_of(value: object) -> str | None:
    if isinstance(value, Mapping):
        value = value.get("url") or value.get("contentUrl") or value.get("@id")
    if isinstance(value, list):
        value = value[0] if value else None
    return value if isinstance(value, str) and value.strip() else None
