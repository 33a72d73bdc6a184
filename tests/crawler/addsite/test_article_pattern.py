"""Infer patterns of article URLs from examples: right for other URLs too, and readable."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from crawler.addsite.article_pattern import NoPatternError, common_domains, infer_pattern
from crawler.sites.profile_loader import load_profiles

if TYPE_CHECKING:
    from crawler.sites.profile import SiteProfile

SHIPPED = load_profiles()
HOST = "https://www.example.com"


def held_out(profile: SiteProfile) -> list[tuple[str, list[str]]]:
    """Each article of a profile, and the others that a pattern is made of."""
    articles = [re.sub("^http:", "https:", url) for url in profile.test.articles]
    return [(url, [other for other in articles if other != url]) for url in articles]


@pytest.mark.parametrize("profile", SHIPPED, ids=lambda profile: profile.id)
def test_rejects_what_a_sites_profile_rejects_and_accepts_what_it_was_made_of(profile: SiteProfile) -> None:
    for _, known in held_out(profile):
        pattern = infer_pattern(known, profile.test.others)
        assert [url for url in known if not re.search(pattern.text, url)] == list(pattern.left_out) == []
        assert [url for url in profile.test.others if re.search(pattern.text, url)] == list(pattern.false_matches) == []
        assert pattern.text.startswith("^https://")
        assert ".*" not in pattern.text


def test_accepts_articles_that_it_was_not_made_of() -> None:
    """For nearly all of 105 sites, the pattern from two of three examples accepts the third."""
    tries = [
        (url, infer_pattern(known, profile.test.others)) for profile in SHIPPED for url, known in held_out(profile)
    ]
    accepted = sum(bool(re.search(pattern.text, url)) for url, pattern in tries)
    assert len(tries) >= 300
    assert accepted / len(tries) >= 0.95


@pytest.mark.parametrize(
    ("articles", "others", "expected"),
    [
        (
            ["/2024/05/01/one-two-three", "/2024/06/11/four", "/2025/01/30/five-six"],
            ["/2024/", "/tag/one-two-three"],
            r"\d{4}/\d\d/\d\d/[^/?#]+",
        ),
        (
            ["/tech/robots-at-sea-1234567", "/money/late-news-again-1234999", "/sport/a-cup-1230001"],
            ["/tech/", "/about-us"],
            r"[^/?#]+/[^/?#]+-\d{5,}",
        ),
        (
            ["/politik/Wer-nun-regiert-article24075843.html", "/sport/olympia/Wer-gewinnt-article25136526.html"],
            ["/politik/"],
            r"(?:[^/?#]+/)*[^/?#]+-article\d{5,}\.html",
        ),
        (
            ["/politik/wer-regiert-article24075843.html", "/politik/wer-gewinnt-id25136526.html"],
            ["/politik/"],
            r"(?:[^/?#]+/)*[^/?#]+-(?:article|id)\d{5,}\.html",
        ),
        (
            ["/rain-falls-on-the-plain", "/sun-shines-on-the-sea", "/snow-is-late-this-year"],
            ["/about-us", "/newsletter", "/tag/rain-and-snow-reports"],
            r"[^/?#.-]+(?:-[^/?#.-]+){2,}/?$",
        ),
        (
            ["/story/rain-falls-on-the-plain", "/story/sun-shines-on-the-sea", "/story/snow-is-late-this-year"],
            ["/topic/rain-falls-on-the-plain", "/story/"],
            r"story/[^/?#.-]+(?:-[^/?#.-]+){2,}/?$",
        ),
        (
            ["/news/story.asp?id=4711", "/news/story.asp?id=4629", "/news/story.asp?id=4698"],
            ["/news/list.asp?page=2", "/news/"],
            r"[^/?#]+/story\.asp\?(?:[^#]*&)?id=\d+",
        ),
        (
            ["/wirtschaft/geld/was-nun-4161999.html", "/capital/wer-nun-4161998.html", "/sport/wo-nun-4161997.html"],
            ["/wirtschaft/themen/elon-musk-4161628.html", "/sport/themen/ein-verein-4161629.html"],
            r"(?!(?:[^/?#]+/)*themen/)(?:[^/?#]+/)+[^/?#]+-\d{5,}\.html",
        ),
        (
            ["/2024/10/22/ferries/", "/2024/10/23/cranes/", "/2024/10/24/parcels/"],
            ["/private/2024/10/12/board-minutes", "/2024/"],
            r"\d{4}/\d\d/\d\d/[^/?#]+",
        ),
    ],
    ids=["date", "number", "letters-before", "two-letters-before", "headline", "kind", "query", "barred", "elsewhere"],
)
def test_is_as_a_person_would_write_it(articles: list[str], others: list[str], expected: str) -> None:
    pattern = infer_pattern([HOST + path for path in articles], [HOST + path for path in others])
    assert pattern.text == rf"^https://www\.example\.com/{expected}"
    assert pattern.false_matches == ()


def test_is_weak_if_there_are_only_words() -> None:
    words = [f"{HOST}/rain-falls-on-the-plain", f"{HOST}/sun-shines-on-the-sea"]
    assert infer_pattern(words, [f"{HOST}/about"]).is_weak
    assert not infer_pattern([f"{HOST}/rain-falls-1234567", f"{HOST}/sun-shines-1234568"], [f"{HOST}/about"]).is_weak


def test_one_odd_address_does_not_open_the_site() -> None:
    """Among many with a number, one of words alone is left out, and named."""
    numbered = [f"{HOST}/news/wind-turns-to-the-north-{1_000_000 + number}" for number in range(8)]
    odd = f"{HOST}/a-page-about-our-spring-party"
    pattern = infer_pattern([*numbered, odd], [f"{HOST}/news/"])
    assert pattern.left_out == (odd,)
    assert not pattern.is_weak
    assert all(re.search(pattern.text, url) for url in numbered)


def test_http_counts_as_https_and_tracking_does_not_count() -> None:
    pattern = infer_pattern(
        ["http://www.example.com/2024/05/01/one?utm_source=x", "http://www.example.com/2024/05/02/two"]
    )
    assert pattern.text == r"^https://www\.example\.com/\d{4}/\d\d/\d\d/[^/?#]+"


def test_several_hosts_of_a_site() -> None:
    articles = [f"https://{host}.example.com/docs/news/159081{n}.html" for n, host in enumerate(("www", "pc", "av"))]
    pattern = infer_pattern(articles, ["https://pc.example.com/docs/news/"])
    assert all(re.search(pattern.text, url) for url in articles)
    assert not re.search(pattern.text, "https://www.elsewhere.com/docs/news/1590812.html")
    assert not re.search(pattern.text, "https://www.notexample.com/docs/news/1590812.html")


@pytest.mark.parametrize("articles", [[], [f"{HOST}/"], [f"{HOST}/tech", f"{HOST}/money"]])
def test_refuses_if_nothing_identifies_articles(articles: list[str]) -> None:
    with pytest.raises(NoPatternError) as problem:
        infer_pattern(articles, [f"{HOST}/about"])
    assert "\n" not in str(problem.value)


def test_characters_of_patterns_in_addresses_stand_for_themselves() -> None:
    url = f"{HOST}/a.b(c)+d/2024/05/01/x"
    pattern = infer_pattern([url, f"{HOST}/a.b(c)+d/2024/05/02/y"], [f"{HOST}/a.b(c)+d/"])
    assert re.search(pattern.text, url)


@pytest.mark.parametrize(
    ("hosts", "domains"),
    [
        (["www.example.com"], ("example.com",)),
        (["de.example.com"], ("de.example.com",)),
        (["www.example.com", "de.example.com"], ("example.com",)),
        (["pc.watch.example.co.jp", "www.watch.example.co.jp"], ("watch.example.co.jp",)),
        (["www.example.com", "www.example.org"], ("example.com", "example.org")),
    ],
)
def test_domains_that_hosts_have_in_common(hosts: list[str], domains: tuple[str, ...]) -> None:
    assert common_domains(hosts) == domains


def test_accepts_what_it_was_made_of_also_where_sections_are_named_like_articles() -> None:
    """A list may stand under the very word that ends an article's address; words may be parted in two ways."""
    articles = [
        f"{HOST}/category/homes-and-gardens/",
        f"{HOST}/category/food_and_drink_too/",
        f"{HOST}/life/a-cup-of-tea/",
    ]
    others = [
        f"{HOST}/homes-and-gardens/page-of-all-homes/",
        f"{HOST}/food_and_drink_too/list-of-all-food/",
        f"{HOST}/a/",
    ]
    pattern = infer_pattern(articles, others)
    assert [url for url in articles if not re.search(pattern.text, url)] == []
