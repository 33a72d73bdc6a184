"""`python tests/benchmarks/state.py`: what a state of 10^4, 10^5, 10^6 known URLs costs a crawl.

For each size: seconds and memory of a whole `scrapy crawl` of an outlet whose feed lists 500 known articles and nothing
new; of one that then collects 300 new ones (the crawl's own process, not its cleaners'); and how long a look-up of 500
URLs takes. The states are made here, as a crawl leaves them: two thirds articles.
"""

from __future__ import annotations

import argparse
import random
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from sqlalchemy import insert

from output.records.article import article_id, content_hash
from output.state import State, known_urls
from output.state.known_urls import UrlStatus, blank_row
from output.state.schema import id_key, to_microseconds
from output.state.tables import ARTICLES_TABLE, URLS_TABLE

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime.now(UTC)
LISTED = 500
NEW = 300
WORDS = "harbour council vote budget engine copper signal winter market bridge ferry court number garden".split()
BATCH = 10_000


def key(number: int, port: int) -> str:
    return f"127.0.0.1:{port}/2026/03/04/the-story-of-number-{number}-and-what-became-of-it"


def fill(path: Path, size: int, port: int) -> None:
    """A state that knows so many URLs."""
    state = State.open(f"sqlite:///{path}")
    for start in range(0, size, BATCH):
        known, written = [], []
        for number in range(start, min(start + BATCH, size)):
            seen = to_microseconds(NOW - timedelta(minutes=number))
            row = blank_row(key(number, port), f"http://{key(number, port)}", f"outlet-{number % 100}.example", seen)
            article = article_id(str(number))
            is_article = number % 3 != 0
            row |= {"outcome": UrlStatus.ARTICLE if is_article else UrlStatus.REJECTED, "etag": f'"{article}"'}
            if is_article:
                row["article"] = id_key(article)
                written.append(
                    {
                        "key": id_key(article), "url": row["url"], "source": row["site"], "revision": 1, "run": "r",
                        "content_hash": content_hash(str(number)), "first_seen": seen, "last_checked": seen,
                    }
                )  # fmt: skip
            known.append(row)
        with state.transaction() as connection:
            connection.execute(insert(URLS_TABLE), known)
            connection.execute(insert(ARTICLES_TABLE), written)
    state.close()


def story(number: int) -> str:
    """The page of an article that no other one is like."""
    dice = random.Random(number)
    text = "".join(f"<p>{' '.join(dice.choices(WORDS, k=60)).capitalize()} in {number}.</p>" for _ in range(12))
    head = f"<title>Story {number}</title><meta property='article:published_time' content='{NOW.isoformat()}'>"
    return f"<!doctype html><html lang=en><head>{head}</head><body><article><h1>Story {number}</h1>{text}</article></body></html>"


class Outlet(BaseHTTPRequestHandler):
    """A feed of articles that any of the states knows, and one that also lists articles from /new/NUMBER on."""

    def do_GET(self) -> None:
        assert isinstance(self.server, ThreadingHTTPServer)
        port = self.server.server_port
        *_, last = self.path.split("/")
        first = int(last) if self.path.startswith("/new/") else 0
        numbers = [*range(LISTED), *(range(first, first + NEW) if first else ())]
        items = "".join(f"<item><title>Story {n}</title><link>http://{key(n, port)}</link></item>" for n in numbers)
        body = f"<rss version='2.0'><channel><title>F</title>{items}</channel></rss>".encode()
        is_article = "the-story-of-number-" in last
        if is_article:
            body = story(int(last.split("-")[4])).encode()
        self.send_response(200 if is_article or first or self.path == "/feed" else 404)
        self.send_header("Content-Type", "text/html" if is_article else "application/rss+xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """The table is all there is to say."""


def crawl(folder: Path, port: int, feed: str = "feed") -> tuple[float, float]:
    """Seconds and MB of one crawl."""
    scrapy = str(Path(sys.executable).with_name("scrapy"))
    command = [
        scrapy, "crawl", "news", "-a", f"start=http://127.0.0.1:{port}/{feed}", "-s", f"DATA_DIR={folder}",
        "-s", "WINNOW_ALLOW_PRIVATE_HOSTS=127.0.0.1", "-s", "DOWNLOAD_DELAY=0", "-s", "WINNOW_CONTACT=a@b.example",
    ]  # fmt: skip
    started = time.monotonic()
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    peak = 0.0
    while child.poll() is None:
        peak = max(peak, peak_memory(child.pid))
        time.sleep(0.01)
    if child.returncode:
        raise SystemExit(f"the crawl ended with {child.returncode}")
    return time.monotonic() - started, peak


def peak_memory(process: int) -> float:
    """The most memory that a process has had so far, in MB; 0 where it is over."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")), 0.0)


def look_up(folder: Path, size: int, port: int) -> float:
    """Milliseconds to look up 500 URLs of which half are known, the median of 41."""
    state = State.open(f"sqlite:///{folder / 'state.db'}")
    dice, took = random.Random(1), []
    for _ in range(41):
        keys = [key(dice.randrange(max(size, 1)) if n % 2 else -n, port) for n in range(500)]
        started = time.perf_counter()
        with state.transaction() as connection:
            known_urls.find_urls(connection, keys)
        took.append((time.perf_counter() - started) * 1000)
    state.close()
    return statistics.median(took)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="*", default=[0, 10**4, 10**5, 10**6], help="known URLs")
    parser.add_argument("--folder", type=Path, help="where the states are made (default: a temporary folder)")
    options = parser.parse_args()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Outlet)
    Thread(target=server.serve_forever, daemon=True).start()
    port = int(server.server_address[1])
    print(
        f"{'known URLs':>12} {'state MB':>9} {'crawl s':>8} {'peak MB':>8} {'500 URLs ms':>12} {f'{NEW} new s':>10} {'peak MB':>8}"
    )
    with tempfile.TemporaryDirectory(dir=options.folder) as scratch:
        for size in options.sizes:
            folder = Path(scratch) / str(size)
            folder.mkdir()
            fill(folder / "state.db", max(size, LISTED), port)
            runs = [crawl(folder, port) for _ in range(3)]
            megabytes = (folder / "state.db").stat().st_size / 2**20
            seconds, peak = min(run[0] for run in runs), max(run[1] for run in runs)
            found = look_up(folder, size, port)
            collected, most = crawl(folder, port, f"new/{10**7}")
            print(
                f"{size:>12,} {megabytes:>9.1f} {seconds:>8.2f} {peak:>8.0f} {found:>12.1f} {collected:>10.1f} {most:>8.0f}",
                flush=True,
            )
    server.shutdown()


if __name__ == "__main__":
    main()
