"""Test the first pass: certain about a plain article, uncertain if there is little text; trafilatura runs only then."""

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


def page_uncertainty(html: bytes) -> float:
    context = build_context(parse(html), Metadata(), SiteRules())
    return uncertainty(context.segments, score_segments(context, [0.0] * len(context.segments)))


def test_an_article_is_certain_and_a_page_of_links_is_not() -> None:
    assert page_uncertainty(ARTICLE) < UNCERTAINTY_LIMIT
    assert page_uncertainty(LINKS) == 1


def cleaned_by_itself(html: bytes) -> tuple[bool, str]:
    """Clean a page in a process of its own; tell whether trafilatura was loaded, and return the text."""
    source = f"import sys, cleaners; text = cleaners.clean_html({html!r}, None).text; print('trafilatura' in sys.modules); print(text)"
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True)
    loaded, text = done.stdout.split("\n", 1)
    return loaded == "True", text.strip()


def test_a_certain_page_is_cleaned_without_trafilatura() -> None:
    assert cleaned_by_itself(ARTICLE) == (False, "\n\n".join(PARAGRAPHS))


def test_trafilatura_runs_on_an_uncertain_page() -> None:
    assert cleaned_by_itself(LINKS)[0]


def test_the_seed_selection_is_the_prose_of_the_main_column() -> None:
    column = "".join(f"<div><p>{text}</p></div>" for text in PARAGRAPHS)
    html = f"<html><body><div><div>{column}</div></div><div><p>{PARAGRAPHS[0]}</p></div></body></html>"
    context = build_context(parse(html.encode()), Metadata(), SiteRules())
    assert list(context.chosen) == [True] * len(PARAGRAPHS) + [False]


def test_the_garbage_collector_is_as_before_after_a_page() -> None:
    import gc

    for before in (gc.disable, gc.enable):
        before()
        enabled = gc.isenabled()
        clean_html(ARTICLE, None)
        assert gc.isenabled() == enabled


def test_a_profile_strips_elements_also_where_trafilatura_runs() -> None:
    """Check that the page keeps the elements that are removed from trafilatura's copy, menus and asides among them."""
    plug = "<aside class='plug'><p>Our mug holds a litre and keeps it hot all day.</p></aside>"
    html = f"<html><body><nav><ul>{MENU}</ul></nav><div><p>{PARAGRAPHS[0]}</p>{plug}</div></body></html>".encode()
    assert page_uncertainty(html) >= UNCERTAINTY_LIMIT
    rules = SiteRules(strip=(StripRule("//aside[@class='plug']", "promotion"),))
    document = clean_page(Page("https://example.com/a", html), rules=rules)
    (mug,) = (block.dropped_by for block in document.blocks if "mug" in block.text)
    assert mug is not None
    assert (mug.kind, mug.rule) == (Kind.PROMOTION, "profile://aside[@class='plug']")


def test_trafilatura_gets_no_certain_clutter() -> None:
    page = parse(ARTICLE)
    before = tostring(page)
    context = build_context(page, Metadata(), SiteRules())
    scores = [0.9 if segment.text in PARAGRAPHS else 0.01 for segment in context.segments]
    clutter = clear_clutter(context.segments, scores)
    assert [element.tag for element in clutter] == ["nav", "h1", "footer"]
    pruned = prune_tree(page, clutter)
    assert [p.text for p in pruned.iter("p")] == PARAGRAPHS
    assert not list(pruned.iter("nav", "h1", "footer", "li"))
    assert tostring(page) == before


def test_trafilatura_gets_all_of_a_page_that_is_clutter_as_a_whole() -> None:
    context = build_context(parse(ARTICLE), Metadata(), SiteRules())
    assert clear_clutter(context.segments, [0.01] * len(context.segments)) == []
