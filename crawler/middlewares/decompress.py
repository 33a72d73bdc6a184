"""Compressed answers, with bombs among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from isal import igzip_lib, isal_zlib
from scrapy.exceptions import IgnoreRequest

from cleaners.rejection import RejectReason
from crawler.download.content_type import looks_like_html
from crawler.download.scrapy_internals import HookedCompression
from crawler.requests.request_rejected import RequestRejected

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response


class DecompressMiddleware(HookedCompression):
    """Scrapy's own, which stops inside a bomb; here that has the reason `too_large`."""

    def __init__(self, crawler: Crawler):
        super().__init__(crawler=crawler)
        self.most = crawler.settings.getint("DOWNLOAD_MAXSIZE")

    def process_response(  # type: ignore[override]
        self, request: Request, response: Response
    ) -> Request | Response:
        """The response decompressed; raises RequestRejected `too_large`, and `download_failed` for what cannot be.

        A page that is called compressed and is not, as some servers have it, stays as it is.
        """
        if not response.body:  # stopped at its headers, or empty and yet called gzip
            return response
        try:
            return super().process_response(request, response)
        except IgnoreRequest as error:
            most = request.meta.get("download_maxsize", self.most)
            detail = f"{len(response.body):,} bytes grow to more than {most:,} when decompressed"
            raise RequestRejected(RejectReason.TOO_LARGE, detail, response.status) from error
        except Exception as error:  # each of the four codecs has errors of its own
            if looks_like_html(response.body):
                del response.headers["Content-Encoding"]
                return response
            raise RequestRejected(
                RejectReason.DOWNLOAD_FAILED, f"cannot be decompressed: {error}", response.status
            ) from error

    def unpack_gzip(self, body: bytes, most: int) -> bytes | None:
        return gunzip(body, most)


def gunzip(data: bytes, most: int) -> bytes | None:
    """What most answers hold, in a third of the time that Scrapy takes: one whole gzip member, as long as it says at its end
    (RFC 1952) and no longer than `most` bytes (0: any length). None for all else: cut ones, bombs, several members.
    """
    size = int.from_bytes(data[-4:], "little")
    if most and size > most:
        return None
    unpacker = isal_zlib.decompressobj(16 + isal_zlib.MAX_WBITS)
    try:
        content: bytes = unpacker.decompress(data, size + 1)
    except igzip_lib.IsalError:  # type: ignore[misc]  # its stub takes it for an instance
        return None
    return content if unpacker.eof and not unpacker.unused_data and len(content) == size else None
