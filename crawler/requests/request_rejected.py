"""Reject a request from a middleware, and describe why a download failed."""

from __future__ import annotations

import re

from scrapy.exceptions import IgnoreRequest

from cleaners.rejection import Rejection, RejectReason

_OPENSSL_ERROR = re.compile(r"\('[^']*', '[^']*', '([^']+)'\)")  # printed as (library, function, reason)


class RequestRejected(IgnoreRequest):
    """Raised by a middleware that rejects a request or its response.

    The spider's errback turns its `rejection` into a `FailedPage`, and the pipeline records that as a reject.
    """

    def __init__(self, reason: RejectReason, detail: str, status: int | None = None, *, reached: bool = True):
        super().__init__(f"{reason}: {detail}")
        self.rejection = Rejection(reason, detail, status, reached)


def describe_failure(error: BaseException) -> str:
    """Return one line on an exception of Scrapy's downloader, such as `TLS: certificate verify failed`; never empty."""
    text = " ".join(str(error).split())
    if reasons := _OPENSSL_ERROR.findall(text):
        return f"TLS: {', '.join(dict.fromkeys(reasons))}"
    failures = getattr(error.__cause__, "reasons", None)  # of Twisted's ResponseFailed
    if failures:
        text = "; ".join(dict.fromkeys(failure.getErrorMessage() for failure in failures))
    return text[:200].rstrip(".") or type(error).__name__
