"""Define the result of cleaning: a document with its text, its metadata and its blocks, each kept or dropped by a rule."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cleaners.rejection import Rejection


class Kind(StrEnum):
    """List the kinds of clutter."""

    RELATED_LINK = "related_link"
    ADVERTISEMENT = "advertisement"
    PROMOTION = "promotion"
    NEWSLETTER = "newsletter"
    SOCIAL_FOLLOW = "social_follow"
    SHARE = "share"
    AUDIO_WIDGET = "audio_widget"
    VIDEO_WIDGET = "video_widget"
    READING_TIME = "reading_time"
    TRUST_BADGE = "trust_badge"
    SECTION_LABEL = "section_label"
    HEADLINE = "headline"
    BYLINE = "byline"
    TIMESTAMP = "timestamp"
    CAPTION = "caption"
    CREDIT = "credit"
    COMMENTS = "comments"
    PAYWALL = "paywall"
    CONSENT = "consent"
    COPYRIGHT = "copyright"
    TAGS = "tags"
    NAVIGATION = "navigation"
    REPEATED = "repeated"
    OTHER = "other"

    __hash__ = str.__hash__  # members equal their values, and Enum's own hash is slow


class BlockType(StrEnum):
    """List what a block can be in its page."""

    STANDFIRST = "standfirst"
    PARAGRAPH = "paragraph"
    HEADING = "heading"
    LIST_ITEM = "list_item"
    QUOTE = "quote"
    TABLE_ROW = "table_row"
    CAPTION = "caption"

    __hash__ = str.__hash__


LEARNED = "learned"  # the rule name of blocks that a model dropped


class Drop(NamedTuple):
    """Say why a block is not part of the article: its kind of clutter, and the name of the rule that dropped it.

    >>> Drop(Kind.NEWSLETTER, "phrase:en-newsletter").kind.value
    'newsletter'
    """

    kind: Kind
    rule: str


class Block(NamedTuple):
    """Hold one block of a page, in page order.

    `place` describes its position in the DOM. `tight` means that only a line break separates it from the block before.
    `score` is a model's, from 0 for clutter to 1 for article. `dropped_by` is None if the block is kept.

    >>> Block("Share this story", dropped_by=Drop(Kind.SHARE, "class:share")).dropped_by.rule
    'class:share'
    """

    text: str
    type: BlockType = BlockType.PARAGRAPH
    place: str = ""
    tight: bool = False
    score: float | None = None
    dropped_by: Drop | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """Hold what a page says about its article.

    Dates are RFC 3339 with an offset, or without one if the offset is unknown. Every field but `origins` is a field of
    the record. `origins` explains where values come from, by field: `{"title": "json-ld:NewsArticle.headline"}`.
    """

    title: str | None = None
    description: str | None = None
    authors: tuple[str, ...] = ()
    published: str | None = None
    modified: str | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    image: str | None = None
    canonical_url: str | None = None
    source_name: str | None = None
    language: str | None = None
    free: bool | None = None
    live: bool | None = None
    rights: dict[str, dict[str, str]] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Document(Metadata):
    """Hold a cleaned page: its metadata, its text, all its blocks, and a rejection or None.

    `text` may be filled even if `reject` is set. `language` is an ISO 639-1 code, or None if the text is too short.

    >>> document = Document("A story.", (Block("A story."), Block("Share", dropped_by=Drop(Kind.SHARE, "class:share"))))
    >>> document.removed
    {'share': 1}
    """

    text: str
    blocks: tuple[Block, ...] = ()
    language_score: float | None = None
    reject: Rejection | None = None

    @property
    def removed(self) -> dict[str, int]:
        """Count the dropped blocks by kind, in the order of `Kind`."""
        counts = Counter(block.dropped_by.kind for block in self.blocks if block.dropped_by)
        return {kind.value: counts[kind] for kind in Kind if counts[kind]}


BULLET = "• "


def render(blocks: Iterable[Block]) -> str:
    r"""Return the text of the kept blocks.

    An empty line separates blocks. Only a newline separates the items of a list, each of which gets a bullet, the rows
    of a table, and lines with a `<br>` between them.

    >>> render([Block("Two things:"), Block("a boat", BlockType.LIST_ITEM), Block("an oar", BlockType.LIST_ITEM)])
    'Two things:\n\n• a boat\n• an oar'
    """
    parts: list[str] = []
    before: Block | None = None
    for block in blocks:
        if block.dropped_by:
            continue
        item = block.type is BlockType.LIST_ITEM
        text = BULLET + block.text if item and not block.text.startswith(BULLET) else block.text
        if before is not None:
            close = (
                block.tight
                or (item and before.type is BlockType.LIST_ITEM)
                or (block.type is before.type is BlockType.TABLE_ROW)
            )
            parts.append("\n" if close else "\n\n")
        parts.append(text)
        before = block
    return "".join(parts)
