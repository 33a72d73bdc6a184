"""Clean one page: parse, segment, collect signals, select, apply rules and models, render."""

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
from cleaners.metadata.address import url_or_none
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

_DATELINES = (Kind.BYLINE, Kind.TIMESTAMP, Kind.SECTION_LABEL)  # kinds of dropped lines with a name or a date


def run_pipeline(page: Page, *, rules: SiteRules | None = None, memory: SiteMemory | None = None) -> Document:
    """Clean one page into a document.

    Never raises for what a page holds: a page without an article comes back with `reject` set. Site memory is applied
    last, so that `accept` judges what the page alone gives, as in a crawl.
    """
    page = replace(page, url=url_or_none(page.url))
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
        blocks += _following_page_blocks(following, page, metadata, rules, blocks)
    metadata = _with_metadata_from_blocks(metadata, blocks, rules)
    text = render(blocks)
    if not is_long_enough(weight(text)) and metadata.free is not False:
        blocks, text = _from_json_ld_or_feed(blocks, text, jsonld, page.feed_html)
    if not is_long_enough(weight(text)) and metadata.free is not False:
        blocks, text = _from_script_data(blocks, text, page, metadata, rules)
    language, score = detect_language(text, metadata.language)
    reject = accept(text, blocks, metadata, jsonld, head, page.url)
    if memory is not None:
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
    """Disable the cyclic GC while one page is cleaned: page objects form no cycles, and this saves 10 % of the time."""
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
    """Return the blocks of one parsed page, each kept or dropped by a rule or a model."""
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
    """Return the page's context with its selection, and the signals that the selection is made from.

    trafilatura runs only if the first pass is uncertain.
    """
    context = build_context(tree, metadata, rules)
    keys = [segment.key for segment in context.segments]
    article_body, feed = align_keys(keys, article_lines(jsonld)), align_keys(keys, feed_lines(feed_html))
    first_pass = score_segments(context, article_body)
    extraction = (
        trafilatura_shares(tree, context.segments, first_pass)
        if uncertainty(context.segments, first_pass) >= UNCERTAINTY_LIMIT
        else None
    )
    return select_and_label(context, Signals(first_pass, article_body, feed, extraction))


def build_context(tree: HtmlElement, metadata: Metadata, rules: SiteRules) -> PageContext:
    """Return the context before any signal; `chosen` is the seed selection, a first guess from the markup."""
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
    """Return the context with the selection that follows from the signals, and the signals."""
    chosen, standfirst = choose_segments(
        context.segments, context.families, context.list_groups, signals, context.metadata
    )
    return replace(context, chosen=chosen, standfirst=standfirst), signals


def _following_page_blocks(
    html: bytes, page: Page, metadata: Metadata, rules: SiteRules, before: list[Block]
) -> list[Block]:
    """Return the blocks of a following page of the same article, without those that repeat the pages before."""
    try:
        tree = parse(html, page.headers)
    except NotHtmlError:
        return []
    known = {block.text for block in before if not block.dropped_by and len(block.text) > 40}
    blocks = clean_tree(tree, metadata, read_jsonld(tree, page.url), rules)
    return [block for block in blocks if block.dropped_by or block.text not in known]


def _from_json_ld_or_feed(
    blocks: list[Block], text: str, jsonld: StructuredData, feed_html: str | None
) -> tuple[list[Block], str]:
    """Take the text from JSON-LD or the feed if the page has too little, as when a script builds it in the browser.

    Returns all blocks, those of the page dropped, and the text; what it was given if neither source has more.
    """
    for origin, lines in (("json-ld", article_lines(jsonld)), ("feed", feed_lines(feed_html))):
        found = [Block(line, place=origin) for line in lines]
        length = weight(replacement := render(found))
        if is_long_enough(length) and length >= 2 * weight(text):
            return [*_drop_replaced(blocks, origin), *found], replacement
    return blocks, text


def _from_script_data(
    blocks: list[Block], text: str, page: Page, metadata: Metadata, rules: SiteRules
) -> tuple[list[Block], str]:
    """Take the text from a script's data, and clean that like a page; otherwise like `_from_json_ld_or_feed`."""
    tree = scripted_tree(page, metadata.title)
    if tree is None:
        return blocks, text
    found = clean_tree(tree, metadata, StructuredData(), rules)
    replacement = render(found)
    if is_long_enough(weight(replacement)):
        return [*_drop_replaced(blocks, "script"), *found], replacement
    return blocks, text


def _drop_replaced(blocks: list[Block], origin: str) -> list[Block]:
    return [block._replace(dropped_by=block.dropped_by or Drop(Kind.OTHER, f"told:{origin}")) for block in blocks]


def _with_metadata_from_blocks(metadata: Metadata, blocks: list[Block], rules: SiteRules) -> Metadata:
    """Fill in missing authors and a missing date from the byline and the dateline above the text."""
    above = takewhile(lambda block: block.dropped_by or block.type is BlockType.STANDFIRST, blocks)
    lines = [(drop.kind, block.text) for block in above if (drop := block.dropped_by) and drop.kind in _DATELINES]
    if not metadata.authors:
        for kind, text in lines:
            if names := names_only(text) if kind is Kind.BYLINE else names_before_date(text):
                metadata = with_origin(metadata, "authors", names, f"block:{kind.value}")
                break
    if not metadata.published:
        datelines = (line for line in lines if line[0] is Kind.TIMESTAMP or names_before_date(line[1]))
        for kind, text in islice(datelines, 3):
            if date := parse_date(text, timezone=rules.timezone, language=metadata.language):
                return with_origin(metadata, "published", date, f"block:{kind.value}")
    return metadata


def describe_place(node: Node, known: dict[Node, str], depth: int = 4) -> str:
    """Describe a node's position for people: its innermost elements with their id or first class, joined by slashes.

    `known` caches the description of each parent; it is filled here.
    """
    if node.depth <= 1:
        return ""
    around = node.parent
    if around is None or around.depth <= 1:
        return _describe_element(node)
    before = known.get(around)
    if before is None:
        above = takewhile(lambda ancestor: ancestor.depth > 1, islice(around.climb(), depth - 1))
        before = known[around] = "/".join([*map(_describe_element, above)][::-1])
    return f"{before}/{_describe_element(node)}"


def _describe_element(node: Node) -> str:
    if node.element_id and (ids := node.element_id.split(None, 1)):
        return f"{node.tag}#{ids[0]}"
    if node.class_names and (names := node.class_names.split(None, 1)):
        return f"{node.tag}.{names[0]}"
    return node.tag
