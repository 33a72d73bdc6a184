"""Parse /.well-known/tdmrep.json, which reserves text and data mining (W3C TDM Reservation Protocol, 2024)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
from protego import Protego

from cleaners.text.sanitize import sanitize

if TYPE_CHECKING:
    from collections.abc import Mapping

TDMREP_PATH = "/.well-known/tdmrep.json"
TDMREP_READ_BYTES = 500 * 1024  # as for robots.txt
_MAX_RULES = 1000
_MAX_POLICY_LENGTH = 500


@dataclass(frozen=True, slots=True)
class TdmRule:
    """One rule: a pattern of paths, as in robots.txt, and the `rights` of these paths."""

    pattern: Protego
    rights: Mapping[str, Mapping[str, str | list[str]]]

    def covers(self, url: str) -> bool:
        """Tell whether the rule applies to this URL."""
        return not self.pattern.can_fetch(url, "any")


def read_tdmrep(status: int, body: bytes) -> tuple[TdmRule, ...]:
    """Parse the rules in a response for tdmrep.json, in order. Invalid files and rules are skipped without an error."""
    if status != 200:
        return ()
    try:
        rules = orjson.loads(body[:TDMREP_READ_BYTES].removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        return ()
    if isinstance(rules, dict):  # a lone rule without its list
        rules = [rules]
    found = (_parse_rule(rule) for rule in rules[:_MAX_RULES]) if isinstance(rules, list) else ()
    return tuple(rule for rule in found if rule is not None)


def tdm_rights(rules: tuple[TdmRule, ...], url: str) -> dict[str, dict[str, str | list[str]]]:
    """Return what the rules say about a URL, as a record's `rights`; the first rule that covers it counts."""
    first = next((rule for rule in rules if rule.covers(url)), None)
    return {signal: dict(places) for signal, places in first.rights.items()} if first else {}


def _parse_rule(rule: Any) -> TdmRule | None:
    if not isinstance(rule, dict):
        return None
    location, reservation, policy = (rule.get(name) for name in ("location", "tdm-reservation", "tdm-policy"))
    if not isinstance(location, str) or str(reservation) not in ("0", "1"):
        return None
    location = location.replace("\n", "").replace("\r", "").strip()
    location = location if location.startswith("/") else f"/{location}"
    rights: dict[str, dict[str, str | list[str]]] = {"tdm_reservation": {"tdmrep.json": str(reservation)}}
    if isinstance(policy, str) and policy:
        rights["tdm_policy"] = {"tdmrep.json": sanitize(policy[:_MAX_POLICY_LENGTH])}
    return TdmRule(Protego.parse(f"User-agent: *\nDisallow: {location}"), rights)
