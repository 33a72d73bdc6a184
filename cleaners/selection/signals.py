"""What others say of each segment: one witness a file, each giving a share from 0 (not seen) to 1 (seen whole)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml import etree, html

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleaners.html.json_ld import StructuredData


def article_lines(jsonld: StructuredData) -> list[str]:
    """The paragraphs of JSON-LD's `articleBody`."""
    return [line for line in (jsonld.article_body or "").splitlines() if line.strip()]


def feed_lines(feed_html: str | None) -> list[str]:
    """The paragraphs of the full text that the outlet's feed carried."""
    if not feed_html or not feed_html.strip():
        return []
    from cleaners.html.segment import segment

    try:
        tree = html.document_fromstring(f"<html><body>{feed_html}</body></html>")
    except (etree.ParserError, ValueError):
        return []
    return [piece.text for piece in segment(tree)]


@dataclass(frozen=True, slots=True)
class Signals:
    """What the witnesses say of each segment, 0..1: the first reading (see `classifier.reading`), JSON-LD's `articleBody`, the feed's
    full text, and trafilatura's extraction, None where the reading was sure and nobody asked for it.
    """

    first_pass: Sequence[float]
    article_body: Sequence[float]
    feed: Sequence[float]
    extraction: Sequence[float] | None = None

    @property
    def selection(self) -> Sequence[float]:
        """What the choice starts from: trafilatura's selection where it was asked, else the first reading's."""
        return self.first_pass if self.extraction is None else self.extraction
