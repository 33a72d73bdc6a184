"""One long crawl: memory of the crawl and of its workers, and seconds a page, as the pages go by.

Copies of the recorded outlets under made-up host names, through the replay proxy (`replay.py --copies`).
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psutil

from tests.benchmarks.crawl import SETTINGS
from tests.benchmarks.measure import REPLAY, RESULTS, SCRAPY, Replay, save, table
from tests.benchmarks.samples import CORPUS, ROOT, recorded

_WARM = 2000  # pages after which memory should not grow


@dataclass(frozen=True, slots=True)
class Look:
    """The state of a crawl at one moment; sizes in megabytes, CPU in seconds since its start."""

    seconds: float
    pages: int
    parent: float
    workers: float
    state: float
    parent_cpu: float
    workers_cpu: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=20_000, help="to crawl (default 20000)")
    parser.add_argument("--smallest", type=int, help="only so many recorded pages, the smallest, copied more often")
    parser.add_argument("--workers", type=int, default=max(1, (psutil.cpu_count() or 1) - 1))
    parser.add_argument("--every", type=float, default=2.0, help="seconds between two looks (default 2)")
    arguments = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    if not REPLAY.is_file():
        print("Scale: left out, ../shared/replay is not here\n")
        return
    pages = sorted(recorded(CORPUS), key=lambda page: len(page.html))[: arguments.smallest]
    urls = copies([page.url for page in pages], arguments.pages)
    with tempfile.TemporaryDirectory() as name, Replay(copies=-(-arguments.pages // len(pages))) as proxy:
        looks = crawl(urls, Path(name), proxy, arguments.workers, arguments.every)
    report(looks, arguments.workers)


def copies(urls: list[str], most: int) -> list[str]:
    """`most` URLs: those of the corpus at hosts cNN--<host>."""
    made = []
    for number in range(-(-most // len(urls))):
        for url in urls:
            parts = urlsplit(url)
            made.append(urlunsplit(parts._replace(netloc=f"c{number:02}--{parts.hostname}")))
    return made[:most]


def crawl(urls: list[str], folder: Path, proxy: Replay, workers: int, every: float) -> list[Look]:
    """Crawl them, and look on."""
    listed, data = folder / "urls.txt", folder / "data"
    listed.write_text("\n".join(urls), encoding="utf-8")
    # The copies of a page are alike: let them be written all the same.
    settings = {**SETTINGS, "CLEAN_WORKERS": str(workers), "DATA_DIR": str(data), "ROBOTSTXT_OBEY": "False"}
    options = [part for key, value in settings.items() for part in ("-s", f"{key}={value}")]
    command = [SCRAPY, "crawl", "news", "-a", f"urls={listed}", *options]
    start, looks, written = time.perf_counter(), list[Look](), Written(data)
    environment = {**os.environ, **proxy.environment, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as process:
        parent = psutil.Process(process.pid)
        gone = 0.0  # CPU of workers that were replaced
        seen: dict[int, float] = {}
        while process.poll() is None:
            time.sleep(every)
            try:
                now = {
                    child.pid: (child.memory_info().rss, sum(child.cpu_times()[:2]))
                    for child in parent.children(recursive=True)
                }
                size, used = parent.memory_info().rss, sum(parent.cpu_times()[:2])
            except psutil.Error:
                continue
            if not size:  # it has ended
                break
            gone += sum(cpu for pid, cpu in seen.items() if pid not in now)
            seen = {pid: cpu for pid, (_, cpu) in now.items()}
            looks.append(
                Look(
                    seconds=round(time.perf_counter() - start, 1),
                    pages=written.lines(),
                    parent=round(size / 2**20, 1),
                    workers=round(sum(rss for rss, _ in now.values()) / 2**20, 1),
                    state=round(sum(file.stat().st_size for file in data.glob("state.db*")) / 2**20, 2),
                    parent_cpu=round(used, 1),
                    workers_cpu=round(gone + sum(seen.values()), 1),
                )
            )
    return looks


class Written:
    """Counts the records of a crawl as they are written, each line once: to count all of them again takes ever longer."""

    def __init__(self, data: Path):
        self._data, self._counted, self._lines = data, dict[Path, int](), 0

    def lines(self) -> int:
        for path in self._data.glob("*s/*/*.jsonl.part"):
            with path.open("rb") as file:
                file.seek(self._counted.get(path, 0))
                self._lines += file.read().count(b"\n")
                self._counted[path] = file.tell()
        return self._lines


def report(looks: list[Look], workers: int) -> None:
    """Print some of the looks, and keep them all, with a curve."""
    pages = max(look.pages for look in looks)
    shown = []
    for mark in (100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 20_000):
        shown += [next(look for look in looks if look.pages >= mark)] if mark <= pages else []
    shown.append(looks[-1])
    print(f"Scale: one crawl, {workers} worker(s); sizes in MB; CPU milliseconds a page since the row before")
    rows, before = [], looks[0]
    for look in shown:
        done = max(1, look.pages - before.pages)
        rows.append(
            (
                str(look.pages),
                f"{look.seconds:.0f}",
                f"{look.parent:.0f}",
                f"{look.workers:.0f}",
                f"{look.state:.1f}",
                f"{1000 * (look.parent_cpu - before.parent_cpu) / done:.1f}",
                f"{1000 * (look.workers_cpu - before.workers_cpu) / done:.1f}",
            )
        )
        before = look
    table(("pages", "seconds", "crawl", "workers", "state.db", "CPU crawl", "CPU workers"), rows)
    growth = {name: grown(looks, name) for name in ("parent", "workers")}
    if warm := {name: share for name, share in growth.items() if share is not None}:
        told = ", ".join(f"{name} {share:+.1%}" for name, share in warm.items())
        print(f"Memory from page {_WARM} to {pages}, means of a tenth of the run: {told}")
    save("scale", {"workers": workers, "growth": growth, "looks": [asdict(look) for look in looks]})
    curve(looks)


def grown(looks: list[Look], name: str) -> float | None:
    """By what share memory grew between page _WARM and the end; None where the run was too short to tell."""
    pages = max(look.pages for look in looks)
    span = (pages - _WARM) / 10
    first = [getattr(look, name) for look in looks if _WARM <= look.pages <= _WARM + span]
    last = [getattr(look, name) for look in looks if look.pages >= pages - span and look.parent]
    return statistics.mean(last) / statistics.mean(first) - 1 if span > 0 and first and last else None


def curve(looks: list[Look]) -> None:
    """Memory over pages, as an SVG."""
    width, height, most = 900, 300, max(max(look.parent, look.workers) for look in looks) * 1.1
    pages = max(1, looks[-1].pages)
    drawn = []
    for name, colour in (("parent", "#1b6ca8"), ("workers", "#c0392b")):
        points = " ".join(
            f"{60 + width * look.pages / pages:.1f},{10 + height * (1 - getattr(look, name) / most):.1f}"
            for look in looks
        )
        drawn.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{points}"/>')
        last = looks[-1]
        y = 10 + height * (1 - getattr(last, name) / most)
        drawn.append(f'<text x="{65 + width}" y="{y:.0f}" fill="{colour}">{name} {getattr(last, name):.0f} MB</text>')
    path = RESULTS / "scale.svg"
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width + 220}" height="{height + 40}" font-family="sans-serif" '
        f'font-size="13"><path d="M60 10v{height}h{width}" fill="none" stroke="#888"/>{"".join(drawn)}'
        f'<text x="5" y="20">{most:.0f} MB</text><text x="{width}" y="{height + 30}">{pages} pages</text></svg>\n',
        encoding="utf-8",
    )
    print(f"→ {path.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
