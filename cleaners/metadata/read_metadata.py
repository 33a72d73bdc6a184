"""Read an article's metadata from a page's structured data, its head and its visible text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cleaners.document import Metadata
from cleaners.metadata.access import is_free, is_live, read_rights
from cleaners.metadata.address import absolute_url, read_canonical, read_image
from cleaners.metadata.authors import read_authors
from cleaners.metadata.head import Head, read_head
from cleaners.metadata.publication_dates import read_dates
from cleaners.metadata.publisher import read_publisher
from cleaners.metadata.subjects import read_description, read_section, read_tags
from cleaners.metadata.title import read_title
from cleaners.text.normalize import letters_only

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from lxml.html import HtmlElement

    from cleaners.html.json_ld import StructuredData
    from cleaners.metadata.origins import Traced
    from cleaners.page import SiteRules


def read_metadata(
    tree: HtmlElement,
    url: str | None,
    jsonld: StructuredData,
    *,
    rules: SiteRules | None = None,
    headers: Mapping[str, str] | None = None,
    fetched_at: datetime | None = None,
    head: Head | None = None,
) -> Metadata:
    """Read all metadata of a page, without changing the tree.

    `headers` have lower-case names. No date may lie after `fetched_at`, or else after the `date` header. Pass `head` if
    the page's head was read already.
    """
    headers = headers or {}
    head = head or read_head(tree)
    publisher = read_publisher(head, jsonld, url, rules)
    section = read_section(head, jsonld, publisher)
    labels = frozenset(letters_only(label) for label in (section.value or "", *_path_labels(url)) if label)
    published, modified = read_dates(tree, head, jsonld, url, rules=rules, headers=headers, fetched_at=fetched_at)
    title = read_title(tree, head, jsonld, publisher, labels)
    traced: dict[str, Traced[Any]] = {
        "title": title,
        "description": read_description(head, jsonld, title.value),
        "authors": read_authors(tree, head, jsonld, publisher),
        "published": published,
        "modified": modified,
        "section": section,
        "canonical_url": read_canonical(head, jsonld, url),
    }
    return Metadata(
        tags=read_tags(head, jsonld),
        image=absolute_url(read_image(head, jsonld), url),
        source_name=(rules.name if rules else None) or publisher.name,
        language=head.language or (rules.language if rules else None),
        free=is_free(head, jsonld),
        live=is_live(head, jsonld),
        rights=read_rights(head, headers),
        origins={name: value.origin for name, value in traced.items() if value.origin},
        **{name: value.value for name, value in traced.items()},
    )


def _path_labels(url: str | None) -> list[str]:
    """Return the folders of a URL's path, which often name sections."""
    return [part for part in (url or "").split("?")[0].split("/")[3:-1] if part]
