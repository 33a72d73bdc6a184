"""Find links to articles among all others, on sites without a profile."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crawler.discovery.links import page_links, parse_page
from crawler.discovery.sections import article_links, section_links
from crawler.discovery.urls import clean_url
from tests.support.url_forms import ARTICLES as FORMS
from tests.support.url_forms import OTHERS as OTHER_FORMS

if TYPE_CHECKING:
    from collections.abc import Iterator

SHARED = Path(__file__).resolve().parents[3] / ".." / "shared" / "corpus" / "news" / "index.jsonl"
START = "https://www.example.com/"

ARTICLES = [
    ("/2024/05/03/chipmaker-to-build-a-second-plant/", "Chipmaker to build a second plant in Saxony"),
    ("/business/chipmaker-builds-second-plant-in-saxony", "Chipmaker to build a second plant in Saxony"),
    ("/news,142489.html", "Ten gigabytes for less than six euros a month"),
    ("/article/379018", "半導体大手、熊本に第二工場を建設へ　投資額は一兆円規模"),
    ("/articles/AST1F4445T1FUTIL02SM.html", "半導体大手、熊本に第二工場を建設へ　投資額は一兆円規模"),
    ("/doc/7715044", "A short one"),
    ("/story/3000000218734/wie-sanft-ist-zu-sanft", "Wie sanft ist zu sanft?"),
    ("/news/articles/clymn8zyrp9o", "What is the alliance and which countries are in it?"),
    ("/index.php?id=48213", "Central bank keeps its key rate unchanged for a third time"),
    ("/?p=48213", "Central bank keeps its key rate unchanged for a third time"),
    ("/about-time-the-central-bank-moved-its-rate/", "It is about time that the central bank moved"),
    ("/wirtschaft/zinsen-steigen-weiter-100.html", "Zinsen steigen weiter: Was Sparer jetzt wissen müssen"),
]
OTHERS = [
    ("/", "Home"), ("/about-us", "About our company and the people who work here"), ("/about", "About"),
    ("/author/jane-doe/", "Jane Doe"), ("/autoren/erika-mustermann/", "Alle Artikel von Erika Mustermann lesen"),
    ("/tag/semiconductors/", "Semiconductors"), ("/tags/artificial-intelligence-and-machine-learning/", "AI and ML"),
    ("/topics/electric-cars-and-batteries", "Everything we wrote about electric cars and batteries"),
    ("/newsletter", "Newsletter"), ("/newsletters/", "Sign up for our daily newsletter and never miss a story"),
    ("/login", "Log in"), ("/account/register", "Create your free account in less than a minute"),
    ("/category/tech/", "Technology"), ("/business/", "Business"), ("/wirtschaft/", "Wirtschaft"),
    ("/search?q=chips", "Search"), ("/page/2/", "Older posts"), ("/business/?page=3", "3"), ("/2024/05/", "May 2024"),
    ("/files/annual-report-2024-of-the-company.pdf", "Annual report of the company for the year 2024"),
    ("/images/2024/05/03/plant-in-saxony.jpg", "A look at the plant in Saxony from above"),
    ("/impressum", "Impressum"), ("/datenschutzerklaerung", "Datenschutz"), ("/privacy-policy", "Privacy policy"),
    ("/terms-of-service-2024", "Terms of service"), ("/jobs/", "Work with us"), ("/feed/", "RSS"), ("/rss", "RSS"),
    ("mailto:desk@example.com", "Write to the desk with your tips and corrections"), ("javascript:void(0)", "Open the menu"),
    ("#top", "Back to the top of this page"), ("/2024/05/03/a-story-of-ours/feed/", "Comments on a story of ours as a feed"),
    ("https://other.example.net/2024/05/03/their-story-about-the-plant/", "Their story about the plant in Saxony"),
    ("https://shop.example.com/mug-with-our-logo-blue-12345", "Our mug"),
]  # fmt: skip


def page(links: list[tuple[str, str]], around: str = "<ul>{}</ul>") -> bytes:
    rows = "".join(f'<li><a href="{escape(url)}">{escape(text)}</a></li>' for url, text in links)
    return f'<!doctype html><meta charset="utf-8"><title>Start</title><body>{around.format(rows)}</body>'.encode()


@pytest.mark.parametrize(("url", "text"), ARTICLES)
def test_an_article_is_known_alone(url: str, text: str) -> None:
    found = article_links(page([(url, text)]), START)
    assert [(c.url, c.title, c.source_url) for c in found] == [
        (f"https://www.example.com{url}", " ".join(text.split()), START)
    ]


@pytest.mark.parametrize(("url", "text"), OTHERS)
def test_another_page_is_not_taken_for_one(url: str, text: str) -> None:
    assert article_links(page([(url, text)]), START) == []


def test_nearly_every_form_of_article_url_is_known_by_its_link() -> None:
    title = "Chipmaker to build a second plant in Saxony after all"
    missed = [path for path in FORMS if not article_links(page([(path, title)]), START)]
    assert len(missed) <= 0.02 * len(FORMS), missed


@pytest.mark.parametrize(("url", "text"), OTHER_FORMS)
def test_pages_of_other_kinds_are_not(url: str, text: str) -> None:
    assert article_links(page([(url, text)]), START) == []


def test_articles_come_in_page_order_among_all_the_rest() -> None:
    mixed = [link for pair in zip(ARTICLES, OTHERS, strict=False) for link in pair] + OTHERS[len(ARTICLES) :]
    found = article_links(page(mixed), START)
    assert [c.url for c in found] == [f"https://www.example.com{url}" for url, _ in ARTICLES]


def test_three_links_to_one_article_are_one_with_its_headline() -> None:
    url, text = ARTICLES[0]
    found = article_links(
        page([(url, ""), (url + "?utm_source=start&utm_medium=web", text), (url + "#comments", "12")]), START
    )
    assert [(c.url, c.title) for c in found] == [(f"https://www.example.com{url}", text)]


def test_the_same_words_count_for_less_in_a_footer() -> None:
    link = [("/our-plan-for-2030", "Our plan for the years until 2030")]
    in_footer = article_links(page(link, "<footer>{}</footer>"), START)
    assert in_footer == []


def test_a_profile_decides_alone_where_there_is_one() -> None:
    found = article_links(page([*ARTICLES, *OTHERS]), START, lambda url: "/tag/" in url)
    assert [c.url for c in found] == ["https://www.example.com/tag/semiconductors/"]


def test_relative_links_follow_the_base_and_odd_pages_give_nothing() -> None:
    body = b'<base href="https://www.example.com/2024/05/03/"><a href="a-second-plant-for-saxony">A second plant for Saxony</a>'
    assert article_links(body, START)[0].url == "https://www.example.com/2024/05/03/a-second-plant-for-saxony"
    for odd in (b"", b"\0\xff" * 50, b"<!-- nothing -->", b"<a href='http://[::1'>x</a>"):
        assert article_links(odd, START) == []


def test_sections_are_those_of_technology_and_business() -> None:
    links = [
        ("/sport/", "Sport"), ("/category/tech/", "Technology"), ("/tag/business/", "Business"), ("/wirtschaft/", "Wirtschaft"),
        ("/news/", "News"), ("/business/2024/05/03/a-story-about-the-plant/", "A story"), ("/login/", "Log in"),
        ("https://jobs.example.com/tech/", "Tech jobs"), ("/category/business/", "Business"),
    ]  # fmt: skip
    expected = ["/category/tech/", "/wirtschaft/", "/category/business/"]
    assert section_links(page(links), START) == [f"https://www.example.com{path}" for path in expected]


def test_without_such_sections_the_list_of_newest_articles_will_do_and_the_number_is_bounded() -> None:
    assert section_links(page([("/sport/", "Sport"), ("/latest/", "Latest")]), START) == [
        "https://www.example.com/latest/"
    ]
    many = [(f"/tech/{name}/business/", "Business") for name in "abcdefghijkl"]
    assert len(section_links(page(many), START)) <= 4


def corpus() -> Iterator[tuple[str, str]]:
    with SHARED.open(encoding="utf-8") as rows:
        for row in map(json.loads, rows):
            yield row["url"], row["title"]


@pytest.mark.skipif(not SHARED.exists(), reason="no ../shared/corpus here")
def test_articles_of_148_sites_are_known_by_their_link_alone() -> None:
    missed = [
        url for url, title in corpus() if not article_links(page([(url, title)]), f"https://{url.split('/')[2]}/")
    ]
    assert missed == []


@pytest.mark.skipif(not SHARED.exists(), reason="no ../shared/corpus here")
def test_few_of_them_need_their_anchor_text() -> None:
    rows = list(corpus())
    found = [url for url, _ in rows if article_links(page([(url, "Read more")]), f"https://{url.split('/')[2]}/")]
    assert len(found) >= 0.95 * len(rows)
    assert all(clean_url(url) for url in found)


@pytest.mark.parametrize(
    "label", ["hex", "zlib", "base64", "rot13", "idna", "punycode", "undefined", "no-such-charset"]
)
@pytest.mark.parametrize("where", ["meta", "header"])
def test_a_charset_that_is_no_encoding_of_text_costs_no_link(label: str, where: str) -> None:
    meta, header, encoding = (
        (label, "", "utf-8") if where == "meta" else ("iso-8859-1", f"; charset={label}", "latin-1")
    )
    link = f'<a href="{START}2024/05/03/a-second-plant-for-saxony">Ein zweites Werk für Sachsen, sagt die Firma</a>'
    body = f"<meta charset={meta}>{link}".encode(encoding)
    tree = parse_page(body, f"text/html{header}")
    assert tree is not None
    assert [found.text for found in page_links(tree, START)] == ["Ein zweites Werk für Sachsen, sagt die Firma"]
