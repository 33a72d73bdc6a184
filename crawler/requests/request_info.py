"""Carry in `request.meta` what a request is for, and what the middlewares learned about its host."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

    from output.records.rights import Rights

# Values of `RequestInfo.kind` that middlewares know. The others are the kinds of source: feed, sitemap, page.
ARTICLE = "article"
ROBOTS = "robots"

_META_KEY = "winnow"  # Scrapy copies request.meta to redirects and retries


@dataclass(frozen=True, slots=True)
class HostFindings:
    """What a host's files say about a request, read before it is sent.

    `sitemaps` are the `Sitemap:` lines of robots.txt. For an article, `robots_rights` are the opt-out signals of
    robots.txt, and `rights` are those and the signals of tdmrep.json. Both have the form of a record's `rights`.
    """

    sitemaps: tuple[str, ...] = ()
    robots_rights: Rights = field(default_factory=dict)
    rights: Rights = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RequestInfo:
    """What a request is for.

    `kind` says what should come back: ARTICLE, ROBOTS, a kind of source, or "" for anything. The response must come
    from one of `domains`, if there are any. `render` has Chromium build the page. `delay`, in seconds, replaces
    DOWNLOAD_DELAY. `is_subrequest` marks what a page requests while it is rendered: such a request is sent within
    the page's turn at its host, without a delay of its own.
    """

    kind: str = ""
    domains: tuple[str, ...] = ()
    render: bool = False
    delay: float | None = None
    is_subrequest: bool = False
    findings: HostFindings = HostFindings()


_EMPTY = RequestInfo()


def info_of(message: Request | Response) -> RequestInfo:
    """Return the RequestInfo of a request, or of a response's request; an empty one where there is none."""
    info = message.meta.get(_META_KEY, _EMPTY)
    assert isinstance(info, RequestInfo)
    return info


def as_meta(info: RequestInfo) -> dict[str, Any]:
    """Return the `meta` that makes a new request carry `info`."""
    return {_META_KEY: info}


def set_findings(request: Request, findings: HostFindings) -> None:
    """Replace the findings that the request carries."""
    request.meta[_META_KEY] = replace(info_of(request), findings=findings)
