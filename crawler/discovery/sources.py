"""What discovery asks of the outside: someone who fetches a source, and someone who keeps the count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


class SourceError(Exception):
    """A source gave nothing: one line that says why. `status` is the HTTP status, where there was one."""

    def __init__(self, detail: str, status: int | None = None):
        super().__init__(detail)
        self.status = status


@dataclass(frozen=True, slots=True)
class Fetched:
    """A source as fetched; `url` is where it was found in the end."""

    url: str
    body: bytes
    content_type: str | None = None


class Fetch(Protocol):
    """Fetches a source; `kind` is `feed`, `sitemap` or `page`. Raises SourceError."""

    async def __call__(self, url: str, kind: str) -> Fetched: ...


class Notes(Protocol):
    """Who keeps the count of a site's sources."""

    def source_ok(self, url: str) -> None: ...
    def source_failed(self, url: str, detail: str) -> None: ...
    def gone(self, url: str) -> None: ...
    def problem(self, detail: str) -> None: ...
    def too_old(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Sources:
    """What a profile names."""

    feeds: Sequence[str] = ()
    sitemaps: Sequence[str] = ()
    sections: Sequence[str] = ()
