"""Decide which URLs belong to a site: by its profile, or by its domains alone. Values that can be pickled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.discovery.urls import canonicalize, registered_domain

if TYPE_CHECKING:
    from crawler.sites.profile import SiteProfile


@dataclass(frozen=True, slots=True)
class ProfileScope:
    """The scope of a site with a profile, whose pattern says which URLs are articles."""

    profile: SiteProfile

    def owns(self, url: str) -> bool:
        return self.profile.owns(url)

    def is_article(self, url: str) -> bool:
        return self.profile.is_article(canonicalize(url))


@dataclass(frozen=True, slots=True)
class DomainScope:
    """The scope of a site that is known by its registered domains alone: its links are judged by their looks."""

    domains: tuple[str, ...]

    @property
    def is_article(self) -> None:
        return None

    def owns(self, url: str) -> bool:
        return registered_domain(url) in self.domains
