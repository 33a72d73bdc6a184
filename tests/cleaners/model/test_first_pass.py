"""The first reading: sure of a plain article, in doubt where there is little to read; trafilatura is asked only then."""

from __future__ import annotations

import subprocess
import sys

from lxml.html import tostring

from cleaners import clean_html, clean_page
from cleaners.document import Kind, Metadata
from cleaners.html.parse import parse
from cleaners.model.first_pass import UNCERTAINTY_LIMIT, score_segments, uncertainty
from cleaners.page import Page, SiteRules, StripRule
from cleaners.pipeline import build_context
from cleaners.selection.trafilatura_signal import clear_clutter, prune_tree

PARAGRAPHS = [
    f"The council met on day {number} of the talks, and its members said that the bridge over the river would be closed "
    f"for {number} more weeks, because engineers had found new cracks in the pillars on the southern bank."
    for number in range(2, 12)
]
MENU = "".join(f"<li><a href='/{word}'>{word.title()}</a></li>" for word in ("politics", "sport", "culture", "science"))
ARTICLE = (
    "<html lang='en'><head><title>Bridge stays closed</title></head><body>"
    f"<nav><ul>{MENU}</ul></nav><main><article><h1>Bridge stays closed</h1>"
    + "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
    + f"</article></main><footer><ul>{MENU}</ul></footer></body></html>"
).encode()
LINKS = f"<html><body><nav><ul>{MENU}</ul></nav><div><p>Loading.</p></div></body></html>".encode()


def doubt_of(html: bytes) -> float:
    context = build_context(parse(html), Metadata(), SiteRules())
    return uncertainty(context.segments, score_segments(context, [0.0] * len(context.segments)))


def test_an_article_is_sure_and_a_page_of_links_is_not() -> None:
    assert doubt_of(ARTICLE) < UNCERTAINTY_LIMIT
    assert doubt_of(LINKS) == 1


def cleaned_by_itself(html: bytes) -> tuple[bool, str]:
    """Whether trafilatura was loaded for this page, in a process of its own, and the page's text."""
    source = f"import sys, cleaners; text = cleaners.clean_html({html!r}, None).text; print('trafilatura' in sys.modules); print(text)"
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True)
    asked, text = done.stdout.split("\n", 1)
    return asked == "True", text.strip()


def test_a_sure_page_is_cleaned_without_trafilatura() -> None:
    assert cleaned_by_itself(ARTICLE) == (False, "\n\n".join(PARAGRAPHS))


def test_about_a_doubtful_page_trafilatura_is_asked() -> None:
    assert cleaned_by_itself(LINKS)[0]


def test_only_prose_of_the_main_column_may_be_the_article_before_anything_is_read() -> None:
    column = "".join(f"<div><p>{text}</p></div>" for text in PARAGRAPHS)
    html = f"<html><body><div><div>{column}</div></div><div><p>{PARAGRAPHS[0]}</p></div></body></html>"
    context = build_context(parse(html.encode()), Metadata(), SiteRules())
    assert list(context.chosen) == [True] * len(PARAGRAPHS) + [False]


def test_collection_of_cycles_is_as_before_after_a_page() -> None:
    import gc

    for before in (gc.disable, gc.enable):
        before()
        enabled = gc.isenabled()
        clean_html(ARTICLE, None)
        assert gc.isenabled() == enabled


def test_what_a_profile_strips_is_found_also_where_trafilatura_was_asked() -> None:
    """trafilatura gets a tree without what it does not read, menus and asides among it; the page keeps them."""
    plug = "<aside class='plug'><p>Our mug holds a litre and keeps it hot all day.</p></aside>"
    html = f"<html><body><nav><ul>{MENU}</ul></nav><div><p>{PARAGRAPHS[0]}</p>{plug}</div></body></html>".encode()
    assert doubt_of(html) >= UNCERTAINTY_LIMIT
    rules = SiteRules(strip=(StripRule("//aside[@class='plug']", "promotion"),))
    document = clean_page(Page("https://example.com/a", html), rules=rules)
    (mug,) = (block.dropped_by for block in document.blocks if "mug" in block.text)
    assert mug is not None
    assert (mug.kind, mug.rule) == (Kind.PROMOTION, "profile://aside[@class='plug']")


def test_trafilatura_is_not_shown_what_the_first_reading_rules_out() -> None:
    page = parse(ARTICLE)
    before = tostring(page)
    context = build_context(page, Metadata(), SiteRules())
    scores = [0.9 if segment.text in PARAGRAPHS else 0.01 for segment in context.segments]
    clutter = clear_clutter(context.segments, scores)
    assert [element.tag for element in clutter] == ["nav", "h1", "footer"]
    shown = prune_tree(page, clutter)
    assert [p.text for p in shown.iter("p")] == PARAGRAPHS
    assert not list(shown.iter("nav", "h1", "footer", "li"))
    assert tostring(page) == before


def test_of_a_page_that_is_ruled_out_as_a_whole_trafilatura_sees_all() -> None:
    context = build_context(parse(ARTICLE), Metadata(), SiteRules())
    assert clear_clutter(context.segments, [0.01] * len(context.segments)) == []
