"""Crawl news with Scrapy: fetch pages, and provide the commands around that."""

from __future__ import annotations

import sys
from pathlib import Path

__version__ = "0.1.0"


def program_name() -> str:
    """Return the name of the program as the user typed it: `winnow` or `scrapy`."""
    return "winnow" if Path(sys.argv[0]).stem == "winnow" else "scrapy"
