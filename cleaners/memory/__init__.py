"""Site memory: a block that stands on several different articles of one outlet is the outlet's, not the article's.

A memory is a value. `remember` makes one of documents that are at hand; a crawl keeps one for each outlet between its runs.
Blocks that a rule dropped are not counted: if the box that teases an article on other pages counted, though it is dropped
there, the article's own opening would be a repeat.
"""

from __future__ import annotations

from .keys import Headlines, headline_key
from .labels import apply_memory, label, recurrences
from .offline import remember
from .outline import BlockOutline, outline, traces
from .tally import is_counted, merged, versions
from .value import Recurrence, SiteMemory, names_of

__all__ = [
    "BlockOutline",
    "Headlines",
    "Recurrence",
    "SiteMemory",
    "apply_memory",
    "headline_key",
    "is_counted",
    "label",
    "merged",
    "names_of",
    "outline",
    "recurrences",
    "remember",
    "traces",
    "versions",
]
