"""Count a run's records while they are written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RecordCounts:
    """What the records of a finished file come to.

    `sources` counts records by registered domain ("" where there is none), `reasons` the rejects by reason, `removed`
    the blocks taken out of articles, by kind: also those that site memory took, which no single page tells.
    """

    sources: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    removed: Counter[str] = field(default_factory=Counter)

    def add(self, record: Record) -> None:
        """Count an article or a reject."""
        self.sources[record.get("source") or ""] += 1
        if reason := record.get("reason"):
            self.reasons[reason] += 1
        self.removed.update(record.get("removed") or {})

    def counting(self, records: Iterable[Record]) -> Iterator[Record]:
        """Yield the records, each counted."""
        for record in records:
            self.add(record)
            yield record
