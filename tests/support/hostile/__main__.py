"""Crawl each hostile outlet beside the good one, and print what came of it: `python -m tests.support.hostile [NAME...]`."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.hostile.catalog import BY_NAME, GOOD, HOSTILE_OUTLETS
from tests.support.hostile.trial import Trial, crawl_outlets

if TYPE_CHECKING:
    from tests.support.hostile.outlet import Outlet


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.support.hostile", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="outlets, or the beginnings of their names; default: all"
    )
    parser.add_argument("--limit", type=float, default=40.0, help="seconds until a crawl is killed (default: 40)")
    parser.add_argument("--together", action="store_true", help="crawl them all in one run")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the data of each crawl in this new folder")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # ends the crawl and the servers too
    chosen = [one for one in HOSTILE_OUTLETS if not options.names or one.name.startswith(tuple(options.names))]
    if options.keep and options.keep.exists():
        sys.exit(f"{options.keep}: exists; name a new folder")
    if not chosen:
        sys.exit(f"no outlet is called so; there are {', '.join(sorted(BY_NAME))}")
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        alone = crawl_outlets([], folder / "alone", limit=options.limit)
        print(_row("(the good one alone)", alone, ""), flush=True)
        if options.together:
            trial = crawl_outlets(chosen, folder / "together", limit=options.limit)
            print(_row("(all together)", trial, ""))
            for one in chosen:
                print(f"    {one.name:24} {_verdict(trial, one)}")
            return
        for one in chosen:
            trial = crawl_outlets([one], folder / one.name, limit=options.limit)
            print(_row(one.name, trial, _verdict(trial, one)), flush=True)


def _row(name: str, trial: Trial, rest: str) -> str:
    code = "killed" if trial.exit_code is None else str(trial.exit_code)
    good = len(GOOD.collects) - len(trial.missing(GOOD))
    last = f"{trial.good_seconds:5.1f}" if trial.good_seconds is not None else "    -"
    return f"{name:25} {code:>6} {trial.seconds:5.1f} s {good:3} good by {last} s {trial.peak_mb:6.0f} MB  {rest}"


def _verdict(trial: Trial, outlet: Outlet) -> str:
    """Return how many of the articles owed were collected, and the first words of what is said of the outlet."""
    complaints = trial.complaints(outlet)
    owed = len(outlet.collects)
    said = complaints[0][:110].encode("unicode_escape").decode() if complaints else "nothing said"
    traceback = "  TRACEBACK" if "Traceback" in trial.log else ""
    return f"{owed - len(trial.missing(outlet))} of {owed}, {len(complaints)}x: {said}{traceback}"


if __name__ == "__main__":
    main()
