"""Crawl in a child process, with the project's settings and production handler, against a local server.

`Hosts` is a server whose answers a test sets and whose requests it reads. `crawl` fetches a list of requests and
returns how each ended. As a script, this file is the child: it reads a plan as JSON on stdin and prints the outcome.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import ssl

ROOT = Path(__file__).resolve().parents[2]
LOOPBACK = [f"127.0.0.{n}" for n in range(1, 10)]  # nine hosts, one machine


@dataclass(frozen=True)
class Answer:
    body: bytes = b"<!doctype html><title>A page</title><p>Text."
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "text/html; charset=utf-8"})
    seconds: float = 0.0  # before it is sent
    hangs_up: bool = False  # instead of answering
    length: int | None = None  # a wrong Content-Length; -1 sends none


@dataclass(frozen=True)
class ReceivedRequest:
    at: float
    host: str
    path: str
    agent: str
    active: int  # requests in progress at this host, this one included


Answers = Mapping[str, Answer | Callable[[int], Answer]]


class Hosts:
    """Serves `answers` by path, or by host and path ("127.0.0.2/robots.txt"). A function gets the count of requests so far.

    Any other path is a page, except /robots.txt, which is a 404.
    """

    def __init__(self, answers: Answers, tls: ssl.SSLContext | None = None):
        self.answers, self.received, self.lock = answers, [], threading.Lock()
        self.counts: dict[str, int] = {}
        self.active: dict[str, int] = {}
        hosts = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                hosts.serve(self)

            def log_message(self, *args: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

        self.server = Server(("0.0.0.0", 0), Handler)  # all of 127.0.0.0/8; closed by the test
        self.port = self.server.server_address[1]
        self.scheme = "https" if tls else "http"
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)

    received: list[ReceivedRequest]

    def __enter__(self) -> Self:
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def url(self, path: str, host: str = LOOPBACK[0]) -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"

    def paths(self, host: str = LOOPBACK[0]) -> list[str]:
        return [request.path for request in self.received if request.host == host]

    def times(self, host: str = LOOPBACK[0]) -> list[float]:
        return [request.at for request in self.received if request.host == host]

    def serve(self, request: BaseHTTPRequestHandler) -> None:
        host = request.headers["Host"].partition(":")[0]
        with self.lock:
            self.active[host] = self.active.get(host, 0) + 1
            agent = request.headers["User-Agent"]
            self.received.append(ReceivedRequest(time.monotonic(), host, request.path, agent, self.active[host]))
            key = host + request.path if host + request.path in self.answers else request.path
            count = self.counts[key] = self.counts.get(key, 0) + 1
        answer = self.answers.get(key) or Answer(status=404 if key == "/robots.txt" else 200)
        answer = answer(count) if callable(answer) else answer
        try:
            time.sleep(answer.seconds)
            if answer.hangs_up:
                raise ConnectionAbortedError
            request.send_response(answer.status)
            for name, value in answer.headers.items():
                request.send_header(name, value.replace("{port}", str(self.port)))
            length = len(answer.body) if answer.length is None else answer.length
            if length >= 0:
                request.send_header("Content-Length", str(length))
            else:
                request.send_header("Connection", "close")
            request.end_headers()
            request.wfile.write(answer.body)
        except OSError:  # the crawler hung up, as some tests want
            request.close_connection = True
        finally:
            with self.lock:
                self.active[host] -= 1


@dataclass(frozen=True)
class Outcome:
    """How each request ended, by its URL, and what was logged."""

    results: dict[str, dict[str, Any]]
    stats: dict[str, Any]
    log: str

    def reason(self, url: str) -> str | None:
        """Return the reason why a URL was rejected; None if it was fetched."""
        return self.results[url].get("reason")


def crawl(
    requests: Sequence[str | Mapping[str, Any]], settings: Mapping[str, Any] | None = None, *, env: Any = None
) -> Outcome:
    """Fetch URLs, or mappings of `url`, `meta` and `info` (of a RequestInfo).

    Loopback is allowed and there is no delay, unless `settings` say otherwise.
    """
    plan = {
        "requests": [{"url": r} if isinstance(r, str) else dict(r) for r in requests],
        "settings": {"DOWNLOAD_DELAY": 0, "WINNOW_ALLOW_PRIVATE_HOSTS": LOOPBACK, **(settings or {})},
    }
    clean = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy") and k != "WINNOW_CONTACT"}
    command = [sys.executable, "-m", "tests.support.crawling"]
    child = subprocess.run(
        command, input=json.dumps(plan), capture_output=True, text=True, timeout=120, cwd=ROOT, env=clean | (env or {})
    )
    assert child.returncode == 0, child.stderr
    outcome = json.loads(child.stdout)
    return Outcome(outcome["results"], outcome["stats"], child.stderr)


def resolver_of(table: Mapping[str, Sequence[str]]) -> Any:
    """Return a resolver that knows only these names; each look-up takes the next address, and the last one stays."""
    from scrapy.resolver import CachingThreadedResolver
    from twisted.internet import defer, error
    from twisted.internet.abstract import isIPAddress

    remaining = {name: list(addresses) for name, addresses in table.items()}

    class Resolver(CachingThreadedResolver):
        def getHostByName(self, name: str, timeout: Any = ()) -> Any:  # noqa: ARG002, N802
            if isIPAddress(name):
                return defer.succeed(name)
            if name not in remaining:
                return defer.fail(error.DNSLookupError(f"no such name: {name}"))
            return defer.succeed(remaining[name].pop(0) if len(remaining[name]) > 1 else remaining[name][0])

    return Resolver


def main() -> None:
    """Read the plan, crawl, and print the outcome."""
    from scrapy import Request, Spider
    from scrapy.crawler import CrawlerProcess
    from scrapy.utils.project import get_project_settings

    from crawler.requests.request_info import RequestInfo, as_meta, info_of

    plan, results = json.load(sys.stdin), {}

    class Planned(Spider):
        name = "planned"

        async def start(self) -> Any:
            for planned in plan["requests"]:
                info = RequestInfo(**planned.get("info", {}))
                meta = planned.get("meta", {}) | {"requested": planned["url"]} | as_meta(info)
                yield Request(
                    planned["url"], meta=meta, callback=self.fetched, errback=self.failed, dont_filter=True,
                    priority=planned.get("priority", 0),
                )  # fmt: skip

        def fetched(self, response: Any) -> None:
            results[response.meta["requested"]] = {
                "url": response.url,
                "status": response.status,
                "type": type(response).__name__,
                "bytes": len(response.body),
                "text": response.text if info_of(response).render and response.body else None,
                "sitemaps": info_of(response).findings.sitemaps,
                "at": time.monotonic(),
            }

        def failed(self, failure: Any) -> None:
            error = failure.value
            why = getattr(error, "rejection", error)
            results[failure.request.meta["requested"]] = {
                "reason": getattr(why, "reason", None) or type(error).__name__,
                "detail": getattr(why, "detail", str(error)),
                "status": getattr(why, "status", None) or getattr(getattr(error, "response", None), "status", None),
                "at": time.monotonic(),
            }

    settings = get_project_settings()
    notice = {"crawler.download.certificates.CertificateNotice": 0}  # the other extensions keep the state of a run
    settings.setdict({"ITEM_PIPELINES": {}, "EXTENSIONS": notice, "SPIDER_MODULES": []}, priority="project")
    if names := plan["settings"].pop("NAMES", None):
        settings.set("TWISTED_DNS_RESOLVER", resolver_of(names), priority="cmdline")
    settings.setdict(plan["settings"], priority=plan["settings"].pop("PRIORITY", "cmdline"))
    process = CrawlerProcess(settings)
    crawler = process.create_crawler(Planned)
    process.crawl(crawler)
    process.start()
    assert crawler.stats
    print(json.dumps({"results": results, "stats": crawler.stats.get_stats()}, default=str))


if __name__ == "__main__":
    main()
