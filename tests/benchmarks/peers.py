"""What stands beside `clean_html`: extractors as their own documentation calls them, a page's bytes and URL in.

Those of the extra `[bench]` are left out where they are not installed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

System = Callable[[bytes, str], Any]

OURS = "winnow clean_html"
NAIVE = "trafilatura with metadata, and langdetect"


def systems() -> dict[str, System]:
    """By name; ours first."""
    found: dict[str, System] = {OURS: ours, NAIVE: naive, "trafilatura, fast": fast}
    if find_spec("newspaper"):
        found["newspaper4k"] = newspaper4k
    if find_spec("readability"):
        found["readability-lxml"] = readability
    if find_spec("resiliparse"):
        found["resiliparse"] = resiliparse
    found["lxml, parse alone"] = parse
    logging.disable(logging.CRITICAL)  # what they have to say of each page is not what is measured
    return found


def ours(html: bytes, url: str) -> Any:
    """Text, blocks, metadata, language."""
    from cleaners import clean_html

    return clean_html(html, url)


def naive(html: bytes, url: str) -> Any:
    """Text, metadata, language."""
    import langdetect
    import trafilatura

    document: Any = trafilatura.bare_extraction(html, url=url, with_metadata=True)
    text = (document.text or "") if document else ""
    try:
        return document, langdetect.detect(text)
    except langdetect.LangDetectException:  # nothing to tell it by
        return document, None


def fast(html: bytes, url: str) -> Any:
    """Text."""
    import trafilatura

    return trafilatura.extract(html, url=url, fast=True)


def newspaper4k(html: bytes, url: str) -> Any:
    """Text, metadata."""
    import newspaper

    article = newspaper.Article(url, fetch_images=False)
    article.download(input_html=html.decode("utf-8", "replace"))
    article.parse()
    return article.text


def readability(html: bytes, url: str) -> Any:
    """The article's HTML, title."""
    from readability import Document

    document = Document(html.decode("utf-8", "replace"), url=url)
    return document.title(), document.summary()


def resiliparse(html: bytes, url: str) -> Any:  # noqa: ARG001
    """Text."""
    from resiliparse.extract.html2text import extract_plain_text

    return extract_plain_text(html.decode("utf-8", "replace"), main_content=True)


def parse(html: bytes, url: str) -> Any:
    """A tree, and nothing done with it: the floor."""
    from lxml.html import document_fromstring

    return document_fromstring(html, base_url=url)
