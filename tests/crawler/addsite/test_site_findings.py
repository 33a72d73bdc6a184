"""Infer a site's time zone, name and language from its pages, and propose what to strip."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from lxml import html

from cleaners import clean_page
from cleaners.document import Document
from cleaners.page import Page, SiteRules, StripRule
from crawler.addsite.site_identity import (
    ArticleDates,
    TimeZoneGuess,
    infer_time_zone,
    region_of_tag,
    site_language,
    site_name,
)
from crawler.addsite.strip_proposals import StripProposal, strip_proposals

SUMMER, WINTER = datetime(2026, 7, 1, 12, tzinfo=UTC), datetime(2026, 1, 15, 12, tzinfo=UTC)


def at(moment: datetime, hours: float) -> ArticleDates:
    """A page's date with its offset, and no feed."""
    return ArticleDates(moment.astimezone(timezone(timedelta(hours=hours))), False, None)


def beside(feed: datetime, hours: float) -> ArticleDates:
    """A page's date without an offset, on a clock so many hours ahead of UTC, beside the feed's date."""
    return ArticleDates((feed + timedelta(hours=hours)).replace(tzinfo=None), True, feed)


# --- time zone


@pytest.mark.parametrize(
    ("clocks", "domain", "language", "regions", "zone"),
    [
        ([at(SUMMER, 2), at(WINTER, 1)], "example.de", "de", [], "Europe/Berlin"),
        ([at(SUMMER, 2), at(WINTER, 1)], "example.com", "de", ["AT"], "Europe/Vienna"),
        ([at(SUMMER, -4), at(WINTER, -5)], "example.com", "en", [], "America/New_York"),
        ([at(SUMMER, -7)], "example.com", "en", ["US"], "America/Phoenix"),
        ([at(SUMMER, -7), at(WINTER, -8)], "example.com", "en", [], "America/Los_Angeles"),
        ([at(WINTER, 11)], "example.com.au", "en", [], "Australia/Sydney"),
        ([at(SUMMER, 9)], "example.com", "ja", [], "Asia/Tokyo"),
        ([at(SUMMER, 5.5)], "example.com", "en", [], "Asia/Kolkata"),
        ([beside(SUMMER, -4), beside(WINTER, -5)], "example.com", "en", [], "America/New_York"),
        ([beside(SUMMER + timedelta(seconds=40), 2)], "example.fr", "fr", [], "Europe/Paris"),
    ],
)
def test_zone_from_the_dates(
    clocks: list[ArticleDates], domain: str, language: str, regions: list[str], zone: str
) -> None:
    found = infer_time_zone(clocks, domain=domain, language=language, regions=regions)
    assert (found.name, found.warning) == (zone, "")
    assert found.dates == len(clocks)


@pytest.mark.parametrize(
    ("clocks", "domain", "language", "zone", "says"),
    [
        ([], "example.de", "de", "Europe/Berlin", "no date shows an offset"),
        ([], "example.com", "ja", "Asia/Tokyo", "no date shows an offset"),
        ([], "example.co.uk", "en", "Europe/London", "no date shows an offset"),
        ([], "example.ca", "en", "America/Toronto", "no date shows an offset"),
        ([], "example.com", "en", "UTC", "no time zone found"),
        ([], "example.io", "en", "UTC", "no time zone found"),
        ([at(SUMMER, 0), at(WINTER, 0)], "example.com", "en", "UTC", "no time zone found"),
        ([beside(SUMMER, 26)], "example.com", "en", "UTC", "no time zone found"),
        ([at(SUMMER, 2), at(WINTER, 1)], "example.com", "en", "Europe/Berlin", "offsets that others share"),
        ([at(SUMMER, 2), at(SUMMER, 9)], "example.de", "de", "UTC", "+02:00 and +09:00"),
    ],
)
def test_zone_that_a_person_should_check(
    clocks: list[ArticleDates], domain: str, language: str, zone: str, says: str
) -> None:
    found = infer_time_zone(clocks, domain=domain, language=language)
    assert found.name == zone
    assert says in found.warning
    assert "\n" not in found.warning


def test_every_country_is_known_by_the_zones_that_tzdata_gives_it() -> None:
    assert infer_time_zone([], domain="example.na", language="en") == TimeZoneGuess(
        "Africa/Windhoek", 0, infer_time_zone([], domain="example.na", language="en").warning
    )


@pytest.mark.parametrize(
    ("tag", "region"), [("de-AT", "AT"), ("en_us", "US"), ("zh-Hant-TW", "TW"), ("de", ""), ("", ""), ("x-klingon", "")]
)
def test_region_of_a_language_tag(tag: str, region: str) -> None:
    assert region_of_tag(tag) == region


# --- name and language


def test_name_is_what_most_pages_say() -> None:
    pages = [Document("", source_name="The Courier")] * 3 + [Document("", source_name="Northwire")]
    assert site_name(pages, [], "example.com") == ("The Courier", "")


def test_name_of_pages_that_say_none_is_the_end_of_their_titles_else_the_domain() -> None:
    titles = [html.document_fromstring(f"<title>{words} | The Courier</title><p>x") for words in ("Rain", "Sun")]
    name, warning = site_name([Document("")] * 2, titles, "example.com")
    assert (name, "The Courier" in warning) == ("The Courier", True)
    name, warning = site_name([Document("")], [html.document_fromstring("<title>Rain</title><p>x")], "example.com")
    assert (name, "set name" in warning) == ("example.com", True)


def test_language_is_that_of_the_texts_then_that_of_the_tags() -> None:
    assert site_language([Document("", language="fr")] * 3, ["en-US"]) == ("fr", "")
    assert site_language([Document("")], ["nl-BE"])[0] == "nl"
    assert "several languages" in site_language([Document("", language="fr"), Document("", language="en")], [])[1]
    assert "guess" in site_language([], [])[1]


# --- what repeats

SENTENCES = (
    "The harbour board met on Tuesday and heard {0} reports about the tides, none of which agreed with the others.",
    "A pilot who has worked on the river for {0} years said that the sand moves faster than any of the charts do.",
    "Engineers lowered {0} sensors from the old pier and will read them every hour until the winter storms begin.",
    "What the readings of {0} stations show will decide whether the ferries may keep their deeper route to the north.",
)
NOTE = "Our reporters in the harbour office read every letter that is put into the blue box beside the door."


OWN = (
    "Nobody had measured the old channel since the lighthouse keeper retired and took the lead line home with him.",
    "Fishermen from the southern villages brought their own soundings, written on the backs of auction receipts.",
    "A model of the whole bay now stands in the gymnasium, where schoolchildren open and close the tiny sluices.",
    "Insurance for the dredgers has doubled, which the treasurer called the most honest forecast of them all.",
)


def article(number: int, note: str) -> tuple[Page, Document]:
    words = [
        sentence.format(f"{number * 7 + at} ({'north south east west upper lower'.split()[number]})")
        for at, sentence in enumerate(SENTENCES)
    ]
    first, *rest = (f"<p>{text} {text.replace('the', 'that')}</p>" for text in words)
    body = f"<h1>Tides and sand, part {number} of the long story</h1>{first}{note}{''.join(rest)}"
    page = Page(
        f"https://example.com/2026/05/{10 + number}/tides-and-sand",
        f"<html lang='en'><head><title>Tides</title></head><body><article>{body}</article></body></html>".encode(),
    )
    return page, clean_page(page)


def proposed(note: str, count: int = 4) -> list[StripProposal]:
    return strip_proposals([article(number, note) for number in range(count)])


def test_what_repeats_in_a_named_box_is_an_xpath_that_takes_it_and_nothing_else() -> None:
    note = f"<div class='css-1x9f harbour-box'><p>{NOTE}</p></div>"
    assert NOTE in article(0, note)[1].text, "else there is nothing to propose"
    (rule,) = proposed(note)
    assert rule.xpath == "//div[contains(concat(' ', @class, ' '), ' harbour-box ')]"
    assert (rule.articles, rule.pages, rule.phrase) == (4, 4, "")
    page, before = article(1, note)
    after = clean_page(page, rules=SiteRules(strip=(StripRule(rule.xpath, rule.kind),)))
    assert after.text == before.text.replace(NOTE + "\n\n", "")


@pytest.mark.parametrize("note", [f"<p>{NOTE}</p>", f"<div class='css-1x9fz0'><p class='p8'>{NOTE}</p></div>"])
def test_what_repeats_in_no_named_box_is_a_phrase(note: str) -> None:
    (rule,) = proposed(note)
    assert (rule.xpath, rule.phrase) == ("", NOTE.replace(".", r"\."))


def test_a_class_that_articles_share_is_not_taken() -> None:
    """The box has its class in common with paragraphs that are the article's own."""
    pages = []
    for number, own in enumerate(OWN):
        page, _ = article(number, f"<div class='story-part'><p>{NOTE}</p></div>")
        opening = f"</h1><div class='story-part'><p>{own}</p></div>".encode()
        changed = Page(page.url, page.html.replace(b"</h1>", opening))
        pages.append((changed, clean_page(changed)))
        assert own in pages[-1][1].text
    assert [rule.xpath for rule in strip_proposals(pages)] == [""]


def test_nothing_is_proposed_of_too_few_articles_or_where_nothing_repeats() -> None:
    assert proposed(f"<div class='harbour-box'><p>{NOTE}</p></div>", count=2) == []
    assert proposed("") == []
