"""Name the cases of tests, and prints what they have measured."""

from __future__ import annotations

from typing import Any

import pytest

TABLE = "table"  # the property under which a test records a line to print


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes that are no text name no case: a gzip header holds the second, and workers collect in different ones."""
    return argname if isinstance(val, bytes) and not val.isascii() else None


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The lines that tests have recorded, also those of other processes, after all of them."""
    reports = [one for kind in ("passed", "failed") for one in terminalreporter.stats.get(kind, ())]
    reports = [one for one in reports if isinstance(one, pytest.TestReport)]
    lines = [line for one in reports for name, line in one.user_properties if name == TABLE]
    if lines:
        terminalreporter.section("kills: what the next run made of them")
        for line in lines:
            terminalreporter.write_line(str(line))
