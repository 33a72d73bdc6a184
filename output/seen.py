"""What a crawl knows of a URL beside its record: it stands in the `.part` under private keys, and goes to the state.

So a `.part` alone is enough to finish a run, whoever finishes it.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

SEEN = "_seen"
SIGNATURE = "_signature"


@dataclass(frozen=True, slots=True)
class Seen:
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

    def as_private(self, hashes: bytes | None = None) -> dict[str, Any]:
        """The private keys of a record's line."""
        private: dict[str, Any] = {SEEN: asdict(self)}
        if hashes is not None:
            private[SIGNATURE] = b64encode(hashes).decode("ascii")
        return private


def seen_of(record: Mapping[str, Any], comparison_key: Callable[[str], str]) -> Seen:
    """What the line of a record says of its URL; of a finished record, which says less, what can be made of it."""
    private = record.get(SEEN)
    if private is not None:
        return Seen(**{**private, "keys": tuple(private["keys"])})
    urls = [record.get(name) for name in ("requested_url", "url", "canonical_url")]
    keys = dict.fromkeys(comparison_key(url) for url in urls if url)
    asked = next((url for url in urls if url), "")
    return Seen(asked, tuple(keys), str(record.get("source") or ""))


def signature_of(record: Mapping[str, Any]) -> bytes | None:
    """The signature that the line of a record carries."""
    stored = record.get(SIGNATURE)
    return b64decode(stored) if stored else None
