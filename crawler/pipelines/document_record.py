"""Turn a document into an article's record, or into a reject with its reason."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pydantic import ValidationError

from cleaners.document import Document
from cleaners.rejection import RejectReason
from cleaners.text.sanitize import sanitize
from crawler.discovery.urls import canonicalize, registered_domain
from output.records.article import Article, Reject, article_id, content_hash
from output.records.field_types import empty_values
from output.records.timestamps import rfc3339

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

logger = logging.getLogger(__name__)

# The record's fields that a document has, and what is written in place of a value that is not valid.
_OF_THE_PAGE = tuple(field.name for field in fields(Document) if field.name in Article.model_fields)
_EMPTY = {
    name: empty
    for name, empty in empty_values(Article).items()
    if name in _OF_THE_PAGE and name != "canonical_url"  # of which `id` is made
}
_HOME = re.compile(r"/?(?:(?:index|default|home)\.\w{2,5})?", re.I)


@dataclass(frozen=True, slots=True)
class RecordOrigin:
    """Say where a page came from. All URLs are None for a file without one; `id` overrides the id made from the URL.

    `site_name` is the site's name in its profile, `status` the HTTP status.
    """

    run: str
    fetched: datetime
    url: str | None = None
    requested_url: str | None = None
    site_name: str | None = None
    id: str | None = None
    status: int | None = None


def to_record(document: Document, origin: RecordOrigin) -> Article | Reject:
    """Return the article's record, or the reject of a document that the cleaners rejected."""
    canonical = canonical_url_of(document, origin.url)
    if why := document.reject:
        return to_reject(why.reason, why.detail, origin, canonical_url=canonical)
    values = {name: getattr(document, name) for name in _OF_THE_PAGE} | {
        "id": origin.id or article_id(canonical or document.text),
        "url": origin.url,
        "canonical_url": canonical,
        "requested_url": origin.requested_url or origin.url,
        "source": registered_domain(origin.url) if origin.url else None,
        "source_name": origin.site_name or document.source_name,
        "content_hash": content_hash(document.text),
        "fetched": rfc3339(origin.fetched),
        "run": origin.run,
        "removed": document.removed,
    }
    return _valid(values, origin)


def to_reject(
    reason: RejectReason,
    detail: str,
    origin: RecordOrigin,
    *,
    canonical_url: str | None = None,
) -> Reject:
    """Return the reject of a page, or of a URL that gave no page."""
    return Reject(
        id=origin.id or article_id(canonical_url or _comparable(origin.url) or detail),
        url=origin.url and sanitize(origin.url),  # command lines and names of files may hold bytes that are no text
        source=_source(origin.url),
        reason=reason,
        detail=sanitize(detail),
        status=origin.status,
        fetched=rfc3339(origin.fetched),
        run=origin.run,
    )


def canonical_url_of(document: Document, url: str | None) -> str | None:
    """Return the URL an article is known by: the page's own canonical, or the one it was fetched from; None without a URL.

    A page's canonical counts only on the registered domain it was fetched from, and never when it is the home page:
    otherwise all articles of a site could share one id.
    """
    if url is None:
        return None
    own = document.canonical_url
    try:
        if own and registered_domain(own) == registered_domain(url) and not _is_home(own):
            return canonicalize(own)
    except ValueError:
        pass  # a canonical that is no URL says nothing
    return canonicalize(url)


def _valid(values: Mapping[str, Any], origin: RecordOrigin) -> Article | Reject:
    """Validate a record. An invalid optional field (a date, an image) is left out with a warning."""
    try:
        return Article.model_validate(values)
    except ValidationError as error:
        faults = {str(fault["loc"][0]): fault["msg"] for fault in error.errors(include_url=False)}
    may_lack = [name for name in faults if name in _EMPTY]
    for name in may_lack:
        logger.warning("%s: %s left out of the record: %s: %r", origin.url, name, faults[name], values[name])
    try:
        return Article.model_validate({**values, **{name: _EMPTY[name] for name in may_lack}})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        return to_reject(RejectReason.CLEANING_CRASH, f"not a valid record: {where}: {first['msg']}", origin)


def _is_home(url: str) -> bool:
    parts = urlsplit(url)
    return not parts.query and _HOME.fullmatch(parts.path) is not None


def _comparable(url: str | None) -> str | None:
    try:
        return canonicalize(url) if url else None
    except ValueError:
        return url


def _source(url: str | None) -> str | None:
    try:
        return registered_domain(url) if url else None
    except ValueError:
        return None
