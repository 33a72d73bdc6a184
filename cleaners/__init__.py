"""Winnow's cleaners: a page's bytes in, a document out; no network, no files written, no clock.

Importing this package reads nothing; phrases and models are read on first use and cached.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from .blocks import Block, BlockType, Document, Drop, Kind, Metadata, Rejection
from .page import Page, PhraseRule, SiteRules, StripRule

if TYPE_CHECKING:
    from .memory import SiteMemory

__all__ = [
    "Block",
    "BlockType",
    "Document",
    "Drop",
    "Kind",
    "Metadata",
    "Page",
    "PhraseRule",
    "Rejection",
    "SiteRules",
    "StripRule",
    "clean_html",
    "clean_page",
    "clean_text",
]


def clean_page(page: Page, *, rules: SiteRules | None = None, memory: SiteMemory | None = None) -> Document:
    """Everything that one page gives. Never raises for what a page holds: no article comes back with `reject` set."""
    from .clean import clean_page as clean

    return clean(page, rules=rules, memory=memory)


def clean_html(
    html: bytes,
    url: str | None,
    *,
    headers: Mapping[str, str] | None = None,
    rules: SiteRules | None = None,
    memory: SiteMemory | None = None,
) -> Document:
    """`clean_page` for the bytes and the URL alone; `headers` have lower-case names."""
    return clean_page(Page(url, html, headers or {}), rules=rules, memory=memory)


def clean_text(text: str) -> Document:
    """The same for text that someone already extracted: lines in, the article's lines out, each to the letter."""
    from .plain import clean_plain as clean

    return clean(text)
