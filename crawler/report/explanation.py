"""Explain what became of a page: each block, kept or dropped, with its kind and rule; each fact with its origin."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple, TextIO
from urllib.parse import urlsplit

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from crawler.report.html_report import explain_html
from crawler.report.page_view import WHOLE_PAGE, PageView, view_of_blocks
from crawler.run.terminal_text import printable
from output.records.article import Article, Reject
from output.records.timestamps import rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from cleaners.document import Block, Document
    from crawler.pipelines.document_record import RecordOrigin

KEPT, DROPPED = "+", "-"


@dataclass(frozen=True, slots=True)
class ExplanationLine:
    """Pair a block with the share of its site's articles that have it ("12/40"; empty if site memory does not know it)."""

    block: Block
    memory: str = ""

    @property
    def score(self) -> str:
        """Return the block model's score, from 0 (clutter) to 1 (article); empty if there is none."""
        return "" if self.block.score is None else f"{self.block.score:.2f}"


class Fact(NamedTuple):
    """Name a fact about a page, with its value and, if known, its origin: the place on the page that gave it."""

    name: str
    value: str
    origin: str = ""


def explain_document(
    document: Document,
    record: Article | Reject,
    kind: str | None,
    file: TextIO,
    memory: Mapping[int, str] | None = None,
) -> None:
    """Print the facts about a page, each with its origin, then its blocks, or only those of one kind.

    On a terminal, print colours and columns; elsewhere one line a block, for grep and cut: mark, kind or type, rule, score,
    memory, text, separated by tabs. `memory` has the recurrence label ("12/40") of a block by its index.
    """
    labels = memory or {}
    lines = [
        ExplanationLine(block, labels.get(index, ""))
        for index, block in enumerate(document.blocks)
        if kind is None or kind_label(block) == kind
    ]
    if file.isatty():
        console = Console(file=file, highlight=False)
        for name, value, origin in page_facts(document, record):
            style = "bold red" if name == "reject" else ""
            shown = Text(f"{name:>11}  ", style="dim").append(printable(value), style=style)
            console.print(shown.append(f"  {printable(origin)}") if origin else shown)
        console.print(_table(lines, with_memory=bool(labels)))
    else:
        for name, value, origin in page_facts(document, record):
            fact = f"# {name}: {printable(value)}"
            print(f"{fact}\t{printable(origin)}" if origin else fact, file=file)
        for line in lines:
            block = line.block
            cells = (
                _mark(block),
                kind_label(block),
                rule_label(block),
                line.score,
                line.memory,
                printable(block.text),
            )
            print("\t".join(cells), file=file)


def page_facts(document: Document, record: Article | Reject) -> Iterator[Fact]:
    """Yield the page's metadata, the counts of removed blocks, and its result: an article or a reject."""
    language = f"{document.language} {document.language_score or 0:.2f}" if document.language else None
    found = {
        "title": document.title,
        "description": document.description,
        "authors": "; ".join(document.authors),
        "published": document.published,
        "modified": document.modified,
        "section": document.section,
        "language": language,
        "canonical": document.canonical_url,
        "free": None if document.free is None else str(document.free).lower(),
        "removed": ", ".join(f"{kind} {count}" for kind, count in document.removed.items()),
    }
    for name, value in found.items():
        if value:
            yield Fact(name, value, document.origins.get("canonical_url" if name == "canonical" else name, ""))
    if isinstance(record, Reject):
        yield Fact("reject", f"{record.reason}: {record.detail}")
    else:
        yield Fact("article", f"{record.id}, {len(record.text)} characters")


def _table(lines: list[ExplanationLine], *, with_memory: bool) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, expand=True)
    table.add_column("")
    table.add_column("kind", no_wrap=True)
    table.add_column("rule", overflow="fold", max_width=28)
    table.add_column("score", no_wrap=True)
    if with_memory:
        table.add_column("memory", no_wrap=True)
    table.add_column("text", overflow="fold", ratio=1)
    for line in lines:
        block = line.block
        style = "green" if block.dropped_by is None else "red"
        table.add_row(
            Text(_mark(block), style=style),
            Text(kind_label(block), style=style),
            Text(rule_label(block), style="dim"),
            Text(line.score, style="dim"),
            *((Text(line.memory, style="dim"),) if with_memory else ()),
            Text(printable(block.text), style="" if block.dropped_by is None else "dim"),
        )
    return table


def _mark(block: Block) -> str:
    return DROPPED if block.dropped_by else KEPT


def kind_label(block: Block) -> str:
    """Return the kind of a dropped block, or the type of a kept one."""
    return (block.dropped_by.kind if block.dropped_by else block.type).value


def rule_label(block: Block) -> str:
    """Return the rule that dropped a block; empty if it was kept."""
    return block.dropped_by.rule if block.dropped_by else ""


def merge_repeats(documents: Iterable[tuple[str, Document]]) -> Iterator[tuple[str, Document]]:
    """Yield the documents after dropping what each site repeats. The host of the canonical URL identifies a site."""
    from cleaners import remember
    from cleaners.site_memory import apply_memory

    pages = list(documents)
    by_host: dict[str, list[Document]] = defaultdict(list)
    for _, document in pages:
        if document.canonical_url:
            by_host[urlsplit(document.canonical_url).netloc].append(document)
    memories = {host: remember(found, publisher=host) for host, found in by_host.items()}
    for name, document in pages:
        if memory := memories.get(urlsplit(document.canonical_url or "").netloc):
            blocks = apply_memory(document.blocks, memory, title=document.title, description=document.description)
            document = replace(document, blocks=tuple(blocks))
        yield name, document


def explain_page(
    document: Document,
    record: Article | Reject,
    origin: RecordOrigin,
    memory: Mapping[int, str],
    *,
    name: str,
    kind: str | None,
) -> Iterator[bytes]:
    """Render a page's explanation as HTML. `name` is the page as the user named it; `kind` preselects dropped blocks."""
    runs, strip, left_out = view_of_blocks(document, memory, WHOLE_PAGE)
    page = PageView(
        title=document.title or origin.url or name,
        url=origin.url,
        site=record.source or "",
        fetched=rfc3339(origin.fetched),
        language=document.language,
        runs=runs,
        counts=document.removed,
        kept=sum(block.dropped_by is None for block in document.blocks),
        strip=strip,
        reject=record.detail if isinstance(record, Reject) else "",
        left_out=left_out,
    )
    facts = [fact for fact in page_facts(document, record) if fact.name != "removed"]
    return explain_html(page, document.text, facts, name, kind, origin.fetched)
