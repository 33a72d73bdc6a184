"""Import and read what reading a site's sources needs, once for all that read them."""

from __future__ import annotations

from importlib import import_module

from crawler.discovery.urls import registered_domain


def warm_up_reading() -> None:
    """Import every reader, and read the list of public suffixes: a tenth of a second in a process that does other work."""
    for name in (
        "crawler.discovery.source_discovery",
        "crawler.sites.site_scope",
        "crawler.sites.profile",
        "feedparser",
    ):
        import_module(name)
    registered_domain("https://example.com/")
