"""What is done to pages in a worker. Functions here are called by name from another process."""

from __future__ import annotations

from collections.abc import Callable

from cleaners.page import Page, SiteRules
from crawler.cleaning.wire import Cleaned, Packed, pack

# Enough of an article to have everything read that is read on first use: models, phrases, language profiles.
_SAMPLE = b"""<!doctype html><html lang="en"><head><title>A bridge reopens</title>
<meta property="article:published_time" content="2026-01-05T08:00:00Z"></head><body><article><h1>A bridge reopens</h1>
<p>The bridge over the river reopened on Monday after two years of work, and traffic is back to what it used to be.</p>
<p>Engineers replaced the cables and the deck, and painted the towers in the green that the town had voted for.</p>
<p>Read more: <a href="/tunnel">What became of the tunnel</a></p>
<p>The mayor said the cost had stayed within the budget, which the council had set at forty million in the spring.</p>
</article></body></html>"""


def warm_up() -> tuple[Callable[[], None], ...]:
    """Import and read what pages need, also what one in a hundred does: each worker would meet it, and read it for itself. Returns
    functions that do the same for what is of some languages alone."""
    from lxml.html import document_fromstring

    from cleaners.dates import parse_date
    from cleaners.phrases import load_phrases
    from cleaners.witnesses.extraction import extract_lines

    cleaned(Page("https://example.com/2026/01/05/a-bridge-reopens", _SAMPLE), None)
    on_all_pages, *in_their_languages = load_phrases().compilers()
    on_all_pages()
    extract_lines(
        document_fromstring("<p>Too little for trafilatura alone, which then reads jusText's lists of words.</p>")
    )
    parse_date("5 de enero de 2026 a las 8:00", language="es")
    return tuple(in_their_languages)


def clean(page: Page, rules: SiteRules | None) -> Packed:
    """What is made of a page, packed."""
    return pack(cleaned(page, rules))


def cleaned(page: Page, rules: SiteRules | None) -> Cleaned:
    """What is made of a page."""
    from cleaners import clean_page
    from output.minhash import signature

    document = clean_page(page, rules=rules)
    return Cleaned(document, b"" if document.reject else signature(document.text))
