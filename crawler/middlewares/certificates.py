"""One warning where TLS certificates are not verified, in place of one for every connection."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from scrapy.exceptions import NotConfigured

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)


class CertificateNotice:
    """An extension that says once that DOWNLOAD_VERIFY_CERTIFICATES is off, and quiets Scrapy's line for each host."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if crawler.settings.getbool("DOWNLOAD_VERIFY_CERTIFICATES"):
            raise NotConfigured
        logger.warning("DOWNLOAD_VERIFY_CERTIFICATES is off: anyone on the way can change what is fetched")
        logging.getLogger("scrapy.core.downloader.tls").setLevel(logging.ERROR)
        return cls()
