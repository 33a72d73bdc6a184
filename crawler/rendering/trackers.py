"""Hosts that only count, follow or sell: nothing is fetched from them for a page of another site."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from crawler.discovery.urls import registered_domain
from crawler.middlewares.destination import on_one_of

LIST = Path(__file__).with_name("trackers.toml")


@cache
def hosts() -> frozenset[str]:
    """All that trackers.toml names, whatever their kind."""
    return frozenset(host for kind in tomllib.loads(LIST.read_text(encoding="utf-8")).values() for host in kind)


def is_tracker(url: str, page: str) -> bool:
    """Is the URL on a tracking host, and the page that asks for it on another site?"""
    return on_one_of(urlsplit(url).hostname or "", hosts()) and not same_site(url, page)


def same_site(url: str, page: str) -> bool:
    """Do both belong to one registered domain?"""
    return registered_domain(url) == registered_domain(page)
