"""All benchmarks, one after the other: `python tests/benchmarks [--quick]`. Results go to build/bench/ as JSON and SVG.

Each can be run alone: `python tests/benchmarks/crawl.py --help`.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
# The file, and its arguments where there is no time.
ALL = (
    ("quality.py", ("--pages", "40")),
    ("cleaning.py", ("--pages", "40")),
    ("crawl.py", ("--rounds", "1")),
    ("bulk.py", ("--pages", "100", "--rounds", "1")),
    ("reactor.py", ()),
    ("scale.py", ("--pages", "400")),
    ("flame.py", ()),
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python tests/benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer pages and rounds: a few minutes")
    parser.add_argument("--corpus", type=Path, help="the recorded pages, where they are not in ../shared/corpus")
    arguments = parser.parse_args()
    for name, quick in ALL:
        command = [sys.executable, str(HERE / name), *(quick if arguments.quick else ())]
        if arguments.corpus and name in ("quality.py", "cleaning.py", "bulk.py", "flame.py"):
            command += ["--corpus", str(arguments.corpus)]
        if code := subprocess.run(command, check=False).returncode:
            raise SystemExit(code)


if __name__ == "__main__":
    main()
