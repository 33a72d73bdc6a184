"""Schedule requests: retry failed URLs after growing pauses, and revisit young articles to see if they changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Schedule:
    """Hold the intervals of retries and revisits.

    The pauses between attempts are `pause`, 4 * `pause`, 16 * `pause`, and so on; after `attempts` failures, the URL is
    given up. A URL whose host cannot be reached costs no attempt until `patience` has passed since it was found.
    An article is revisited until `revisit_for` after it was published.
    """

    pause: timedelta = timedelta(minutes=15)
    attempts: int = 5
    revisit_for: timedelta = timedelta(hours=48)
    patience: timedelta = timedelta(days=7)

    def retry_at(self, attempts: int, now: datetime) -> datetime | None:
        """Return when to retry after this many failed attempts, or None to give up."""
        return now + self.pause * 4 ** (attempts - 1) if attempts < self.attempts else None

    def retry_unreached_at(self, found: datetime, now: datetime) -> datetime | None:
        """Return when to retry a URL that could not be reached: at the next run, or None after `patience`."""
        return now if now - found < self.patience else None

    def revisit_at(self, first_seen: datetime, published: datetime | None, now: datetime) -> datetime | None:
        """Return when to revisit an article: 1, 3, 9, 27 ... hours after it was first seen, or None once it is old."""
        last = (published or first_seen) + self.revisit_for
        after = timedelta(hours=1)
        while (due := first_seen + after) <= now:
            after *= 3
        return due if due <= last else None
