"""What is done to pages in a worker. Functions here are called by name from another process."""

from __future__ import annotations

from cleaners.page import Page, SiteRules
from crawler.cleaning.wire import Packed, pack

# Enough of an article to have everything read that is read on first use: models, phrases, language profiles.
_SAMPLE = b"""<!doctype html><html lang="en"><head><title>A bridge reopens</title>
<meta property="article:published_time" content="2026-01-05T08:00:00Z"></head><body><article><h1>A bridge reopens</h1>
<p>The bridge over the river reopened on Monday after two years of work, and traffic is back to what it used to be.</p>
<p>Engineers replaced the cables and the deck, and painted the towers in the green that the town had voted for.</p>
<p>Read more: <a href="/tunnel">What became of the tunnel</a></p>
<p>The mayor said the cost had stayed within the budget, which the council had set at forty million in the spring.</p>
</article></body></html>"""


def warm_up() -> None:
    """Import and read what cleaning needs."""
    from cleaners import clean_html

    clean_html(_SAMPLE, "https://example.com/2026/01/05/a-bridge-reopens")


def clean(page: Page, rules: SiteRules | None) -> Packed:
    """The page's document, packed."""
    from cleaners import clean_page

    return pack(clean_page(page, rules=rules))
