"""Parse feeds into candidates: RSS 0.9x to 2.0, RDF and Atom (all with feedparser), and JSON Feed.

A broken feed gives what can be read of it; `problems` say what was wrong.
"""

from __future__ import annotations

import io
import json
import re
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from cleaners.text.sanitize import sanitize, sanitize_references
from crawler.discovery.base import Candidate
from crawler.discovery.feed_dates import parse_stamp
from crawler.discovery.urls import UrlTooLongError, clean_beginning, clean_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

# Characters; a shorter text in a feed is a teaser and does not show the article.
_MIN_FULL_TEXT = 300
# Entries of a feed that are read, the first ones: feedparser takes up to a millisecond for each.
MAX_ENTRIES = 2000
_MAX_DATE = 200  # characters
_ENTRY_START = re.compile(rb"<(?:[A-Za-z]{1,20}:)?(?:item|entry)[\s>]")
_HTML = re.compile(rb"^[^\w<]*+(?:<!--(?>.*?-->)[^\w<]*+)*+<(?:!doctype\s+html|html|head|body)\b", re.I | re.S)
_TAG = re.compile(r"<[^<>]+>")


@dataclass(frozen=True, slots=True)
class Feed:
    """Hold a feed's entries, in its order. `problems` are lines for people; each names the feed's URL."""

    candidates: tuple[Candidate, ...] = ()
    title: str | None = None
    problems: tuple[str, ...] = ()


def parse_feed(body: bytes, url: str, content_type: str | None = None) -> Feed:
    """Parse the feed in `body`, fetched from `url` and served as `content_type`. Never raises, whatever the bytes."""
    if not body.strip():
        return Feed(problems=(f"feed is empty: {url}",))
    if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        return _json_feed(body, url)
    if _HTML.match(body[:4096].removeprefix(b"\xef\xbb\xbf")):
        return Feed(problems=(f"feed is an HTML page: {url}",))
    return _xml_feed(body, url, content_type)


def _xml_feed(body: bytes, url: str, content_type: str | None) -> Feed:
    import feedparser  # 0.1 s, and only a crawl needs it

    body, left_out = _first_entries(sanitize_references(body))
    headers = {"content-location": url}
    if content_type and "charset=" in content_type.lower():
        headers["content-type"] = content_type
    try:
        # A stream, since feedparser would open a string as a file or fetch it as a URL.
        parsed = feedparser.parse(io.BytesIO(body), response_headers=headers)
    except MemoryError:
        raise  # for the worker to notice
    except Exception as error:  # feedparser promises none, but its parsers get whatever the web sends
        return Feed(problems=(f"feed cannot be parsed ({type(error).__name__}): {url}",))
    problems = [_left_out(left_out, url)] if left_out else []
    entries = list(parsed.entries)
    if not parsed.version and not entries:
        return Feed(problems=(f"not a feed: {url}",))
    if parsed.bozo and not left_out and not isinstance(parsed.get("bozo_exception"), _harmless_errors(feedparser)):
        problems.append(f"feed is malformed ({_one_line(parsed.bozo_exception)}): {url}")
        if entries and _cut_short(body):
            entries.pop()
            problems.append(f"feed ends in the middle of an entry, which was left out: {url}")
    candidates = list(_candidates(entries, _entry_fields, url, problems))
    return Feed(tuple(candidates), _text(parsed.feed.get("title")), tuple(problems))


def _first_entries(body: bytes) -> tuple[bytes, int]:
    """Return the feed up to its last entry that is read, and the number of entries beyond."""
    if body.count(b"<item") + body.count(b"<entry") <= MAX_ENTRIES:  # quick, and right for all but a few feeds
        return body, 0
    starts = [match.start() for match in _ENTRY_START.finditer(body)]
    return (body[: starts[MAX_ENTRIES]], len(starts) - MAX_ENTRIES) if len(starts) > MAX_ENTRIES else (body, 0)


def _harmless_errors(feedparser: Any) -> tuple[type[BaseException], ...]:
    return (feedparser.CharacterEncodingOverride, feedparser.NonXMLContentType)


def _cut_short(body: bytes) -> bool:
    """Tell whether the last entry is never closed."""
    return any(body.rfind(b"<" + tag) > body.rfind(b"</" + tag + b">") for tag in (b"item", b"entry"))


def _entry_fields(entry: dict[str, Any]) -> dict[str, Any]:
    contents = [part.get("value", "") for part in entry.get("content", ()) if "html" in str(part.get("type", "html"))]
    contents.append(entry.get("summary") or "")
    return {
        # The site's own link comes first: `link` may lead through a redirector.
        "links": (entry.get("feedburner_origlink"), entry.get("pheedo_origlink"), entry.get("link"), _permalink(entry)),
        "title": entry.get("title"),
        # Not entry.get: for `updated`, feedparser would return the date of publication and warn.
        "dates": [dict.get(entry, key) for key in ("published", "created", "updated")],
        "html": max(contents, key=len),
    }


def _permalink(entry: Mapping[str, Any]) -> str | None:
    """Return the guid if it is a URL: a link if no other is given (RSS 2.0: isPermaLink defaults to true)."""
    identifier = str(entry.get("id") or "")
    return identifier if identifier.startswith(("http://", "https://")) else None


def _json_feed(body: bytes, url: str) -> Feed:
    try:
        data = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        return Feed(problems=(f"JSON feed cannot be parsed ({_one_line(error)}): {url}",))
    items = data.get("items") if isinstance(data, dict) else None
    if not isinstance(items, list):
        return Feed(problems=(f"JSON without feed items: {url}",))
    left_out = len(items) - MAX_ENTRIES
    problems = [_left_out(left_out, url)] if left_out > 0 else []
    candidates = tuple(_candidates(items[:MAX_ENTRIES], _item_fields, url, problems))
    return Feed(candidates, _text(data.get("title")), tuple(problems))


def _item_fields(item: Any) -> dict[str, Any]:
    return {
        "links": [item.get(key) for key in ("url", "external_url", "id")],
        "title": item.get("title"),
        "dates": [item.get("date_published"), item.get("date_modified")],
        "html": item.get("content_html") or "",
    }


def _candidates(
    entries: Iterable[Any], fields_of: Callable[[Any], dict[str, Any]], url: str, problems: list[str]
) -> Iterable[Candidate]:
    """Yield what the entries announce. One that cannot be read costs itself."""
    for number, entry in enumerate(entries, 1):
        try:
            yield _candidate(fields_of(entry), number, url, problems)
        except MemoryError:
            raise  # for the worker to notice
        except ValueError as error:
            problems.append(f"entry {number} {error}: {url}")
        except Exception as error:
            problems.append(f"entry {number} cannot be read ({type(error).__name__}: {_one_line(error)}): {url}")


def _candidate(fields: Mapping[str, Any], number: int, url: str, problems: list[str]) -> Candidate:
    link, overlong = _first_link(fields["links"], url)
    dates = [text for text in fields["dates"] if text]
    published = next((date for text in dates if (date := parse_stamp(str(text)[:_MAX_DATE]))), None)
    if dates and published is None:
        problems.append(f"entry {number} has an unreadable date {str(dates[0])[:40]!r}: {url}")
    html = fields["html"] if isinstance(fields["html"], str) else ""
    is_full = len(html) >= _MIN_FULL_TEXT and len(_TAG.sub("", html)) >= _MIN_FULL_TEXT
    text = sanitize(html) if is_full else None
    return Candidate(link, _text(fields["title"]), published, text, url, overlong=overlong)


def _first_link(links: Iterable[Any], base: str) -> tuple[str, bool]:
    """Return the first that can be fetched, or else the beginning of one that is too long, and whether it is that.

    Raises ValueError where there is neither.
    """
    overlong = ""
    for link in links:
        if isinstance(link, str) and link.strip():
            try:
                return clean_url(urljoin(base, link.strip())), False
            except UrlTooLongError:
                overlong = overlong or urljoin(base, link.strip())
            except ValueError:
                continue
    if overlong:
        return clean_beginning(overlong), True
    raise ValueError("has no usable link")


def _text(value: Any) -> str | None:
    return " ".join(sanitize(unescape(_TAG.sub("", value))).split()) or None if isinstance(value, str) else None


def _left_out(count: int, url: str) -> str:
    return f"{count:,} entries after the first {MAX_ENTRIES:,} were left out: {url}"


def _one_line(error: object) -> str:
    return " ".join(str(error).split())[:120]
