"""CPU time a page: `clean_html` beside other extractors, in one process, on the same pages in the same minutes."""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from measure import save, table
from peers import NAIVE, System, systems
from samples import CORPUS, ROOT, Sample, samples


def milliseconds(system: System, page: Sample) -> float | None:
    """CPU time of one page, or None where the system fails on it."""
    start = time.process_time()
    try:
        system(page.html, page.url)
    except Exception:
        return None
    return 1000 * (time.process_time() - start)


def compare(pages: Sequence[Sample], found: dict[str, System]) -> dict[str, list[float | None]]:
    """Times of each page. Systems take turns in going first, so that no one always finds the caches that others filled."""
    for system in found.values():
        for page in pages[::10]:  # imports, models, phrases
            milliseconds(system, page)
    times: dict[str, list[float | None]] = {name: [] for name in found}
    names = list(found)
    for turn, page in enumerate(pages):
        shift = turn % len(names)
        for name in (*names[shift:], *names[:shift]):
            times[name].append(milliseconds(found[name], page))
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    parser.add_argument("--pages", type=int, default=120, help="at most so many pages (default 120)")
    arguments = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    pages = samples(arguments.corpus, arguments.pages)
    times = compare(pages, systems())
    done = {name: [each for each in found if each is not None] for name, found in times.items()}
    means = {name: statistics.mean(found) for name, found in done.items()}
    size = statistics.mean(len(page.html) for page in pages) / 1024
    print(f"Cleaning: {len(pages)} pages of {size:.0f} KB; CPU a page, times that of {NAIVE}; milliseconds")
    table(
        ("", "ratio", "mean", "median", "95 %", "most", "failed"),
        [
            (
                name,
                f"{means[name] / means[NAIVE]:.2f}",
                f"{means[name]:.1f}",
                f"{statistics.median(found):.1f}",
                f"{sorted(found)[int(0.95 * (len(found) - 1))]:.1f}",
                f"{max(found):.0f}",
                str(len(pages) - len(found)),
            )
            for name, found in done.items()
        ],
    )
    save(
        "cleaning",
        {
            "pages": len(pages),
            "kilobytes": round(size),
            "ratio_to_naive": {name: round(mean / means[NAIVE], 3) for name, mean in means.items()},
            "milliseconds": {name: round(mean, 2) for name, mean in means.items()},
            "failed": {name: len(pages) - len(found) for name, found in done.items()},
        },
    )


if __name__ == "__main__":
    main()
