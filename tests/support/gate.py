"""Hold the cleaners to their bounds on recorded pages: floors under their figures, ceilings over their leak rates.

`python -m tests.support.gate` measures, and tightens each bound to its figure less a margin. It loosens a bound only with
`--lower`.
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

LEAKS = "leaks."  # prefix of tables that hold ceilings, not floors
# Distance from a figure to its bound, in its own unit: what a rule that is right for the web may cost on these pages.
MARGINS = {"F1": 0.002, "P": 0.001, "R": 0.0005, "exact": 0.015, "title": 0.01, "date": 0.005, "authors": 0.01}
LEAK_MARGINS = {"leaks.news": 0.005, "leaks.text": 0.01, "leaks.snippets": 0.002, "leaks.newsroom": 0.0}

Figures = dict[str, dict[str, float]]


class FloorError(Exception):
    """Report a figure under its floor or over its ceiling; the message names both."""


def measure(jobs: int = 2) -> Figures:
    """Return the scorer's figures by set, and under `leaks.<set>` the leak rates by kind (see `leaks`)."""
    from tests.support import leaks

    cleaned_pages = leaks.clean_corpus(CORPUS, jobs)
    ours = _score([page.predictions["ours"] for page in cleaned_pages], "news", "snippets")
    greedy, cleaned = (
        _score([page.predictions[name] for page in cleaned_pages if name in page.predictions], "news")["news/ours"]
        for name in ("naive", "text")
    )
    return {
        "news": ours["news/ours"],
        "snippets": ours["snippets/ours"],
        "text": {name: cleaned[name] - greedy[name] for name in ("P", "R")},
        **{LEAKS + name: rates for name, rates in leaks.leak_rates(cleaned_pages).items()},
        LEAKS + "newsroom": leaks.newsroom_rates(),
    }


def read_floors(text: str) -> Figures:
    """Parse the bounds in a file's text."""
    tables = tomllib.loads(text)
    ceilings = tables.pop("leaks", {})
    return {**tables, **{LEAKS + name: kinds for name, kinds in ceilings.items()}}


def holds(name: str, value: float, bound: float) -> bool:
    """Tell whether a figure keeps to its bound."""
    return value <= bound if name.startswith(LEAKS) else value >= bound


def margin(name: str, key: str) -> float:
    """Return the distance from a figure to its bound; negative for floors."""
    if name.startswith(LEAKS):
        return LEAK_MARGINS[name] * (3 if key in ("other", "any") else 1)  # most leaks are of unknown kind
    return -MARGINS[key]


def tighten(floors: Mapping[str, Mapping[str, float]], figures: Figures, *, lower: bool = False) -> Figures:
    """Return the bounds after a measurement; none gets looser. Raises FloorError for a broken bound, unless `lower`."""
    after: Figures = {}
    for name, wanted in floors.items():
        after[name] = {}
        for key, bound in wanted.items():
            value = figures[name][key]
            if not (kept := holds(name, value, bound)) and not lower:
                side = "over its ceiling" if name.startswith(LEAKS) else "under its floor"
                raise FloorError(
                    f"{name} {key} is {value:.4f}, {side} {bound:.4f}: find out why, or loosen it with `make floors LOWER=1`"
                )
            new = round(value + margin(name, key), 4)
            after[name][key] = bound if kept and not holds(name, new, bound) else new
    return after


def rewrite(text: str, floors: Figures) -> str:
    """Return the file's text with other numbers and the same comments."""
    lines, table = [], ""
    for line in text.splitlines():
        if heading := re.match(r"\[([\w.]+)\]", line):
            table = heading[1]
        elif row := re.match(r"(\w+)( *= *)\S+", line):
            line = f"{row[1]}{row[2]}{floors[table][row[1]]:.4f}{line[row.end() :]}"
        lines.append(line)
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.support.gate", description="Tighten the bounds of the corpus gate."
    )
    parser.add_argument("--lower", action="store_true", help="also loosen bounds that a figure breaks")
    arguments = parser.parse_args()
    if not (SCORE.is_file() and CORPUS.is_dir()):
        sys.exit(f"{CORPUS}: not found; there is nothing to measure")
    text, figures = FLOORS.read_text(encoding="utf-8"), measure()
    before = read_floors(text)
    try:
        after = tighten(before, figures, lower=arguments.lower)
    except FloorError as error:
        sys.exit(str(error))
    FLOORS.write_text(rewrite(text, after), encoding="utf-8")
    for name, wanted in after.items():
        for key, bound in wanted.items():
            print(f"{name:14} {key:14} {figures[name][key]: .4f}   {before[name][key]: .4f} -> {bound: .4f}")


def _score(predictions: Iterable[Mapping[str, Any]], *sets: str) -> Figures:
    """Run the scorer on these texts, as a process as a person would. Raises RuntimeError if it fails."""
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
