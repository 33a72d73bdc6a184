"""Read the URLs that a page gives for itself and for its image."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from cleaners.html.json_ld import StructuredData, values_of
from cleaners.metadata.origins import Traced, in_jsonld
from cleaners.metadata.publisher import hostname
from cleaners.text.domains import icann_domain
from cleaners.text.url_length import MAX_URL_LENGTH

if TYPE_CHECKING:
    from cleaners.metadata.head import Head


def read_canonical(head: Head, jsonld: StructuredData, url: str | None) -> Traced[str | None]:
    """Return the page's canonical URL, absolute: from `link rel=canonical`, else og:url, else the structured data.

    A URL on another registered domain is ignored, and so is a home page: it would make all articles of a site one.
    """
    candidates: list[Traced[object]] = [Traced(value, "link:canonical") for value in head.links.get("canonical", ())]
    candidates += head.traced("og:url", "http://ogp.me/ns#url", "twitter:url")
    for node in jsonld.articles:
        main = node.get("mainEntityOfPage")
        main_url = main.get("@id") if isinstance(main, Mapping) else main
        candidates.append(Traced(main_url, in_jsonld(node, "mainEntityOfPage")))
        candidates.append(Traced(node.get("url"), in_jsonld(node, "url")))
    for value, origin in candidates:
        address = absolute_url(value, url) if isinstance(value, str) else None
        if (
            address
            and _is_page(address)
            and (not url or icann_domain(hostname(address)) == icann_domain(hostname(url)))
        ):
            return Traced(address, origin)
    return Traced(None)


def read_image(head: Head, jsonld: StructuredData) -> str | None:
    """Return the URL of the article's main image as the page gives it, maybe relative."""
    urls = head.all(
        "og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src", "thumbnail"
    )
    for node in jsonld.articles:
        for key in ("image", "thumbnailUrl"):
            urls += [url for value in values_of(node.get(key)) if (url := _image_url(jsonld.resolve(value)))]
    urls += head.links.get("image_src", ())
    return next((url for url in urls if len(url) <= MAX_URL_LENGTH and not url.startswith("data:")), None)


def absolute_url(address: str | None, base: str | None) -> str | None:
    """Resolve an address against the page's URL and drop its fragment; None if it is not http(s), or too long."""
    if not address or len(address) > MAX_URL_LENGTH:
        return None
    try:
        joined = urljoin(base or "", address.strip())
        parts = urlsplit(joined)
        if parts.scheme not in ("http", "https") or not parts.hostname or any(char.isspace() for char in joined):
            return None
    except ValueError:
        return None
    return joined.split("#")[0]


def url_or_none(url: str | None) -> str | None:
    """Return a page's URL, or None where it cannot be taken apart, such as `http://[::1`."""
    try:
        urlsplit(url or "")
    except ValueError:
        return None
    return url


def _is_page(address: str) -> bool:
    """Tell whether a URL is more than a home page."""
    parts = urlsplit(address)
    path = parts.path.strip("/").lower()
    return bool(parts.query and not path) or path not in ("", "index.html", "index.php", "index.htm", "home")


def _image_url(value: object) -> str | None:
    if isinstance(value, Mapping):
        value = value.get("url") or value.get("contentUrl") or value.get("@id")
    if isinstance(value, list):
        value = value[0] if value else None
    return value if isinstance(value, str) and value.strip() else None
