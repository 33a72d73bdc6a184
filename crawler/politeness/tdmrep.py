"""Parse /.well-known/tdmrep.json, which reserves text and data mining (W3C TDM Reservation Protocol, 2024)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from cleaners.text.sanitize import sanitize
from crawler.politeness.path_patterns import PathPatterns, TooManyStepsError, index_patterns
from crawler.politeness.url_paths import normal_path, normal_patterns

if TYPE_CHECKING:
    from collections.abc import Mapping

TDMREP_PATH = "/.well-known/tdmrep.json"
TDMREP_READ_BYTES = 500 * 1024  # as for robots.txt
_MAX_RULES = 1000
_MAX_POLICY_LENGTH = 500


@dataclass(frozen=True, slots=True)
class TdmRules:
    """The rules of a host, in order: the `rights` of each, and an index of their patterns of paths, as in robots.txt.

    `owners` has the rule of each pattern of the index.
    """

    rights: tuple[Mapping[str, Mapping[str, str | list[str]]], ...] = ()
    patterns: PathPatterns = field(default_factory=lambda: index_patterns(()))
    owners: tuple[int, ...] = ()
    weight: int = 2000  # about the size in memory, in bytes


NO_TDM_RULES = TdmRules()


def read_tdmrep(status: int, body: bytes) -> TdmRules:
    """Parse the rules in a response for tdmrep.json, in order. Invalid files and rules are skipped without an error."""
    if status != 200:
        return NO_TDM_RULES
    try:
        rules = orjson.loads(body[:TDMREP_READ_BYTES].removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        return NO_TDM_RULES
    if isinstance(rules, dict):  # a lone rule without its list
        rules = [rules]
    found = (_parse_rule(rule) for rule in rules[:_MAX_RULES]) if isinstance(rules, list) else ()
    kept = [rule for rule in found if rule is not None]
    patterns = [(number, pattern) for number, (patterns, _) in enumerate(kept) for pattern in patterns]
    return TdmRules(
        rights=tuple(rights for _, rights in kept),
        patterns=index_patterns([pattern for _, pattern in patterns]),
        owners=tuple(number for number, _ in patterns),
        weight=2000 + sum(1000 + 2 * len(pattern) for _, pattern in patterns),
    )


def tdm_rights(rules: TdmRules, url: str) -> dict[str, dict[str, str | list[str]]]:
    """Return what the rules say about a URL, as a record's `rights`; the first rule that covers it counts.

    If matching takes too long, every rule counts as covering it.
    """
    try:
        covering = [rules.owners[position] for position in rules.patterns.matching(normal_path(url))]
    except TooManyStepsError:
        covering = list(rules.owners)
    return {signal: dict(places) for signal, places in rules.rights[min(covering)].items()} if covering else {}


def _parse_rule(rule: Any) -> tuple[tuple[str, ...], dict[str, dict[str, str | list[str]]]] | None:
    if not isinstance(rule, dict):
        return None
    location, reservation, policy = (rule.get(name) for name in ("location", "tdm-reservation", "tdm-policy"))
    if not isinstance(location, str) or reservation not in (0, 1, "0", "1") or isinstance(reservation, bool | float):
        return None
    location = location.partition("#")[0].replace("\n", "").replace("\r", "").strip()
    location = location if location.startswith("/") else f"/{location}"
    rights: dict[str, dict[str, str | list[str]]] = {"tdm_reservation": {"tdmrep.json": str(reservation)}}
    if isinstance(policy, str) and policy:
        rights["tdm_policy"] = {"tdmrep.json": sanitize(policy[:_MAX_POLICY_LENGTH])}
    return normal_patterns(location, allow=False), rights
