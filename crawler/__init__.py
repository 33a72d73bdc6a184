"""Winnow's crawler, on Scrapy: what fetches, and the commands around it."""

from __future__ import annotations

import sys
from pathlib import Path

__version__ = "0.1.0"


def program_name() -> str:
    """Return the name that a person called this process by: `winnow` or `scrapy`."""
    return "winnow" if Path(sys.argv[0]).stem == "winnow" else "scrapy"
