"""Fuzz targets one after the other and say what was found; or run a target on single inputs.

`python -m tests.fuzz` fuzzes all targets for a minute each, `python -m tests.fuzz feed --seconds 600` one of them for ten.
Both go on from the inputs in build/fuzz that earlier calls found to lead to new code. Fuzzing needs the extra `fuzz`; running
inputs, `python -m tests.fuzz feed --input build/fuzz/feed/crash-1f3b`, does not.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.benchmarks.measure import table
from tests.fuzz.campaign import Campaign, fuzz
from tests.fuzz.saved_inputs import load_check, target_names

_COLUMNS = ("target", "runs", "runs/s", "edges", "features", "crashes")


def main() -> None:
    """Read the command line. Ends with 1 where an input broke its target."""
    summary, _, rest = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser("python -m tests.fuzz", description=summary, epilog=" ".join(rest.split()))
    names = target_names()
    parser.add_argument("targets", nargs="*", choices=[*names, []], metavar="TARGET", help=", ".join(names))
    parser.add_argument("--seconds", type=int, default=60, help="for each target (default: 60)")
    parser.add_argument(
        "--input", type=Path, nargs="+", metavar="FILE", help="run the target on these, and do not fuzz"
    )
    arguments = parser.parse_args()
    if arguments.input:
        if len(arguments.targets) != 1:
            parser.error("name the one target of these inputs")
        check = load_check(arguments.targets[0])
        for path in arguments.input:
            check(path.read_bytes())
            print(f"{path}: all that must hold holds")
        return
    campaigns = [fuzz(name, arguments.seconds) for name in arguments.targets or names]
    print()
    table(_COLUMNS, [_row(campaign) for campaign in campaigns])
    if broken := [line for campaign in campaigns for line in _ways_to_reproduce(campaign)]:
        print("\nThese inputs break their targets:", *broken, sep="\n")
        sys.exit(1)


def _row(campaign: Campaign) -> tuple[str, ...]:
    figures = (campaign.runs, campaign.runs // max(1, campaign.seconds), campaign.edges, campaign.features)
    return (campaign.target, *(f"{figure:,}" for figure in figures), str(len(campaign.crashes)))


def _ways_to_reproduce(campaign: Campaign) -> list[str]:
    if campaign.failed_to_run:
        return [f"{campaign.target}: the fuzzer did not run, see {campaign.log}"]
    return [f"{sys.executable} -m tests.fuzz {campaign.target} --input {path}" for path in campaign.crashes]


if __name__ == "__main__":
    main()
