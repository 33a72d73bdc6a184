"""Site memory: a block that stands on several different articles of one outlet is the outlet's, not the article's.

A memory is a value. `remember` makes one of documents that are at hand; a crawl keeps one for each outlet between its runs.
Blocks that a rule dropped are not counted: if the box that teases an article on other pages counted, though it is dropped
there, the article's own opening would be a repeat.
"""

from __future__ import annotations

from cleaners.site_memory.block_keys import Headlines, headline_key
from cleaners.site_memory.block_outline import BlockOutline, memory_of_documents, outline_of, trace_article
from cleaners.site_memory.block_tally import group_versions, is_counted, merge_versions
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
    "trace_article",
]
