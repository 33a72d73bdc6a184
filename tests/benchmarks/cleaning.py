"""CPU time a page: `clean_html` beside other extractors, in one process, on the same pages in the same minutes."""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.measure import save, table
from tests.benchmarks.peers import NAIVE, System, systems
from tests.benchmarks.samples import CORPUS, ROOT, Sample, samples

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def milliseconds(system: System, page: Sample) -> float | None:
    """CPU time of one page, or None where the system fails on it."""
    start = time.process_time()
    try:
        system(page.html, page.url)
    except Exception:
        return None
    return 1000 * (time.process_time() - start)


def warm_up(pages: Sequence[Sample], found: Mapping[str, System]) -> None:
    """Imports, models, stop lists, phrases: what is read once, sooner or later, is not what a page costs.

    Ours is as a worker of a crawl has it: what others read at import (dateparser, their expressions) is read by then.
    """
    from crawler.workers.clean_task import warm_up_pages as as_a_worker

    for step in as_a_worker():
        step()
    for system in found.values():
        for page in pages:
            milliseconds(system, page)


def compare(pages: Sequence[Sample], found: Mapping[str, System]) -> dict[str, list[float | None]]:
    """Times of each page. Systems take turns in going first, so that no one always finds the caches that others filled."""
    times: dict[str, list[float | None]] = {name: [] for name in found}
    names = list(found)
    for turn, page in enumerate(pages):
        shift = turn % len(names)
        for name in (*names[shift:], *names[:shift]):
            times[name].append(milliseconds(found[name], page))
    return times


def mean(times: Sequence[float | None]) -> float:
    """Of the pages that gave something."""
    return statistics.mean(each for each in times if each is not None)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    parser.add_argument("--pages", type=int, default=120, help="at most so many pages (default 120)")
    arguments = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    pages = samples(arguments.corpus, arguments.pages)
    found = systems()
    warm_up(samples(arguments.corpus, arguments.pages, others=True), found)
    times, again = compare(pages, found), compare(pages, found)
    means = {name: mean(taken) for name, taken in times.items()}
    later = {name: mean(taken) for name, taken in again.items()}
    size = statistics.mean(len(page.html) for page in pages) / 1024
    print(f"Cleaning: {len(pages)} pages of {size:.0f} KB; CPU a page, times that of {NAIVE}; milliseconds")
    print("(first: after as many other pages, each seen for the first time; again: the same pages once more)")
    rows = []
    for name, taken in times.items():
        done = sorted(each for each in taken if each is not None)
        numbers = (means[name], statistics.median(done), done[int(0.95 * (len(done) - 1))], done[-1], later[name])
        rows.append(
            (
                name,
                f"{means[name] / means[NAIVE]:.2f}",
                f"{later[name] / later[NAIVE]:.2f}",
                *(f"{number:.1f}" for number in numbers),
                str(len(pages) - len(done)),
            )
        )
    table(("", "ratio, first", "again", "mean, first", "median", "95 %", "most", "mean, again", "failed"), rows)
    save(
        "cleaning",
        {
            "pages": len(pages),
            "kilobytes": round(size),
            "ratio_to_naive": {name: round(each / means[NAIVE], 3) for name, each in means.items()},
            "ratio_again": {name: round(each / later[NAIVE], 3) for name, each in later.items()},
            "milliseconds": {name: round(each, 2) for name, each in means.items()},
            "failed": {name: taken.count(None) for name, taken in times.items()},
        },
    )


if __name__ == "__main__":
    main()
