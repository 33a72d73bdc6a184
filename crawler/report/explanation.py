"""Explain to people what became of a page: each block, kept or dropped, with the kind and the rule that said so."""

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
from output.records.article import Article, Reject
from output.records.timestamps import rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from cleaners.document import Block, Document
    from crawler.pipelines.document_record import RecordOrigin

KEPT, DROPPED = "+", "-"


@dataclass(frozen=True, slots=True)
class ExplanationLine:
    """A block, and of how many articles of how many its outlet's memory knows it ("12/40"; empty where of none)."""

    block: Block
    memory: str = ""

    @property
    def score(self) -> str:
        """The classifier's, 1 for article, 0 for clutter; empty where there is none."""
        return "" if self.block.score is None else f"{self.block.score:.2f}"


class Fact(NamedTuple):
    """What a page says of itself or what became of it; `origin` is the place that said so, where that is known."""

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
    """Print what the page says of itself, then its blocks, or those of one kind. Colours and columns on a terminal;
    elsewhere one line a block, for grep and cut: mark, kind or type, rule, score, memory, text, parted by tabs. Each fact
    is followed by its origin.

    `memory` says of how many articles the block with an index is known.
    """
    known = memory or {}
    lines = [
        ExplanationLine(block, known.get(index, ""))
        for index, block in enumerate(document.blocks)
        if kind is None or kind_label(block) == kind
    ]
    if file.isatty():
        console = Console(file=file, highlight=False)
        for name, value, origin in page_facts(document, record):
            style = "bold red" if name == "reject" else ""
            shown = Text(f"{name:>11}  ", style="dim").append(value, style=style)
            console.print(shown.append(f"  {origin}") if origin else shown)
        console.print(_table(lines, with_memory=bool(known)))
    else:
        for name, value, origin in page_facts(document, record):
            fact = f"# {name}: {' '.join(value.split())}"
            print(f"{fact}\t{origin}" if origin else fact, file=file)
        for line in lines:
            block = line.block
            cells = (
                _mark(block),
                kind_label(block),
                rule_label(block),
                line.score,
                line.memory,
                " ".join(block.text.split()),
            )
            print("\t".join(cells), file=file)


def page_facts(document: Document, record: Article | Reject) -> Iterator[Fact]:
    """What a page says of itself, what was taken out of it, and what became of it, with the name of each."""
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
            Text(block.text, style="" if block.dropped_by is None else "dim"),
        )
    return table


def _mark(block: Block) -> str:
    return DROPPED if block.dropped_by else KEPT


def kind_label(block: Block) -> str:
    """The kind of clutter that a block is; of one that is kept, its type."""
    return (block.dropped_by.kind if block.dropped_by else block.type).value


def rule_label(block: Block) -> str:
    """The rule that dropped a block; empty for one that is kept."""
    return block.dropped_by.rule if block.dropped_by else ""


def merge_repeats(documents: Iterable[tuple[str, Document]]) -> Iterator[tuple[str, Document]]:
    """The documents after a memory of each outlet among them, in their order. Outlets are told by canonical URLs."""
    from cleaners import remember
    from cleaners.site_memory import apply_memory

    every = list(documents)
    outlets: dict[str, list[Document]] = defaultdict(list)
    for _, document in every:
        if document.canonical_url:
            outlets[urlsplit(document.canonical_url).netloc].append(document)
    memories = {host: remember(found, publisher=host) for host, found in outlets.items()}
    for name, document in every:
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
    """The HTML. `name` is what a person called the page; `kind` shows these dropped blocks alone at first."""
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
    told = [fact for fact in page_facts(document, record) if fact.name != "removed"]
    return explain_html(page, document.text, told, name, kind, origin.fetched)
