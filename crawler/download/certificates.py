"""What is logged of TLS certificates: one line each for what a person should know, and no traceback."""

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
    """Drops Twisted's traceback for a certificate that names no host: the refusal of the request tells of it."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not record.getMessage().startswith("while verifying certificate")


class CertificateNotice:
    """An extension that says once that DOWNLOAD_VERIFY_CERTIFICATES is off, in place of Scrapy's line for each host."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if not crawler.settings.getbool("DOWNLOAD_VERIFY_CERTIFICATES"):
            logger.warning("DOWNLOAD_VERIFY_CERTIFICATES is off: anyone on the way can change what is fetched")
            logging.getLogger("scrapy.core.downloader.tls").setLevel(logging.ERROR)
            return cls()
        twisted = logging.getLogger("twisted")
        if not any(isinstance(known, VerificationNoise) for known in twisted.filters):
            twisted.addFilter(VerificationNoise())
            show = warnings.showwarning  # beginning takes it over; Python's logging has it, and keeps it
            globalLogBeginner.beginLoggingTo((), discardBuffer=True, redirectStandardIO=False)  # no copies on stderr
            warnings.showwarning = show
        return cls()
