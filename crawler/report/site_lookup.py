"""Find the site of a record: records have registered domains, runs have the ids of profiles."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.sites.profile_loader import ProfileError, load_profile_by_id, profile_for, profile_ids

if TYPE_CHECKING:
    from collections.abc import Collection

    from crawler.sites.profile import SiteProfile

UNKNOWN_SITE = "unknown"
# Sites that are counted one by one. A list of URLs from all over the web has more than anyone would read.
SITE_LIMIT = 1000
OTHER_SITES = "all others"


class SiteLookup:
    """Name the site of each record. `sites` are the ids that the runs name."""

    def __init__(self, sites: Collection[str]):
        self._profiles = _profiles(sites)
        self._by_host: dict[str, str] = {}
        self._named: set[str] = set()

    def name_site(self, url: str | None, source: str | None) -> str:
        """Return the profile's id, or else the registered domain; OTHER_SITES once there are too many."""
        host = _host(url)
        if host not in self._by_host:
            if len(self._by_host) > 10 * SITE_LIMIT:
                self._by_host.clear()
            profile = profile_for(url, self._profiles) if url and self._profiles else None
            self._by_host[host] = profile.id if profile else source or host or UNKNOWN_SITE
        name = self._by_host[host] if host else source or UNKNOWN_SITE
        if name in self._named:
            return name
        if len(self._named) >= SITE_LIMIT:
            return OTHER_SITES
        self._named.add(name)
        return name


def _profiles(sites: Collection[str]) -> list[SiteProfile]:
    """Return the profiles of these sites. Skip broken ones: a crawl reports them."""
    found = []
    for site in sorted(profile_ids() & set(sites)):
        try:
            found.append(load_profile_by_id(site))
        except ProfileError:
            continue
    return found


def _host(url: str | None) -> str:
    try:
        return (urlsplit(url).hostname or "") if url else ""
    except ValueError:
        return ""
