"""Define what comes out: a document of blocks, each kept or dropped by a rule that gives its name, and its text."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cleaners.rejection import Rejection


class Kind(StrEnum):
    """The kinds of clutter."""

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

    __hash__ = str.__hash__  # as their values have, which they equal; an enumeration's own is slow


class BlockType(StrEnum):
    """What a block is in the page."""

    STANDFIRST = "standfirst"
    PARAGRAPH = "paragraph"
    HEADING = "heading"
    LIST_ITEM = "list_item"
    QUOTE = "quote"
    TABLE_ROW = "table_row"
    CAPTION = "caption"

    __hash__ = str.__hash__


LEARNED = "learned"  # the rule name of what a model dropped, and no rule


class Drop(NamedTuple):
    """Why a block is not part of the article: its kind, and the rule that said so."""

    kind: Kind
    rule: str


class Block(NamedTuple):
    """One block of a page, in page order. `place` is where it stands in the DOM; `dropped_by` is None where it is kept.

    `tight`: only a line break parts it from the block before. `score` is the classifier's, 1 for article, 0 for clutter.
    """

    text: str
    type: BlockType = BlockType.PARAGRAPH
    place: str = ""
    tight: bool = False
    score: float | None = None
    dropped_by: Drop | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What a page says about its article. Dates are RFC 3339 with an offset, or plain where no offset is known.

    Every field but `origins` is a field of the record. `origins` tells for people where a field's value comes from, by
    the field's name: `{"title": "json-ld:NewsArticle.headline"}`.
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
    """A page after cleaning: its metadata, the text, the blocks, and a rejection or None.

    `text` is filled even where `reject` is set. `language` is ISO 639-1, or None where the text is too short to tell.
    """

    text: str
    blocks: tuple[Block, ...] = ()
    language_score: float | None = None
    reject: Rejection | None = None

    @property
    def removed(self) -> dict[str, int]:
        """How many blocks of each kind were dropped, in the order of the kinds."""
        counts = Counter(block.dropped_by.kind for block in self.blocks if block.dropped_by)
        return {kind.value: counts[kind] for kind in Kind if counts[kind]}


BULLET = "• "


def render(blocks: Iterable[Block]) -> str:
    """Blocks parted by an empty line; list items by a newline and led by "• "; lines that a `<br>` parted, by a newline."""
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
