"""The exception by which a middleware refuses a request, with the reason that the record of it will carry."""

from __future__ import annotations

from scrapy.exceptions import IgnoreRequest


class Refused(IgnoreRequest):
    """Raised by a downloader middleware. `reason` is one of `output.article.RejectReason`; the spider's errback makes a
    `RefusedPage` of it. Not `reached`: nobody could see the page, since its host is down or asks for a pause, or the browser
    that it needs does not start."""

    def __init__(self, reason: str, detail: str, status: int | None = None, *, reached: bool = True):
        super().__init__(f"{reason}: {detail}")
        self.reached = reached
        self.reason = reason
        self.detail = detail
        self.status = status
