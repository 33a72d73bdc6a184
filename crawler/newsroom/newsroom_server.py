"""Serve the newsroom on loopback, as HTTP proxy and origin in one."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from crawler.newsroom.fixture_site import HOST, FixtureAnswer, Newsroom

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LOOPBACK = {"127.0.0.1", "localhost"}


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, newsroom: Newsroom, log: Path | None):
        super().__init__(("127.0.0.1", port), _Handler)
        self.newsroom = newsroom
        self._log = log
        self._lock = threading.Lock()

    def note(self, **facts: object) -> None:
        """Append one line of JSON to the log, if there is one."""
        if self._log is not None:
            with self._lock, self._log.open("a", encoding="utf-8") as file:
                file.write(json.dumps(facts) + "\n")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # keeps connections open, as crawlers expect from a proxy
    server: _Server

    def do_GET(self) -> None:
        started = time.time()
        answer = self._answer()
        if answer.delay:
            time.sleep(answer.delay)
        # Log first, so that a client that has the answer finds its line in the log.
        self.server.note(
            time=started,
            method=self.command,
            url=self.path,
            status=answer.status,
            seconds=round(time.time() - started, 3),
            user_agent=self.headers.get("User-Agent"),
        )
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name.title(), value)
        if answer.status != 304:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    do_HEAD = do_GET  # noqa: N815

    def do_CONNECT(self) -> None:
        self.send_error(502, "the newsroom speaks plain HTTP only")

    def _answer(self) -> FixtureAnswer:
        """Answer a proxy's request by its absolute target (RFC 9112, 3.2.2), any other by its Host header."""
        target = urlsplit(self.path)
        host = target.hostname or urlsplit(f"//{self.headers.get('Host', '')}").hostname
        path = (target.path or "/") + (f"?{target.query}" if target.query else "")
        own = host == HOST or (not target.hostname and host in _LOOPBACK)
        return self.server.newsroom.respond(path if own else f"http://{host}{path}", dict(self.headers.items()))

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing to stderr, unlike the standard library: `note` writes to the file."""


@contextmanager
def serve_newsroom(newsroom: Newsroom | None = None, port: int = 0, log: Path | None = None) -> Iterator[str]:
    """Serve on loopback while the block runs; yield the proxy's URL. Port 0 takes a free one.

    `log` gets one line of JSON for each request: time, method, url, status, seconds, user_agent.
    Raises OSError if the port is taken.
    """
    server = _Server(port, newsroom or Newsroom(), log)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
