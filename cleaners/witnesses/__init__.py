"""What others say of each segment: one witness a file, each giving a share from 0 (not seen) to 1 (seen whole)."""

from __future__ import annotations

from lxml import etree, html

from ..jsonld import StructuredData


def article_lines(jsonld: StructuredData) -> list[str]:
    """The paragraphs of JSON-LD's `articleBody`."""
    return [line for line in (jsonld.article_body or "").splitlines() if line.strip()]


def feed_lines(feed_html: str | None) -> list[str]:
    """The paragraphs of the full text that the outlet's feed carried."""
    if not feed_html or not feed_html.strip():
        return []
    from ..segment import segment

    try:
        tree = html.document_fromstring(f"<html><body>{feed_html}</body></html>")
    except (etree.ParserError, ValueError):
        return []
    return [piece.text for piece in segment(tree)]
