"""A page → a document: parse, segment, hear the witnesses, label, render."""

from __future__ import annotations

from dataclasses import fields, replace
from itertools import takewhile

from lxml.html import HtmlElement

from .blocks import Block, BlockType, Document, Drop, Kind, Metadata, Rejection
from .choose import Testimony, choose
from .classifier import learned
from .dates import parse_date
from .family import families, wholes
from .jsonld import StructuredData, read_jsonld
from .language import detect_language
from .memory import SiteMemory, apply_memory
from .metadata import names_only, read_metadata
from .metadata.head import read_head
from .page import Page, SiteRules
from .parse import NotHtmlError, parse
from .render import render
from .scene import Scene, weight
from .segment import Segment, segment
from .steps import label
from .verdict import SHORTEST, judge
from .witnesses import article_lines, feed_lines
from .witnesses.align import align
from .witnesses.extraction import extract_lines


def clean_page(page: Page, *, rules: SiteRules | None = None, memory: SiteMemory | None = None) -> Document:
    """Everything that one page gives. Never raises for what a page holds: what is no article comes back with `reject` set."""
    rules = rules or SiteRules()
    try:
        tree = parse(page.html, page.headers)
    except NotHtmlError as problem:
        return Document("", reject=Rejection("not_html", str(problem)))
    jsonld = read_jsonld(tree, page.url)
    metadata = read_metadata(tree, page.url, jsonld, rules=rules, headers=page.headers, fetched_at=page.fetched_at)
    blocks = clean_tree(tree, metadata, jsonld, rules, page.feed_html)
    for following in page.more:
        blocks += _continuation(following, page, metadata, rules, blocks)
    metadata = _told_by_blocks(metadata, blocks, rules)
    if memory is not None:
        blocks = apply_memory(blocks, memory, title=metadata.title, description=metadata.description)
    text = render(blocks)
    if weight(text) < SHORTEST and metadata.free is not False:
        blocks, text = _told(blocks, text, jsonld, page.feed_html)
    language, score = detect_language(text, metadata.language)
    return Document(
        text=text,
        blocks=tuple(blocks),
        language=language,
        language_score=score if language else None,
        reject=judge(text, blocks, metadata, jsonld, read_head(tree), page.url),
        **{field.name: getattr(metadata, field.name) for field in fields(Metadata) if field.name != "language"},
    )


def clean_tree(
    tree: HtmlElement, metadata: Metadata, jsonld: StructuredData, rules: SiteRules, feed_html: str | None = None
) -> list[Block]:
    """The labelled blocks of one parsed page."""
    scene, testimony = survey(tree, metadata, jsonld, rules, feed_html)
    labels, scores = learned(scene, testimony, label(scene))
    return [
        Block(
            text=item.text,
            type=BlockType.STANDFIRST if index == scene.standfirst else item.type,
            place=place(item),
            tight=item.tight,
            score=round(score, 3),
            dropped_by=drop,
        )
        for index, (item, score, drop) in enumerate(zip(scene.segments, scores, labels, strict=True))
    ]


def survey(
    tree: HtmlElement, metadata: Metadata, jsonld: StructuredData, rules: SiteRules, feed_html: str | None = None
) -> tuple[Scene, Testimony]:
    """What the steps look at, and what the witnesses said."""
    segments = segment(tree)
    texts = [segment.text for segment in segments]
    testimony = Testimony(
        extraction=align(texts, extract_lines(tree)),
        article_body=align(texts, article_lines(jsonld)),
        feed=align(texts, feed_lines(feed_html)),
    )
    parents = families(segments)
    lists = wholes(segments)
    chosen, standfirst = choose(segments, parents, lists, testimony, metadata)
    return Scene(segments, parents, lists, chosen, standfirst, metadata, rules), testimony


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
        if weight(instead := render(told)) >= max(SHORTEST, 2 * weight(text)):
            return [
                *(
                    replace(block, dropped_by=block.dropped_by or Drop(Kind.OTHER, f"told:{origin}"))
                    for block in blocks
                ),
                *told,
            ], instead
    return blocks, text


def _told_by_blocks(metadata: Metadata, blocks: list[Block], rules: SiteRules) -> Metadata:
    """Where the page's data names no author or no date: the byline and the dateline above the text."""
    above = list(takewhile(lambda block: block.dropped_by is not None, blocks))
    if not metadata.authors:
        bylines = (
            names_only(block.text) for block in above if block.dropped_by and block.dropped_by.kind is Kind.BYLINE
        )
        metadata = replace(metadata, authors=next(filter(None, bylines), ()))
    if not metadata.published:
        lines = [block.text for block in above if block.dropped_by and block.dropped_by.kind is Kind.TIMESTAMP][:3]
        dates = (parse_date(line, timezone=rules.timezone, language=metadata.language) for line in lines)
        metadata = replace(metadata, published=next(filter(None, dates), None))
    return metadata


def place(segment: Segment, depth: int = 4) -> str:
    """Where a segment stands, for people: the innermost elements, with their first class or id."""
    steps: list[str] = []
    element: HtmlElement | None = segment.element
    while element is not None and len(steps) < depth and element.tag not in ("html", "body"):
        name = (element.get("id") and "#" + element.get("id").split()[0]) if element.get("id", "").strip() else ""
        name = name or ("." + element.get("class").split()[0] if element.get("class", "").strip() else "")
        steps.append(element.tag + name)
        element = element.getparent()
    return "/".join(reversed(steps))
