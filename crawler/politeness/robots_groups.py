"""Split robots.txt into groups, of which only those for the agents that we ask about are kept.

As forgiving as Protego: common misspellings, and lines without a colon.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto

from crawler.politeness.url_paths import LONGEST_PATTERN, normal_patterns

_MOST_SITEMAPS = 500
_MOST_USAGE_LINES = 1000  # a host has a handful
_LONGEST_NUMBER = 32  # digits of a Crawl-delay


class _Kind(Enum):
    AGENT = auto()
    ALLOW = auto()
    DISALLOW = auto()
    DELAY = auto()
    USAGE = auto()
    SITEMAP = auto()
    HOST = auto()
    UNKNOWN = auto()


_FIELDS = {
    _Kind.AGENT: ("user-agent", "useragent", "user agent"),
    _Kind.ALLOW: ("allow",),
    _Kind.DISALLOW: ("disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw"),
    _Kind.DELAY: ("crawl-delay", "crawl delay"),
    _Kind.USAGE: ("content-usage", "content-signal"),
    _Kind.SITEMAP: ("sitemap", "sitemaps", "site-map"),
    _Kind.HOST: ("host",),
    _Kind.UNKNOWN: ("request-rate", "request rate", "visit-time", "visit time"),  # known, but not used
}
_KINDS = {name: kind for kind, names in _FIELDS.items() for name in names}
_SITE_WIDE = (_Kind.SITEMAP, _Kind.HOST)  # belong to no group, and do not end a group's list of agents


@dataclass(slots=True)
class RobotsGroup:
    """What the file says to one set of agents.

    `rules` has the rank of each pattern: the pattern of the highest rank that covers a path decides. A rank is twice the
    pattern's length, plus one if it allows: the longest pattern wins, and of two alike the one that allows.
    """

    rules: dict[str, int] = field(default_factory=dict)
    delay: float = 0.0  # the longest one
    usage: list[tuple[str, str]] = field(default_factory=list)  # field and value

    def add(self, kind: _Kind, name: str, value: str) -> None:
        """Add one line with a value."""
        if kind is _Kind.USAGE and len(self.usage) < _MOST_USAGE_LINES:
            self.usage.append((name, value))
        elif kind is _Kind.DELAY:
            self.delay = max(self.delay, _seconds(value))
        elif kind in (_Kind.ALLOW, _Kind.DISALLOW):
            allow = kind is _Kind.ALLOW
            for pattern in normal_patterns(value, allow=allow):
                rank = 2 * len(pattern) + allow
                self.rules[pattern] = max(rank, self.rules.get(pattern, rank))


@dataclass(frozen=True, slots=True)
class RobotsGroups:
    """The groups of a file by their agents, all agents asked about that it names, in order, and its sitemaps."""

    by_agents: dict[frozenset[str], RobotsGroup]
    named: tuple[str, ...]
    sitemaps: tuple[str, ...]


def split_groups(text: str, asked: frozenset[str]) -> RobotsGroups:
    """Split a robots.txt, and keep what it says to the agents `asked`, in lower case and without a version.

    Groups of the same agents are one. Usage lines before the first group count for `*`.
    """
    groups: dict[frozenset[str], RobotsGroup] = {}
    named: dict[str, None] = {}
    sitemaps: dict[str, None] = {}
    agents, has_agents, in_agents = {"*"}, False, False
    group: RobotsGroup | None = None  # of these agents, once a line is for it
    for line in text.splitlines():
        line = line.partition("#")[0].strip()
        if not line or (directive := _read_line(line)) is None:
            continue
        kind, name, value = directive
        if kind is _Kind.AGENT:
            if not in_agents:
                agents, has_agents, group = set(), False, None
            in_agents = True
            if value:
                has_agents, agent = True, _product_token(value)
                if agent in asked:
                    named[agent], group = None, None
                    agents.add(agent)
            continue
        if kind is _Kind.SITEMAP and 0 < len(value) <= LONGEST_PATTERN and len(sitemaps) < _MOST_SITEMAPS:
            sitemaps[value] = None
        in_agents = in_agents and kind in _SITE_WIDE
        if value and agents and (has_agents or kind is _Kind.USAGE) and kind not in (*_SITE_WIDE, _Kind.UNKNOWN):
            if group is None:
                group = groups.setdefault(frozenset(agents), RobotsGroup())
            group.add(kind, name, value)
    return RobotsGroups(groups, tuple(named), tuple(sitemaps))


def _read_line(line: str) -> tuple[_Kind, str, str] | None:
    """Return what kind of line this is, its field and its value; None if it is no directive at all.

    Where no known field stands before a colon, the first one or two words may be one.
    """
    name, colon, value = line.partition(":")
    name = name.strip().lower()
    if colon and name in _KINDS:
        return _KINDS[name], name, value.strip()
    if not colon or (value and not value[0].isspace()):
        words = line.split()
        for count in (1, 2):
            if (first := " ".join(words[:count]).lower()) in _KINDS:
                return _KINDS[first], first, " ".join(words[count:])
    return (_Kind.UNKNOWN, name, value.strip()) if colon else None


def _product_token(value: str) -> str:
    """Return an agent's name in lower case, without `*` and without a version such as that of `GPTBot/1.2`."""
    name = value.lower().replace("*", "") or "*"
    return name.partition("/")[0].strip()


def _seconds(value: str) -> float:
    try:
        seconds = float(value) if len(value) <= _LONGEST_NUMBER else 0.0
    except ValueError:
        return 0.0
    return seconds if 0 < seconds < float("inf") else 0.0
