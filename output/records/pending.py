"""Carry, beside each record of an unfinished run, what the state will learn from it.

It is stored in the record's line of the `.part` under one private key. The `.part` alone is therefore enough to finish
a run, even in another process.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PENDING = "_pending"

# A kept block: its type's first letter (a capital if the block is tight), then its start and end in the text.
Span = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Pending:
    """Hold what the state still has to learn from a record.

    `signature` holds the MinHash values of its text, `spans` its kept blocks, and `classifier_drops` the texts that only
    the classifier dropped. The classifier may keep such a text on the next page, so site memory counts it too.
    """

    outcome: UrlOutcome
    signature: bytes | None = None
    spans: tuple[Span, ...] = ()
    classifier_drops: tuple[str, ...] = ()

    def to_part_keys(self) -> dict[str, Any]:
        """Return the private key for a record's line, with its value in JSON types."""
        value: dict[str, Any] = {"url": asdict(self.outcome)}
        if self.signature is not None:
            value["signature"] = b64encode(self.signature).decode("ascii")
        if self.spans:
            value["spans"] = self.spans
        if self.classifier_drops:
            value["classifier_drops"] = self.classifier_drops
        return {PENDING: value}


def read_pending(record: Mapping[str, Any], comparison_key: Callable[[str], str]) -> Pending:
    """Read the pending data of a line; for a finished record, which has none, derive the outcome from its URLs."""
    value = record.get(PENDING)
    if value is None:
        value = _from_old_keys(record)
    url, signature = value.get("url"), value.get("signature")
    return Pending(
        _outcome_from_json(url) if url else _outcome_from_record(record, value.get("site"), comparison_key),
        b64decode(signature) if signature else None,
        tuple(map(tuple, value.get("spans") or ())),
        tuple(value.get("classifier_drops") or ()),
    )


def _from_old_keys(record: Mapping[str, Any]) -> dict[str, Any]:
    """Read the five private keys that version 0.1 wrote to a `.part` instead of one."""
    return {
        "url": record.get("_seen"),
        "site": record.get("_site"),
        "signature": record.get("_signature"),
        "spans": record.get("_blocks"),
        "classifier_drops": record.get("_taken"),
    }


def _outcome_from_json(value: Mapping[str, Any]) -> UrlOutcome:
    fields = dict(value)
    if "asked" in fields:  # as version 0.1 called it
        fields["requested_url"] = fields.pop("asked")
    return UrlOutcome(**{**fields, "keys": tuple(fields["keys"])})


def _outcome_from_record(
    record: Mapping[str, Any], site: str | None, comparison_key: Callable[[str], str]
) -> UrlOutcome:
    urls = [url for name in ("requested_url", "url", "canonical_url") if (url := record.get(name))]
    keys = tuple(dict.fromkeys(map(comparison_key, urls)))
    return UrlOutcome(urls[0] if urls else "", keys, site or str(record.get("source") or ""))


@dataclass(frozen=True, slots=True)
class UrlOutcome:
    """Describe what became of a URL.

    `keys` are the comparison keys by which the URL is known from now on: first that of the requested URL, then those of
    the URL after redirects and of the canonical URL.

    For a reject, `final` means that the URL is not tried again, and `reached` that the request reached the page itself.
    """

    requested_url: str
    keys: tuple[str, ...]
    site: str
    etag: str | None = None
    last_modified: str | None = None
    final: bool = True
    reached: bool = True
