"""The tables of the state, one a module. To import this is to have all of them in `schema.METADATA`."""

from __future__ import annotations

from output.state.tables.articles import ARTICLES
from output.state.tables.blocks import BLOCKS, REMEMBERED_ARTICLES, REMEMBERED_SITES
from output.state.tables.runs import RUNS
from output.state.tables.signatures import BANDS, SIGNATURES
from output.state.tables.sources import SOURCES
from output.state.tables.urls import URLS
from output.state.tables.watch import WATCH_ALARMS, WATCH_RUNS

__all__ = [
    "ARTICLES",
    "BANDS",
    "BLOCKS",
    "REMEMBERED_ARTICLES",
    "REMEMBERED_SITES",
    "RUNS",
    "SIGNATURES",
    "SOURCES",
    "URLS",
    "WATCH_ALARMS",
    "WATCH_RUNS",
]
