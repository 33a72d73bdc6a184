"""Log what matters about TLS certificates in one line each, without tracebacks."""

from __future__ import annotations

import logging
import warnings
from typing import TYPE_CHECKING

from twisted.logger import globalLogBeginner

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)


class VerificationNoise(logging.Filter):
    """Drops Twisted's traceback for a certificate that names no host; the request's rejection reports it."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not record.getMessage().startswith("while verifying certificate")


class CertificateNotice:
    """An extension that warns once if DOWNLOAD_VERIFY_CERTIFICATES is off, where Scrapy warns for every host."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if not crawler.settings.getbool("DOWNLOAD_VERIFY_CERTIFICATES"):
            logger.warning(
                "DOWNLOAD_VERIFY_CERTIFICATES is off: anyone between you and a host can change what is fetched"
            )
            logging.getLogger("scrapy.core.downloader.tls").setLevel(logging.ERROR)
            return cls()
        twisted = logging.getLogger("twisted")
        if not any(isinstance(present, VerificationNoise) for present in twisted.filters):
            twisted.addFilter(VerificationNoise())
            # Keep Twisted from printing a copy of each line on stderr, and from taking over Python's warnings.
            showwarning = warnings.showwarning
            globalLogBeginner.beginLoggingTo((), discardBuffer=True, redirectStandardIO=False)
            warnings.showwarning = showwarning
        return cls()
