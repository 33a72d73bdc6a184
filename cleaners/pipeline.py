"""A page → a document: parse, segment, hear the witnesses, label, render."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from dataclasses import fields, replace
from itertools import islice, takewhile
from typing import TYPE_CHECKING

from cleaners.accept import accept, is_long_enough
from cleaners.document import Block, BlockType, Document, Drop, Kind, Metadata, render
from cleaners.html.json_ld import StructuredData, read_jsonld
from cleaners.html.parse import NotHtmlError, parse
from cleaners.html.script_data import scripted_tree
from cleaners.html.segment import segment
from cleaners.html.siblings import find_families, find_list_groups
from cleaners.metadata.author_names import names_before_date, names_only
from cleaners.metadata.head import read_head
from cleaners.metadata.origins import with_origin
from cleaners.metadata.read_metadata import read_metadata
from cleaners.model.block_model import label_by_model
from cleaners.model.first_pass import UNCERTAINTY_LIMIT, score_segments, seed_selection, uncertainty
from cleaners.model.text_columns import text_columns
from cleaners.page import Page, SiteRules
from cleaners.rejection import Rejection, RejectReason
from cleaners.rules import apply_rules
from cleaners.selection.alignment import align_keys
from cleaners.selection.choose import choose_segments
from cleaners.selection.page_context import PageContext
from cleaners.selection.signals import Signals, article_lines, feed_lines
from cleaners.selection.trafilatura_signal import trafilatura_shares
from cleaners.site_memory import SiteMemory, apply_memory
from cleaners.text.dates import parse_date
from cleaners.text.language import detect_language
from cleaners.text.measures import weight

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

    from cleaners.html.node import Node

_DATELINES = (Kind.BYLINE, Kind.TIMESTAMP, Kind.SECTION_LABEL)  # what a line with a name and a date is dropped as


def run_pipeline(page: Page, *, rules: SiteRules | None = None, memory: SiteMemory | None = None) -> Document:
    """Everything that one page gives. Never raises for what a page holds: what is no article comes back with `reject` set."""
    with gc_paused():
        return _clean_page(page, rules or SiteRules(), memory)


def _clean_page(page: Page, rules: SiteRules, memory: SiteMemory | None) -> Document:
    try:
        tree = parse(page.html, page.headers)
    except NotHtmlError as problem:
        return Document("", reject=Rejection(RejectReason.NOT_HTML, str(problem)))
    jsonld = read_jsonld(tree, page.url)
    head = read_head(tree)
    metadata = read_metadata(
        tree, page.url, jsonld, rules=rules, headers=page.headers, fetched_at=page.fetched_at, head=head
    )
    blocks = clean_tree(tree, metadata, jsonld, rules, page.feed_html)
    for following in page.more:
        blocks += _continuation(following, page, metadata, rules, blocks)
    metadata = _told_by_blocks(metadata, blocks, rules)
    text = render(blocks)
    if not is_long_enough(weight(text)) and metadata.free is not False:
        blocks, text = _told(blocks, text, jsonld, page.feed_html)
    if not is_long_enough(weight(text)) and metadata.free is not False:
        blocks, text = _scripted(blocks, text, page, metadata, rules)
    language, score = detect_language(text, metadata.language)
    reject = accept(text, blocks, metadata, jsonld, head, page.url)
    if memory is not None:  # as in a crawl: after the page alone has settled what it is
        blocks = apply_memory(blocks, memory, title=metadata.title, description=metadata.description)
        text = render(blocks)
    return Document(
        text=text,
        blocks=tuple(blocks),
        language=language,
        language_score=score if language else None,
        reject=reject,
        **{field.name: getattr(metadata, field.name) for field in fields(Metadata) if field.name != "language"},
    )


@contextmanager
def gc_paused() -> Iterator[None]:
    """No search for cycles among a page's thousands of objects, which form none: counting frees them all, in a tenth less time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def clean_tree(
    tree: HtmlElement, metadata: Metadata, jsonld: StructuredData, rules: SiteRules, feed_html: str | None = None
) -> list[Block]:
    """The labelled blocks of one parsed page."""
    context, signals = collect_signals(tree, metadata, jsonld, rules, feed_html)
    labels, scores = label_by_model(context, signals, apply_rules(context))
    known: dict[Node, str] = {}
    blocks = [
        Block(item.text, item.type, describe_place(item.node, known), item.tight, round(score, 3), drop)
        for item, score, drop in zip(context.segments, scores, labels, strict=True)
    ]
    if context.standfirst is not None:
        blocks[context.standfirst] = blocks[context.standfirst]._replace(type=BlockType.STANDFIRST)
    return blocks


def collect_signals(
    tree: HtmlElement, metadata: Metadata, jsonld: StructuredData, rules: SiteRules, feed_html: str | None = None
) -> tuple[PageContext, Signals]:
    """What the steps look at, and what the witnesses said. trafilatura is one of them only where the first reading is in doubt."""
    context = build_context(tree, metadata, rules)
    keys = [segment.key for segment in context.segments]
    article_body, feed = align_keys(keys, article_lines(jsonld)), align_keys(keys, feed_lines(feed_html))
    reading = score_segments(context, article_body)
    extraction = (
        trafilatura_shares(tree, context.segments, reading)
        if uncertainty(context.segments, reading) >= UNCERTAINTY_LIMIT
        else None
    )
    return select_and_label(context, Signals(reading, article_body, feed, extraction))


def build_context(tree: HtmlElement, metadata: Metadata, rules: SiteRules) -> PageContext:
    """The page before any witness is heard; `chosen` are the segments that may be the article's."""
    segments = segment(tree)
    texts = text_columns(segments, metadata) if segments else {}
    return PageContext(
        segments,
        find_families(segments),
        find_list_groups(segments),
        seed_selection(segments),
        None,
        metadata,
        rules,
        texts,
    )


def select_and_label(context: PageContext, signals: Signals) -> tuple[PageContext, Signals]:
    """The context with what the witnesses chose."""
    chosen, standfirst = choose_segments(
        context.segments, context.families, context.list_groups, signals, context.metadata
    )
    return replace(context, chosen=chosen, standfirst=standfirst), signals


def _continuation(html: bytes, page: Page, metadata: Metadata, rules: SiteRules, before: list[Block]) -> list[Block]:
    """The blocks of a following page of the same article, without what it repeats of the pages before."""
    try:
        tree = parse(html, page.headers)
    except NotHtmlError:
        return []
    known = {block.text for block in before if not block.dropped_by and len(block.text) > 40}
    blocks = clean_tree(tree, metadata, read_jsonld(tree, page.url), rules)
    return [block for block in blocks if block.dropped_by or block.text not in known]


def _told(blocks: list[Block], text: str, jsonld: StructuredData, feed_html: str | None) -> tuple[list[Block], str]:
    """For a page that builds its article in the browser: the text that its structured data or its feed carries instead."""
    for origin, lines in (("json-ld", article_lines(jsonld)), ("feed", feed_lines(feed_html))):
        told = [Block(line, place=origin) for line in lines]
        length = weight(instead := render(told))
        if is_long_enough(length) and length >= 2 * weight(text):
            return [*_replaced(blocks, origin), *told], instead
    return blocks, text


def _scripted(
    blocks: list[Block], text: str, page: Page, metadata: Metadata, rules: SiteRules
) -> tuple[list[Block], str]:
    """The same where the text is data of a script, which is cleaned as a page is."""
    tree = scripted_tree(page, metadata.title)
    if tree is None:
        return blocks, text
    built = clean_tree(tree, metadata, StructuredData(), rules)
    instead = render(built)
    return ([*_replaced(blocks, "script"), *built], instead) if is_long_enough(weight(instead)) else (blocks, text)


def _replaced(blocks: list[Block], origin: str) -> list[Block]:
    return [block._replace(dropped_by=block.dropped_by or Drop(Kind.OTHER, f"told:{origin}")) for block in blocks]


def _told_by_blocks(metadata: Metadata, blocks: list[Block], rules: SiteRules) -> Metadata:
    """Where the page's data names no author or no date: the byline and the dateline above the text."""
    above = takewhile(lambda block: block.dropped_by or block.type is BlockType.STANDFIRST, blocks)
    lines = [(drop.kind, block.text) for block in above if (drop := block.dropped_by) and drop.kind in _DATELINES]
    if not metadata.authors:
        for kind, text in lines:
            if names := names_only(text) if kind is Kind.BYLINE else names_before_date(text):
                metadata = with_origin(metadata, "authors", names, f"block:{kind.value}")
                break
    if not metadata.published:
        datelines = [line for line in lines if line[0] is Kind.TIMESTAMP or names_before_date(line[1])][:3]
        for kind, text in datelines:
            if date := parse_date(text, timezone=rules.timezone, language=metadata.language):
                return with_origin(metadata, "published", date, f"block:{kind.value}")
    return metadata


def describe_place(node: Node, known: dict[Node, str], depth: int = 4) -> str:
    """Where a node stands, for people: the innermost elements, with their id or first class. `known` is filled as it goes, with
    what stands before all that an element holds.
    """
    if node.depth <= 1:
        return ""
    around = node.parent
    if around is None or around.depth <= 1:
        return _step(node)
    before = known.get(around)
    if before is None:
        above = takewhile(lambda one: one.depth > 1, islice(around.climb(), depth - 1))
        before = known[around] = "/".join([*map(_step, above)][::-1])
    return f"{before}/{_step(node)}"


def _step(node: Node) -> str:
    if node.element_id and (mark := node.element_id.split(None, 1)):
        return f"{node.tag}#{mark[0]}"
    if node.class_names and (names := node.class_names.split(None, 1)):
        return f"{node.tag}.{names[0]}"
    return node.tag
