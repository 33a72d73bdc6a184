"""Scrapy's log lines, without the pages in them."""

from __future__ import annotations

import logging
from typing import Any

from scrapy import Spider
from scrapy.logformatter import LogFormatter, LogFormatterResult


class PlainLogFormatter(LogFormatter):
    """Items carry whole pages: a log line names the URL instead. Rejects are logged where they are written."""

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
