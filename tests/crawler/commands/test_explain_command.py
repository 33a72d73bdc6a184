"""Test `scrapy explain` as a process: every block of a file or a URL, with its kind and rule."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cleaners.site_memory.block_keys import key_digest, normalize_for_counting
from output.state import State, block_counts
from tests.support import recurring
from tests.support.terminal import at_terminal

if TYPE_CHECKING:
    from pytest_httpserver import HTTPServer

ROOT = Path(__file__).resolve().parents[3]
SCRAPY = str(Path(sys.executable).with_name("scrapy"))

PARAGRAPHS = [
    f"The council met on Tuesday evening and agreed on part {number} of the plan for the old harbour, the mayor said."
    for number in range(6)
]
PAGE = (
    "<!doctype html><html lang=en><head><meta charset=utf-8><title>Harbour plan agreed</title>"
    "<meta property=article:published_time content=2026-03-04T05:06:07Z><meta name=author content='Ida Berg'></head>"
    "<body><article><h1>Harbour plan agreed</h1><p>Advertisement</p>"
    + "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    + "</article></body></html>"
)


def explain(*arguments: str | Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = [SCRAPY, "explain", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, input=stdin, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.html"
    path.write_text(PAGE, encoding="utf-8")
    return path


def test_a_piped_explanation_has_a_line_a_block_with_mark_kind_rule_score_memory_and_text(page: Path) -> None:
    done = explain(page)
    assert (done.returncode, done.stderr) == (0, "")
    facts = [line for line in done.stdout.splitlines() if line.startswith("# ")]
    assert "# title: Harbour plan agreed\telement:h1" in facts
    assert "# authors: Ida Berg\tmeta:author" in facts
    assert "# published: 2026-03-04T05:06:07+00:00\tmeta:article:published_time" in facts
    blocks = [line.split("\t") for line in done.stdout.splitlines() if not line.startswith("# ")]
    assert [block[5] for block in blocks if block[0] == "+"] == PARAGRAPHS
    assert all(block[1] == "paragraph" and block[2] == "" for block in blocks if block[0] == "+")
    dropped = {block[5]: block[1] for block in blocks if block[0] == "-"}
    assert dropped == {"Harbour plan agreed": "headline", "Advertisement": "advertisement"}
    assert all(block[2] for block in blocks if block[0] == "-")
    assert all(0 <= float(block[3]) <= 1 and block[4] == "" for block in blocks)


def test_only_one_kind_is_shown_on_request(page: Path) -> None:
    lines = [line for line in explain(page, "--kind", "advertisement").stdout.splitlines() if not line.startswith("#")]
    assert [line.split("\t")[5] for line in lines] == ["Advertisement"]
    wrong = explain(page, "--kind", "ads")
    assert wrong.returncode == 2
    assert "unknown kind 'ads'; choose from related_link, advertisement" in wrong.stderr


@pytest.mark.slow
def test_site_memory_is_shown_and_applied(page: Path, tmp_path: Path) -> None:
    state = State.open(f"sqlite:///{tmp_path / 'state.db'}")
    with state.transaction() as connection:
        known = dict.fromkeys(
            (key_digest(normalize_for_counting(PARAGRAPHS[0])), key_digest(normalize_for_counting("Advertisement"))), 1
        )
        seen = [block_counts.ArticleBlocks((f"{number:016x}",), known) for number in range(9)]
        block_counts.add_blocks(connection, {"one.com": seen}, datetime.now(UTC))
    state.close()
    text = PAGE
    for number, word in enumerate(("old", "new", "next", "last", "best"), 1):  # numbers alone make no difference
        text = text.replace(f"part {number} of", f"the {word} part of")
    page.write_text(text, encoding="utf-8")
    done = explain(page, "--url", "https://www.one.com/a", "-s", f"DATA_DIR={tmp_path}")
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line.split("\t") for line in done.stdout.splitlines() if not line.startswith("# ")]
    assert {line[4] for line in lines if line[5] in ("Advertisement", PARAGRAPHS[0])} == {"9/9"}
    assert ["-", "repeated", "memory:9/9"] in [line[:3] for line in lines]
    elsewhere = explain(page, "--url", "https://two.com/a", "-s", f"DATA_DIR={tmp_path}")
    assert "memory:" not in elsewhere.stdout


def test_to_explain_a_page_makes_no_state(page: Path, tmp_path: Path) -> None:
    explain(page, "--url", "https://one.example/a", "-s", f"DATA_DIR={tmp_path / 'data'}")
    assert not (tmp_path / "data").exists()


def test_why_lists_what_a_kind_took_over_a_folder(page: Path, tmp_path: Path) -> None:
    other = tmp_path / "more" / "other.html"
    other.parent.mkdir()
    other.write_text(PAGE.replace("Advertisement", "ADVERTISEMENT"), encoding="utf-8")
    (tmp_path / "empty.html").touch()
    done = explain("--why", "advertisement", tmp_path)
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert sorted((name, text) for _, name, text in rows) == [
        (str(other), "ADVERTISEMENT"),
        (str(page), "Advertisement"),
    ]
    assert all(rule for rule, _, _ in rows)
    assert "empty.html: the file is empty" in done.stderr


def test_why_repeated_lists_what_pages_of_a_site_share(tmp_path: Path) -> None:
    for article in recurring.outlet("kreis", 5):
        name = article.url.rsplit("/", 1)[-1]
        (tmp_path / name).write_bytes(article.html)
    done = explain("--why", "repeated", tmp_path)
    assert done.returncode == 0
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    notice = "Unsere Zeitung gehört den Menschen, die sie machen, und sonst niemandem in diesem Landkreis."
    assert {(rule, text) for rule, _, text in lines if text == notice} == {("memory:3/5", notice)}


def test_what_is_rejected_says_why(tmp_path: Path) -> None:
    (tmp_path / "short.txt").write_text("Too little to be an article.")
    done = explain(tmp_path / "short.txt")
    assert done.returncode == 0
    assert "# reject: too_short: " in done.stdout
    assert "Too little to be an article." in done.stdout


def test_a_terminal_gets_colours_and_columns(page: Path) -> None:
    code, shown = at_terminal([SCRAPY, "explain", str(page)], ROOT)
    assert code == 0
    assert "\x1b[" in shown
    assert "headline" in shown


@pytest.mark.slow
def test_a_url_is_fetched_as_the_settings_say(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/robots.txt").respond_with_data("User-agent: *\nDisallow: /private/\n")
    httpserver.expect_request("/2026/03/story").respond_with_data(PAGE, content_type="text/html; charset=utf-8")
    allow: tuple[str, ...] = ("-s", f"WINNOW_ALLOW_PRIVATE_HOSTS={httpserver.host}", "-s", "WINNOW_CONTACT=a@b.example")
    allow += ("-s", "DOWNLOAD_DELAY=0")
    done = explain(httpserver.url_for("/2026/03/story"), *allow)
    assert (done.returncode, done.stderr) == (0, "")
    assert PARAGRAPHS[0] in [
        line.split("\t")[-1] for line in done.stdout.splitlines() if line.startswith("+\tparagraph")
    ]
    for path, reason in (("/private/story", "robots"), ("/missing", "http_error")):
        done = explain(httpserver.url_for(path), *allow)
        assert (done.returncode, done.stdout) == (1, "")
        assert f"{path}: {reason}: " in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 2, "name one URL or file, or - for stdin"),
        (("--why", "byline"), 2, "--why KIND needs files or folders"),
        (("--why", "ads", "tests"), 2, "unknown kind 'ads'; choose from related_link, "),
        (("no/such.html",), 1, "scrapy explain: no/such.html: No such file or directory"),
        (("http://[bad/",), 1, "scrapy explain: not a usable URL"),
    ],
)
def test_wrong_usage_is_one_line(arguments: tuple[str, ...], code: int, said: str) -> None:
    done = explain(*arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_help_shows_examples() -> None:
    assert "scrapy explain page.html --kind related_link" in explain("--help").stdout


def test_a_page_does_not_control_the_terminal(tmp_path: Path) -> None:
    spell = "\x1b]0;owned\x07 &#27;]0;owned&#7; &#x9b;31m \u202e \x08\x7f"
    told = '{"@type":"NewsArticle","headline":"Harbour \\u001b]0;plan","author":{"name":"Ida\\u009b Berg"}}'
    page = PAGE.replace("Advertisement", f"Advertisement{spell}").replace("part 1", f"part {spell} 1")
    page = page.replace("</head>", f'<script type="application/ld+json">{told}</script></head>')
    page = page.replace("plan agreed", f"plan{spell} agreed")
    file = tmp_path / "page.html"
    file.write_text(page, encoding="utf-8")
    for shown in (explain(file).stdout, explain("--why", "headline", file).stdout):
        assert "Harbour" in shown
        assert [char for char in shown if not char.isprintable() and char not in "\t\n"] == []
    code, shown = at_terminal([SCRAPY, "explain", str(file)], ROOT)
    assert code == 0
    left = re.sub(r"\x1b\[[\d;]*m", "", shown)  # rich's own colours
    assert "Ida› Berg" in left
    assert [char for char in left if not char.isprintable() and char not in "\r\n"] == []


@pytest.mark.parametrize("options", [("FILE",), ("-",), ("--why", "byline", "FILE")])
def test_a_page_that_takes_too_long_is_given_up_in_one_line(tmp_path: Path, options: tuple[str, ...]) -> None:
    (tmp_path / "a.html").write_text("<article><p>One of the sentences of a page.</article>")
    names = [str(tmp_path / "a.html") if option == "FILE" else option for option in options]
    done = subprocess.run(
        [SCRAPY, "explain", *names, "-s", "CLEAN_TIMEOUT=0.01"], cwd=ROOT, capture_output=True, check=False, text=True,
        input="<article><p>One of the sentences of a page.</article>", timeout=100,
    )  # fmt: skip
    said = f"scrapy explain: {names[-1]}: cleaning_timeout: not done after 0.01 s\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", said)
