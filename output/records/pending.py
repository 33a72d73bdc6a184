"""Carry beside a record, until its run is finished, what the state is to learn of it.

It stands in the line of the `.part` under one private key, so a `.part` alone is enough to finish a run, whoever finishes it.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PENDING = "_pending"

# A kept block: its type's first letter, a capital where it is tight; its start and end in the text.
Span = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Pending:
    """What the state still has to learn from a record.

    `signature` are the MinHash values of its text. `spans` are its kept blocks. `classifier_drops` are the texts that
    only the classifier dropped: it may keep them on the next page, so site memory counts them too.
    """

    url: UrlOutcome
    signature: bytes | None = None
    spans: tuple[Span, ...] = ()
    classifier_drops: tuple[str, ...] = ()

    def as_private(self) -> dict[str, Any]:
        """Return the private key of a record's line, and its value in JSON types."""
        value: dict[str, Any] = {"url": asdict(self.url)}
        if self.signature is not None:
            value["signature"] = b64encode(self.signature).decode("ascii")
        if self.spans:
            value["spans"] = self.spans
        if self.classifier_drops:
            value["classifier_drops"] = self.classifier_drops
        return {PENDING: value}


def pending_of(record: Mapping[str, Any], comparison_key: Callable[[str], str]) -> Pending:
    """Read what a line carries. For a finished record, which carries nothing, make up what its URLs tell."""
    value = record.get(PENDING)
    if value is None:
        value = _of_old_keys(record)
    url, signature = value.get("url"), value.get("signature")
    return Pending(
        UrlOutcome(**{**url, "keys": tuple(url["keys"])})
        if url
        else _url_of(record, value.get("site"), comparison_key),
        b64decode(signature) if signature else None,
        tuple(map(tuple, value.get("spans") or ())),
        tuple(value.get("classifier_drops") or ()),
    )


def _of_old_keys(record: Mapping[str, Any]) -> dict[str, Any]:
    """Read the five private keys that a `.part` of version 0.1 has in place of one."""
    return {
        "url": record.get("_seen"),
        "site": record.get("_site"),
        "signature": record.get("_signature"),
        "spans": record.get("_blocks"),
        "classifier_drops": record.get("_taken"),
    }


def _url_of(record: Mapping[str, Any], site: str | None, comparison_key: Callable[[str], str]) -> UrlOutcome:
    urls = [url for name in ("requested_url", "url", "canonical_url") if (url := record.get(name))]
    keys = tuple(dict.fromkeys(map(comparison_key, urls)))
    return UrlOutcome(urls[0] if urls else "", keys, site or str(record.get("source") or ""))


@dataclass(frozen=True, slots=True)
class UrlOutcome:
    """A URL that was dealt with. `keys` are the comparison keys under which it is known from now on: of the URL that
    was asked for, which comes first, of where it was found, of what the page calls itself.

    For a reject: `final` says that it is not to be tried again, `reached` that the page itself could be asked for.
    """

    asked: str
    keys: tuple[str, ...]
    site: str
    etag: str | None = None
    last_modified: str | None = None
    final: bool = True
    reached: bool = True
