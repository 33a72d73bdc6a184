"""A crawl of recorded pages through the replay proxy: Winnow, a naive spider that cleans, a bare one that does not.

The same list of URLs, the same concurrency, no delay; the spiders take turns, and the median of the rounds counts.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.measure import REPLAY, SCRAPY, Replay, Usage, median, run, save, table
from tests.benchmarks.samples import CORPUS, ROOT, recorded

SPIDERS = Path(__file__).with_name("spiders.py")
SETTINGS = {
    "CONCURRENT_REQUESTS": "16",
    "CONCURRENT_REQUESTS_PER_DOMAIN": "8",
    "DOWNLOAD_DELAY": "0",
    "DOWNLOAD_VERIFY_CERTIFICATES": "False",
}


def winnow(urls: Path, folder: Path, workers: int) -> list[str]:
    """The command of our crawl, with a state of its own."""
    data = folder / "data"
    shutil.rmtree(data, ignore_errors=True)
    settings = {**SETTINGS, "CLEAN_WORKERS": str(workers), "DATA_DIR": str(data)}
    options = [part for name, value in settings.items() for part in ("-s", f"{name}={value}")]
    return [SCRAPY, "crawl", "news", "-a", f"urls={urls}", *options]


def other(kind: str, urls: Path, folder: Path) -> list[str]:
    """The command of a spider of spiders.py."""
    settings = [f"{name}={value}" for name, value in SETTINGS.items()]
    return [sys.executable, str(SPIDERS), kind, str(urls), str(folder / f"{kind}.jsonl"), *settings]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2], help="CLEAN_WORKERS to try (default 1 2)")
    arguments = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    if not REPLAY.is_file():
        print("Crawl: left out, ../shared/replay is not here\n")
        return
    pages = [sample.url for sample in recorded(CORPUS)]
    with tempfile.TemporaryDirectory() as name, Replay() as proxy:
        folder = Path(name)
        urls = folder / "urls.txt"
        urls.write_text("\n".join(pages), encoding="utf-8")
        used: dict[str, list[Usage]] = {}
        for _ in range(arguments.rounds):
            for kind in ("naive", "bare"):
                used.setdefault(f"{kind} spider", []).append(run(other(kind, urls, folder), proxy=proxy))
            for workers in arguments.workers:
                label = f"winnow, {workers} worker{'s' * (workers != 1)}"
                used.setdefault(label, []).append(run(winnow(urls, folder, workers), proxy=proxy))
                check(folder / "data", len(pages))
    report(used, len(pages))


def check(data: Path, pages: int) -> None:
    """What was crawled fast must also be there."""
    lines = sum(len(file.read_bytes().splitlines()) for file in data.rglob("*.jsonl") if file.parent.parent != data)
    if lines < 0.95 * pages:
        raise SystemExit(f"{lines} records of {pages} pages: this was no crawl to measure")


def report(used: dict[str, list[Usage]], pages: int) -> None:
    """Print the table, and keep it."""
    wall = {name: median([usage.wall for usage in usages]) for name, usages in used.items()}
    cpu = {name: median([usage.cpu for usage in usages]) for name, usages in used.items()}
    proxy = {name: median([usage.proxy for usage in usages]) for name, usages in used.items()}
    rounds = len(next(iter(used.values())))
    print(f"Crawl: {pages} pages through the replay proxy, median of {rounds} rounds; seconds, start-up included")
    table(
        ("", "wall : naive", "wall : bare", "wall", "CPU", "proxy's CPU", "pages/s"),
        [
            (
                name,
                f"{wall[name] / wall['naive spider']:.2f}",
                f"{wall[name] / wall['bare spider']:.2f}",
                f"{wall[name]:.1f}",
                f"{cpu[name]:.1f}",
                f"{proxy[name]:.1f}",
                f"{pages / wall[name]:.0f}",
            )
            for name in used
        ],
    )
    save(
        "crawl",
        {
            "pages": pages,
            "wall_to_naive": {name: round(seconds / wall["naive spider"], 3) for name, seconds in wall.items()},
            "wall_to_bare": {name: round(seconds / wall["bare spider"], 3) for name, seconds in wall.items()},
            "rounds": {
                name: [{"wall": round(u.wall, 2), "cpu": round(u.cpu, 2), "proxy": round(u.proxy, 2)} for u in usages]
                for name, usages in used.items()
            },
        },
    )


if __name__ == "__main__":
    main()
