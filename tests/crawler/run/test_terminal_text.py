"""Nothing that a page says controls the terminal or passes for a line of ours."""

from __future__ import annotations

import logging
import sys

import pytest
from scrapy.settings import Settings

from crawler.commands.command_line import LimitedWarnings, fail
from crawler.run.logs import entry_formatter
from crawler.run.terminal_text import printable, without_controls


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b]0;owned\x07News", "]0;ownedNews"),
        ("\x9b31mred", "›31mred"),
        ("one\r\ntwo\x0bthree\u2028four\x85", "one two three four…"),
        ("gnp.\u202egpj.exe\u202c\u2066x\u2069", "gnp.gpj.exex"),
        ("a\x08\x08b\x7f\x00", "ab"),
        ("half \ud83d", "half \ufffd"),
        ("  Zürich\t東京 👩‍👩‍👧 ", "Zürich 東京 👩‍👩‍👧"),
    ],
)
def test_text_of_the_web_is_one_line_that_controls_nothing(text: str, expected: str) -> None:
    assert printable(text) == expected
    printable(text).encode()


def test_text_of_several_lines_keeps_them() -> None:
    assert without_controls("Traceback:\n  File x\x1b[2J\n\tdone") == "Traceback:\n  File x[2J\n\tdone"


def test_errors_and_warnings_are_one_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    fail("explain", "https://one.example/: \x1b]0;x\x07\nscrapy explain: all is well")
    LimitedWarnings()("line 1: \x1b[2J\r\n42 articles")
    said = capsys.readouterr().err.splitlines()
    assert said[0].endswith("explain: https://one.example/: ]0;x scrapy explain: all is well")
    assert said[1:] == ["line 1: [2J 42 articles"]


def test_a_log_entry_has_one_line_at_the_margin() -> None:
    title = "A title\x1b[2J\r\n2026-03-01 10:00:00 [root] CRITICAL: all is lost\ud83d"
    entry: dict[str, object] = {
        "name": "pages",
        "levelname": "WARNING",
        "msg": "%s: %s",
        "args": ("https://one.example/a", title),
    }
    try:
        raise ValueError(title)
    except ValueError:
        entry["exc_info"] = sys.exc_info()
    shown = entry_formatter(Settings()).format(logging.makeLogRecord(entry))
    shown.encode()
    assert "\x1b" not in shown
    assert "A title[2J\n    2026-03-01 10:00:00 [root] CRITICAL: all is lost\ufffd\n" in shown
    (margin,) = [line for line in shown.splitlines() if not line.startswith(" ")]
    assert margin.endswith(" [pages] WARNING: https://one.example/a: A title[2J")
    assert "    Traceback (most recent call last):\n" in shown
