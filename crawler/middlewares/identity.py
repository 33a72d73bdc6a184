"""Identify the crawler: an honest User-Agent with a contact."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

from scrapy.downloadermiddlewares.useragent import UserAgentMiddleware
from scrapy.settings import SETTINGS_PRIORITIES

from crawler import __version__

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)


def user_agent(contact: str) -> str:
    """Return the User-Agent header, e.g. `Winnow/0.1.0 (+mailto:me@example.org)`; it says so if no contact is set."""
    contact = re.sub(
        r"[^\x21-\x27\x2a-\x7e]+", " ", contact
    ).strip()  # nothing that would end the header, or the comment in it
    if "@" in contact and ":" not in contact:
        contact = f"mailto:{contact}"
    return f"Winnow/{__version__} ({'+' + contact if contact else 'contact not set'})"


class IdentityMiddleware(UserAgentMiddleware):
    """Puts WINNOW_CONTACT into the User-Agent, also from `-s`, and warns if there is no contact."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        middleware = super().from_crawler(crawler)
        settings = crawler.settings
        if (settings.getpriority("USER_AGENT") or 0) > SETTINGS_PRIORITIES["project"]:
            return middleware  # the user chose a complete User-Agent for this run
        contact = settings.get("WINNOW_CONTACT") or ""
        middleware.user_agent = user_agent(contact)
        if not contact.strip():
            logger.warning(
                "WINNOW_CONTACT is not set: publishers cannot reach you; set it to a mail address or URL, "
                "in the environment or with -s WINNOW_CONTACT=..."
            )
        return middleware
