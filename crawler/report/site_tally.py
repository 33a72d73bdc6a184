"""Records, counted outlet by outlet as they are read: memory grows with outlets and days, not with records."""

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

# Fields that an article may lack, in the order in which they are shown.
COUNTED_FIELDS = ("title", "description", "authors", "published", "section", "tags", "image", "language")
# Articles of which a later one may be a copy: those of the fourteen days in which texts are compared, as a rule.
_REMEMBERED = 200_000
_LISTED = 12


@dataclass(slots=True)
class SiteTally:
    """What was counted of one outlet. `lengths` counts texts by characters, rounded to two digits."""

    days: Counter[date] = field(default_factory=Counter)  # articles in their first version, by the day their run began
    records: int = 0
    revised: int = 0
    duplicates: int = 0
    lengths: Counter[int] = field(default_factory=Counter)
    filled: Counter[str] = field(default_factory=Counter)
    removed: Counter[str] = field(default_factory=Counter)
    rejects: Counter[str] = field(default_factory=Counter)

    @property
    def median(self) -> int | None:
        """The median length of its texts, in characters."""
        half, seen = self.records / 2, 0
        for length, count in sorted(self.lengths.items()):
            seen += count
            if seen >= half:
                return length
        return None

    @property
    def found(self) -> float | None:
        """Yield: the share of its records and rejects that are articles."""
        asked = self.records + self.rejects.total()
        return self.records / asked if asked else None


@dataclass(frozen=True, slots=True)
class RejectExample:
    """A record to look at: what it is, and more in words."""

    title: str
    url: str | None
    site: str
    detail: str = ""


@dataclass(slots=True)
class RecordTally:
    """Everything that was counted. `examples` are the newest rejects of each reason."""

    outlets: dict[str, SiteTally] = field(default_factory=dict)
    copies: Counter[tuple[str, str]] = field(default_factory=Counter)  # outlet that repeats, outlet that had it first
    exact: int = 0
    near: int = 0
    later: int = 0  # versions of articles whose text changed
    revised: deque[RejectExample] = field(default_factory=lambda: deque(maxlen=_LISTED))
    copied: deque[RejectExample] = field(default_factory=lambda: deque(maxlen=_LISTED))
    examples: dict[str, deque[RejectExample]] = field(default_factory=dict)
    broken: int = 0
    _owners: dict[int, str] = field(default_factory=dict)  # article → outlet, the newest

    def add_article(self, article: Article, outlets: SiteLookup) -> None:
        site = outlets.of(article.url, article.source)
        outlet = self._of(site)
        outlet.records += 1
        outlet.lengths[_rounded(len(article.text))] += 1
        outlet.filled.update(name for name in COUNTED_FIELDS if getattr(article, name))
        outlet.removed.update({kind.value: count for kind, count in article.removed.items()})
        if article.revision > 1:
            outlet.revised += 1
            self.later += 1
            self.revised.append(_example(article, site, f"version {article.revision}"))
        else:
            outlet.days[_day_of(article)] += 1
        if article.duplicate_of:
            self._add_copy(article, site, outlet)
        self._remember(article.id, site)

    def add_reject(self, reject: Reject, outlets: SiteLookup) -> None:
        site = outlets.of(reject.url, reject.source)
        self._of(site).rejects[reject.reason.value] += 1
        examples = self.examples.setdefault(reject.reason.value, deque(maxlen=3))
        examples.append(RejectExample(reject.url or reject.id, reject.url, site, reject.detail))

    def total(self, name: str) -> Counter[str]:
        """A count of all outlets together: `removed`, `rejects` or `filled`."""
        return sum((getattr(outlet, name) for outlet in self.outlets.values()), Counter())

    @property
    def articles(self) -> int:
        return sum(outlet.records for outlet in self.outlets.values())

    def days(self, days: Sequence[date]) -> list[int]:
        """New articles of all outlets on each of these days."""
        return [sum(outlet.days[day] for outlet in self.outlets.values()) for day in days]

    def _of(self, site: str) -> SiteTally:
        if site not in self.outlets:
            self.outlets[site] = SiteTally()
        return self.outlets[site]

    def _add_copy(self, article: Article, site: str, outlet: SiteTally) -> None:
        outlet.duplicates += 1
        alike = article.similarity or 0.0
        self.exact += alike >= 1
        self.near += alike < 1
        first = self._owners.get(int(article.duplicate_of or "0", 16), "an article of earlier days")
        if (site, first) in self.copies or len(self.copies) < 10_000:
            self.copies[site, first] += 1
        self.copied.append(_example(article, site, f"{alike:.0%} like one of {first}"))

    def _remember(self, article: str, site: str) -> None:
        key = int(article, 16)
        self._owners.pop(key, None)  # so that the oldest stands first
        self._owners[key] = site
        if len(self._owners) > _REMEMBERED:
            del self._owners[next(iter(self._owners))]


def _day_of(article: Article) -> date:
    """The day (UTC) on which its run began, in whose folder it is."""
    try:
        return run_start(article.run).date()
    except ValueError:
        return date.fromisoformat(article.fetched[:10])


def _example(article: Article, site: str, detail: str) -> RejectExample:
    return RejectExample(article.title or article.url or article.id, article.url, site, detail)


def _rounded(length: int) -> int:
    """To two digits: as many different lengths as a histogram has room for."""
    return round(length, 1 - floor(log10(length))) if length else 0
