"""The floors that the cleaners' figures may not fall under, and the one way they change: up.

`python tests/gate.py` measures and raises each floor to the figure less its margin; it lowers none without `--lower`.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FLOORS = Path(__file__).with_name("gate.toml")
SCORE = ROOT.parent / "shared" / "bench" / "score.py"
CORPUS = ROOT.parent / "shared" / "corpus"

# How far under the figure its floor is set, in its own unit: what a rule that is right for the web may cost here.
MARGINS = {"F1": 0.002, "P": 0.001, "R": 0.0005, "exact": 0.015, "title": 0.01, "date": 0.005, "authors": 0.01}

Figures = dict[str, dict[str, float]]


class FloorError(Exception):
    """A figure is under its floor; the message names both."""


def measure(jobs: int = 2) -> Figures:
    """Set → figure → value, by the scorer's own count, in about a minute and a half."""
    ours = _score("--system", "ours", "--jobs", str(jobs))
    both = _score("--system", "naive", "text", "--set", "news", "--jobs", str(jobs))
    greedy, cleaned = both["news/naive"], both["news/text"]
    return {
        "news": ours["news/ours"],
        "snippets": ours["snippets/ours"],
        "text": {name: cleaned[name] - greedy[name] for name in ("P", "R")},
    }


def read_floors(text: str) -> Figures:
    """The floors in a file's text."""
    return tomllib.loads(text)


def raised(floors: Mapping[str, Mapping[str, float]], figures: Figures, *, lower: bool = False) -> Figures:
    """The floors after a measurement. None falls; raises FloorError where a figure is under one, unless `lower`."""
    after: Figures = {}
    for name, wanted in floors.items():
        after[name] = {}
        for key, floor in wanted.items():
            value = figures[name][key]
            if value < floor and not lower:
                raise FloorError(
                    f"{name} {key} is {value:.4f}, under its floor {floor:.4f}: find out why; "
                    "`make floors LOWER=1` lowers it"
                )
            reached = round(value - MARGINS[key], 4)
            after[name][key] = reached if value < floor else max(floor, reached)
    return after


def rewrite(text: str, floors: Figures) -> str:
    """The file's text with other numbers, its comments kept."""
    lines, table = [], ""
    for line in text.splitlines():
        if heading := re.match(r"\[(\w+)\]", line):
            table = heading[1]
        elif row := re.match(r"(\w+)( *= *)\S+", line):
            line = f"{row[1]}{row[2]}{floors[table][row[1]]:.4f}{line[row.end() :]}"
        lines.append(line)
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python tests/gate.py", description="Raise the floors of the corpus gate.")
    parser.add_argument("--lower", action="store_true", help="also lower a floor that the figure is under")
    arguments = parser.parse_args()
    if not (SCORE.is_file() and CORPUS.is_dir()):
        sys.exit(f"{CORPUS}: not there, so there is nothing to measure")
    text, figures = FLOORS.read_text(encoding="utf-8"), measure()
    before = read_floors(text)
    try:
        after = raised(before, figures, lower=arguments.lower)
    except FloorError as error:
        sys.exit(str(error))
    FLOORS.write_text(rewrite(text, after), encoding="utf-8")
    for name, wanted in after.items():
        for key, floor in wanted.items():
            print(f"{name:9} {key:8} {figures[name][key]: .4f}   floor {before[name][key]: .4f} -> {floor: .4f}")


def _score(*arguments: str) -> Figures:
    """The scorer as a process of its own, as a person runs it. Raises RuntimeError with what it said where it fails."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "figures.json"
        command = [sys.executable, str(SCORE), "--json", str(file), *arguments]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{SCORE.name} failed: {done.stderr.strip()}")
        figures: Figures = json.loads(file.read_text(encoding="utf-8"))
        return figures


if __name__ == "__main__":
    main()
