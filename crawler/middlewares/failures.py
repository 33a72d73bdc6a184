"""What went wrong with a download, in words for people."""

from __future__ import annotations

import re

_TLS = re.compile(r"\('[^']*', '[^']*', '([^']+)'\)")  # how OpenSSL's errors print: library, function, reason


def why_failed(error: BaseException) -> str:
    """One line on an exception of Scrapy's downloader, e.g. `TLS: certificate verify failed`; never empty."""
    text = " ".join(str(error).split())
    if reasons := _TLS.findall(text):
        return f"TLS: {', '.join(dict.fromkeys(reasons))}"
    failures = getattr(error.__cause__, "reasons", None)  # of Twisted's ResponseFailed
    if failures:
        text = "; ".join(dict.fromkeys(failure.getErrorMessage() for failure in failures))
    return text[:200].rstrip(".") or type(error).__name__
