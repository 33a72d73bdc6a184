"""What a request may bring home: HTML where a page was asked for, and never more than fits."""

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

if TYPE_CHECKING:
    from typing import Self

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Headers, Response

    from crawler.discovery.base import SourceKind

_ANYTHING = ("", ROBOTS)  # kinds of which any answer will do


class ContentMiddleware:
    """Refuses what is no page (reason `not_html`) or is too large (`too_large`), as early as its headers tell.

    It goes by `RequestInfo.kind`: an `article` must be HTML, by its Content-Type or by how it opens; a
    `page` or a source must at least not be an image, a PDF or the like, and be what its kind asks for. Others pass.
    """

    def __init__(self, crawler: Crawler):
        self.crawler = crawler
        self.most = crawler.settings.getint("DOWNLOAD_MAXSIZE")
        crawler.signals.connect(self.headers_received, signals.headers_received)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Sets the size limit and the Accept header that go with the kind of source."""
        kind = _source_kind(request)
        if kind is None:
            return
        if kind.max_bytes is not None:
            request.meta.setdefault("download_maxsize", kind.max_bytes)
        if kind.accept is not None:
            request.headers["Accept"] = kind.accept

    def headers_received(self, headers: Headers, body_length: int | None, request: Request) -> None:
        """Stops the download of a body that would be refused anyway."""
        if info_of(request).kind in _ANYTHING:
            return
        size = body_length if isinstance(body_length, int) else 0  # Twisted has an object for "unknown"
        if _is_refused(media_type(headers.get("Content-Type")), request) or size > self._most(request):
            raise StopDownload(fail=False)

    def process_response(self, request: Request, response: Response) -> Response:
        """The response, as HtmlResponse where it is one; raises RequestRejected `not_html` or `too_large`."""
        if response.status != 200 or (kind := info_of(request).kind) in _ANYTHING:
            return response
        declared = media_type(response.headers.get("Content-Type"))
        size = int(response.headers.get("Content-Length") or 0) if "download_stopped" in response.flags else 0
        if size > self._most(request):
            raise RequestRejected(RejectReason.TOO_LARGE, f"{size:,} bytes, more than {self._most(request):,}", 200)
        if _is_refused(declared, request):
            raise RequestRejected(RejectReason.NOT_HTML, f"is {declared}", 200)
        if kind == ARTICLE:
            return self._page(response, declared)
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Gives the cancelled download of a body that grew too large its reason."""
        if isinstance(exception, DownloadCancelledError):
            raise RequestRejected(RejectReason.TOO_LARGE, f"more than {self._most(request):,} bytes") from exception

    def _most(self, request: Request) -> int:
        return int(request.meta.get("download_maxsize", self.most))

    @staticmethod
    def _page(response: Response, declared: str) -> Response:
        if not response.body or response.body.isspace():
            raise RequestRejected(RejectReason.NOT_HTML, "an empty body", 200)
        if binary := describe_binary(response.body):
            raise RequestRejected(
                RejectReason.NOT_HTML, f"is {binary}, sent as {declared or 'nothing in particular'}", 200
            )
        if declared not in HTML_TYPES and not looks_like_html(response.body):
            raise RequestRejected(
                RejectReason.NOT_HTML, f"is {declared or 'of no declared type'} and does not open as HTML", 200
            )
        return response if isinstance(response, HtmlResponse) else response.replace(cls=HtmlResponse)


def _source_kind(request: Request) -> SourceKind | None:
    return find_source_kind(info_of(request).kind)


def _is_refused(declared: str, request: Request) -> bool:
    """Tell whether the kind of this request cannot be what has the media type `declared`; "" may be anything."""
    kind = _source_kind(request)
    wanted = kind.media_types if kind else ()
    return declared.startswith(MEDIA_TYPES) or bool(wanted and declared and declared not in wanted)
