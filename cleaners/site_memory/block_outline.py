"""Articles' blocks, kept small until all headlines of their outlet are known: a block may name any of them."""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cleaners.document import Block
from cleaners.site_memory.block_keys import LONGEST_TEMPLATE, Headlines, fold_block, headline_key, key_digest
from cleaners.site_memory.block_tally import Traces, count_blocks, group_versions, is_counted
from cleaners.site_memory.memory_value import SiteMemory, publisher_names
from cleaners.text.measures import weight

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cleaners.document import Document


if TYPE_CHECKING:
    from collections.abc import Iterable

    from cleaners.document import Block

_LONG = 60  # weighted characters of a block that two articles hardly share by chance


@dataclass(frozen=True, slots=True)
class BlockOutline:
    """What is kept of an article's blocks, some 25 bytes each; of short ones also what they say.

    `article` is anything that two versions of it share, its id or URL. `headline` is its own, folded. The others have an
    entry for each different text, in the order in which they last appear: its digest, how often it stands there, its
    weight if that is much, and itself, folded, if a headline may be part of it.
    """

    article: str
    headline: str | None
    digests: array[int]
    times: array[int]
    weights: array[int]
    folded: tuple[str | None, ...]


def outline_of(article: str, blocks: Iterable[Block], title: str | None) -> BlockOutline:
    """Outline an article's kept blocks, and those that the classifier alone dropped: it may drop a block on one page and
    keep it on the next.
    """
    times: dict[str, int] = {}
    for block in blocks:
        if is_counted(block):
            times[block.text] = times.pop(block.text, 0) + 1  # at the end, where it was seen last
    entries = [(folded, number, weight(text)) for text, number in times.items() if (folded := fold_block(text))]
    return BlockOutline(
        article,
        headline_key(title),
        array("q", [key_digest(folded) for folded, _, _ in entries]),
        array("I", [number for _, number, _ in entries]),
        array("I", [heavy if heavy >= _LONG else 0 for _, _, heavy in entries]),
        tuple(folded if len(folded) <= LONGEST_TEMPLATE else None for folded, _, _ in entries),
    )


def trace_article(article: BlockOutline, headlines: Headlines) -> Traces:
    """Return the traces of an article, with a headline of its outlet taken for any other."""
    times: dict[int, int] = {}
    templates: Counter[int] = Counter()
    long: dict[int, int] = {}
    for name, number, heavy, folded in zip(
        article.digests, article.times, article.weights, article.folded, strict=True
    ):
        template = headlines.template(folded, article.headline) if folded else None
        if template:  # "Read more: One" and "Read more: Two" are copies of one block; "Round 1" and "Round 2" are not
            name = key_digest(template)
            templates[name] += number
            number = templates[name]
        times[name] = max(number, times.get(name, 0))
        if heavy:
            long[name] = heavy
    return Traces(article.article, times, long)


def memory_of_documents(
    documents: Iterable[Document], headlines: Iterable[str] = (), *, outlet: str | None = None
) -> SiteMemory:
    """The memory of one outlet from its `documents`, cleaned without a memory. Their titles, and `headlines` (a feed's, say),
    tell lines such as "Read more: <headline>"; versions of one article count once. `outlet` is its name or domain.
    """
    pages = [document for document in documents if document.text]
    known = Headlines.of([*headlines, *(page.title for page in pages)])
    groups = group_versions(
        [
            trace_article(outline_of(page.canonical_url or f"#{at}", page.blocks, page.title), known)
            for at, page in enumerate(pages)
        ]
    )
    return SiteMemory(
        len(groups),
        count_blocks(groups),
        known,
        publisher_names(outlet, *sorted({page.source_name or "" for page in pages})),
    )
