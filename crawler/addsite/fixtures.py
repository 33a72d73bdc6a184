"""Write and check the fixtures of a profile: fetched pages and what they must give. One folder per page.

<folder of profiles>/fixtures/<profile>/<page>/page.html     the bytes
                                               page.json     url, content_type, fetched
                                               article.json  the expected article
"""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from cleaners import clean_page
from cleaners.page import Page
from output.storage.regular_file import read_regular

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from crawler.sites.profile import SiteProfile

FIXTURES_FOLDER = "fixtures"
FIXTURE_PAGES = 3
_LARGEST = 50 * 1024 * 1024  # bytes; no page is that large
_FIELDS = ("title", "authors", "published", "language", "free", "text")


class FixtureError(ValueError):
    """Report that a fixture cannot be read. The message is one line that names the file."""


@dataclass(frozen=True, slots=True)
class FixtureDifference:
    """Hold a field that a page no longer gives as before, and both values."""

    page: Path
    field: str
    expected: Any
    found: Any

    def values_from_difference(self) -> tuple[Any, Any]:
        """Return both values; of two texts, what follows from shortly before they differ."""
        if not (isinstance(self.expected, str) and isinstance(self.found, str)):
            return self.expected, self.found
        shorter = min(len(self.expected), len(self.found))
        same = next((at for at in range(shorter) if self.expected[at] != self.found[at]), shorter)
        start = max(0, same - 20)
        return self.expected[start:], self.found[start:]


def fixtures_folder(sites: Path, profile: str) -> Path:
    """Return the folder with the fixtures of a profile in the folder `sites`."""
    return sites / FIXTURES_FOLDER / profile


def write_fixtures(folder: Path, pages: Iterable[Page], profile: SiteProfile) -> list[Path]:
    """Replace the fixtures in `folder` by the first pages, and return the fixtures' folders. Raises OSError."""
    if folder.exists():
        shutil.rmtree(folder)
    written = []
    for page in list(pages)[:FIXTURE_PAGES]:
        fixture = folder / _name(page.url or "page")
        fixture.mkdir(parents=True, exist_ok=True)
        (fixture / "page.html").write_bytes(page.html)
        metadata = {
            "url": page.url,
            "content_type": page.headers.get("content-type"),
            "fetched": page.fetched_at.isoformat() if page.fetched_at else None,
        }
        _write_json(fixture / "page.json", metadata)
        _write_json(fixture / "article.json", _expected(page, profile))
        written.append(fixture)
    return written


def check_fixtures(sites: Path, profile: SiteProfile) -> tuple[int, list[FixtureDifference]]:
    """Clean the profile's fixtures again; return their number and the differences. Raises FixtureError."""
    folder = fixtures_folder(sites, profile.id)
    fixtures = sorted(file.parent for file in folder.glob("*/article.json"))
    return len(fixtures), [difference for fixture in fixtures for difference in _differences(fixture, profile)]


def _differences(fixture: Path, profile: SiteProfile) -> Iterator[FixtureDifference]:
    metadata, expected = _read_json(fixture / "page.json"), _read_json(fixture / "article.json")
    try:
        html = read_regular(fixture / "page.html", _LARGEST)
        fetched = datetime.fromisoformat(metadata["fetched"]) if metadata.get("fetched") else None
    except OSError as error:
        raise FixtureError(f"{fixture / 'page.html'}: cannot be read: {error.strerror}") from None
    except (TypeError, ValueError):
        raise FixtureError(f"{fixture / 'page.json'}: fetched: is not a date") from None
    headers = {"content-type": str(metadata["content_type"])} if metadata.get("content_type") else {}
    found = _expected(Page(metadata.get("url"), html, headers, fetched), profile)
    for field in expected:
        if found.get(field) != expected[field]:
            yield FixtureDifference(fixture, field, expected[field], found.get(field))


def _expected(page: Page, profile: SiteProfile) -> dict[str, Any]:
    document = clean_page(page, rules=profile.rules())
    found = {name: getattr(document, name) for name in _FIELDS}
    reject = document.reject.reason.value if document.reject else None
    return {**found, "authors": list(document.authors), "reject": reject}


def _name(url: str) -> str:
    """Return a folder name made from a URL's path and query."""
    parts = urlsplit(url)
    words = re.sub(r"[^\w.-]+", "-", unquote(f"{parts.path}-{parts.query}")).strip("-.")
    return words[-80:].strip("-.") or "page"


def _write_json(file: Path, value: object) -> None:
    file.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _read_json(file: Path) -> dict[str, Any]:
    try:
        value = json.loads(read_regular(file, _LARGEST))
    except OSError as error:
        raise FixtureError(f"{file}: cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise FixtureError(f"{file}: is not JSON: {error}") from None
    if not isinstance(value, dict):
        raise FixtureError(f"{file}: is not a JSON object")
    return value
