"""Refuse a request from a middleware, and say in words what failed."""

from __future__ import annotations

import re

from scrapy.exceptions import IgnoreRequest

from cleaners.rejection import Rejection, RejectReason


class RequestRejected(IgnoreRequest):
    """Carries the `rejection` that the record of the request's URL will tell; the spider's errback makes a `FailedPage` of it."""

    def __init__(self, reason: RejectReason, detail: str, status: int | None = None, *, reached: bool = True):
        super().__init__(f"{reason}: {detail}")
        self.rejection = Rejection(reason, detail, status, reached)


_TLS = re.compile(r"\('[^']*', '[^']*', '([^']+)'\)")  # how OpenSSL's errors print: library, function, reason


def describe_failure(error: BaseException) -> str:
    """One line on an exception of Scrapy's downloader, e.g. `TLS: certificate verify failed`; never empty."""
    text = " ".join(str(error).split())
    if reasons := _TLS.findall(text):
        return f"TLS: {', '.join(dict.fromkeys(reasons))}"
    failures = getattr(error.__cause__, "reasons", None)  # of Twisted's ResponseFailed
    if failures:
        text = "; ".join(dict.fromkeys(failure.getErrorMessage() for failure in failures))
    return text[:200].rstrip(".") or type(error).__name__
