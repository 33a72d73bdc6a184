"""What a crawl knows of a URL beside its record: it stands in the `.part` (`output.files.pending`), and goes to the state."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Seen:
    """A URL that was dealt with. `keys` are the comparison keys under which it is known from now on: of the URL that
    was asked for, which comes first, of where it was found, of what the page calls itself.

    For a reject: `final` says that it is not to be tried again, `reached` that the page itself could be asked for.
    """

    asked: str
    keys: tuple[str, ...]
    site: str
    etag: str | None = None
    last_modified: str | None = None
    final: bool = True
    reached: bool = True
