"""Clean text that was extracted without its page.

There are no links and no elements, so place and words decide: what stands before the first paragraph or after the last
one, what repeats, what stands beside a widget's other words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleaners.accept import accept_text
from cleaners.document import Block, BlockType, Document, Drop, Kind
from cleaners.metadata.author_names import names_only
from cleaners.plain_text.line_model import score_lines
from cleaners.plain_text.line_rules import label_lines
from cleaners.plain_text.lines import BULLETS, TextLine, join_lines, read_lines
from cleaners.text.language import detect_language
from cleaners.text.sanitize import sanitize

if TYPE_CHECKING:
    from collections.abc import Sequence


def clean_plain(text: str) -> Document:
    """Return the document of a text.

    Kept lines are stripped, mended by `sanitize` and otherwise unchanged, and so are the separators between them. Where
    lines were dropped, at most one empty line remains.
    """
    lines = read_lines(sanitize(text))
    language, score = detect_language("\n".join(line.text for line in lines if line.is_prose))
    labels, scores = score_lines(lines, label_lines(lines, language), language)
    blocks = tuple(map(_block, lines, labels, scores))
    kept = join_lines(lines, labels)
    title, authors = _first_of_kind(lines, labels, Kind.HEADLINE), _authors(lines, labels)
    origins = {"title": "block:headline"} if title else {}
    return Document(
        text=kept,
        blocks=blocks,
        title=title,
        authors=authors,
        origins=origins | ({"authors": "block:byline"} if authors else {}),
        language=language,
        language_score=score if language else None,
        reject=accept_text(kept, blocks),
    )


def _block(line: TextLine, drop: Drop | None, score: float) -> Block:
    kind = BlockType.LIST_ITEM if line.text.startswith(BULLETS) else BlockType.PARAGRAPH
    return Block(line.text, kind, f"line {line.number}", tight=line.gap == 0, score=round(score, 3), dropped_by=drop)


def _first_of_kind(lines: Sequence[TextLine], labels: Sequence[Drop | None], kind: Kind) -> str | None:
    return next((line.text for line, drop in zip(lines, labels, strict=True) if drop and drop.kind is kind), None)


def _authors(lines: Sequence[TextLine], labels: Sequence[Drop | None]) -> tuple[str, ...]:
    byline = _first_of_kind(lines, labels, Kind.BYLINE)
    return names_only(byline) if byline else ()
