"""When a URL is asked for again: failed ones with growing pauses, young articles to see whether they changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Schedule:
    """The rules. Pauses between attempts are `pause`, four times that, sixteen times ...; `attempts` fail, then it is
    given up. An article is young for `revisit_for` after it was published.

    What could not be asked at all (a host that is down) costs no attempt, for `patience` after it was found.
    """

    pause: timedelta = timedelta(minutes=15)
    attempts: int = 5
    revisit_for: timedelta = timedelta(hours=48)
    patience: timedelta = timedelta(days=7)

    def retry_at(self, attempts: int, now: datetime) -> datetime | None:
        """When to ask again after so many failed attempts; None: not any more."""
        return now + self.pause * 4 ** (attempts - 1) if attempts < self.attempts else None

    def retry_unreached_at(self, found: datetime, now: datetime) -> datetime | None:
        """When to ask for what could not be asked: at the next run; None where that has gone on for too long."""
        return now if now - found < self.patience else None

    def revisit_at(self, first_seen: datetime, published: datetime | None, now: datetime) -> datetime | None:
        """When to look at an article again: 1, 3, 9, 27 ... hours after it was first seen; None once it is old."""
        old = (published or first_seen) + self.revisit_for
        after = timedelta(hours=1)
        while (due := first_seen + after) <= now:
            after *= 3
        return due if due <= old else None
