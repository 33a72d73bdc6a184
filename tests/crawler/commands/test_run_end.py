"""Whatever happens at a run's end, its files are finished, its line is in runs.jsonl, and the exit code is right."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from output.monitoring import Observation
from output.state import State, monitoring_history
from tests.support.command_spiders import options

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]
SCRAPY = Path(sys.executable).with_name("scrapy")
SECRET = "s3cr3t"


def start(data: Path, spider: str, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [str(SCRAPY), "crawl", spider, *options(data), *arguments], cwd=ROOT, text=True, errors="replace",
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, **environment},
    )  # fmt: skip


def run_line(data: Path) -> dict[str, Any]:
    (line,) = (data / "runs.jsonl").read_text(encoding="utf-8").splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


@pytest.fixture
def watched(tmp_path: Path) -> Path:
    """A folder that knows one.example as a site whose articles have dates."""
    data = tmp_path / "data"
    data.mkdir()
    state = State.open(f"sqlite:///{data / 'state.db'}")
    past: list[Observation] = []
    with state.transaction() as connection:
        for days in range(21, 0, -1):
            seen = Observation(
                "one.example", datetime.now(UTC) - timedelta(days=days), found=6, new=6, pages=6, articles=6,
                titled=6, dated=6, signed=6, lengths=(430,) * 6, blocks=12, removed={"share": 6}, first=not past,
            )  # fmt: skip
            monitoring_history.add_observations(connection, [(seen, past)])
            past = monitoring_history.histories(connection, ["one.example"])["one.example"]
    state.close()
    return data


@pytest.fixture
def dripping() -> Iterator[tuple[str, threading.Event]]:
    """An address that answers a byte at a time and never ends, and when it has been called."""
    server, called = socket.create_server(("127.0.0.1", 0)), threading.Event()

    def serve() -> None:
        connection, _ = server.accept()
        called.set()
        with connection, suppress(OSError):
            while True:
                connection.sendall(b"H")
                time.sleep(0.1)

    threading.Thread(target=serve, daemon=True).start()
    with closing(server):
        yield f"http://127.0.0.1:{server.getsockname()[1]}/{SECRET}", called


def test_a_webhook_that_never_ends_its_answer_does_not_hold_up_a_signal(
    watched: Path, dripping: tuple[str, threading.Event]
) -> None:
    address, called = dripping
    process = start(watched, "undated", "-s", f"ALARM_WEBHOOK={address}")
    assert called.wait(60)
    line = run_line(watched)
    assert (line["outcome"], line["exit_code"], line["articles"]) == ("alarm", 3, 10)
    assert all((watched / file["path"]).exists() for file in line["files"])
    process.send_signal(signal.SIGTERM)
    _out, err = process.communicate(timeout=10)
    assert (process.returncode, "Traceback" in err) == (-signal.SIGTERM, False)
    again = start(watched, "nothing")  # neither a lock nor an unfinished run is left
    assert (*again.communicate(timeout=60), again.returncode) == ("", "", 0)


def test_an_alarm_that_cannot_be_sent_changes_neither_the_exit_code_nor_the_line(watched: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as unused:
        webhook = f"http://127.0.0.1:{unused.getsockname()[1]}/{SECRET}"
    command = f"sh -c 'exit 7' --token={SECRET}"
    process = start(
        watched, "undated", "-s", f"ALARM_WEBHOOK={webhook}", "-s", f"ALARM_COMMAND={command}", "-L", "DEBUG"
    )
    _out, err = process.communicate(timeout=60)
    assert (process.returncode, run_line(watched)["exit_code"]) == (3, 3)
    log = "".join(path.read_text(encoding="utf-8") for path in (watched / "logs").iterdir())
    for text in (err, log):
        assert "ALARM_COMMAND sh failed, alarms.jsonl has the alarms it should have sent: it ended with 7" in text
        assert "ALARM_WEBHOOK at http://127.0.0.1 failed" in text
        assert SECRET not in text


@pytest.mark.parametrize(
    ("spider", "arguments", "code", "environment"),
    [
        ("monitor_raises", ("-s", "SUMMARY=True"), 1, {}),
        ("pages", ("-s", "SUMMARY=True", "-a", "plan=a"), 0, {"PYTHONIOENCODING": "ascii", "TERM": "dumb"}),
        ("pages", ("-a", "plan=a", "-a", "note=\udcff\udc80 and €"), 0, {}),  # bytes that are no text
    ],
)
def test_what_fails_at_the_end_costs_neither_the_line_nor_the_articles(
    tmp_path: Path, spider: str, arguments: tuple[str, ...], code: int, environment: dict[str, str]
) -> None:
    data = tmp_path / "Häfen"
    process = start(data, spider, *arguments, **environment)
    process.communicate(timeout=60)
    line = run_line(data)
    assert (process.returncode, line["exit_code"], line["articles"]) == (code, code, 1)
    (file,) = (data / "articles").rglob("*.jsonl")
    assert json.loads(file.read_bytes())["title"].startswith("Story a")


def test_a_summary_that_nobody_reads_leaves_the_exit_code(tmp_path: Path) -> None:
    process = start(tmp_path, "pages", "-a", "plan=ff", "-s", "SUMMARY=True")
    assert process.stdout
    process.stdout.close()
    process.wait(60)
    assert run_line(tmp_path)["exit_code"] == 4
