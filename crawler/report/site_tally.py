"""Count records by site as they are read. Memory grows with sites and days, not with records."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import date
from math import floor, log10
from typing import TYPE_CHECKING

from output.runs.run_log import run_start

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.report.site_lookup import SiteLookup
    from output.records.article import Article, Reject

# Fields that an article may lack, in display order.
COUNTED_FIELDS = ("title", "description", "authors", "published", "section", "tags", "image", "language")
# Articles that a later one may copy: more than the days across which texts are compared usually bring.
_OWNER_LIMIT = 200_000
_LISTED = 12


@dataclass(slots=True)
class SiteTally:
    """Count the records of one site. `lengths` counts texts by characters, rounded to two digits."""

    days: Counter[date] = field(default_factory=Counter)  # first revisions, by the day on which their run began
    records: int = 0
    revised: int = 0
    duplicates: int = 0
    lengths: Counter[int] = field(default_factory=Counter)
    filled: Counter[str] = field(default_factory=Counter)
    removed: Counter[str] = field(default_factory=Counter)
    rejects: Counter[str] = field(default_factory=Counter)

    @property
    def median(self) -> int | None:
        """Return the median length of the texts, in characters."""
        half, total = self.records / 2, 0
        for length, count in sorted(self.lengths.items()):
            total += count
            if total >= half:
                return length
        return None

    @property
    def yield_share(self) -> float | None:
        """Return the yield: the share of articles among records and rejects."""
        pages = self.records + self.rejects.total()
        return self.records / pages if pages else None


@dataclass(frozen=True, slots=True)
class RejectExample:
    """Describe a record that the report shows as an example."""

    title: str
    url: str | None
    site: str
    detail: str = ""


@dataclass(slots=True)
class RecordTally:
    """Count all records. `examples` are the newest rejects of each reason."""

    sites: dict[str, SiteTally] = field(default_factory=dict)
    copies: Counter[tuple[str, str]] = field(default_factory=Counter)  # (site that repeats, site that had it first)
    exact: int = 0
    near: int = 0
    later: int = 0  # later revisions, of articles whose text changed
    revised: deque[RejectExample] = field(default_factory=lambda: deque(maxlen=_LISTED))
    copied: deque[RejectExample] = field(default_factory=lambda: deque(maxlen=_LISTED))
    examples: dict[str, deque[RejectExample]] = field(default_factory=dict)
    broken: int = 0
    _owners: dict[int, str] = field(default_factory=dict)  # article id → site, of the newest articles

    def add_article(self, article: Article, site_lookup: SiteLookup) -> None:
        """Count an article."""
        site = site_lookup.name_site(article.url, article.source)
        counts = self._site(site)
        counts.records += 1
        counts.lengths[_rounded(len(article.text))] += 1
        counts.filled.update(name for name in COUNTED_FIELDS if getattr(article, name))
        counts.removed.update({kind.value: count for kind, count in article.removed.items()})
        if article.revision > 1:
            counts.revised += 1
            self.later += 1
            self.revised.append(_example(article, site, f"revision {article.revision}"))
        else:
            counts.days[_day_of(article)] += 1
        if article.duplicate_of:
            self._add_copy(article, site, counts)
        self._add_owner(article.id, site)

    def add_reject(self, reject: Reject, site_lookup: SiteLookup) -> None:
        """Count a reject."""
        site = site_lookup.name_site(reject.url, reject.source)
        self._site(site).rejects[reject.reason.value] += 1
        examples = self.examples.setdefault(reject.reason.value, deque(maxlen=3))
        examples.append(RejectExample(reject.url or reject.id, reject.url, site, reject.detail))

    def total(self, name: str) -> Counter[str]:
        """Return a count over all sites: `removed`, `rejects` or `filled`."""
        return sum((getattr(counts, name) for counts in self.sites.values()), Counter())

    @property
    def articles(self) -> int:
        """Return the number of article records."""
        return sum(counts.records for counts in self.sites.values())

    def days(self, days: Sequence[date]) -> list[int]:
        """Return the new articles of all sites on each of these days."""
        return [sum(counts.days[day] for counts in self.sites.values()) for day in days]

    def _site(self, site: str) -> SiteTally:
        if site not in self.sites:
            self.sites[site] = SiteTally()
        return self.sites[site]

    def _add_copy(self, article: Article, site: str, counts: SiteTally) -> None:
        counts.duplicates += 1
        alike = article.similarity or 0.0
        self.exact += alike >= 1
        self.near += alike < 1
        first = self._owners.get(int(article.duplicate_of or "0", 16), "an older article")
        if (site, first) in self.copies or len(self.copies) < 10_000:
            self.copies[site, first] += 1
        self.copied.append(_example(article, site, f"{alike:.0%} similar to one from {first}"))

    def _add_owner(self, article: str, site: str) -> None:
        key = int(article, 16)
        self._owners.pop(key, None)  # keeps the oldest first
        self._owners[key] = site
        if len(self._owners) > _OWNER_LIMIT:
            del self._owners[next(iter(self._owners))]


def _day_of(article: Article) -> date:
    """Return the day (UTC) on which the article's run began."""
    try:
        return run_start(article.run).date()
    except ValueError:
        return date.fromisoformat(article.fetched[:10])


def _example(article: Article, site: str, detail: str) -> RejectExample:
    return RejectExample(article.title or article.url or article.id, article.url, site, detail)


def _rounded(length: int) -> int:
    """Round a length to two digits, to keep the histogram small."""
    return round(length, 1 - floor(log10(length))) if length else 0
