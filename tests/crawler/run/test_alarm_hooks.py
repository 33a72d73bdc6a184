"""Alarms reach a command and a webhook; whatever these do, it ends, and no message tells their secrets."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import sys
import threading
import time
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from crawler.run.alarm_hooks import AlarmHooks
from output.monitoring import AlarmLine, Symptom

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytest_httpserver import HTTPServer

SITE = "news.example"
NOW = datetime(2026, 3, 2, tzinfo=UTC)
ALARM = AlarmLine(NOW, "run", SITE, Symptom.EMPTY_DATES, "raised", f"{SITE}: its dates are gone.", NOW, 0.0, 1.0)
PATIENCE = 1.5
SECRET = "s3cr3t"


def send(hooks: AlarmHooks, alarms: int = 1) -> float:
    """Send alarms, and return how long it took."""
    began = time.monotonic()
    asyncio.run(hooks.send([ALARM] * alarms))
    return time.monotonic() - began


@contextmanager
def answering(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """Serve each connection with `answer` and yield the address, which has a secret in each of its parts."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = server.accept()
                with connection, suppress(OSError):
                    connection.recv(65_536)
                    answer(connection)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://user:{SECRET}@127.0.0.1:{server.getsockname()[1]}/{SECRET}?key={SECRET}"
    finally:
        server.close()


def drip(parts: bytes, endless: bytes) -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        connection.sendall(parts)
        while True:
            connection.sendall(endless)
            time.sleep(0.05)

    return answer


def flood(parts: bytes, endless: bytes) -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        connection.sendall(parts)
        while True:
            connection.sendall(endless * 1000)

    return answer


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


ANSWERS: dict[str, tuple[Callable[[socket.socket], None], str]] = {
    "no HTTP": (lambda c: c.sendall(b"SSH-2.0-OpenSSH_9.6 /s3cr3t\r\n\r\n"), "no answer in HTTP"),
    "nothing": (lambda _: None, "no answer in HTTP"),
    "a reset": (reset, "no answer in HTTP"),
    "a long status line": (lambda c: c.sendall(b"HTTP/1.1 200 " + b"x" * 200_000), "no answer in HTTP"),
    "headers in bytes of no text": (lambda c: c.sendall(b"HTTP/1.1 200 OK\r\n\xff\0: \x1b\r\n\r\n"), "no answer in HTTP"),
    "a status of its own": (lambda c: c.sendall(b"HTTP/1.1 9999 s3cr3t\r\n\r\n"), "no answer in HTTP"),
    "headers that drip": (drip(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"), "not done in time"),
    "a status line that drips": (drip(b"HTTP/1.1 200 ", b"x"), "not done in time"),
    "endless headers": (flood(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"), "no answer in HTTP"),
    "endless interim answers": (flood(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), "not done in time"),
    "silence": (lambda _: time.sleep(5), "no answer in HTTP (ReadTimeout)|not done in time"),
    "an error": (lambda c: c.sendall(b"HTTP/1.1 500 /s3cr3t\r\nContent-Length: 0\r\n\r\n"), "it answered 500"),
    "a redirect to a file": (lambda c: c.sendall(b"HTTP/1.1 302 F\r\nLocation: file:///etc/passwd\r\n\r\n"), "it answered 302, a redirect"),
}  # fmt: skip


@pytest.mark.parametrize("name", ANSWERS)
def test_any_answer_is_a_line_that_tells_no_secret(name: str, caplog: pytest.LogCaptureFixture) -> None:
    answer, said = ANSWERS[name]
    with answering(answer) as address:
        took = send(AlarmHooks(webhook=address, patience=PATIENCE), alarms=3)
    assert took < 2 * PATIENCE, "it is not called again once it has failed"
    (message,) = caplog.messages
    assert message.startswith("ALARM_WEBHOOK at http://127.0.0.1 failed, alarms.jsonl has the alarms it should have")
    assert any(one in message for one in said.split("|")), message
    assert SECRET not in caplog.text


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: y\r\n" % number for number in range(150)) + b"\r\n",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nof which this is all",
        b"HTTP/1.0 200 OK\r\nContent-Encoding: gzip\r\n\r\nthis is not",
    ],
)
def test_a_good_answer_is_enough_whatever_follows(answer: bytes, caplog: pytest.LogCaptureFixture) -> None:
    with answering(lambda connection: connection.sendall(answer)) as address:
        send(AlarmHooks(webhook=address))
    assert caplog.messages == []


def test_a_body_is_not_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    with answering(drip(b"HTTP/1.1 200 OK\r\n\r\n", b"x")) as address:
        assert send(AlarmHooks(webhook=address, patience=30.0)) < 10
    assert caplog.messages == []


def test_the_webhook_receives_each_alarm_as_json(httpserver: HTTPServer, caplog: pytest.LogCaptureFixture) -> None:
    httpserver.expect_request("/hook", method="POST").respond_with_data("thanks")
    address = httpserver.url_for("/hook").replace("localhost", "127.0.0.1")
    caplog.set_level(logging.DEBUG)
    hooks = AlarmHooks.from_settings({"ALARM_WEBHOOK": f" {address}?key={SECRET}\n"})  # type: ignore[arg-type]
    send(hooks, alarms=2)
    received = [json.loads(request.data) for request, _ in httpserver.log]
    assert [(alarm["site"], alarm["at"]) for alarm in received] == [(SITE, "2026-03-02T00:00:00Z")] * 2
    ours = [record.getMessage() for record in caplog.records if record.name != "werkzeug"]  # the server's own
    assert not any(SECRET in message for message in ours)


def test_an_address_where_nobody_answers_is_told(caplog: pytest.LogCaptureFixture) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as unused:
        port = unused.getsockname()[1]
    send(AlarmHooks(webhook=f"http://127.0.0.1:{port}/{SECRET}"))
    with answering(lambda connection: connection.sendall(b"no TLS here")) as address:
        send(AlarmHooks(webhook=address.replace("http:", "https:"), patience=PATIENCE))
    send(AlarmHooks(webhook=f"http://{'x' * 70}.example/{SECRET}"))  # a label that no name may have
    assert [message.partition(",")[0] for message in caplog.messages] == [
        "ALARM_WEBHOOK at http://127.0.0.1 failed",
        "ALARM_WEBHOOK at https://127.0.0.1 failed",
        f"ALARM_WEBHOOK at http://{'x' * 70}.example failed",
    ]
    assert SECRET not in caplog.text


@pytest.mark.parametrize(
    "address",
    [
        "ftp://hooks.example/s3cr3t",
        "file:///s3cr3t",
        "hooks.example/s3cr3t",
        "https:///s3cr3t",
        "https://hooks.example/a s3cr3t",
        "https://hooks.example/\x1bs3cr3t",
        "https://hooks.example/a\ns3cr3t",
        "https://hooks.example:99999/s3cr3t",
        "https://hooks.example:s3cr3t/",
        "https://hooks.example:0/s3cr3t",
        "https://[::s3cr3t/",
    ],
)
def test_an_address_that_can_never_work_is_one_line_without_it(address: str) -> None:
    with pytest.raises(ValueError, match=r"^ALARM_WEBHOOK is not an http\(s\) address: [^\n]+$") as raised:
        AlarmHooks.from_settings({"ALARM_WEBHOOK": address})  # type: ignore[arg-type]
    assert SECRET not in str(raised.value)


def test_a_command_gets_the_alarm_and_a_failing_one_is_named_by_its_program(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    got = tmp_path / "got"
    write = "import sys; open(sys.argv[1], 'ab').write(sys.stdin.buffer.read())"
    send(AlarmHooks((sys.executable, "-c", write, str(got))), alarms=2)
    assert got.read_bytes() == ALARM.as_json() * 2
    assert caplog.messages == []
    for command in (
        ("sh", "-c", f"echo {SECRET} >&2; exit 7"),
        (f"/no/{SECRET}/program", SECRET),
        (f"TOKEN={SECRET}", "mail"),
        (str(got), SECRET),  # no program
    ):
        send(AlarmHooks(command), alarms=2)
    assert [message.partition(", alarms.jsonl has the alarms it should have sent: ")[::2] for message in caplog.messages] == [
        ("ALARM_COMMAND sh failed", "it ended with 7; run it by hand to see why"),
        ("ALARM_COMMAND program failed", "No such file or directory"),
        ("ALARM_COMMAND TOKEN failed", "No such file or directory"),
        ("ALARM_COMMAND got failed", "Permission denied"),
    ]  # fmt: skip
    assert SECRET not in caplog.text
    with pytest.raises(ValueError, match=r"^ALARM_COMMAND is not a command line: No closing quotation$"):
        AlarmHooks.from_settings({"ALARM_COMMAND": f"mail '{SECRET}"})  # type: ignore[arg-type]


@pytest.mark.parametrize("command", ["sleep 60", "sleep 60 & wait", "trap '' TERM; sleep 60", "sleep 60 & exit 1"])
def test_a_command_that_does_not_end_is_ended_with_what_it_started(
    command: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert send(AlarmHooks(("sh", "-c", command), patience=PATIENCE), alarms=2) < 3 * PATIENCE
    (message,) = caplog.messages
    assert message.startswith("ALARM_COMMAND sh failed")
