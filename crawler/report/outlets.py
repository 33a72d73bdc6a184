"""Which outlet a record belongs to: records carry registered domains, runs go by the ids of profiles."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

from crawler.profile import SiteProfile
from crawler.profiles import ProfileError, known_profile, profile_for, profile_ids

UNKNOWN = "unknown"
# Outlets that are counted one by one; a list of URLs from all over the web names more than anyone looks at.
MOST = 1000
OTHERS = "all others"


class Outlets:
    """Names the outlet of each record, as `sites`, those that the runs name, are called."""

    def __init__(self, sites: Collection[str]):
        self._profiles = _profiles(sites)
        self._by_host: dict[str, str] = {}
        self._named: set[str] = set()

    def of(self, url: str | None, source: str | None) -> str:
        """The profile's id, else the registered domain; `OTHERS` where there are too many."""
        host = _host(url)
        if host not in self._by_host:
            if len(self._by_host) > 10 * MOST:
                self._by_host.clear()
            profile = profile_for(url, self._profiles) if url and self._profiles else None
            self._by_host[host] = profile.id if profile else source or host or UNKNOWN
        name = self._by_host[host] if host else source or UNKNOWN
        if name in self._named:
            return name
        if len(self._named) >= MOST:
            return OTHERS
        self._named.add(name)
        return name


def _profiles(sites: Collection[str]) -> list[SiteProfile]:
    """The profiles of these sites that can be read; a broken one is for `scrapy crawl` to tell of."""
    found = []
    for site in sorted(profile_ids() & set(sites)):
        try:
            found.append(known_profile(site))
        except ProfileError:
            continue
    return found


def _host(url: str | None) -> str:
    try:
        return (urlsplit(url).hostname or "") if url else ""
    except ValueError:
        return ""
