"""Test the report in a real browser: filters, why a block was dropped, legibility, and hostile texts."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import orjson
import pytest

from cleaners import clean_html
from crawler.archive.archive_files import whole_files
from crawler.archive.capture import Capture, read_captures
from crawler.newsroom.fixture_site import HERE, Newsroom
from crawler.newsroom.newsroom_server import serve_newsroom
from crawler.newsroom.story import load_stories
from crawler.report.kind_display import kind_name
from tests.support.browser import DESK, ILLEGIBLE, PHONE, Opened, browser, needs_browser, opened
from tests.support.killing import Crawls
from tests.support.report_data import archive, article, reject, write_run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from cleaners.document import Block, Document

pytestmark = needs_browser
ROOT = Path(__file__).resolve().parents[3]
SCRAPY = str(Path(sys.executable).with_name("scrapy"))
SLUGS = {"halden-deliveries", "harbour-robots", "ja-chip-factory", "pension-fund-fibre", "open-source-forklift"}
SITE, EVIL = "newsroom.example", "evil.example"
# Whatever of this runs or is fetched sets `hacked`, opens a dialog, or asks for something.
SCRIPT = "window.hacked=1;alert(1)"
HOSTILE = f"\"'></title></style></script></textarea>--><script>{SCRIPT}</script><img src=x onerror={SCRIPT}>{{{{7*7}}}}\u202e\x00"
LONG = "W" * 400


def hostile_page() -> bytes:
    shown = HOSTILE.replace("&", "&amp;").replace("<", "&lt;").replace("\x00", "")
    quoted = shown.replace('"', "&quot;")
    lines = "".join(
        f'<p class="{quoted}" id="{quoted}">Officials said on day {n} that {shown} was no way to write about a harbour. '
        f"{'They went on to speak of the budget and of the ferry at length. ' * 3}</p>"
        for n in range(6)
    )
    return (
        f"<html><head><title>{shown}</title></head><body><nav><ul><li class='{LONG}'><a href='/'>{shown}</a></li></ul></nav>"
        f"<article><h1>{shown}</h1>{lines}<p>{LONG}</p></article><footer>{shown} © 2026</footer></body></html>"
    ).encode()


def add_hostile_run(data: Path) -> None:
    run = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-eeeeee"
    records = [
        article(
            n, run, EVIL, title=HOSTILE, url=f'https://evil.example/{n}?"><script>{SCRIPT}</script>', authors=[HOSTILE]
        )
        for n in range(1, 4)
    ]
    records += [article(7, run, HOSTILE, title=LONG, url=None, duplicate_of=f"{1:016x}", similarity=1.0)]
    records += [article(1, run, EVIL, title=HOSTILE, revision=2, previous_hash="0" * 32)]
    rejects = [
        reject(8, run, EVIL, url=f"javascript:{SCRIPT}", detail=HOSTILE),
        reject(9, run, EVIL, url=f"data:text/html,<script>{SCRIPT}</script>", detail=LONG, reason="too_short"),
        reject(10, run, EVIL, url=f"https://evil.example/{LONG}", detail=LONG, reason="paywall"),
    ]
    write_run(
        data, run, records, rejects, outcome=HOSTILE,
        sites={HOSTILE: {"failed": True}, LONG: {"failed": True}},
        hosts={HOSTILE: {"answers": 5, "seconds": 9.0, "slowest": 4.0}},
    )  # fmt: skip
    archive(data, run, {f'https://evil.example/1?"><script>{SCRIPT}</script>': (EVIL, hostile_page())})
    with (data / "alarms.jsonl").open("ab") as file:
        row = {"at": "2126-01-01T00:00:00Z", "run": run, "site": HOSTILE, "symptom": HOSTILE, "change": "raised"}
        file.write(orjson.dumps(row | {"text": f"`{HOSTILE}`", "since": HOSTILE}) + b"\n")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Create a folder with an archived crawl of the newsroom and a run full of hostile texts."""
    folder = tmp_path_factory.mktemp("report") / "<b onclick=alert(1)>data"
    room = Newsroom(
        stories=tuple(story for story in load_stories(HERE / "stories") if story.slug in SLUGS), fixtures=()
    )
    with serve_newsroom(room) as proxy, Crawls(proxy) as crawls:
        assert crawls.crawl(
            folder, "-a", f"start=http://{SITE}/", "-s", "DOWNLOAD_DELAY=0", "-s", "WINNOW_CONTACT=a@b.example",
            "-s", "CLEAN_WORKERS=1", "-s", "ARCHIVE=True",
        ) == 0  # fmt: skip
    add_hostile_run(folder)
    return folder


@pytest.fixture(scope="module")
def file(data: Path) -> Path:
    command = [SCRAPY, "report", "-s", f"DATA_DIR={data}", "--jobs", "1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    assert (done.returncode, done.stderr) == (0, "")
    return data / "report.html"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as found:
        yield found


@pytest.fixture
def desk(chromium: Browser, file: Path) -> Iterator[Opened]:
    with opened(chromium, file) as found:
        yield found


def cleaned(data: Path) -> dict[str, Document]:
    """Each newsroom page in the archive, by its URL, cleaned here."""
    captures = [one for files in whole_files(data).values() for path in files for one in read_captures(path)]
    pages = [one.fetched.page for one in captures if isinstance(one, Capture) and one.fetched.site == SITE]
    return {page.url: clean_html(page.html, page.url, headers=page.headers) for page in pages if page.url}


def visible(page: Page, selector: str) -> list[str]:
    """Return the texts of the visible elements."""
    found: list[str] = page.locator(selector).evaluate_all(
        "all => all.filter((one) => one.checkVisibility() && one.offsetParent).map((one) => one.textContent)"
    )
    return found


def titles(page: Page) -> list[str]:
    return visible(page, ".page .title")


def open_all(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")


def card(page: Page) -> str:
    return page.locator("#card").inner_text()


def test_every_page_shows_its_blocks_in_order_with_what_was_dropped_struck_through(desk: Opened, data: Path) -> None:
    open_all(desk.page)
    for url, document in cleaned(data).items():
        found = desk.page.locator(f".page:has(a[href='{url}']) .b")
        shown = [" ".join(text.split()) for text in found.all_text_contents()]
        assert shown == [_clipped(block) for block in document.blocks]
        struck = found.evaluate_all(
            "all => all.map(b => b.children.length ? getComputedStyle(b.firstElementChild).textDecorationLine : 'none')"
        )
        assert struck == ["line-through" if block.dropped_by else "none" for block in document.blocks]
        names = found.evaluate_all("all => all.map(b => getComputedStyle(b, '::before').content)")
        wanted = [f'"{kind_name(block.dropped_by.kind)}"' for block in document.blocks if block.dropped_by]
        assert [name for name, line in zip(names, struck, strict=True) if line != "none"] == wanted


def _clipped(block: Block) -> str:
    text = " ".join(block.text.split())
    return text if not block.dropped_by or len(text) <= 300 else text[:300].rstrip() + " …"


def test_hovering_tapping_and_focus_tell_the_rule_and_the_score(desk: Opened, data: Path) -> None:
    page = desk.page
    url, document = next(iter(cleaned(data).items()))
    block = next(one for one in document.blocks if one.dropped_by and one.score is not None)
    page.locator(f".page:has(a[href='{url}']) > summary").click()
    page.locator(".page[open] .fold > summary").first.click()
    shown = page.locator(".page[open] .b").nth(document.blocks.index(block))
    assert block.dropped_by
    expected = (block.dropped_by.kind.value.replace("_", " "), block.dropped_by.rule, f"{block.score:.2f}", block.place)
    assert not page.locator("#card").is_visible()
    shown.hover()
    assert all(words in card(page) for words in expected)
    page.keyboard.press("Escape")
    assert not page.locator("#card").is_visible()
    shown.click()
    assert all(words in card(page) for words in expected)
    # The keyboard: one tab stop, then the arrows.
    page.keyboard.press("Escape")
    page.locator(".page[open] .b[tabindex='0']").first.focus()
    first = page.evaluate("document.activeElement.textContent")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.textContent") != first
    assert page.locator("#card").is_visible()
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.textContent") == first
    assert page.locator(".page[open] .b[tabindex='0']").count() == 1


def test_filters_choose_site_kind_and_title(desk: Opened, data: Path) -> None:
    page = desk.page
    documents = list(cleaned(data).values())
    assert len(titles(page)) == len(documents) + 1
    page.select_option("[name=site]", SITE)
    assert sorted(titles(page)) == sorted(document.title or "" for document in documents)
    kind = min((sum(kind in one.removed for one in documents), kind) for of in documents for kind in of.removed)[1]
    page.select_option("[name=kind]", kind)
    assert sorted(titles(page)) == sorted(one.title or "" for one in documents if kind in one.removed)
    count = sum(one.removed.get(kind, 0) for one in documents)
    assert f"{count} block" in page.inner_text("#found")
    page.click("#toggle")
    assert len(visible(page, ".page .d")) == len(visible(page, f".page .k-{kind}.d")) == count
    assert visible(page, ".page .b:not(.d)")
    page.check("[name=only]")
    assert not visible(page, ".page .b:not(.d)")
    assert len(visible(page, ".page .d")) == count
    page.select_option("[name=kind]", "")
    page.uncheck("[name=only]")
    title = documents[0].title or ""
    page.fill("[name=words]", title[5:].upper())
    assert set(titles(page)) == {title}
    page.fill("[name=words]", "no such title")
    assert titles(page) == []
    assert page.inner_text("#found") == "0 pages"
    # A site or a kind chosen elsewhere leads to its pages.
    page.fill("[name=words]", "")
    page.locator(f"#sites button[data-site='{EVIL}']").click()
    assert page.input_value("[name=site]") == EVIL
    assert len(titles(page)) == 1
    page.locator("#removed button[data-kind=headline]").click()
    assert (page.input_value("[name=site]"), page.input_value("[name=kind]")) == ("", "headline")
    assert desk.noise == []


def test_how_long_hosts_took_is_what_the_crawl_noted(desk: Opened, data: Path) -> None:
    (line,) = [json.loads(line) for line in (data / "runs.jsonl").read_bytes().splitlines() if SITE.encode() in line]
    noted = line["hosts"][SITE]
    assert noted["answers"] > line["articles"]  # robots.txt, feeds, and the articles
    assert noted["seconds"] >= noted["slowest"] > 0
    row = desk.page.locator("#hosts tr", has=desk.page.get_by_text(SITE, exact=True))
    assert row.locator("td[data-label=answers]").inner_text().split()[-1] == str(noted["answers"])
    assert row.locator("td[data-label=mean]").inner_text() == f"{noted['seconds'] / noted['answers']:.2f} s"


def test_tables_sort(desk: Opened) -> None:
    page = desk.page
    head = page.locator("#sites th", has=page.get_by_role("button", name="New", exact=True))
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "descending"
    values = page.locator("#sites td[data-label=new]").evaluate_all("all => all.map((one) => Number(one.dataset.v))")
    assert values == sorted(values, reverse=True)
    head.get_by_role("button").click()
    values = page.locator("#sites td[data-label=new]").evaluate_all("all => all.map((one) => Number(one.dataset.v))")
    assert values == sorted(values)


@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_legible_and_fits(chromium: Browser, file: Path, width: int, scheme: Literal["light", "dark"]) -> None:
    with opened(chromium, file, width, scheme) as found:
        assert found.overflow() == 0
        assert found.page.evaluate(ILLEGIBLE, 4.5) == []
        found.page.click("#toggle")
        open_all(found.page)
        assert found.overflow() == 0
        assert found.page.evaluate(ILLEGIBLE, 4.5) == []
        found.page.locator(".page .d").first.click()
        assert found.page.locator("#card").is_visible()
        assert found.overflow() == 0
        box = found.page.locator("#card").bounding_box()
        assert box
        assert 0 <= box["x"] <= box["x"] + box["width"] <= width
        ground = found.page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (sum(map(int, ground.removeprefix("rgb(").rstrip(")").split(","))) > 380) == (scheme == "light")
        assert found.noise == []


def test_hostile_texts_are_shown_and_do_nothing(desk: Opened) -> None:
    page = desk.page
    open_all(page)
    shown = page.inner_text("body")
    # Control characters are replaced; all else stands there as it was written.
    assert f"<script>{SCRIPT}</script><img src=x onerror={SCRIPT}>{{{{7*7}}}}" in shown
    assert "<b onclick=alert(1)>data" in shown
    page.hover(".page .b >> nth=0")
    page.evaluate("document.querySelectorAll('button').forEach((one) => one.click())")
    assert page.evaluate("window.hacked") is None
    assert page.evaluate("document.scripts.length") == 1
    assert (
        page.evaluate("document.querySelectorAll('img, iframe, object, embed, link, base, style ~ style').length") == 0
    )
    schemes = page.evaluate("[...document.querySelectorAll('a')].map((a) => a.protocol)")
    assert set(schemes) <= {"https:", "http:", "file:"}
    handlers = page.evaluate(
        """[...document.querySelectorAll("*:not(#card)")].flatMap((e) => [...e.attributes])
        .filter((a) => /^(on|style$|src)/.test(a.name)).length"""
    )
    assert handlers == 0
    assert desk.noise == []


def test_the_policy_stops_a_script_that_gets_in(desk: Opened) -> None:
    """The second wall, should the first ever have a hole."""
    ran = desk.page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "window.hacked = 1";
            document.body.append(script);
            const image = document.createElement("img");
            image.setAttribute("onerror", "window.hacked = 2");
            image.src = "http://127.0.0.1:9/x.png";
            document.body.append(image);
            return new Promise((done) => setTimeout(() => done(window.hacked), 0));
        }"""
    )
    assert ran is None
    assert any("Content Security Policy" in line for line in desk.noise)


def test_it_can_be_read_without_scripts(chromium: Browser, file: Path) -> None:
    page = chromium.new_page(java_script_enabled=False)
    page.set_default_timeout(60_000)
    page.goto(file.as_uri())
    assert all(one.is_visible() for one in page.locator(".page").all())
    page.locator(".page > summary").last.click()
    assert page.locator(".page[open] .b").last.is_visible()
    page.close()
