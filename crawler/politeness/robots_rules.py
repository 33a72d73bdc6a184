"""Parse robots.txt by RFC 9309: from a response's status and body to rules."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from protego import Protego

from cleaners.rejection import Rejection, RejectReason
from crawler.politeness.robots_signals import RobotsSignals, read_signals

PRODUCT_TOKEN = "winnow"  # our name in robots.txt
ROBOTS_READ_BYTES = 500 * 1024  # RFC 9309, section 2.5: parse at least this much; the rest is ignored
LONGEST_DELAY = 60.0  # seconds; a host that wants no crawling at all can say so with Disallow

_HTML = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|body|script|\?xml|!--)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RobotsRules:
    """What a host allows.

    `refusal` says why nothing is allowed, if so. `reason` is the reject reason of a forbidden URL. `delay` is the
    Crawl-delay as written, in seconds.
    """

    parsed: Protego | None = None
    refusal: str | None = None
    reason: RejectReason = RejectReason.ROBOTS
    delay: float = 0.0
    sitemaps: tuple[str, ...] = ()
    signals: RobotsSignals = field(default_factory=RobotsSignals)

    def why_not(self, url: str) -> str | None:
        """Return why the URL may not be fetched; None if it may."""
        if self.refusal:
            return self.refusal
        if self.parsed and not self.parsed.can_fetch(url, PRODUCT_TOKEN):
            return "forbidden by robots.txt"
        return None

    def rights(self, url: str) -> dict[str, dict[str, str | list[str]]]:
        """Return what the file says to AI agents and about the use of the page, as a record's `rights`."""
        return self.signals.rights(self.parsed, url) if self.parsed else {}


ALLOW_ALL = RobotsRules()


def unreachable_rules(why: str, reason: RejectReason = RejectReason.ROBOTS) -> RobotsRules:
    """Return the rules of a host whose robots.txt cannot be fetched: nothing is allowed (RFC 9309, section 2.3.1.4)."""
    return RobotsRules(refusal=f"robots.txt {why}, so nothing may be fetched", reason=reason)


def unreadable_rules(rejection: Rejection) -> RobotsRules:
    """Return the rules of a host whose robots.txt a middleware rejected: nothing is allowed.

    The reject reason of its URLs stays `private_address` if that was the reason, and is `robots` otherwise.
    """
    is_private = rejection.reason is RejectReason.PRIVATE_ADDRESS
    reason = rejection.reason if is_private else RejectReason.ROBOTS
    return unreachable_rules(f"cannot be read ({rejection.detail})", reason)


def read_robots(status: int, body: bytes) -> RobotsRules:
    """Parse the response for robots.txt, after redirects. No body raises an error.

    2xx is parsed. 5xx allows nothing (section 2.3.1.4), and neither does 429, which means "not now" and not "there is
    none". Any other status allows everything (2.3.1.3), and so does an HTML page in place of the file.
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
