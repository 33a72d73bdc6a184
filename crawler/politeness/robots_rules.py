"""robots.txt as RFC 9309 reads it: an answer's status and bytes in, rules out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from protego import Protego

from cleaners.rejection import Rejection, RejectReason
from crawler.politeness.robots_signals import RobotsSignals, read_signals

PRODUCT_TOKEN = "winnow"  # by which an outlet names us in its robots.txt
ROBOTS_READ_BYTES = 500 * 1024  # RFC 9309, section 2.5: at least so much is read; what comes after is not
LONGEST_DELAY = 60.0  # seconds; a longer Crawl-delay is a wish not to be crawled that Disallow can say

_HTML = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|body|script|\?xml|!--)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RobotsRules:
    """What an outlet allows. `refusal` says why nothing is allowed, if so; `delay` is in seconds, as asked. `reason` is what
    a URL is then rejected with.
    """

    parsed: Protego | None = None
    refusal: str | None = None
    reason: RejectReason = RejectReason.ROBOTS
    delay: float = 0.0
    sitemaps: tuple[str, ...] = ()
    signals: RobotsSignals = field(default_factory=RobotsSignals)

    def why_not(self, url: str) -> str | None:
        """Why the URL may not be fetched; None if it may."""
        if self.refusal:
            return self.refusal
        if self.parsed and not self.parsed.can_fetch(url, PRODUCT_TOKEN):
            return "forbidden by robots.txt"
        return None

    def rights(self, url: str) -> dict[str, dict[str, str | list[str]]]:
        """What the file says to AI agents, and of the use of the page, as a record's `rights`."""
        return self.signals.rights(self.parsed, url) if self.parsed else {}


ALLOW_ALL = RobotsRules()


def unreachable_rules(why: str, reason: RejectReason = RejectReason.ROBOTS) -> RobotsRules:
    """The rules of a host whose robots.txt cannot be had: nothing is allowed (RFC 9309, section 2.3.1.4)."""
    return RobotsRules(refusal=f"robots.txt {why}, so nothing may be fetched", reason=reason)


def unreadable_rules(why: Rejection) -> RobotsRules:
    """Return the rules of a host whose robots.txt we do not fetch: a private address stays the reason, all else is `robots`."""
    is_private = why.reason is RejectReason.PRIVATE_ADDRESS
    return unreachable_rules(f"cannot be read ({why.detail})", why.reason if is_private else RejectReason.ROBOTS)


def read_robots(status: int, body: bytes) -> RobotsRules:
    """The rules that an answer for robots.txt gives, after redirects. No body raises an error.

    2xx is parsed; 5xx allows nothing, and neither does 429, which says "not now" rather than "there is none"
    (section 2.3.1.4); any other status allows all (2.3.1.3). An HTML page in place of the file holds no rules.
    """
    if status >= 500 or status == 429:
        return unreachable_rules(f"answers {status}")
    if not 200 <= status < 300 or _HTML.match(body):
        return ALLOW_ALL
    text = body[:ROBOTS_READ_BYTES].decode("utf-8-sig", errors="replace").replace("\0", "")
    parsed = Protego.parse(text)
    return RobotsRules(
        parsed=parsed,
        delay=max(0.0, parsed.crawl_delay(PRODUCT_TOKEN) or 0.0),
        sitemaps=tuple(dict.fromkeys(parsed.sitemaps)),
        signals=read_signals(text, PRODUCT_TOKEN),
    )
