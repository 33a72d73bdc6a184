"""/.well-known/tdmrep.json: what an outlet reserves of text and data mining (W3C TDM Reservation Protocol, 2024)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
from protego import Protego

if TYPE_CHECKING:
    from collections.abc import Mapping

TDMREP_PATH = "/.well-known/tdmrep.json"
TDMREP_READ_BYTES = 500 * 1024  # as much as of robots.txt; a rule a line
_MOST_RULES = 1000
_LONGEST = 500  # characters of a policy's URL


@dataclass(frozen=True, slots=True)
class TdmRule:
    """One rule: a pattern of paths, read as robots.txt reads them, and what is said of them."""

    pattern: Protego
    rights: Mapping[str, Mapping[str, str | list[str]]]

    def covers(self, url: str) -> bool:
        """Does the rule speak of this URL?"""
        return not self.pattern.can_fetch(url, "any")


def read_tdmrep(status: int, body: bytes) -> tuple[TdmRule, ...]:
    """The rules in an answer for tdmrep.json, in order. What is no such file, or no rule, is left out without an error."""
    if status != 200:
        return ()
    try:
        rules = orjson.loads(body[:TDMREP_READ_BYTES].removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        return ()
    if isinstance(rules, dict):  # a lone rule without its list
        rules = [rules]
    found = (_rule(rule) for rule in rules[:_MOST_RULES]) if isinstance(rules, list) else ()
    return tuple(rule for rule in found if rule is not None)


def tdm_rights(rules: tuple[TdmRule, ...], url: str) -> dict[str, dict[str, str | list[str]]]:
    """What the rules say of a URL, as a record's `rights`: the first that covers it counts."""
    first = next((rule for rule in rules if rule.covers(url)), None)
    return {signal: dict(places) for signal, places in first.rights.items()} if first else {}


def _rule(rule: Any) -> TdmRule | None:
    if not isinstance(rule, dict):
        return None
    location, reservation, policy = (rule.get(name) for name in ("location", "tdm-reservation", "tdm-policy"))
    if not isinstance(location, str) or str(reservation) not in ("0", "1"):
        return None
    location = location.replace("\n", "").replace("\r", "").strip()
    location = location if location.startswith("/") else f"/{location}"
    rights: dict[str, dict[str, str | list[str]]] = {"tdm_reservation": {"tdmrep.json": str(reservation)}}
    if isinstance(policy, str) and policy:
        rights["tdm_policy"] = {"tdmrep.json": policy[:_LONGEST]}
    return TdmRule(Protego.parse(f"User-agent: *\nDisallow: {location}"), rights)
