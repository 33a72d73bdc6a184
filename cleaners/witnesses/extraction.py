"""The backbone witness: what trafilatura selects of a page."""

from __future__ import annotations

import logging

from lxml.html import HtmlElement

_LOGGERS = ("trafilatura.core", "trafilatura.utils", "trafilatura.main_extractor")


def extract_lines(tree: HtmlElement, *, fast: bool = False) -> list[str]:
    """The lines of text that trafilatura takes for the article; none where it finds no article."""
    from trafilatura import bare_extraction

    for name in _LOGGERS:  # "discarding data" is no news to someone who reads our rejects
        logging.getLogger(name).setLevel(logging.CRITICAL)
    document = bare_extraction(tree, include_comments=False, fast=fast)
    text = getattr(document, "text", None) or ""
    return [line for line in text.splitlines() if line.strip()]
