"""What discovery asks of the outside: someone who fetches a source, and someone who keeps the count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from crawler.discovery.candidates import Candidate


class SourceError(Exception):
    """A source gave nothing: one line that says why. `status` is the HTTP status, where there was one."""

    def __init__(self, detail: str, status: int | None = None):
        super().__init__(detail)
        self.status = status


@dataclass(frozen=True, slots=True)
class Fetched:
    """A source as fetched; `url` is where it was found in the end, `asked` what was asked for, where that differs.

    `unchanged`: it answered that it has not changed since it was read last; it listed so many articles then. With
    `replayed` it answered the same, and `body` is what it was then. `etag` and `last_modified` are as it sent them.
    """

    url: str
    body: bytes
    content_type: str | None = None
    asked: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    unchanged: int | None = None
    replayed: bool = False

    @property
    def asked_at(self) -> str:
        """The URL by which the source is known."""
        return self.asked or self.url


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


class Books(Protocol):
    """Who knows which articles are new."""

    def fresh(self, found: Sequence[Candidate], source: str) -> Sequence[Candidate]:
        """Those that are to be fetched; `source` listed them."""

    def read(self, page: Fetched, listed: int, *, names_sources: bool) -> None:
        """A source was read to its end: it listed so many articles, which all went through `fresh`. It may name other
        sources, which are to be asked even if it has not changed."""


class NoBooks:
    """Every article is new."""

    def fresh(self, found: Sequence[Candidate], source: str) -> Sequence[Candidate]:  # noqa: ARG002
        return found

    def read(self, page: Fetched, listed: int, *, names_sources: bool) -> None:
        """Nothing is kept."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What a profile names."""

    feeds: Sequence[str] = ()
    sitemaps: Sequence[str] = ()
    sections: Sequence[str] = ()
