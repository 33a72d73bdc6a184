"""Test reading metadata in the forms that publishers use."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from lxml import html

from cleaners import clean_html
from cleaners.html.json_ld import read_jsonld
from cleaners.metadata.author_names import names_before_date, names_only
from cleaners.metadata.read_metadata import read_metadata
from cleaners.page import SiteRules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cleaners.document import Metadata

URL = "https://www.dailyplanet.example/tech/2024/05/03/chips-are-back.html"
BODY = "<p>" + "The chip maker said on Friday that it would build a plant. " * 3 + "</p>"


def read(
    head: str = "",
    body: str = BODY,
    data: object = None,
    *,
    url: str | None = URL,
    rules: SiteRules | None = None,
    headers: Mapping[str, str] | None = None,
    lang: str = "en",
    fetched_at: datetime | None = datetime(2024, 5, 4, tzinfo=UTC),
) -> Metadata:
    script = f'<script type="application/ld+json">{json.dumps(data)}</script>' if data else ""
    source = f'<html lang="{lang}"><head>{head}{script}</head><body>{body}</body></html>'
    tree = html.document_fromstring(source.encode(), parser=html.HTMLParser(encoding="utf-8"))
    before = html.tostring(tree)
    found = read_metadata(tree, url, read_jsonld(tree, url), rules=rules, headers=headers, fetched_at=fetched_at)
    assert html.tostring(tree) == before
    return found


def article(**fields: object) -> dict[str, object]:
    return {"@context": "https://schema.org", "@type": "NewsArticle", "headline": "Chips are back", **fields}


class TestTitle:
    @pytest.mark.parametrize(
        "title",
        [
            "Chips are back, and prices fall | Daily Planet",
            "Chips are back, and prices fall - Tech - Daily Planet",
            "Chips are back, and prices fall – The Daily Planet",
            "Chips are back, and prices fall | Tech | Daily Planet Online",
            "Chips are back, and prices fall｜Daily Planet",
            "Chips are back, and prices fall : Daily Planet",
            "Chips are back, and prices fallㅣDaily Planet",
            "Chips are back, and prices fall - dailyplanet.example",
            "Daily Planet | Chips are back, and prices fall",
            "Chips are back, and prices fall, Daily Planet, 03.05.2024",
        ],
    )
    def test_strips_the_publisher_from_the_title(self, title: str) -> None:
        found = read(f'<title>{title}</title><meta property="og:site_name" content="Daily Planet">')
        assert found.title == "Chips are back, and prices fall"

    @pytest.mark.parametrize(
        "title",
        [
            "Samsung – the rise and fall of a giant",
            "Budget 3.0 | Tax office gets an army of collectors",
            "Live: Apple - what we know so far",
            "Planet of the chips - a daily struggle",
            "Regierung: Wer zahlt - und wer nicht?",
            "A reader answers: the Anti-Planet",
            "Chip-Law » What the makers need to know",
        ],
    )
    def test_keeps_a_dash_of_the_headline(self, title: str) -> None:
        head = f'<title>{title} | Daily Planet</title><meta property="og:site_name" content="Daily Planet">'
        assert read(head, f"<h1>{title}</h1>" + BODY).title == title

    def test_strips_a_section_that_other_places_lack(self) -> None:
        head = "<title>Chips are back in the shops - Politik</title>"
        assert read(head, "<h1>Chips are back in the shops</h1>" + BODY).title == "Chips are back in the shops"

    def test_strips_a_kicker_inside_the_h1(self) -> None:
        head = '<meta property="og:title" content="Why chips are back in the shops">'
        body = "<h1><span>Tech</span> <span>Why chips are back in the shops</span></h1>" + BODY
        assert read(head, body).title == "Why chips are back in the shops"

    def test_strips_a_section_after_a_bare_hyphen_that_another_place_lacks(self) -> None:
        head = """<meta name="headline" content="Why chips are back in the shops"><title>Why chips are back in the
            shops-TechㅣDaily Planet</title><meta property="og:site_name" content="Daily Planet">"""
        assert read(head).title == "Why chips are back in the shops"

    @pytest.mark.parametrize(
        ("shared", "expected"),
        [
            ("Why they are back in the shops", "Why they are back in the shops"),
            ("Chip makers: Why they are back in the shops", "Chip makers: Why they are back in the shops"),
            ("Prices fall: Why they are back in the shops", "Why they are back in the shops"),
        ],
    )
    def test_keeps_a_kicker_that_og_title_repeats(self, shared: str, expected: str) -> None:
        agrees = not shared.startswith("Prices")
        data = article(headline="Chip makers: Why they are back in the shops") if agrees else None
        body = "<h1><span>Chip makers</span><span>Why they are back in the shops</span></h1>" + BODY
        assert read(f'<meta property="og:title" content="{shared}">', body, data).title == expected

    @pytest.mark.parametrize(
        "trail",
        [
            '<nav><a href="/">Home</a> {}</nav>',
            '<ol class="breadcrumb"><li><a href="/">Home</a></li><li>{}</li></ol>',
            '<div data-testid="BreadcrumbArea"><div><a href="/">Home</a>{}</div></div>',
            '<div class="brotkrumen"><a href="/">Start</a>{}</div>',
            '<header class="top">{}</header>',
        ],
    )
    def test_prefers_the_visible_headline_to_an_h1_in_breadcrumbs(self, trail: str) -> None:
        for_search, visible = "Chips 2024: stock, prices, dates", "Why the shelves are full of chips again"
        head = f'<title>{for_search}</title><meta property="og:title" content="{visible}">'
        hidden = ' class="sr-only"' if "header" in trail else ""
        body = trail.format(f"<h1{hidden}>{for_search}</h1>") + "<h2>Most read</h2>"
        shown = f"<article><h2><em>Tech</em> <b>{visible}</b></h2>{BODY}</article>"
        assert read(head, body + shown, article(headline=for_search)).title == visible
        assert read(f"<title>{for_search}</title>", body + BODY).title == for_search

    def test_keeps_the_h1_of_an_article_that_contains_breadcrumbs(self) -> None:
        head = '<meta property="og:title" content="Chips are here again, says a maker">'
        crumbs = '<ul><li><a href="/">Home</a></li></ul>'
        body = f'<article class="with-breadcrumbs">{crumbs}<h1>Chips are back</h1>{BODY}</article>'
        assert read(head, body, article()).title == "Chips are back"

    def test_completes_a_cut_off_headline(self) -> None:
        whole = "Chips are back in the shops, and nobody in the industry knows why"
        data = article(headline="Chips are back in the shops, and nobody…")
        assert read(body=f"<h1>{whole}</h1>{BODY}", data=data).title == whole

    def test_prefers_the_visible_headline_to_one_for_search_engines(self) -> None:
        visible = "A woman who bought 130 chips shares what she learned"
        data = article(headline="Woman Bought Chips: Seven Lessons")
        head = f'<title>Woman Bought Chips: Seven Lessons - Daily Planet</title><meta property="og:title" content="{visible}">'
        data["publisher"] = {"@type": "Organization", "name": "Daily Planet"}
        assert read(head, f"<h1>{visible}</h1>{BODY}", data).title == visible

    def test_a_banner_is_no_headline(self) -> None:
        head = "<title>Why chips are back in the shops | Gadget Corner</title>"
        body = "<header><h1>Gadget Corner</h1></header><h2>Why chips are back in the shops</h2>" + BODY
        assert read(head, body, url="https://blog.example/1.html").title in (
            "Why chips are back in the shops",
            "Why chips are back in the shops | Gadget Corner",
        )

    def test_cleans_entities_soft_hyphens_and_markup(self) -> None:
        data = article(headline="AT&amp;amp;T&#8217;s <em>big</em> Heli\u00adkopter  bet")
        assert read(data=data).title == "AT&T’s big Helikopter bet"

    def test_an_empty_page_has_no_metadata(self) -> None:
        found = read(url=None)
        assert (found.title, found.authors, found.published, found.canonical_url, found.free) == (
            None,
            (),
            None,
            None,
            None,
        )


class TestAuthors:
    @pytest.mark.parametrize(
        ("author", "expected"),
        [
            ({"@type": "Person", "name": "Jane Doe"}, ("Jane Doe",)),
            ([{"@type": "Person", "name": "Jane Doe"}, {"@type": "Person", "name": "JANE DOE"}], ("Jane Doe",)),
            ("By Jane Doe and John Roe", ("Jane Doe", "John Roe")),
            ({"@type": "Person", "name": "Felix Kurz und Jörg Lang, dpa"}, ("Felix Kurz", "Jörg Lang", "dpa")),
            ({"@type": "Person", "name": "Jane Doe, Senior Technology Reporter"}, ("Jane Doe",)),
            ({"@type": "Person", "name": "Jane Doe (jdo)"}, ("Jane Doe",)),
            ({"@type": "Person", "name": "Jane Doe, Nairobi"}, ("Jane Doe",)),
            ({"@type": "Person", "name": "Mathias Hagen / Journalist"}, ("Mathias Hagen",)),
            ({"@type": "Person", "name": ["Jane Doe", "John Roe"]}, ("Jane Doe", "John Roe")),
            ({"@type": "Person", "givenName": "Jane", "familyName": "Doe"}, ("Jane Doe",)),
            ({"@type": "Organization", "name": "Reuters"}, ("Reuters",)),
            ({"@type": "Organization", "name": "Müller und Söhne GmbH & Co. KG"}, ("Müller und Söhne GmbH & Co. KG",)),
            ("Doe, Jane", ("Jane Doe",)),
            ("jane.doe@dailyplanet.example (Jane Doe)", ()),
            ("https://www.dailyplanet.example/authors/jane-doe", ()),
            ({"@type": "Person", "name": "admin"}, ()),
            ({"@type": "Person", "name": "松岡大地"}, ("松岡大地",)),
            ({"@type": "Person", "name": "松岡大地記者"}, ("松岡大地",)),
            ({"@type": "Person", "name": "김하늘 기자"}, ("김하늘",)),
            ({"@type": "Person", "name": "김하늘 선임기자"}, ("김하늘",)),
            ({"@type": "Person", "name": "DP Staff"}, ("DP Staff",)),
            ({"@type": "Person", "name": "Reuters Staff"}, ("Reuters",)),
            ({"@type": "Person", "name": "Senior Staff"}, ()),
            ({"@type": "Person", "name": "Planet Network (www.planets.example)"}, ("Planet Network",)),
            (
                {"@type": "Person", "name": "Leïla Ben Ali et Marie-Claire d'Argent"},
                ("Leïla Ben Ali", "Marie-Claire d'Argent"),
            ),
            ([[["Jane"]], None, 7, {"@type": "ImageObject", "name": "Logo"}], ()),
        ],
    )
    def test_structured_data(self, author: object, expected: tuple[str, ...]) -> None:
        assert read(data=article(author=author)).authors == expected

    def test_the_publisher_is_an_author_only_if_nobody_else_is(self) -> None:
        data = article(author={"@type": "Organization", "name": "Daily Planet"}, publisher={"name": "Daily Planet"})
        assert read(data=data).authors == ("Daily Planet",)
        byline = '<div class="article-byline">By <a rel="author" href="/a/jane">Jane Doe</a></div>'
        assert read(body=byline + BODY, data=data).authors == ("Jane Doe",)
        both = article(author=[{"name": "Jane Doe"}, {"name": "The Daily Planet"}], publisher={"name": "Daily Planet"})
        assert read(data=both).authors == ("Jane Doe",)

    @pytest.mark.parametrize(
        "head",
        [
            '<meta name="author" content="By Jane Doe">',
            '<meta property="article:author" content="https://www.facebook.com/planet"><meta name="parsely-author" content="Jane Doe">',
            '<meta name="dc.creator" content="Jane Doe">',
            '<meta name="sailthru.author" content="Jane Doe"><meta name="author" content="Daily Planet">'
            '<meta property="og:site_name" content="Daily Planet">',
        ],
    )
    def test_the_head(self, head: str) -> None:
        assert read(head).authors == ("Jane Doe",)

    def test_a_company_address_is_no_list_of_people(self) -> None:
        assert read('<meta name="author" content="Planet Media GmbH, Munich, Germany">').authors == (
            "Planet Media GmbH",
        )

    @pytest.mark.parametrize(
        "byline",
        [
            '<span itemprop="author"><span itemprop="name">Jane Doe</span></span>',
            '<p class="c-byline">By <a href="/people/jane">Jane Doe</a></p>',
            '<div class="autor">Von Jane Doe</div>',
            '<div class="entry-author"><a href="/author/jane">Jane Doe</a></div>',
            "<p>By Jane Doe, Technology Reporter</p>",
            "<p>By Jane Doe, in News, Portugal, Business · 3 May 2024</p>",
            "<div><p><strong>Jane Doe</strong></p>" + BODY + "</div>",
        ],
    )
    def test_the_page(self, byline: str) -> None:
        assert read(body="<h1>Chips are back in the shops</h1>" + byline + BODY).authors == ("Jane Doe",)

    def test_ignores_authors_of_related_articles(self) -> None:
        body = (
            BODY
            + '<aside><span class="author">John Roe</span></aside><div class="related-posts"><a rel="author">Max Roe</a></div>'
        )
        assert read(body=body).authors == ()

    @pytest.mark.parametrize(
        ("line", "names"),
        [
            ("By Jane Doe and John Roe", ("Jane Doe", "John Roe")),
            ("Von Anna Müller", ("Anna Müller",)),
            ("Par Léa d'Argent et Luc Petit", ("Léa d'Argent", "Luc Petit")),
            ("Zhou Xin", ("Zhou Xin",)),
            ("Ursula von der Leyen", ("Ursula von der Leyen",)),
            ("By Jane Doe, Senior Reporter", ("Jane Doe",)),
            ("By REUTERS", ("REUTERS",)),
            ("文・山田太郎", ("山田太郎",)),
            ("By JANE DOE in London", ("JANE DOE",)),
            ("AFP", ("AFP",)),
            ("Андрей Колесников", ("Андрей Колесников",)),
            ("Written by: J. R. Smith", ("J. R. Smith",)),
        ],
    )
    def test_lines_that_are_bylines(self, line: str, names: tuple[str, ...]) -> None:
        assert names_only(line) == names

    @pytest.mark.parametrize(
        "line",
        [
            "",
            "Advertisement",
            "By the end of the year, prices had fallen.",
            "What You Need To Know",
            "The Rise Of Micron",
            "He left the company in May.",
            "Chips are back",
            "Read More: LinkedIn to cut 716 jobs",
            "iPhone 15 Pro",
            "Von der Krise zum Boom",
            "Par ailleurs, les prix baissent",
            "Di nuovo in crisi",
            "DEATH BEHIND BARS",
            "Author Jane Doe, from Kent, said she started to write because she was bored.",
            "Konservative Revolte in den sozialen Medien",
            "Как развеселили себя президент и премьер",
        ],
    )
    def test_lines_that_are_no_bylines(self, line: str) -> None:
        assert names_only(line) == ()

    @pytest.mark.parametrize(
        ("line", "names"),
        [
            ("Jane Doe | 05.04.2025 - Updated: 06.04.2025", ("Jane Doe",)),
            ("Jane Doe and John Roe – 5 April 2025, 10:30", ("Jane Doe", "John Roe")),
            ("Jane Doe • 2024-05-05", ("Jane Doe",)),
            ("Economy | 05.04.2025", ()),
            ("New York, May 5, 2024", ()),
            ("Jane Doe | Economy", ()),
            ("Updated: 05.04.2025", ()),
        ],
    )
    def test_names_before_a_date(self, line: str, names: tuple[str, ...]) -> None:
        assert names_before_date(line) == names

    def test_reads_author_and_date_from_a_dateline(self) -> None:
        line = '<div class="article-category"><span>Jane Doe |</span> <span>05.04.2025</span></div>'
        standfirst = '<p class="standfirst">Shelves that were empty for months are full, and nobody knows why.</p>'
        body = f"<article><h1>Chips are back in the shops</h1>{standfirst}{line}{BODY * 4}</article>"
        found = clean_html(f"<html><body>{body}</body></html>".encode(), url="https://www.dailyplanet.example/chips")
        assert (found.authors, found.published) == (("Jane Doe",), "2025-04-05")
        assert "Jane Doe" not in found.text


class TestDates:
    def test_prefers_structured_data(self) -> None:
        data = article(datePublished="2024-05-03T10:00:00+02:00", dateModified="2024-05-03T12:30:00+02:00")
        found = read('<meta property="article:published_time" content="2024-05-01T00:00:00Z">', data=data)
        assert found.published == "2024-05-03T10:00:00+02:00"
        assert found.modified == "2024-05-03T12:30:00+02:00"

    @pytest.mark.parametrize(
        "head",
        [
            '<meta property="article:published_time" content="2024-05-02T10:00:00Z">',
            '<meta name="parsely-pub-date" content="2024-05-02T10:00:00Z">',
            '<meta itemprop="datePublished" content="2024-05-02T10:00:00Z">',
            '<meta name="DC.date.issued" content="2024-05-02T10:00:00Z">',
        ],
    )
    def test_the_head(self, head: str) -> None:
        assert read(head).published == "2024-05-02T10:00:00+00:00"

    @pytest.mark.parametrize(
        ("body", "lang", "expected"),
        [
            ('<time datetime="2024-05-02T10:00:00+01:00">Thursday</time>', "en", "2024-05-02T10:00:00+01:00"),
            ('<p class="article-date">2. Mai 2024, 10:15 Uhr</p>', "de", "2024-05-02T10:15:00+02:00"),
            ('<span class="post-meta">Publié le 2 mai 2024</span>', "fr", "2024-05-02"),
            ('<div class="date">2024年5月2日 10時15分</div>', "ja", "2024-05-02T10:15:00+02:00"),
            ('<div class="sidebar"><time datetime="2024-04-01">1 April</time></div>', "en", "2024-05-03"),
            ("", "en", "2024-05-03"),
        ],
    )
    def test_prefers_the_page_to_the_url(self, body: str, lang: str, expected: str) -> None:
        rules = SiteRules(timezone="Europe/Berlin")
        assert read(body=body + BODY, lang=lang, rules=rules).published == expected

    def test_an_update_is_not_the_publication_date(self) -> None:
        body = '<time class="updated" datetime="2024-05-03T09:00:00Z">x</time><time datetime="2024-05-01T09:00:00Z">y</time>'
        assert read(body=body + BODY).published == "2024-05-01T09:00:00+00:00"

    def test_rejects_impossible_dates(self) -> None:
        data = article(datePublished="2031-01-01T00:00:00Z", dateModified="0001-01-01T00:00:00Z")
        found = read(data=data, url="https://www.dailyplanet.example/x")
        assert (found.published, found.modified) == (None, None)
        by_header = read(
            data=article(datePublished="2024-06-01T00:00:00Z"),
            url="https://www.dailyplanet.example/x",
            headers={"date": "Fri, 03 May 2024 10:00:00 GMT"},
            fetched_at=None,
        )
        assert by_header.published is None


class TestOtherFields:
    def test_section_tags_description_image_source(self) -> None:
        data = article(
            articleSection=["Tech"],
            keywords="Chips, AI ,chips, <b>Micron</b>",
            image=[{"@type": "ImageObject", "url": "/img/chip.jpg"}],
            publisher={"@type": "Organization", "name": "Daily Planet"},
        )
        found = read('<meta name="description" content="Prices fall &amp;amp; demand rises again.">', data=data)
        assert found.section == "Tech"
        assert found.tags == ("Chips", "AI", "Micron")
        assert found.description == "Prices fall & demand rises again."
        assert found.image == "https://www.dailyplanet.example/img/chip.jpg"
        assert found.source_name == "Daily Planet"
        assert found.language == "en"

    def test_drops_tags_that_are_not_for_readers(self) -> None:
        listed = (
            "半導体、日本, 9/11, 26157981-b4f7-4929-adc1-e860c6f03636, cms:hidden, stats-reach-team-all-articles, 5G"
        )
        assert read(data=article(keywords=listed)).tags == ("半導体", "日本", "9/11", "5G")

    def test_prefers_the_publisher_name_with_capitals(self) -> None:
        data = article(publisher={"@type": "Organization", "name": "Daily Planet"})
        assert read('<meta property="og:site_name" content="dailyplanet">', data=data).source_name == "Daily Planet"
        assert read(rules=SiteRules(name="The Planet")).source_name == "The Planet"

    @pytest.mark.parametrize(
        ("canonical", "expected"),
        [
            ("/tech/chips.html", "https://www.dailyplanet.example/tech/chips.html"),
            ("https://m.dailyplanet.example/tech/chips.html#top", "https://m.dailyplanet.example/tech/chips.html"),
            ("https://www.dailyplanet.example/", None),
            ("https://www.dailyplanet.example/?p=12", "https://www.dailyplanet.example/?p=12"),
            ("https://other.test/tech/chips.html", None),
            ("javascript:void(0)", None),
            ("http://[broken", None),
        ],
    )
    def test_canonical_url_must_be_on_the_same_domain_and_no_home_page(
        self, canonical: str, expected: str | None
    ) -> None:
        assert read(f'<link rel="canonical" href="{canonical}">').canonical_url == expected

    def test_an_address_of_a_megabyte_is_none(self) -> None:
        long = "https://www.dailyplanet.example/" + "a" * 1_000_000
        head = f'<link rel="canonical" href="{long}"><meta property="og:url" content="{long}">'
        found = read(head + f'<meta property="og:image" content="{long}">', data=article(url=long, image=long))
        assert (found.canonical_url, found.image) == (None, None)
        found = read(head, data=article(url="/tech/chips.html", image="/chips.jpg"))
        site = "https://www.dailyplanet.example"
        assert (found.canonical_url, found.image) == (f"{site}/tech/chips.html", f"{site}/chips.jpg")

    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            (False, False),
            ("False", False),
            ("https://schema.org/False", False),
            (True, True),
            ("true", True),
            (None, None),
            ("maybe", None),
        ],
    )
    def test_free(self, value: object, expected: bool | None) -> None:
        assert read(data=article(isAccessibleForFree=value)).free is expected

    def test_a_part_behind_a_paywall_makes_the_page_not_free(self) -> None:
        part = {"@type": "WebPageElement", "isAccessibleForFree": "False", "cssSelector": ".paid"}
        assert read(data=article(hasPart=part)).free is False
        assert read('<meta property="article:content_tier" content="locked">').free is False
        assert read('<meta property="article:content_tier" content="free">').free is True

    def test_live(self) -> None:
        assert (
            read(data=article(**{"@type": "LiveBlogPosting", "coverageEndTime": "2024-05-03T12:00:00Z"})).live is True
        )
        assert read(data=article()).live is False
        assert read().live is None

    def test_rights_keep_value_and_place(self) -> None:
        head = '<meta name="robots" content="max-snippet:-1, noai, noimageai"><meta name="tdm-reservation" content="0">'
        headers = {"tdm-reservation": "1", "content-usage": "train-ai=n", "x-robots-tag": "noarchive, none"}
        rights = read(head + '<link rel="license" href="https://example.com/terms">', headers=headers).rights
        assert rights == {
            "robots": {"meta": "max-snippet:-1, noai, noimageai", "header": "noarchive, none"},
            "tdm_reservation": {"meta": "0", "header": "1"},
            "content_usage": {"header": "train-ai=n"},
            "noai": {"meta": "true"},
            "noimageai": {"meta": "true"},
            "noindex": {"header": "true"},
            "license": {"link": "https://example.com/terms"},
        }

    @pytest.mark.parametrize(
        ("tag", "signals"),
        [
            ("googlebot: noindex, nofollow", set()),  # for one crawler only
            ("max-image-preview:large, noindex", {"noindex"}),  # a directive with a value, not a crawler's name
            ("unavailable_after: 25 Jun 2030 15:00:00 PST, googlebot:noindex, noai", {"noai"}),
            ("GPTBot:noai", {"noai"}),
            ("index, follow, noaihere", set()),
            ("a:" * 100_000 + ", noml", {"noml"}),
            ("bot: all, " * 50_000 + "noai", {"noai"}),
        ],
    )
    def test_directives_that_turn_machines_away(self, tag: str, signals: set[str]) -> None:
        rights = read(headers={"x-robots-tag": tag}).rights
        assert set(rights) - {"robots"} == signals
        assert rights["robots"]["header"] == tag[:2000]


def test_a_huge_page_is_read_quickly() -> None:
    deep = "<div class='author date byline'>" * 200 + "word 2024 " * 20_000 + "</div>" * 200
    wide = "<span class='author'>Jane Doe and others who wrote this</span><time>soon</time>" * 5_000
    start = time.process_time()
    read("<meta name='author' content='" + "a, " * 1_000 + "'>", deep + wide)
    assert time.process_time() - start < 2.0
