"""Winnow's cleaners: a page's bytes in, a document out; no network, no files written, no clock.

Importing this package reads nothing; phrases and models are read on first use and cached.

With several pages of one outlet at hand, what they share is told from what each says:

    memory = remember(clean_html(html, url) for url, html in pages)
    documents = [clean_html(html, url, memory=memory) for url, html in pages]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleaners.document import Block, BlockType, Document, Drop, Kind, Metadata
from cleaners.page import Page, PhraseRule, SiteRules, StripRule
from cleaners.rejection import Rejection, RejectReason

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cleaners.site_memory import SiteMemory

__all__ = [
    "Block",
    "BlockType",
    "Document",
    "Drop",
    "Kind",
    "Metadata",
    "Page",
    "PhraseRule",
    "RejectReason",
    "Rejection",
    "SiteRules",
    "StripRule",
    "clean_html",
    "clean_page",
    "clean_text",
    "remember",
]


def clean_page(page: Page, *, rules: SiteRules | None = None, memory: SiteMemory | None = None) -> Document:
    """Everything that one page gives. Never raises for what a page holds: no article comes back with `reject` set."""
    from cleaners.pipeline import run_pipeline as clean

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
    from cleaners.plain_text import clean_plain as clean

    return clean(text)


def remember(documents: Iterable[Document], headlines: Iterable[str] = (), *, outlet: str | None = None) -> SiteMemory:
    """The memory of one outlet, from documents that were cleaned without one; five of different articles already tell much.

    `headlines` are more of the outlet's, from its feed, say; `outlet` is its name or domain.
    """
    from cleaners.site_memory import memory_of_documents as make

    return make(documents, headlines, publisher=outlet)
