"""Clean news pages: the bytes of a page in, a `Document` out. No network access, no files written, no clock read.

Importing this package reads nothing; phrases and models are read on first use and cached.

>>> from cleaners import clean_html
>>> document = clean_html(b"<html><body><p>Loading.</p></body></html>", "https://www.example.com/2026/03/story")
>>> document.reject.reason.value
'not_article'
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleaners.document import Block, BlockType, Document, Drop, Kind, Metadata
from cleaners.page import Page, PhraseRule, SiteRules, StripRule
from cleaners.rejection import Rejection, RejectReason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

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


def clean_page(
    page: Page,
    *,
    rules: SiteRules | None = None,
    memory: SiteMemory | None = None,
    timeout: float | None = None,
) -> Document:
    """Clean one page and return its text, its blocks and its metadata.

    `rules` are what the site's profile adds, `memory` the blocks that the site repeats on its articles (see `remember`).
    Never raises for what a page holds: a page without an article comes back with `reject` set.

    With `timeout`, a page may take so many seconds: it is cleaned in a child process, which starts with the first such
    call (a second or two) and serves the next ones, those of several threads in turn. A page that takes longer is
    rejected as `cleaning_timeout`, one that ends the process as `cleaning_crash`. Not on Windows.

    >>> from cleaners import Page, clean_page
    >>> clean_page(Page("https://www.example.com/report", b"%PDF-1.7")).reject.reason.value
    'not_html'
    """
    if timeout is not None:
        return _within(timeout, clean_page, page, rules=rules, memory=memory)
    from cleaners.pipeline import run_pipeline

    return run_pipeline(page, rules=rules, memory=memory)


def clean_html(
    html: bytes,
    url: str | None,
    *,
    headers: Mapping[str, str] | None = None,
    rules: SiteRules | None = None,
    memory: SiteMemory | None = None,
    timeout: float | None = None,
) -> Document:
    """Clean a page given as bytes and a URL; otherwise like `clean_page`.

    `headers` are the HTTP response headers, with lower-case names; encoding, date and AI opt-outs are read from them.

    >>> from cleaners import clean_html
    >>> story = "<p>The council met on Tuesday and agreed to repair the northern quay before the winter storms.</p>"
    >>> head = "<title>Quay to be repaired</title><meta name=author content='Ida Berg'>"
    >>> page = f"<html><head>{head}</head><body><h1>Quay to be repaired</h1>{story * 4}</body></html>"
    >>> document = clean_html(page.encode(), "https://www.example.com/2026/03/quay")
    >>> document.title, document.authors
    ('Quay to be repaired', ('Ida Berg',))
    >>> document.blocks[0].dropped_by.kind.value
    'headline'
    """
    return clean_page(Page(url, html, headers or {}), rules=rules, memory=memory, timeout=timeout)


def clean_text(text: str, *, timeout: float | None = None) -> Document:
    r"""Clean text that was already extracted from a page, and keep each line of the article exactly as it is.

    `timeout` is as for `clean_page`.

    >>> from cleaners import clean_text
    >>> document = clean_text("The council met on Tuesday.\n\nSubscribe to our newsletter\n\nIt agreed to repair the quay.")
    >>> print(document.text)
    The council met on Tuesday.
    <BLANKLINE>
    It agreed to repair the quay.
    >>> document.removed
    {'newsletter': 1}
    """
    if timeout is not None:
        return _within(timeout, clean_text, text)
    from cleaners.plain_text import clean_plain

    return clean_plain(text)


def remember(
    documents: Iterable[Document], headlines: Iterable[str] = (), *, publisher: str | None = None
) -> SiteMemory:
    """Build the memory of one site from its documents: the blocks that it repeats on several articles.

    `documents` were cleaned without a memory. A block counts as repeated once it stands on enough different articles;
    five articles already show much of it. `headlines` are further headlines of the site, from its feed for example.
    `publisher` is the publisher's name or domain.

    Clean the pages again with the memory to drop what repeats::

        memory = remember(clean_html(html, url) for url, html in pages)
        documents = [clean_html(html, url, memory=memory) for url, html in pages]
    """
    from cleaners.site_memory import memory_of_documents

    return memory_of_documents(documents, headlines, publisher=publisher)


def _within(seconds: float, clean: Callable[..., Document], source: object, **options: object) -> Document:
    from cleaners.time_limit.child_process import ChildDiedError, OverdueError, call_within

    try:
        document: Document = call_within(seconds, clean, source, **options)
    except OverdueError as error:
        return Document("", reject=Rejection(RejectReason.CLEANING_TIMEOUT, str(error)))
    except ChildDiedError as error:
        return Document("", reject=Rejection(RejectReason.CLEANING_CRASH, str(error)))
    return document
