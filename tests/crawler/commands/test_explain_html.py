"""Test `scrapy explain --html`: one page's blocks beside its text, in a real browser."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from cleaners import clean_html
from crawler.newsroom.fixture_site import HERE, HOME, Newsroom
from crawler.newsroom.newsroom_server import serve_newsroom
from crawler.newsroom.story import load_stories
from crawler.report.page_view import SAMPLE_PAGE, WHOLE_PAGE, view_of_blocks
from tests.support.browser import DESK, ILLEGIBLE, PHONE, browser, needs_browser, opened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parents[3]
SCRAPY = str(Path(sys.executable).with_name("scrapy"))
STORY = next(story for story in load_stories(HERE / "stories") if story.slug == "harbour-robots")
SHORT = b"<html><head><title>A <script>alert(1)</script> title</title></head><body><p>Too little.</p></body></html>"


def explain(*arguments: str | Path, proxy: str = "") -> subprocess.CompletedProcess[bytes]:
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return subprocess.run(
        [SCRAPY, "explain", *map(str, arguments)], cwd=ROOT, capture_output=True, check=False, timeout=120,
        env={**kept, **({"http_proxy": proxy} if proxy else {}), "WINNOW_CONTACT": "a@b.example"},
    )  # fmt: skip


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fetch a page of the newsroom by its URL and show it as HTML."""
    target = tmp_path_factory.mktemp("explain") / "story.html"
    with serve_newsroom(Newsroom(stories=(STORY,), fixtures=())) as proxy:
        data = target.parent / "data"
        done = explain(HOME + STORY.url, "--html", "-o", target, "-s", f"DATA_DIR={data}", proxy=proxy)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert not (data / "state.db").exists()  # explaining a page creates no state
    return target


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as found:
        yield found


@needs_browser
@pytest.mark.slow
def test_the_blocks_are_beside_the_text(chromium: Browser, file: Path) -> None:
    html = Newsroom(stories=(STORY,), fixtures=()).respond(STORY.url).body
    document = clean_html(html, HOME + STORY.url)
    with opened(chromium, file) as found:
        page = found.page
        assert page.inner_text("h1") == document.title
        assert page.locator("#text .text").text_content() == document.text
        blocks = page.locator("#page .b")
        assert [" ".join(text.split()) for text in blocks.all_text_contents()] == [
            " ".join(block.text.split()) for block in document.blocks
        ]
        left, right = page.locator("#page").bounding_box(), page.locator("#text").bounding_box()
        assert left
        assert right
        assert left["x"] + left["width"] <= right["x"]
        dropped = next(block for block in document.blocks if block.dropped_by)
        assert dropped.dropped_by
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        page.locator("#page .d").first.hover()
        assert dropped.dropped_by.rule in page.inner_text("#card")
        kind = dropped.dropped_by.kind.value
        page.select_option("[name=kind]", kind)
        shown = page.locator("#page .d").evaluate_all("all => all.filter((b) => b.checkVisibility()).length")
        assert shown == document.removed[kind]
        page.check("[name=only]")
        assert page.locator("#page .b:not(.d)").evaluate_all("all => all.some((b) => b.checkVisibility())") is False
        assert found.noise == []


@needs_browser
@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.slow
def test_it_is_legible_and_fits(chromium: Browser, file: Path, width: int, scheme: Literal["light", "dark"]) -> None:
    with opened(chromium, file, width, scheme) as found:
        found.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        assert found.overflow() == 0
        assert found.page.evaluate(ILLEGIBLE, 4.5) == []
        assert found.noise == []


def test_a_page_that_gives_no_record_is_shown_all_the_same(tmp_path: Path) -> None:
    page = tmp_path / "short.html"
    page.write_bytes(SHORT)
    done = explain(page, "--html")
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"and nothing that calls it an article" in done.stdout
    assert b"Too little.</p>" in done.stdout
    assert b'<code class="soft">element:title</code>' in done.stdout
    assert b"<script>alert(1)" not in done.stdout


def test_wrong_usage_is_one_line(tmp_path: Path) -> None:
    page, target = tmp_path / "short.html", tmp_path / "out.html"
    page.write_bytes(SHORT)
    target.write_text("mine", encoding="utf-8")
    there = explain(page, "--html", "-o", target)
    assert (there.returncode, there.stderr.decode()) == (1, f"scrapy explain: {target} exists; --force replaces it\n")
    assert target.read_text(encoding="utf-8") == "mine"
    both = explain("--html", "--why", "byline", page)
    assert both.returncode == 2
    assert b"--html shows one page" in both.stderr


def test_explain_shows_long_pages_in_full() -> None:
    menu = "".join(f"<li><a href='/{n}'>Section {n}</a></li>" for n in range(700)).encode()
    document = clean_html(b"<html><body><nav><ul>" + menu + b"</ul></nav><p>Text.</p></body></html>", None)
    runs, strip, left_out = view_of_blocks(document, {}, WHOLE_PAGE)
    assert (sum(len(run.blocks) for run in runs), left_out) == (len(document.blocks), 0)
    assert runs[0].folded
    assert strip[0][0] == runs[0].blocks[0].kind
    runs, _, left_out = view_of_blocks(document, {}, SAMPLE_PAGE)
    assert sum(len(run.blocks) for run in runs) + left_out == len(document.blocks)
