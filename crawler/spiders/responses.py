"""Convert what came back: a response to the cleaners' Page, a failure to a Rejection."""

from __future__ import annotations

from datetime import UTC, datetime

from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response, TextResponse
from scrapy.spidermiddlewares.httperror import HttpError

from cleaners.page import Page
from cleaners.rejection import Rejection, RejectReason
from crawler.download.content_type import HTML_TYPES, media_type
from crawler.items import Continuation
from crawler.requests.request_rejected import RequestRejected
from crawler.requests.response_headers import all_headers


def rejection_of(error: BaseException | None) -> Rejection:
    """Return the rejection to record for a failed download."""
    if isinstance(error, RequestRejected):
        return error.rejection
    if isinstance(error, HttpError):
        return Rejection(RejectReason.HTTP_ERROR, f"HTTP {error.response.status}", error.response.status)
    text = " ".join(str(error).split())[:200]
    if isinstance(error, IgnoreRequest):
        reason = RejectReason.ROBOTS if "robots" in text.lower() else RejectReason.HTTP_ERROR
        return Rejection(reason, text or "ignored")
    return Rejection(RejectReason.DOWNLOAD_FAILED, f"{type(error).__name__}: {text}" if text else type(error).__name__)


def why_not_html(response: Response) -> Rejection | None:
    """Return the rejection of a response that cannot be an article's page; None where it can be one."""
    declared = media_type(response.headers.get("Content-Type"))
    if not isinstance(response, TextResponse) or (declared and declared not in HTML_TYPES and not _is_markup(response)):
        return Rejection(RejectReason.NOT_HTML, f"is {declared or 'binary'}", response.status)
    return None


def _is_markup(response: Response) -> bool:
    head = response.body[:1024].lower()
    return b"<html" in head or b"<!doctype html" in head


def to_page(response: Response, more: tuple[bytes, ...] = (), feed_html: str | None = None) -> Page:
    """Return a response as the cleaners' Page. `more` are the bodies of the pages that continue it."""
    return Page(response.url, response.body, all_headers(response), datetime.now(UTC), more, feed_html)


def to_continuation(response: Response) -> Continuation:
    """Return URL, status and headers of a response that continues an article."""
    return Continuation(response.url, response.status, all_headers(response))
