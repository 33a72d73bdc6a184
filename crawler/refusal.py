"""Hold the exception by which a middleware or the renderer rejects a request."""

from __future__ import annotations

from scrapy.exceptions import IgnoreRequest

from cleaners.rejection import Rejection, RejectReason


class RequestRejected(IgnoreRequest):
    """Carries the `rejection` that the record of the request's URL will tell; the spider's errback makes a `FailedPage` of it."""

    def __init__(self, reason: RejectReason, detail: str, status: int | None = None, *, reached: bool = True):
        super().__init__(f"{reason}: {detail}")
        self.rejection = Rejection(reason, detail, status, reached)
