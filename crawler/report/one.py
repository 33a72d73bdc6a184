"""One page, for `scrapy explain --html`: its blocks beside the text that is made of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cleaners.blocks import Document
from crawler.explanation import facts
from crawler.records import Origin, rfc3339
from crawler.report.render import explain_html
from crawler.report.views import WHOLE, PageView, view_of_blocks
from output.article import Article, Reject


def explained(
    document: Document,
    record: Article | Reject,
    origin: Origin,
    memory: Mapping[int, str],
    *,
    name: str,
    kind: str | None,
) -> Iterator[bytes]:
    """The HTML. `name` is what a person called the page; `kind` shows these dropped blocks alone at first."""
    runs, strip, left_out = view_of_blocks(document, memory, WHOLE)
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
    told = [fact for fact in facts(document, record) if fact.name != "removed"]
    return explain_html(page, document.text, told, name, kind, origin.fetched)
