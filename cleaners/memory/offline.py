"""A memory made of documents that are at hand."""

from __future__ import annotations

from collections.abc import Iterable

from ..blocks import Document
from .keys import Headlines
from .outline import outline, traces
from .tally import count, versions
from .value import SiteMemory, names_of


def remember(documents: Iterable[Document], headlines: Iterable[str] = (), *, outlet: str | None = None) -> SiteMemory:
    """The memory of one outlet from its `documents`, cleaned without a memory. Their titles, and `headlines` (a feed's, say),
    tell lines such as "Read more: <headline>"; versions of one article count once. `outlet` is its name or domain."""
    pages = [document for document in documents if document.text]
    known = Headlines.of([*headlines, *(page.title for page in pages)])
    groups = versions(
        [
            traces(outline(page.canonical_url or f"#{at}", page.blocks, page.title), known)
            for at, page in enumerate(pages)
        ]
    )
    return SiteMemory(
        len(groups), count(groups), known, names_of(outlet, *sorted({page.source_name or "" for page in pages}))
    )
