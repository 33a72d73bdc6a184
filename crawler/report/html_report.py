"""Render self-contained HTML files: styles and script inside, and a policy that blocks everything else."""

from __future__ import annotations

import base64
import re
import sys
from collections import Counter
from datetime import UTC, date, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from crawler import program_name
from crawler.report import kind_display, svg_plots
from output.export.target import TargetError, file_target

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from crawler.report.figures import ReportFigures
    from crawler.report.page_sample import PageSample
    from crawler.report.page_view import PageView

# Bytes of all pages together, so that a phone can open the file.
_BYTE_LIMIT = 6_000_000
_TEMPLATES = Path(__file__).parent / "templates"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_NOT_TOKEN = re.compile(r"[^a-z_]")


def report_html(report: ReportFigures, sample: PageSample, notes: Sequence[str] = ()) -> Iterator[bytes]:
    """Render the report with a sample of pages, as many as fit in _BYTE_LIMIT."""
    pages, over = _within(sample.pages)
    shown = sample.pages[: len(pages)]
    whole = report.articles + sum(row.count for row in report.rejects) if sample.archived else report.articles
    kinds_shown: Counter[str] = Counter()
    for page in shown:
        kinds_shown.update(page.counts)
    return _bytes(
        "report.html.j2",
        r=report,
        counts=report.removed,
        archived=sample.archived,
        quota=sample.quota,
        pages=pages,
        shown=len(pages),
        whole_count=max(whole, len(pages)),
        over=over,
        megabytes=_BYTE_LIMIT // 1_000_000,
        sites=sorted({page.site for page in shown}),
        kinds=kinds_shown,
        notes=notes,
    )


def explain_html(
    page: PageView, text: str, facts: Sequence[tuple[str, str, str]], name: str, kind: str | None, made: datetime
) -> Iterator[bytes]:
    """Render one page beside its text. `kind` preselects dropped blocks; `name` stands in for a missing URL."""
    return _bytes("explain.html.j2", page=page, text=text, facts=facts, name=name, kind=kind, made=made)


def _within(pages: Sequence[PageView]) -> tuple[list[Markup], bool]:
    """Return pages as HTML up to _BYTE_LIMIT, and whether there were more."""
    template = _environment().get_template("page.html.j2")
    found: list[Markup] = []
    size = 0
    for page in pages:
        html = template.render(page=page)
        size += len(html.encode("utf-8", "replace"))
        if size > _BYTE_LIMIT:
            return found, True
        found.append(Markup(html))  # rendered with escaping
    return found, False


def _bytes(template: str, **values: Any) -> Iterator[bytes]:
    style = (_TEMPLATES / "style.css").read_text(encoding="utf-8") + kind_display.kind_css()
    script = (_TEMPLATES / "script.js").read_text(encoding="utf-8")
    policy = f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; base-uri 'none'; form-action 'none'"
    chunks = _environment().get_template(template).generate(style=style, script=script, policy=policy, **values)
    for chunk in chunks:
        yield _CONTROL.sub("\ufffd", chunk).encode("utf-8")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(program=program_name())
    environment.filters.update(
        n=lambda number: f"{number:,}",
        few=_few,
        count=lambda number, word: f"{number:,} {word}{'' if number == 1 else 's'}",
        pct=_percent,
        day=_day,
        period=_period,
        timestamp=_format_timestamp,
        span=_span,
        shorter=_shorter,
        address=_address,
        about=lambda text, site: text.removeprefix(f"{site}: "),
        code=_code,
        token=lambda text: _NOT_TOKEN.sub("", text),
        words=lambda text: text.replace("_", " "),
        kind=kind_display.kind_name,
        kinds=kind_display.kinds_in_order,
        spark=svg_plots.sparkline,
        strip=svg_plots.strip_plot,
    )
    return environment


def _few(number: float) -> str:
    """Format a mean, with a decimal if it is small."""
    if 0 < number < 0.05:
        return "<0.1"
    return f"{number:,.0f}" if number >= 10 or not number else f"{number:.1f}"


def _percent(share: float) -> str:
    """Format a share, never rounded to 0 % or 100 %."""
    if 0 < share < 0.01:
        return "<1%"
    return f"{min(share * 100, 99) if share < 1 else 100:.0f}%"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _period(days: Sequence[date]) -> str:
    """Format a period from the first day to the last."""
    first, last = days[0], days[-1]
    if first == last:
        return _day(last)
    year = "" if first.year == last.year else f" {first.year}"
    month = "" if (first.year, first.month) == (last.year, last.month) else f" {first:%B}"
    return f"{first.day}{month}{year} to {_day(last)}"


def _format_timestamp(timestamp: datetime | str) -> str:
    """Format a timestamp in UTC to the minute; return text that is none unchanged."""
    try:
        time = datetime.fromisoformat(timestamp) if isinstance(timestamp, str) else timestamp
    except ValueError:
        return str(timestamp)
    time = time.astimezone(UTC) if time.tzinfo else time
    return f"{time.day} {time:%b %Y %H:%M}"


def _span(seconds: float) -> str:
    minutes = round(seconds / 60)
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 90 else f"{seconds / 3600:.1f} h"


def _shorter(text: str, most: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _code(text: str) -> Markup:
    """Mark what is between backticks as code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    return Markup().join(
        Markup("<code>{}</code>").format(part) if number % 2 else part for number, part in enumerate(parts)
    )


def _address(url: str | None) -> str | None:
    """Return a URL if it is safe as a link: http or https, nothing that runs code."""
    try:
        return url if url and urlsplit(url.strip()).scheme.lower() in ("http", "https") else None
    except ValueError:
        return None


STDOUT_NAME = "-"


def refuse_to_replace(output: str) -> None:
    """Raise TargetError if the file exists, before any work is done."""
    path = Path(output)
    if output != STDOUT_NAME and path.exists():
        raise TargetError(
            f"{path} is a folder; name a file" if path.is_dir() else f"{path} exists; --force replaces it"
        )


def write_html(output: str, chunks: Iterable[bytes], *, force: bool) -> int:
    """Write to a file, compressed if its name ends in .gz or .zst; return the bytes. Raises TargetError, OSError."""
    if output == STDOUT_NAME:
        size = sum(sys.stdout.buffer.write(chunk) for chunk in chunks)
        sys.stdout.buffer.flush()
        return size
    with file_target(Path(output), force=force, plain=True) as file:
        return sum(file.write(chunk) for chunk in chunks)
