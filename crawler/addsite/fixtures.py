"""Fixtures of a profile: pages as they were fetched, and what they must give. One folder a page.

<folder of profiles>/fixtures/<profile>/<page>/page.html     the bytes
                                               page.json     url, content_type, fetched
                                               article.json  what is expected of it
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

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from crawler.sites.profile import SiteProfile

FIXTURES_FOLDER = "fixtures"
FIXTURE_PAGES = 3
_FIELDS = ("title", "authors", "published", "language", "free", "text")


class FixtureError(ValueError):
    """A fixture that cannot be read. The message is one line that names the file."""


@dataclass(frozen=True, slots=True)
class FixtureDifference:
    """A page that no longer gives what it gave: the field, and both values."""

    page: Path
    field: str
    expected: Any
    found: Any

    def values_from_difference(self) -> tuple[Any, Any]:
        """Both values; of two texts, from shortly before they part."""
        if not (isinstance(self.expected, str) and isinstance(self.found, str)):
            return self.expected, self.found
        least = min(len(self.expected), len(self.found))
        same = next((at for at in range(least) if self.expected[at] != self.found[at]), least)
        start = max(0, same - 20)
        return self.expected[start:], self.found[start:]


def fixtures_folder(sites: Path, profile: str) -> Path:
    """Where the fixtures of a profile stand, whose file is in `sites`."""
    return sites / FIXTURES_FOLDER / profile


def write_fixtures(folder: Path, pages: Iterable[Page], profile: SiteProfile) -> list[Path]:
    """Writes a fixture for each of the first pages in place of those in `folder`; their folders. Raises OSError."""
    if folder.exists():
        shutil.rmtree(folder)
    written = []
    for page in list(pages)[:FIXTURE_PAGES]:
        place = folder / _name(page.url or "page")
        place.mkdir(parents=True, exist_ok=True)
        (place / "page.html").write_bytes(page.html)
        about = {
            "url": page.url,
            "content_type": page.headers.get("content-type"),
            "fetched": page.fetched_at.isoformat() if page.fetched_at else None,
        }
        _write_json(place / "page.json", about)
        _write_json(place / "article.json", _expected(page, profile))
        written.append(place)
    return written


def check_fixtures(sites: Path, profile: SiteProfile) -> tuple[int, list[FixtureDifference]]:
    """Cleans the profile's fixtures anew: how many there are, and where one differs. Raises FixtureError."""
    folder = fixtures_folder(sites, profile.id)
    places = sorted(place.parent for place in folder.glob("*/article.json"))
    return len(places), [difference for place in places for difference in _differences(place, profile)]


def _differences(place: Path, profile: SiteProfile) -> Iterator[FixtureDifference]:
    about, expected = _read_json(place / "page.json"), _read_json(place / "article.json")
    try:
        html = (place / "page.html").read_bytes()
        fetched = datetime.fromisoformat(about["fetched"]) if about.get("fetched") else None
    except OSError as error:
        raise FixtureError(f"{place / 'page.html'}: cannot be read: {error.strerror}") from None
    except (TypeError, ValueError):
        raise FixtureError(f"{place / 'page.json'}: fetched: not a date") from None
    headers = {"content-type": str(about["content_type"])} if about.get("content_type") else {}
    found = _expected(Page(about.get("url"), html, headers, fetched), profile)
    for field in expected:
        if found.get(field) != expected[field]:
            yield FixtureDifference(place, field, expected[field], found.get(field))


def _expected(page: Page, profile: SiteProfile) -> dict[str, Any]:
    document = clean_page(page, rules=profile.rules())
    found = {name: getattr(document, name) for name in _FIELDS}
    reject = document.reject.reason.value if document.reject else None
    return {**found, "authors": list(document.authors), "reject": reject}


def _name(url: str) -> str:
    """A folder's name made of a URL's path and query."""
    parts = urlsplit(url)
    words = re.sub(r"[^\w.-]+", "-", unquote(f"{parts.path}-{parts.query}")).strip("-.")
    return words[-80:].strip("-.") or "page"


def _write_json(file: Path, value: object) -> None:
    file.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _read_json(file: Path) -> dict[str, Any]:
    try:
        value = json.loads(file.read_bytes())
    except OSError as error:
        raise FixtureError(f"{file}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise FixtureError(f"{file}: is not JSON: {error}") from None
    if not isinstance(value, dict):
        raise FixtureError(f"{file}: is not a JSON object")
    return value
