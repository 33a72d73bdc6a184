"""Build a site memory from documents at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleaners.site_memory.block_keys import Headlines
from cleaners.site_memory.block_outline import outline_of
from cleaners.site_memory.block_tally import count_blocks, group_versions, tally_article
from cleaners.site_memory.memory_value import SiteMemory, publisher_names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cleaners.document import Document


def memory_of_documents(
    documents: Iterable[Document], headlines: Iterable[str] = (), *, publisher: str | None = None
) -> SiteMemory:
    """Build the memory of one site from its `documents`, which were cleaned without a memory.

    Their titles, and `headlines` from a feed, say, identify lines such as "Read more: <headline>". Versions of one
    article count once. `publisher` is the site's name or domain.
    """
    pages = [document for document in documents if document.text]
    known = Headlines.of([*headlines, *(page.title for page in pages)])
    groups = group_versions(
        [
            tally_article(outline_of(page.canonical_url or f"#{at}", page.blocks, page.title), known)
            for at, page in enumerate(pages)
        ]
    )
    return SiteMemory(
        len(groups),
        count_blocks(groups),
        known,
        publisher_names(publisher, *sorted({page.source_name or "" for page in pages})),
    )
