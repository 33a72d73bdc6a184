"""The floors that the cleaners' figures may not fall under, the ceilings of what leaks, and the one way they change: for the better.

`python tests/gate.py` measures and moves each bound to the figure less its margin; it loosens none without `--lower`.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ROOT = Path(__file__).resolve().parents[2]
FLOORS = Path(__file__).with_name("gate.toml")
SCORE = ROOT.parent / "shared" / "bench" / "score.py"
CORPUS = ROOT.parent / "shared" / "corpus"

LEAKS = "leaks."  # a table of ceilings, and no floors
# How far from the figure its bound is set, in its own unit: what a rule that is right for the web may cost here.
MARGINS = {"F1": 0.002, "P": 0.001, "R": 0.0005, "exact": 0.015, "title": 0.01, "date": 0.005, "authors": 0.01}
LEAK_MARGINS = {"leaks.news": 0.005, "leaks.text": 0.01, "leaks.snippets": 0.002, "leaks.newsroom": 0.0}

Figures = dict[str, dict[str, float]]


class FloorError(Exception):
    """A figure is under its floor or over its ceiling; the message names both."""


def measure(jobs: int = 2) -> Figures:
    """Set → figure → value, by the scorer's own count; `leaks.<set>` → kind → leak rate (see `leaks`)."""
    from tests.support import leaks

    reads = leaks.read_corpus(CORPUS, jobs)
    ours = _score([read.predictions["ours"] for read in reads], "news", "snippets")
    greedy, cleaned = (
        _score([read.predictions[name] for read in reads if name in read.predictions], "news")["news/ours"]
        for name in ("naive", "text")
    )
    return {
        "news": ours["news/ours"],
        "snippets": ours["snippets/ours"],
        "text": {name: cleaned[name] - greedy[name] for name in ("P", "R")},
        **{LEAKS + name: rates for name, rates in leaks.rates(reads).items()},
        LEAKS + "newsroom": leaks.newsroom_rates(),
    }


def read_floors(text: str) -> Figures:
    """The bounds in a file's text."""
    tables = tomllib.loads(text)
    ceilings = tables.pop("leaks", {})
    return {**tables, **{LEAKS + name: kinds for name, kinds in ceilings.items()}}


def holds(name: str, value: float, bound: float) -> bool:
    """Whether a figure keeps to its bound."""
    return value <= bound if name.startswith(LEAKS) else value >= bound


def margin(name: str, key: str) -> float:
    """How far from its figure a bound is set; negative where it is a floor."""
    if name.startswith(LEAKS):
        return LEAK_MARGINS[name] * (3 if key in ("other", "any") else 1)  # most leaks are of no kind that can be told
    return -MARGINS[key]


def raised(floors: Mapping[str, Mapping[str, float]], figures: Figures, *, lower: bool = False) -> Figures:
    """The bounds after a measurement. None gets looser; raises FloorError where a figure breaks one, unless `lower`."""
    after: Figures = {}
    for name, wanted in floors.items():
        after[name] = {}
        for key, bound in wanted.items():
            value = figures[name][key]
            if not (kept := holds(name, value, bound)) and not lower:
                side = "over its ceiling" if name.startswith(LEAKS) else "under its floor"
                raise FloorError(
                    f"{name} {key} is {value:.4f}, {side} {bound:.4f}: find out why; `make floors LOWER=1` loosens it"
                )
            reached = round(value + margin(name, key), 4)
            after[name][key] = bound if kept and not holds(name, reached, bound) else reached
    return after


def rewrite(text: str, floors: Figures) -> str:
    """The file's text with other numbers, its comments kept."""
    lines, table = [], ""
    for line in text.splitlines():
        if heading := re.match(r"\[([\w.]+)\]", line):
            table = heading[1]
        elif row := re.match(r"(\w+)( *= *)\S+", line):
            line = f"{row[1]}{row[2]}{floors[table][row[1]]:.4f}{line[row.end() :]}"
        lines.append(line)
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python tests/gate.py", description="Tighten the bounds of the corpus gate.")
    parser.add_argument("--lower", action="store_true", help="also loosen a bound that the figure breaks")
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
        for key, bound in wanted.items():
            print(f"{name:14} {key:14} {figures[name][key]: .4f}   {before[name][key]: .4f} -> {bound: .4f}")


def _score(predictions: Iterable[Mapping[str, Any]], *sets: str) -> Figures:
    """What the scorer says of these texts; as a process of its own, as a person runs it. Raises RuntimeError where it fails."""
    with tempfile.TemporaryDirectory() as folder:
        ready, file = Path(folder) / "predictions.jsonl", Path(folder) / "figures.json"
        ready.write_text("".join(json.dumps(line) + "\n" for line in predictions), encoding="utf-8")
        command = [sys.executable, str(SCORE), "--system", "ours", "--predictions", str(ready)]
        command += ["--set", *sets, "--json", str(file)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{SCORE.name} failed: {done.stderr.strip()}")
        figures: Figures = json.loads(file.read_text(encoding="utf-8"))
        return figures


if __name__ == "__main__":
    main()
