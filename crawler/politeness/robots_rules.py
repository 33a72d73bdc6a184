"""Parse robots.txt by RFC 9309: from a response's status and body to rules."""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass, field

from cleaners.rejection import Rejection, RejectReason
from crawler.politeness.path_patterns import PathPatterns, TooManyStepsError, index_patterns
from crawler.politeness.robots_groups import RobotsGroups, split_groups
from crawler.politeness.robots_signals import AI_AGENTS, UsageLines, read_usage
from crawler.politeness.url_paths import normal_path

PRODUCT_TOKEN = "winnow"  # our name in robots.txt
# The worst file of this size takes 12 ms to parse, which the event loop can spare; the worst of ROBOTS_READ_BYTES 0.6 s.
PARSED_AT_ONCE_BYTES = 16 * 1024
ROBOTS_READ_BYTES = 500 * 1024  # RFC 9309, section 2.5: parse at least this much; the rest is ignored
LONGEST_DELAY = 60.0  # seconds; a host that wants no crawling at all can say so with Disallow

_HTML = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|body|script|\?xml|!--)", re.IGNORECASE)


_OUR_NAMES = tuple(PRODUCT_TOKEN[:length] for length in range(len(PRODUCT_TOKEN), 0, -1))  # a group may abbreviate us
_AGENT_BY_TOKEN = {agent.lower(): agent for agent in AI_AGENTS}
_ASKED = frozenset({*_OUR_NAMES, "*", *_AGENT_BY_TOKEN})
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class GroupRules:
    """The rules of all groups that we ask about, in one index: several agents share a group, and an agent may have several.

    `owners` and `ranks` have the group and the rank (see RobotsGroup) of each pattern of the index.
    """

    patterns: PathPatterns = field(default_factory=lambda: index_patterns(()))
    owners: array[int] = field(default_factory=lambda: array("I"))
    ranks: array[int] = field(default_factory=lambda: array("I"))
    ours: tuple[int, ...] = ()  # the groups that apply to us
    agents: tuple[tuple[str, tuple[int, ...]], ...] = ()  # the AI agents that the file names, and their groups

    def best_ranks(self, path: str) -> dict[int, int]:
        """Return the highest rank in each group whose rules cover a path of `normal_path`. Raises TooManyStepsError."""
        best: dict[int, int] = {}
        for position in self.patterns.matching(path):
            owner, rank = self.owners[position], self.ranks[position]
            if rank > best.get(owner, 0):
                best[owner] = rank
        return best


def _allows(groups: tuple[int, ...], best: dict[int, int]) -> bool:
    return max((best.get(group, 1) for group in groups), default=1) % 2 == 1


@dataclass(frozen=True, slots=True)
class RobotsRules:
    """What a host allows. It can be pickled, and is small: nothing of agents that we do not ask about.

    `refusal` says why nothing is allowed, if so. `reason` is the reject reason of a forbidden URL. `delay` is the
    Crawl-delay as written, in seconds. `is_file` tells whether the host has a robots.txt. `weight` is about its size in
    memory, in bytes.
    """

    rules: GroupRules = field(default_factory=GroupRules)
    refusal: str | None = None
    reason: RejectReason = RejectReason.ROBOTS
    delay: float = 0.0
    sitemaps: tuple[str, ...] = ()
    usage: UsageLines = field(default_factory=UsageLines)
    is_file: bool = False
    weight: int = 2000

    def why_not(self, url: str) -> str | None:
        """Return why the URL may not be fetched; None if it may."""
        if self.refusal:
            return self.refusal
        path = normal_path(url)
        if path == "/robots.txt":
            return None
        try:
            return None if _allows(self.rules.ours, self.rules.best_ranks(path)) else "forbidden by robots.txt"
        except TooManyStepsError:
            return "robots.txt takes too long to match with this URL, so it counts as forbidden"

    def rights(self, url: str) -> dict[str, dict[str, str | list[str]]]:
        """Return what the file says to AI agents and about the use of the page, as a record's `rights`.

        `robots_ai` lists the agents that the file names and that may not fetch the page.
        """
        path = normal_path(url)
        forbidden: list[str] = []
        if self.rules.agents:
            try:
                best = self.rules.best_ranks(path)
                forbidden = [agent for agent, groups in self.rules.agents if not _allows(groups, best)]
            except TooManyStepsError:
                forbidden = [agent for agent, _ in self.rules.agents]
        named: dict[str, dict[str, str | list[str]]] = {"robots_ai": {"robots.txt": forbidden}} if forbidden else {}
        return named | self.usage.rights(path)


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

    The slowest body of 16 KiB takes 12 ms, that of 500 KiB 600 ms.

    2xx is parsed. 5xx allows nothing (section 2.3.1.4), and neither does 429, which means "not now" and not "there is
    none". Any other status allows everything (2.3.1.3), and so does an HTML page in place of the file.
    """
    if status >= 500 or status == 429:
        return unreachable_rules(f"answers {status}")
    if not 200 <= status < 300 or _HTML.match(body):
        return ALLOW_ALL
    file = split_groups(_decode(body[:ROBOTS_READ_BYTES]), _ASKED)
    groups = tuple(file.by_agents.values())
    rules = _index_groups(file)
    return RobotsRules(
        rules=rules,
        delay=max((groups[number].delay for number in rules.ours), default=0.0),
        sitemaps=file.sitemaps,
        usage=read_usage(line for number in rules.ours for line in groups[number].usage),
        is_file=True,
        weight=2000 + _weigh(file),
    )


def _weigh(file: RobotsGroups) -> int:
    kept = [*file.sitemaps]
    for group in file.by_agents.values():
        kept += [*group.rules, *(value for _, value in group.usage)]
    return sum(200 + 2 * len(text) for text in kept)


def _decode(body: bytes) -> str:
    """Return the text of a robots.txt: UTF-8 as RFC 9309 asks for, or UTF-16 where a mark and the zeros show it."""
    is_utf_16 = body.startswith(_UTF_16_MARKS) and 3 * body.count(0) > len(body)
    return body.decode("utf-16" if is_utf_16 else "utf-8-sig", errors="replace").replace("\0", "")


def _index_groups(file: RobotsGroups) -> GroupRules:
    def groups_of(agent: str) -> tuple[int, ...]:
        return tuple(number for number, agents in enumerate(file.by_agents) if agent in agents)

    rules = [
        (pattern, number, rank)
        for number, group in enumerate(file.by_agents.values())
        for pattern, rank in group.rules.items()
    ]
    return GroupRules(
        patterns=index_patterns([pattern for pattern, _, _ in rules]),
        owners=array("I", (number for _, number, _ in rules)),
        ranks=array("I", (rank for _, _, rank in rules)),
        ours=groups_of(next((name for name in _OUR_NAMES if name in file.named), "*")),
        agents=tuple((_AGENT_BY_TOKEN[name], groups_of(name)) for name in file.named if name in _AGENT_BY_TOKEN),
    )
