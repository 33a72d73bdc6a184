"""Limit what a response may be: HTML where an article was requested, and never too large."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy import signals
from scrapy.exceptions import DownloadCancelledError, StopDownload
from scrapy.http import HtmlResponse

from cleaners.rejection import RejectReason
from crawler.discovery.source_kinds import find_source_kind
from crawler.download.content_type import HTML_TYPES, MEDIA_TYPES, describe_binary, looks_like_html, media_type
from crawler.requests.request_info import ARTICLE, ROBOTS, info_of
from crawler.requests.request_rejected import RequestRejected
from crawler.requests.response_body import with_body
from crawler.requests.response_headers import content_length

if TYPE_CHECKING:
    from typing import Self

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Headers, Response

    from crawler.discovery.base import SourceKind

_UNCHECKED_KINDS = ("", ROBOTS)  # any response will do


class ContentMiddleware:
    """Rejects responses that are not a page (reason `not_html`) or too large (`too_large`), if possible by their headers.

    It goes by `RequestInfo.kind`. An `article` must be HTML, by its Content-Type or its first bytes. A `page` or a source
    must not be an image, a PDF or the like, and must have a media type of its kind. Other responses pass.
    """

    def __init__(self, crawler: Crawler):
        self.crawler = crawler
        self.max_size = crawler.settings.getint("DOWNLOAD_MAXSIZE")
        crawler.signals.connect(self.headers_received, signals.headers_received)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Set the size limit and the Accept header of the kind of source."""
        kind = _source_kind(request)
        if kind is None:
            return
        if kind.max_bytes is not None:
            request.meta.setdefault("download_maxsize", kind.max_bytes)
        if kind.accept is not None:
            request.headers["Accept"] = kind.accept

    def headers_received(self, headers: Headers, body_length: int | None, request: Request) -> None:
        """Stop the download of a body that would be rejected anyway."""
        if info_of(request).kind in _UNCHECKED_KINDS:
            return
        size = body_length if isinstance(body_length, int) else 0  # Twisted passes an object of its own for "unknown"
        if _is_wrong_type(media_type(headers.get("Content-Type")), request) or size > self._max_size_of(request):
            raise StopDownload(fail=False)

    def process_response(self, request: Request, response: Response) -> Response:
        """Return the response, an article as an HtmlResponse. Raises RequestRejected `not_html` or `too_large`."""
        if response.status != 200 or (kind := info_of(request).kind) in _UNCHECKED_KINDS:
            return response
        declared = media_type(response.headers.get("Content-Type"))
        size = content_length(response) if "download_stopped" in response.flags else 0
        if size > self._max_size_of(request):
            detail = f"{size:,} bytes, more than {self._max_size_of(request):,}"
            raise RequestRejected(RejectReason.TOO_LARGE, detail, 200)
        if _is_wrong_type(declared, request):
            raise RequestRejected(RejectReason.NOT_HTML, f"is {declared}", 200)
        if kind == ARTICLE:
            return self._to_html(response, declared)
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Raise RequestRejected `too_large` for a download that was cancelled because it grew too large."""
        if isinstance(exception, DownloadCancelledError):
            detail = f"more than {self._max_size_of(request):,} bytes"
            raise RequestRejected(RejectReason.TOO_LARGE, detail) from exception

    def _max_size_of(self, request: Request) -> int:
        return int(request.meta.get("download_maxsize", self.max_size))

    @staticmethod
    def _to_html(response: Response, declared: str) -> Response:
        if not response.body or response.body.isspace():
            raise RequestRejected(RejectReason.NOT_HTML, "an empty body", 200)
        if binary := describe_binary(response.body):
            detail = f"is {binary}, sent as {declared or 'nothing in particular'}"
            raise RequestRejected(RejectReason.NOT_HTML, detail, 200)
        if declared not in HTML_TYPES and not looks_like_html(response.body):
            detail = f"is {declared or 'of no declared type'} and does not open as HTML"
            raise RequestRejected(RejectReason.NOT_HTML, detail, 200)
        return response if isinstance(response, HtmlResponse) else with_body(response, response.body, HtmlResponse)


def _source_kind(request: Request) -> SourceKind | None:
    return find_source_kind(info_of(request).kind)


def _is_wrong_type(declared: str, request: Request) -> bool:
    """Tell whether the media type `declared` is wrong for the kind of this request; "" is never wrong."""
    kind = _source_kind(request)
    allowed = kind.media_types if kind else ()
    return declared.startswith(MEDIA_TYPES) or bool(allowed and declared and declared not in allowed)
