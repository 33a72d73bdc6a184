"""Clean pages in a worker, and carry the results between processes.

Functions here are called by name from another process. Blocks travel as columns of plain values, which pickle in a sixth
of the time, and a result is pickled here, so that its size is known before it leaves.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from cleaners.document import Block, BlockType, Document, Drop, Kind
from cleaners.page import Page, SiteRules
from cleaners.rejection import Rejection, RejectReason

if TYPE_CHECKING:
    from collections.abc import Callable

# Enough of an article to have everything read that is read on first use: models, phrases, language profiles.
_SAMPLE = b"""<!doctype html><html lang="en"><head><title>A bridge reopens</title>
<meta property="article:published_time" content="2026-01-05T08:00:00Z"></head><body><article><h1>A bridge reopens</h1>
<p>The bridge over the river reopened on Monday after two years of work, and traffic is back to what it used to be.</p>
<p>Engineers replaced the cables and the deck, and painted the towers in the green that the town had voted for.</p>
<p>Read more: <a href="/tunnel">What became of the tunnel</a></p>
<p>The mayor said the cost had stayed within the budget, which the council had set at forty million in the spring.</p>
</article></body></html>"""

# What the event loop can take in within a twentieth of a second, and ten times what the largest real pages give.
_MAX_BLOCKS = 20_000
_MAX_BYTES = 4_000_000
_OTHERS = tuple(field.name for field in fields(Document) if field.name != "blocks")
_TYPES = {kind.value: kind for kind in BlockType}


def warm_up_pages() -> tuple[Callable[[], None], ...]:
    """Import and read what cleaning needs, even rarely, once for all workers to inherit.

    Returns functions that do the same for what only some languages need.
    """
    from lxml.html import document_fromstring

    from cleaners.phrases import load_phrases
    from cleaners.selection.trafilatura_signal import trafilatura_lines
    from cleaners.text.dates import parse_date

    clean_in_worker(Page("https://example.com/2026/01/05/a-bridge-reopens", _SAMPLE), None)
    on_all_pages, *in_their_languages = load_phrases().compilers()
    on_all_pages()
    trafilatura_lines(
        document_fromstring("<p>Too little for trafilatura alone, which then reads jusText's lists of words.</p>")
    )
    parse_date("5 de enero de 2026 a las 8:00", language="es")
    return tuple(in_their_languages)


def clean_packed(page: Page, rules: SiteRules | None) -> bytes:
    """Clean a page and pack the result. A page that gives more than a crawl can handle is rejected as too large."""
    cleaned = clean_in_worker(page, rules)
    packed = pack_result(cleaned)
    blocks = len(cleaned.document.blocks)
    if blocks <= _MAX_BLOCKS and len(packed) <= _MAX_BYTES:
        return packed
    why = f"{blocks:,} blocks in {len(packed):,} bytes, more than {_MAX_BLOCKS:,} or {_MAX_BYTES:,}"
    return pack_result(CleanedResult(Document("", reject=Rejection(RejectReason.TOO_LARGE, why)), b""))


def clean_in_worker(page: Page, rules: SiteRules | None) -> CleanedResult:
    """Clean a page; return its document and the signature of its text."""
    from cleaners import clean_page
    from output.duplicates.minhash import signature

    document = clean_page(page, rules=rules)
    return CleanedResult(document, b"" if document.reject else signature(document.text))


@dataclass(frozen=True, slots=True)
class CleanedResult:
    """Hold a page's document and the MinHash signature of its text; a rejected page has no signature."""

    document: Document
    signature: bytes


def pack_result(cleaned: CleanedResult) -> bytes:
    """Turn a result into pickled tuples of plain values. Drops are numbered, because few of a page's differ."""
    document = cleaned.document
    texts, types, places, tights, scores, drops = zip(*document.blocks, strict=True) if document.blocks else [()] * 6
    numbers: dict[Drop | None, int] = {}
    of_blocks = [numbers.setdefault(drop, len(numbers)) for drop in drops]
    drop_rows = [(drop.kind.value, drop.rule) if drop else None for drop in numbers]
    columns = (texts, [kind.value for kind in types], places, tights, scores, of_blocks, drop_rows)
    others = tuple(getattr(document, name) for name in _OTHERS)
    return pickle.dumps((columns, others, cleaned.signature), pickle.HIGHEST_PROTOCOL)


def unpack_result(packed: bytes) -> CleanedResult:
    """Rebuild the result that was packed, equal to the original."""
    (texts, types, places, tights, scores, of_blocks, drop_rows), others, signature = pickle.loads(packed)
    drops = [Drop(Kind(drop[0]), drop[1]) if drop else None for drop in drop_rows]
    kinds, dropped = [_TYPES[kind] for kind in types], [drops[number] for number in of_blocks]
    blocks = tuple(map(Block, texts, kinds, places, tights, scores, dropped))
    return CleanedResult(Document(blocks=blocks, **dict(zip(_OTHERS, others, strict=True))), signature)
