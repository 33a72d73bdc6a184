"""Print the short summary of a run for the person who started it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from crawler.run.terminal_text import printable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from output.runs.run_log import RunLine, SiteCounts

# A crawl of every site should still fit on a screen.
_MOST_SITES = 15


def print_summary(line: RunLine, data_dir: Path, file: TextIO) -> None:
    """Print the sites with their results, failed ones first; then why pages gave no article, what was removed, and the files."""
    console = Console(file=file, highlight=False, soft_wrap=True)
    if line.sites:
        console.print(_table(line.sites))
    for name, counts in (("rejects", line.rejects), ("removed", line.removed)):
        if counts:
            console.print(f"{name}: {', '.join(f'{key} {count}' for key, count in counts.items())}")
    seconds = (datetime.fromisoformat(line.end) - datetime.fromisoformat(line.start)).total_seconds()
    console.print(f"{line.articles} article{'' if line.articles == 1 else 's'} in {seconds:.0f} s; {_ending(line)}")
    for alarm in line.alarms:
        console.print(Text(f"alarm: {printable(alarm)}", style="bold red"))
    for finished in line.files:
        console.print(Text(str(data_dir / finished.path)))


def _table(sites: Mapping[str, SiteCounts]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("site", overflow="fold")
    for name in ("new", "fetched", "articles", "rejects"):
        table.add_column(name, justify="right")
    table.add_column("")
    ordered = sorted(sites.items(), key=lambda site: (not site[1].failed, -site[1].articles, site[0]))
    for name, counts in ordered[:_MOST_SITES]:
        numbers = (counts.candidates, counts.fetched, counts.articles, counts.rejects)
        table.add_row(Text(printable(name)), *map(str, numbers), _trouble(counts))
    rest = [counts for _, counts in ordered[_MOST_SITES:]]
    if rest:
        columns = zip(*((c.candidates, c.fetched, c.articles, c.rejects) for c in rest), strict=True)
        table.add_row(f"and {len(rest)} more", *(str(sum(column)) for column in columns), "")
    return table


def _trouble(counts: SiteCounts) -> Text:
    if counts.failed:
        return Text("failed", style="bold red")
    if counts.failed_sources:
        return Text(f"{counts.failed_sources} of {counts.sources} sources did not answer", style="yellow")
    return Text("")


def _ending(line: RunLine) -> str:
    return {
        "finished": "finished",
        "budget": "the time budget is used up",
        "alarm": "with an alarm",
        "site_failed": "a site failed",
        "all_sites_failed": "every site failed",
        "interrupted": "interrupted",
    }.get(line.outcome, f"ended by an error ({line.reason}); the log says more")
