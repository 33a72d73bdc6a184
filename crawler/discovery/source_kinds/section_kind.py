"""Define the source kind of section pages: HTML pages that link to articles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.discovery.base import SOURCE_OK, Fetched, SourceKind, SourceListing

if TYPE_CHECKING:
    from collections.abc import Callable


class SectionKind(SourceKind):
    """List the article links of a page, with `crawler.discovery.sections`."""

    name, key, order = "section", "sections", 30
    requested_as = "page"

    def read(self, page: Fetched, is_article: Callable[[str], bool] | None = None) -> SourceListing | None:
        """Return the page's links to articles."""
        from crawler.discovery.links import parse_page
        from crawler.discovery.sections import article_links

        tree = parse_page(page.body, page.content_type)
        return None if tree is None else SourceListing(article_links(tree, page.url, is_article))

    def judge(self, page: Fetched, is_article: Callable[[str], bool]) -> tuple[str, str]:
        """Return outcome and detail by the number of links to articles."""
        from crawler.discovery.sections import article_links

        found = len(article_links(page.body, page.url, is_article))
        return (
            (SOURCE_OK, f"links to {found} articles")
            if found
            else ("no article", "none of its links fits the article pattern")
        )


KIND = SectionKind()
