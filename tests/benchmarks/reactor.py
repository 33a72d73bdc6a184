"""What is left in the crawl's own process: CPU a page, and the longest time that one turn of its event loop takes.

A turn is measured in the thread's CPU time, so that other processes of the machine do not count. Those of the run's end,
when its files are finished and nothing is fetched any more, are told apart.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, Self

from crawler.download.scrapy_internals import is_closing
from tests.benchmarks.measure import REPLAY, Replay, run, save, table
from tests.benchmarks.samples import CORPUS, ROOT, recorded

if TYPE_CHECKING:
    from collections.abc import Iterator

_TICK = 0.002  # seconds between two looks
INSIDE = "--inside"


class LoopWatch:
    """A Scrapy extension that measures while a spider is open, and writes what it saw to LOOP_WATCH."""

    def __init__(self, crawler: Any):
        self._crawler = crawler
        self._path = Path(crawler.settings["LOOP_WATCH"])
        self._turns: list[float] = []
        self._last_turns = [0.0]  # while the run ends
        self._task: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Any) -> Self:
        from scrapy import signals

        watch = cls(crawler)
        crawler.signals.connect(watch.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(watch.spider_closed, signal=signals.spider_closed)
        return watch

    def spider_opened(self) -> None:
        self._task = asyncio.ensure_future(self._watch())

    async def _watch(self) -> None:
        while True:
            before = time.thread_time()
            await asyncio.sleep(_TICK)
            turns = self._last_turns if is_closing(self._crawler.engine) else self._turns
            turns.append(time.thread_time() - before)

    def spider_closed(self) -> None:
        assert self._task
        self._task.cancel()
        used = resource.getrusage(resource.RUSAGE_SELF)
        turns = sorted(self._turns)
        self._path.write_text(
            json.dumps(
                {
                    "cpu": used.ru_utime + used.ru_stime,
                    "longest": turns[-1],
                    "longest_at_the_end": max(self._last_turns),
                    "over_50_ms": sum(turn > 0.05 for turn in turns),
                    "turns": len(turns),
                }
            )
        )


def inside(path: str, arguments: list[str]) -> None:
    """`scrapy ARGUMENTS`, watched."""
    from scrapy.cmdline import execute
    from scrapy.utils.project import get_project_settings

    settings = get_project_settings()
    settings.set("EXTENSIONS", {**settings.getdict("EXTENSIONS"), "reactor.LoopWatch": 0}, "cmdline")
    settings.set("LOOP_WATCH", path, "cmdline")
    execute(["scrapy", *arguments], settings)


def watched(folder: Path, *arguments: str, proxy: Replay | None = None) -> dict[str, float]:
    """A crawl, and what was seen of its loop."""
    seen = folder / "seen.json"
    run(
        [
            sys.executable,
            "-m",
            "tests.benchmarks.reactor",
            INSIDE,
            str(seen),
            "crawl",
            "news",
            "-s",
            f"DATA_DIR={folder / 'data'}",
            *arguments,
        ],
        proxy=proxy,
    )
    found: dict[str, float] = json.loads(seen.read_text())
    return found


def crawl_of_pages() -> dict[str, float]:
    """All recorded pages, without delay."""
    pages = [sample.url for sample in recorded(CORPUS)]
    with tempfile.TemporaryDirectory() as name, Replay() as proxy:
        urls = Path(name, "urls.txt")
        urls.write_text("\n".join(pages), encoding="utf-8")
        options = ("-s", "DOWNLOAD_DELAY=0", "-s", "DOWNLOAD_VERIFY_CERTIFICATES=False")
        return {"pages": len(pages), **watched(Path(name), "-a", f"urls={urls}", *options, proxy=proxy)}


def crawl_of_a_long_sitemap(entries: int) -> dict[str, float]:
    """A site whose sitemap has so many entries, of which one is fetched."""
    with tempfile.TemporaryDirectory() as name, site_with_sitemap(entries) as start:
        options = ("-a", "limit=1", "-s", "WINNOW_ALLOW_PRIVATE_HOSTS=127.0.0.1", "-s", "DOWNLOAD_DELAY=0")
        return {"pages": entries, **watched(Path(name), "-a", f"start={start}", *options)}


@contextmanager
def site_with_sitemap(entries: int) -> Iterator[str]:
    """The address of a site on loopback whose robots.txt names a sitemap."""
    today = datetime.now(UTC).isoformat()
    rows = "".join(
        f"<url><loc>http://127.0.0.1:@/2026/05/story-number-{number}-of-the-harbour</loc><lastmod>{today}</lastmod></url>"
        for number in range(entries)
    )

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            port = str(server.server_port)
            answers = {
                "/robots.txt": ("text/plain", f"User-agent: *\nSitemap: http://127.0.0.1:{port}/sitemap.xml\n"),
                "/sitemap.xml": (
                    "application/xml",
                    f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows.replace("@", port)}</urlset>',
                ),
                "/": ("text/html", "<!doctype html><html><head><title>A site</title></head><body></body></html>"),
            }
            kind, body = answers.get(self.path, ("text/html", "<!doctype html><html><body>A teaser.</body></html>"))
            data = body.encode()
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=20_000, help="of the long sitemap (default 20000)")
    arguments = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    seen = {f"a sitemap of {arguments.entries} entries": crawl_of_a_long_sitemap(arguments.entries)}
    if REPLAY.is_file():
        seen["a crawl of recorded pages"] = crawl_of_pages()
    print("Reactor: the crawl's own process, without its workers; CPU, start-up included")
    table(
        ("", "CPU s", "ms a page", "longest turn, ms", "turns over 50 ms", "at the end, ms"),
        [
            (
                name,
                f"{found['cpu']:.1f}",
                f"{1000 * found['cpu'] / found['pages']:.2f}",
                f"{1000 * found['longest']:.0f}",
                f"{found['over_50_ms']:.0f}",
                f"{1000 * found['longest_at_the_end']:.0f}",
            )
            for name, found in seen.items()
        ],
    )
    save("reactor", {"crawls": seen})


if __name__ == "__main__":
    if sys.argv[1:2] == [INSIDE]:
        inside(sys.argv[2], sys.argv[3:])
    else:
        main()
