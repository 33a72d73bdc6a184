"""What travels with a request: what it is for, and what the middlewares learn of its host on the way."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

    from output.records.rights import Rights

# Values of `RequestInfo.kind` that a middleware asks for. The others name what a source is: feed, sitemap, page.
ARTICLE = "article"
ROBOTS = "robots"

_KEY = "winnow"  # in request.meta, which Scrapy copies to redirects and retries


@dataclass(frozen=True, slots=True)
class HostFindings:
    """What the host said before the request was sent.

    `sitemaps` are the `Sitemap:` lines of its robots.txt. Of an article, `robots_rights` is what robots.txt says of its
    use, and `rights` is that with all other signals; both in the form of a record's.
    """

    sitemaps: tuple[str, ...] = ()
    robots_rights: Rights = field(default_factory=dict)
    rights: Rights = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RequestInfo:
    """What a request is for. `kind` is "" where nothing is known of what should come back.

    `domains` are those that the answer may come from; none: any. `render` asks for Chromium. `delay` is in seconds and
    takes the place of DOWNLOAD_DELAY; None leaves that. `is_subrequest`: a page that is rendered asks for it, and its host's
    turn is the page's.
    """

    kind: str = ""
    domains: tuple[str, ...] = ()
    render: bool = False
    delay: float | None = None
    is_subrequest: bool = False
    findings: HostFindings = HostFindings()


_UNKNOWN = RequestInfo()


def info_of(carrier: Request | Response) -> RequestInfo:
    """Return what a request carries, or the request of a response; an empty RequestInfo where it carries none."""
    info = carrier.meta.get(_KEY, _UNKNOWN)
    assert isinstance(info, RequestInfo)
    return info


def as_meta(info: RequestInfo) -> dict[str, Any]:
    """Return the `meta` of a new request that is to carry this."""
    return {_KEY: info}


def set_findings(request: Request, findings: HostFindings) -> None:
    """Have the request carry these findings in place of what was found before."""
    request.meta[_KEY] = replace(info_of(request), findings=findings)
