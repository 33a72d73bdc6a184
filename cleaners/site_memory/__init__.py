"""Drop blocks that a site repeats on several articles: they belong to the site, not to the article.

A memory is a value. `memory_of_documents` builds one from documents at hand; a crawl stores one for each site between
its runs. Blocks that a rule dropped are not counted. Otherwise a teaser on other pages would count, although it is
dropped there, and make the teased article's own first paragraph look repeated.
"""

from __future__ import annotations

from cleaners.site_memory.block_keys import Headlines, headline_key
from cleaners.site_memory.block_outline import BlockOutline, is_counted, outline_of
from cleaners.site_memory.block_tally import group_versions, merge_versions, tally_article
from cleaners.site_memory.document_memory import memory_of_documents
from cleaners.site_memory.memory_value import Recurrence, SiteMemory, publisher_names
from cleaners.site_memory.repeated_blocks import apply_memory, known_recurrences, repeated_drops

__all__ = [
    "BlockOutline",
    "Headlines",
    "Recurrence",
    "SiteMemory",
    "apply_memory",
    "group_versions",
    "headline_key",
    "is_counted",
    "known_recurrences",
    "memory_of_documents",
    "merge_versions",
    "outline_of",
    "publisher_names",
    "repeated_drops",
    "tally_article",
]
