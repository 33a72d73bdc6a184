"""Follow articles of several pages to the next page, never to the next article."""

from __future__ import annotations

import pytest

from crawler.discovery.links import parse_page
from crawler.discovery.pagination import MAX_PAGES, may_continue, next_page, page_number

FIRST = "https://example.com/tests/notebook-in-the-lab-123.html"


def following(body: str, url: str = FIRST, first: str = FIRST, number: int = 1) -> str | None:
    data = f"<!doctype html><html><body>{body}</body></html>".encode()
    tree = parse_page(data)
    assert tree is not None
    found = next_page(tree, url, first, number)
    assert found is None or may_continue(data, url, first, number)  # the cheap look may never hide a page
    return found


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (FIRST, "?page=2"),
        (FIRST, "?seite=2&utm_source=pager"),
        (FIRST, "/tests/notebook-in-the-lab-123-2.html"),
        (FIRST, "/tests/notebook-in-the-lab-123,2.html"),
        (FIRST, "/tests/notebook-in-the-lab-123/2.html"),
        (FIRST, "/tests/notebook-in-the-lab-123-p2.html"),
        (FIRST, "/tests/notebook-in-the-lab-123.html/2"),
        ("https://example.com/2024/05/notebook/", "/2024/05/notebook/2/"),
        ("https://example.com/2024/05/notebook/", "/2024/05/notebook/page/2/"),
        ("https://example.com/2024/05/notebook", "/2024/05/notebook/seite-2"),
        ("https://example.com/story?id=7", "/story?id=7&page=2"),
    ],
)
@pytest.mark.parametrize(
    "link",
    [
        '<link rel="next" href="{}">',
        '<a rel="nofollow next" href="{}">Weiter</a>',
        '<div class="pagination"><span>1</span> <a href="{}">2</a></div>',
        '<nav aria-label="pager"><ul><li><a href="{}">Next page »</a></li></ul></nav>',
    ],
)
def test_the_next_page_of_the_same_article_is_found(first: str, second: str, link: str) -> None:
    found = following(link.format(second), first, first)
    assert found is not None
    assert found.startswith("https://example.com/")
    assert page_number(found, first) == 2


@pytest.mark.parametrize(
    "body",
    [
        '<link rel="next" href="/tests/another-notebook-124.html">',
        '<link rel="next" href="/tests/notebook-in-the-lab-124.html">',
        '<a rel="next" href="https://other.example.com/tests/notebook-in-the-lab-123-2.html">2</a>',
        '<a rel="next" href="https://example.com/tests/notebook-in-the-lab-123-3.html">3</a>',
        '<a href="/tests/notebook-in-the-lab-123-2.html">Our second look at this notebook</a>',
        '<div class="pagination"><a href="?page=3">3</a></div>',
        '<div class="comments"><div class="pagination"><a href="?page=2">2</a></div></div>',
        '<div class="pagination"><a href="?commentpage=2">2</a></div>',
        '<ul class="pagination"><li><a href="/tests/?page=2">2</a></li></ul>',
        '<a rel="next" href="#page-2">2</a><a rel="next" href="javascript:next()">2</a><a rel="next" href="http://[">2</a>',
        "",
    ],
    ids=["next article", "next number", "other host", "page 3", "words", "pager to 3", "comments", "comment page", "list",
         "nowhere", "none"],
)  # fmt: skip
def test_what_is_not_the_next_page_is_not_followed(body: str) -> None:
    assert following(body) is None


def test_later_pages_lead_on_and_the_last_does_not_lead_back() -> None:
    second, third = FIRST.replace(".html", "-2.html"), FIRST.replace(".html", "-3.html")
    pager = f'<div class="pagination"><a href="{FIRST}">1</a><a href="{second}">2</a><a href="{third}">3</a></div>'
    assert following(pager, FIRST, FIRST, 1) == second
    assert following(pager, second, FIRST, 2) == third
    assert following(pager, third, FIRST, 3) is None


def test_a_book_is_not_followed_to_its_end() -> None:
    assert following(f'<link rel="next" href="?page={MAX_PAGES + 1}">', FIRST, FIRST, MAX_PAGES) is None


def test_an_article_whose_own_address_ends_in_a_number_has_its_own_pages() -> None:
    first = "https://example.com/news/part-1.html"
    assert page_number("https://example.com/news/part-2.html", first) is None
    assert page_number("https://example.com/news/part-1-2.html", first) == 2
    assert page_number(first + "?utm_source=x", first) == 1
