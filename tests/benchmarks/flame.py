"""Where the time goes: a flame graph (SVG) of cleaning, and one of a crawl's own process, by py-spy."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from tests.benchmarks.crawl import winnow
from tests.benchmarks.measure import REPLAY, RESULTS, Replay
from tests.benchmarks.samples import CORPUS, ROOT, recorded, samples

RATE = 250  # samples a second
INSIDE = "--inside"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    arguments = parser.parse_args()
    if find_spec("py_spy") is None and not Path(sys.executable).with_name("py-spy").is_file():
        print("Flame graphs: left out, py-spy is not installed\n")
        return
    RESULTS.mkdir(parents=True, exist_ok=True)
    print("Flame graphs:")
    record("cleaning", [sys.executable, "-m", "tests.benchmarks.flame", INSIDE, str(arguments.corpus)], {})
    if REPLAY.is_file():
        with tempfile.TemporaryDirectory() as name, Replay() as proxy:
            urls = Path(name, "urls.txt")
            urls.write_text("\n".join(sample.url for sample in recorded(CORPUS)), encoding="utf-8")
            record("crawl", [sys.executable, *winnow(urls, Path(name), 1)], proxy.environment)
    print()


def record(name: str, command: list[str], environment: dict[str, str]) -> None:
    """Run a command under py-spy; only what holds the interpreter counts, not what waits."""
    path = RESULTS / f"flame-{name}.svg"
    spy = [str(Path(sys.executable).with_name("py-spy")), "record", "--gil", "-r", str(RATE), "-o", str(path), "--"]
    done = subprocess.run(
        [*spy, *command], cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    print(
        f"→ {path.relative_to(ROOT)}" if path.is_file() else f"py-spy does not run here: {done.stderr.strip()[-200:]}"
    )


def inside(corpus: Path) -> None:
    """Clean the pages, twice: the first time for what is read on first use."""
    sys.path.insert(0, str(ROOT))
    from cleaners import clean_html

    pages = samples(corpus, 120)
    for page in (*pages, *pages):
        clean_html(page.html, page.url)


if __name__ == "__main__":
    if sys.argv[1:2] == [INSIDE]:
        inside(Path(sys.argv[2]))
    else:
        main()
