"""Define the reasons why a URL gives no article, and what each reason means."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class RejectReason(StrEnum):
    """List the reasons why a URL or a page gives no article."""

    is_site_fault: bool  # the site or the way to it is broken: it counts as one of the site's failed pages
    is_transient: bool  # it may pass: the URL is fetched again
    is_page_verdict: bool  # the page was read and holds no article
    is_no_article: bool  # the URL surely gives no article: similar URLs need not be fetched
    is_crawl_decision: bool  # decided when the page was fetched: cleaning it again cannot change it

    # Each member states all five, so that a new one cannot leave any out.
    # fmt: off
    #                                             fault, transient, page verdict, no article, crawl decision
    NOT_ARTICLE = "not_article",                  False, False, True,  True,  False
    TOO_SHORT = "too_short",                      False, False, True,  False, False
    PAYWALL = "paywall",                          False, False, True,  False, False
    CONSENT_WALL = "consent_wall",                True,  True,  True,  False, False
    VIDEO_ONLY = "video_only",                    False, False, True,  True,  False
    ERROR_PAGE = "error_page",                    True,  True,  True,  True,  False
    HTTP_ERROR = "http_error",                    True,  True,  False, False, False
    DOWNLOAD_FAILED = "download_failed",          True,  True,  False, False, False
    REDIRECTED_OFF_SITE = "redirected_off_site",  True,  False, False, True,  False
    PRIVATE_ADDRESS = "private_address",          True,  False, False, False, False
    NOT_HTML = "not_html",                        True,  False, False, True,  False
    TOO_LARGE = "too_large",                      True,  False, False, False, False
    ROBOTS = "robots",                            True,  False, False, True,  False
    OPTED_OUT = "opted_out",                      False, False, False, False, True
    LANGUAGE = "language",                        False, False, False, False, True
    CLEANING_TIMEOUT = "cleaning_timeout",        True,  True,  True,  False, False
    CLEANING_CRASH = "cleaning_crash",            True,  True,  True,  False, False
    DUPLICATE = "duplicate",                      False, False, False, False, True
    TOO_OLD = "too_old",                          False, False, False, False, True
    UNREADABLE = "unreadable",                    True,  False, False, False, False
    # fmt: on

    def __new__(
        cls,
        value: str,
        is_site_fault: bool,
        is_transient: bool,
        is_page_verdict: bool,
        is_no_article: bool,
        is_crawl_decision: bool,
    ) -> Self:
        """Create the member of this value and set its properties."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.is_site_fault = is_site_fault
        member.is_transient = is_transient
        member.is_page_verdict = is_page_verdict
        member.is_no_article = is_no_article
        member.is_crawl_decision = is_crawl_decision
        return member

    @property
    def is_final(self) -> bool:
        """Tell whether fetching the URL again is useless."""
        return not self.is_transient


@dataclass(frozen=True, slots=True)
class Rejection:
    """Say why there is no article: the reason, a detail for people, and the HTTP status if there was a response.

    `reached` is False if the page could not be fetched at all: its host is down or asks for a pause, or the browser
    does not start.

    >>> Rejection(RejectReason.HTTP_ERROR, "HTTP 410", 410).reached
    True
    """

    reason: RejectReason
    detail: str
    status: int | None = None
    reached: bool = True
