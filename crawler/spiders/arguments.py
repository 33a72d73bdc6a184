"""The arguments of `scrapy crawl news -a NAME=VALUE`, checked before anything is fetched."""

from __future__ import annotations

import logging
import re
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.discovery.urls import clean_url

if TYPE_CHECKING:
    from collections.abc import Mapping

logger = logging.getLogger(__name__)

ARGUMENT_NAMES = ("sites", "start", "urls", "since", "limit", "budget")
_UNITS = ("weeks", "days", "hours", "minutes", "seconds")
_DURATION = re.compile("".join(rf"(?:(?P<{unit}>\d+){unit[0]})?" for unit in _UNITS))


class SpiderArgumentError(ValueError):
    """An argument that cannot be used. The message is one line: the argument, what is wrong, what to write."""


@dataclass(frozen=True, slots=True)
class CrawlArguments:
    """What to crawl. `sites` None means every profile, where neither `start` nor `urls` is given."""

    sites: tuple[str, ...] | None = None
    start: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    since: datetime | None = None
    limit: int | None = None
    budget: str | None = None


def read_arguments(given: Mapping[str, str | None], now: datetime) -> CrawlArguments:
    """The arguments as given on the command line. `now` is what `since=2d` counts from. Raises SpiderArgumentError."""
    for name in given:
        if name not in ARGUMENT_NAMES:
            near = get_close_matches(name, ARGUMENT_NAMES, 1)
            known = f"did you mean {near[0]}=?" if near else f"known are {', '.join(ARGUMENT_NAMES)}"
            raise SpiderArgumentError(f"unknown argument {name}=; {known}")
    chosen = [name for name in ("sites", "start", "urls") if given.get(name) is not None]
    if len(chosen) > 1 and "urls" in chosen:
        raise SpiderArgumentError("urls= fetches these articles and nothing else; leave out sites= and start=")
    sites, start, urls = (given.get(name) for name in ("sites", "start", "urls"))
    return CrawlArguments(
        sites=None if sites is None else _names(sites),
        start=() if start is None else _addresses(start),
        urls=() if urls is None else _url_list(urls),
        since=_since(given.get("since"), now),
        limit=_limit(given.get("limit")),
        budget=given.get("budget"),
    )


def read_duration(text: str) -> timedelta | None:
    """Return the duration that `90s`, `10m`, `1h30m`, `2d` or `1w` names; None for what names none."""
    match = _DURATION.fullmatch("".join(text.lower().split()))
    given = {unit: number for unit, number in match.groupdict().items() if number} if match else {}
    try:
        return timedelta(**{unit: int(number) for unit, number in given.items()}) if given else None
    except (OverflowError, ValueError):  # longer than the world
        return None


def _names(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    if not names:
        raise SpiderArgumentError("sites= names no site; write ids as in sites=heise.de,techcrunch.com")
    return names


def _addresses(text: str) -> tuple[str, ...]:
    """URLs may hold commas: only one before a scheme parts two of them."""
    found: dict[str, None] = {}
    for part in re.split(r",\s*(?=https?://|$)", text.strip(), flags=re.I):
        if part.strip():
            try:
                found.setdefault(part.strip() if clean_url(part) else part)
            except ValueError:
                raise SpiderArgumentError(
                    f"start={part.strip()}: not a URL; write it whole: https://example.com/"
                ) from None
    if not found:
        raise SpiderArgumentError(
            "start= names no URL; write one or more: start=https://example.com/,https://example.org/"
        )
    return tuple(found)


def _url_list(name: str) -> tuple[str, ...]:
    where = "standard input" if name == "-" else name
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise SpiderArgumentError(
            f"urls={name}: cannot be read ({error.strerror}); name a file with one URL a line"
        ) from None
    found: dict[str, None] = {}
    for number, line in enumerate(data.decode("utf-8-sig", "replace").splitlines(), 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        try:
            found.setdefault(clean_url(text))
        except ValueError as error:
            logger.warning("%s, line %d left out: %s", where, number, str(error)[:300])
    if not found:
        raise SpiderArgumentError(f"urls={name}: no URL in it; write one a line, from https:// on")
    return tuple(found)


def _since(text: str | None, now: datetime) -> datetime | None:
    if text is None:
        return None
    problem = SpiderArgumentError(f"since={text}: not a time; write 2d, 12h, 30m, 1w or a date such as 2024-05-31")
    try:
        if (ago := read_duration(text)) is not None:
            return now - ago
        moment = datetime.fromisoformat(text.strip())
    except (ValueError, OverflowError):
        raise problem from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if moment > now:
        raise SpiderArgumentError(f"since={text}: lies ahead; nothing can be newer than that")
    return moment


def _limit(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.strip().isascii() or not text.strip().isdigit() or int(text) < 1:
        raise SpiderArgumentError(f"limit={text}: not a number of articles; write limit=20")
    return int(text)
