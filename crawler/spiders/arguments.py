"""Parse the arguments of `scrapy crawl news -a NAME=VALUE`, before anything is fetched."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from typing import TYPE_CHECKING

from crawler.discovery.urls import UrlTooLongError, clean_url
from output.storage.regular_file import read_regular_or_stdin

if TYPE_CHECKING:
    from collections.abc import Mapping

logger = logging.getLogger(__name__)

ARGUMENT_NAMES = ("sites", "start", "urls", "since", "limit", "budget")
_LARGEST_LIST = 128 * 1024 * 1024  # bytes: a million URLs, and a tenth of the memory that a crawl may take
_UNITS = ("weeks", "days", "hours", "minutes", "seconds")
_DURATION = re.compile("".join(rf"(?:(?P<{unit}>\d+){unit[0]})?" for unit in _UNITS))


class SpiderArgumentError(ValueError):
    """Name an unusable argument in one line: the argument, what is wrong with it, and what to write instead."""


@dataclass(frozen=True, slots=True)
class CrawlArguments:
    """Hold what to crawl. Without `sites`, `start` and `urls`, that is every site with a profile."""

    sites: tuple[str, ...] | None = None
    start: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    since: datetime | None = None
    limit: int | None = None
    budget: str | None = None


def read_arguments(given: Mapping[str, str | None], now: datetime) -> CrawlArguments:
    """Parse the arguments of the command line.

    `since=2d` counts back from `now`. Raises SpiderArgumentError.
    """
    for name in given:
        if name not in ARGUMENT_NAMES:
            similar = get_close_matches(name, ARGUMENT_NAMES, 1)
            hint = f"did you mean {similar[0]}=?" if similar else f"valid arguments: {', '.join(ARGUMENT_NAMES)}"
            raise SpiderArgumentError(f"unknown argument {name}=; {hint}")
    chosen = [name for name in ("sites", "start", "urls") if given.get(name) is not None]
    if len(chosen) > 1 and "urls" in chosen:
        raise SpiderArgumentError("urls= fetches only the URLs it lists; leave out sites= and start=")
    sites, start, urls = (given.get(name) for name in ("sites", "start", "urls"))
    return CrawlArguments(
        sites=None if sites is None else _parse_site_ids(sites),
        start=() if start is None else _parse_start_urls(start),
        urls=() if urls is None else _read_url_file(urls),
        since=_parse_since(given.get("since"), now),
        limit=_parse_limit(given.get("limit")),
        budget=given.get("budget"),
    )


def read_duration(text: str) -> timedelta | None:
    """Parse a duration such as `90s`, `10m`, `1h30m`, `2d` or `1w`; return None for anything else."""
    match = _DURATION.fullmatch("".join(text.lower().split()))
    given = {unit: number for unit, number in match.groupdict().items() if number} if match else {}
    try:
        return timedelta(**{unit: int(number) for unit, number in given.items()}) if given else None
    except (OverflowError, ValueError):  # longer than a timedelta can hold
        return None


def _parse_site_ids(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    if not names:
        raise SpiderArgumentError("sites= names no site; write one or more ids: sites=heise.de,techcrunch.com")
    return names


def _parse_start_urls(text: str) -> tuple[str, ...]:
    """Split a list of URLs at commas. A URL may contain commas, so only one that is followed by a scheme counts."""
    found: dict[str, None] = {}
    for part in re.split(r",\s*(?=https?://|$)", text.strip(), flags=re.I):
        if part.strip():
            try:
                found.setdefault(part.strip() if clean_url(part) else part)
            except UrlTooLongError as error:
                raise SpiderArgumentError(f"start= names {error}; shorten it") from None
            except ValueError:
                raise SpiderArgumentError(
                    f"start={part.strip()[:100]}: not a URL; write it in full: https://example.com/"
                ) from None
    if not found:
        raise SpiderArgumentError(
            "start= names no URL; write one or more: start=https://example.com/,https://example.org/"
        )
    return tuple(found)


def _read_url_file(name: str) -> tuple[str, ...]:
    file = "standard input" if name == "-" else name
    try:
        data = read_regular_or_stdin(name, _LARGEST_LIST)
    except (OSError, ValueError) as error:  # ValueError: a name that contains a NUL
        why = getattr(error, "strerror", None) or error
        raise SpiderArgumentError(f"urls={name}: cannot be read ({why}); name a file with one URL per line") from None
    found: dict[str, None] = {}
    for number, line in enumerate(data.decode("utf-8-sig", "replace").splitlines(), 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        try:
            found.setdefault(clean_url(text))
        except ValueError as error:
            logger.warning("%s, line %d skipped: %s", file, number, str(error)[:300])
    if not found:
        raise SpiderArgumentError(f"urls={name}: contains no URL; write one per line, starting with https://")
    return tuple(found)


def _parse_since(text: str | None, now: datetime) -> datetime | None:
    if text is None:
        return None
    problem = SpiderArgumentError(f"since={text}: not a time; write 2d, 12h, 30m, 1w or a date such as 2024-05-31")
    try:
        if (age := read_duration(text)) is not None:
            return now - age
        since = datetime.fromisoformat(text.strip())
    except (ValueError, OverflowError):
        raise problem from None
    since = since if since.tzinfo else since.replace(tzinfo=UTC)
    if since > now:
        raise SpiderArgumentError(f"since={text}: is in the future; write a time in the past")
    return since


def _parse_limit(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.strip().isascii() or not text.strip().isdigit() or int(text) < 1:
        raise SpiderArgumentError(f"limit={text}: not a number of articles; write limit=20")
    return int(text)
