"""Configure crawl logging: full log files under DATA_DIR/logs, only errors on stderr where it is not a terminal."""

from __future__ import annotations

import logging
import sys
from datetime import datetime, timedelta
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from scrapy.logformatter import LogFormatter, LogFormatterResult
from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings
from scrapy.utils.log import get_scrapy_root_handler

from crawler.run.terminal_text import without_controls

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.crawler import Crawler

_MOST_FILES = 10  # of one day


class PlainLogFormatter(LogFormatter):
    """Name the URL in a log line, because items carry whole pages. Rejects are logged where they are written.

    Scrapy lets no setting choose how its handler formats an entry, so it is done here, for every crawler.
    """

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if handler := get_scrapy_root_handler():
            handler.setFormatter(entry_formatter(crawler.settings))
        return cls()

    def dropped(self, *_about: Any) -> None:  # type: ignore[override]  # None: no line
        return None

    def scraped(self, item: Any, response: Any, spider: Spider) -> LogFormatterResult:  # noqa: ARG002
        return {"level": logging.DEBUG, "msg": "Scraped %(url)s", "args": {"url": _url_of(item, response)}}

    def item_error(self, item: Any, exception: Any, response: Any, spider: Spider) -> LogFormatterResult:  # noqa: ARG002
        return {"level": logging.ERROR, "msg": "Error processing %(url)s", "args": {"url": _url_of(item, response)}}


def _url_of(item: Any, response: Any) -> str:
    for owner, name in ((item, "url"), (item, "requested_url"), (response, "url")):
        if url := getattr(owner, name, None):
            return str(url)
    return type(item).__name__


class EntryFormatter(logging.Formatter):
    """Indent all but the first line of an entry, so that no text of the web can pass for an entry of its own."""

    def format(self, record: logging.LogRecord) -> str:
        return "\n    ".join(without_controls(super().format(record)).splitlines())


def entry_formatter(settings: BaseSettings) -> EntryFormatter:
    """Return the formatter of all log entries, as the settings want them."""
    return EntryFormatter(settings["LOG_FORMAT"], settings["LOG_DATEFORMAT"])


class _QuietFileHandler(RotatingFileHandler):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """Ignore a log that cannot be written (a full disk), rather than fill the terminal with tracebacks."""


def quiet_without_a_terminal(settings: BaseSettings) -> None:
    """Send only errors to stderr without a terminal (cron), unless LOG_LEVEL is given: the log file has the rest."""
    given = (settings.getpriority("LOG_LEVEL") or 0) > SETTINGS_PRIORITIES["project"]
    if not given and not sys.stderr.isatty():
        settings.set("LOG_LEVEL", "ERROR", priority="cmdline")


def wants_summary(settings: BaseSettings) -> bool:
    """Tell whether to print the summary: as SUMMARY says, else only to a terminal."""
    chosen = settings.get("SUMMARY")
    return sys.stdout.isatty() if chosen in (None, "") else settings.getbool("SUMMARY")


def log_file(data_dir: Path, now: datetime) -> Path:
    """Return the log file of a run that begins now."""
    return data_dir / "logs" / f"{now:%Y-%m-%d}.log"


def log_to_file(settings: BaseSettings, now: datetime) -> None:
    """Log to the day's file as well, and remove those of more than LOG_DAYS ago."""
    if not settings.getbool("LOG_ENABLED"):
        return
    path = log_file(Path(settings["DATA_DIR"]), now)
    path.parent.mkdir(parents=True, exist_ok=True)
    _remove_old(path.parent, now - timedelta(days=settings.getfloat("LOG_DAYS")))
    handler = _QuietFileHandler(
        path, maxBytes=settings.getint("LOG_FILE_BYTES"), backupCount=_MOST_FILES, encoding="utf-8", delay=True
    )
    handler.setFormatter(entry_formatter(settings))
    handler.setLevel(min(logging.INFO, logging.getLevelName(settings["LOG_LEVEL"])))
    logging.getLogger().addHandler(handler)


def _remove_old(folder: Path, before: datetime) -> None:
    for path in folder.glob("*.log*"):
        try:
            if path.stat().st_mtime < before.timestamp():
                path.unlink()
        except OSError:
            continue  # the next run will try again
