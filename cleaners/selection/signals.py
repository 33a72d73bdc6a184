"""Hold the signals: what each extractor says of each segment, from 0 (not in its text) to 1 (all of it)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml import etree

from cleaners.text.sanitize import sanitize, sanitize_references

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleaners.html.json_ld import StructuredData


def article_lines(jsonld: StructuredData) -> list[str]:
    """Return the paragraphs of JSON-LD's `articleBody`."""
    return [line for line in (jsonld.article_body or "").splitlines() if line.strip()]


def feed_lines(feed_html: str | None) -> list[str]:
    """Return the paragraphs of the full text in the site's feed."""
    if not feed_html or not feed_html.strip():
        return []
    from cleaners.html.page_tree import build_tree
    from cleaners.html.segment import segment

    source = sanitize(sanitize_references(feed_html))
    try:
        tree = build_tree(f"<html><body>{source}</body></html>".encode("utf-8", "replace"))
    except (etree.ParserError, ValueError):
        return []
    return [paragraph.text for paragraph in segment(tree)]


@dataclass(frozen=True, slots=True)
class Signals:
    """Hold four signals, each with one value per segment, 0..1.

    `first_pass` is the score of the first-pass model (see `model.first_pass`). The others are the shares of a segment
    that stand in JSON-LD's `articleBody`, in the feed's full text and in trafilatura's `extraction`, which is None if
    the first pass was certain and trafilatura did not run.
    """

    first_pass: Sequence[float]
    article_body: Sequence[float]
    feed: Sequence[float]
    extraction: Sequence[float] | None = None

    @property
    def selection(self) -> Sequence[float]:
        """Return what the selection starts from: trafilatura's extraction if it ran, else the first pass."""
        return self.first_pass if self.extraction is None else self.extraction
