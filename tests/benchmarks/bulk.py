"""`scrapy clean` over a folder of pages and over a WARC file of them, beside trafilatura's own command line with as many
processes, which reads folders alone.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from tests.benchmarks.measure import SCRAPY, Usage, median, run, save, table
from tests.benchmarks.samples import CORPUS, ROOT, Sample, samples

if TYPE_CHECKING:
    from collections.abc import Sequence


def fill(folder: Path, archive: Path, pages: Sequence[Sample]) -> None:
    """Write the pages as files of a folder, and as responses in a WARC file."""
    folder.mkdir()
    with archive.open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        for number, page in enumerate(pages):
            (folder / f"{number:05}.html").write_bytes(page.html)
            headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
            writer.write_record(
                writer.create_warc_record(page.url, "response", payload=BytesIO(page.html), http_headers=headers)
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    parser.add_argument("--pages", type=int, default=2000, help="pages in all; recorded ones repeat (default 2000)")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--jobs", type=int, default=psutil.cpu_count())
    arguments = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    assert find_spec("trafilatura")
    with tempfile.TemporaryDirectory() as name:
        pages, archive, out = Path(name, "pages"), Path(name, "pages.warc.gz"), Path(name, "out")
        found = samples(arguments.corpus, arguments.pages)
        fill(pages, archive, [found[number % len(found)] for number in range(arguments.pages)])
        jobs = str(arguments.jobs)
        trafilatura = str(Path(sys.executable).with_name("trafilatura"))
        theirs = [trafilatura, "--input-dir", str(pages), "--output-dir", str(out), "--parallel", jobs]
        commands = {
            "scrapy clean, folder": [SCRAPY, "clean", str(pages), "--jobs", jobs],
            "scrapy clean, WARC": [SCRAPY, "clean", str(archive), "--jobs", jobs],
            "trafilatura --json --with-metadata": [*theirs, "--json", "--with-metadata"],
            "trafilatura, text alone": theirs,
        }
        used: dict[str, list[Usage]] = {}
        for _ in range(arguments.rounds):
            for label, command in commands.items():
                used.setdefault(label, []).append(run(command))
    wall = {name: median([usage.wall for usage in usages]) for name, usages in used.items()}
    cpu = {name: median([usage.cpu for usage in usages]) for name, usages in used.items()}
    base = wall["trafilatura --json --with-metadata"]
    print(f"Bulk: {arguments.pages} pages, {jobs} processes each; seconds, start-up included")
    table(
        ("", "wall, ratio", "wall", "CPU", "pages/s"),
        [
            (
                name,
                f"{wall[name] / base:.2f}",
                f"{wall[name]:.1f}",
                f"{cpu[name]:.1f}",
                f"{arguments.pages / wall[name]:.0f}",
            )
            for name in used
        ],
    )
    save(
        "bulk",
        {
            "pages": arguments.pages,
            "jobs": arguments.jobs,
            "wall_ratio": {name: round(seconds / base, 3) for name, seconds in wall.items()},
            "wall": {name: round(seconds, 2) for name, seconds in wall.items()},
            "pages_a_second": {name: round(arguments.pages / seconds, 1) for name, seconds in wall.items()},
            "cpu": {name: round(seconds, 2) for name, seconds in cpu.items()},
        },
    )


if __name__ == "__main__":
    main()
