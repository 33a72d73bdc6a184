"""Decide whether a page is an article, and reject what is not with a reason that a person can check.

This is the only place that judges length: all other code calls `is_long_enough`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cleaners.document import Block, BlockType, Kind, Metadata
from cleaners.html.json_ld import ARTICLE_TYPES, StructuredData
from cleaners.phrases import load_phrases
from cleaners.rejection import Rejection, RejectReason
from cleaners.text.measures import weight

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleaners.metadata.head import Head

# Lengths are in weighted characters (see `text.measures.weight`).
_MIN_LENGTH = 250  # anything shorter is a teaser
_MIN_UNDECLARED = 1200  # least prose of an article that no type, date or author declares
# A longer text is whole, whatever box follows it: where nothing calls it paid, and where it calls itself paid.
_MAX_TEASER = 2000
_MAX_PAID_TEASER = 2500
_PAYWALL_DISTANCE = 6  # blocks after the text that may be the paywall
_MAX_NOTICE = 2500  # an error page or a consent wall is shorter
_ERROR = re.compile(
    r"\b(?:error )?40[34]\b|(?:page|story|article|seite|artikel|p[aá]gina|pagina) (?:was |wurde |cannot be "
    r"|could not be |no |non |niet |não )?"
    r"(?:not found|nicht gefunden|introuvable|encontrada|trovata|gevonden)|\bnot found\b|(?:can.?t|cannot"
    r"|could ?n.t) find (?:that|the|this) page"
    r"|page introuvable|access denied|forbidden|just a moment|attention required|are you a robot|service unavailable"
    r"|ページが見つかりません|页面不存在",
    re.I,
)
_CONSENT = re.compile(
    r"before you continue|your privacy|privacy (?:settings|choices|preference)|cookie (?:settings|consent|policy)"
    r"|consent|einwilligung|zustimmung|datenschutz"
    r"|mit werbung|pur.abo|vos choix|votre vie privée|gestion du consentement|privacidad|consentimiento|consenso"
    r"|privacykeuze|同意",
    re.I,
)
_CONSENT_WORDS = re.compile(
    r"\bcookies?\b|\bconsent|partners?\b|personal(?:i[sz]ed)? (?:data|ads)|legitimate interest|einwillig|zustimm"
    r"|partnern?\b|personenbezogen|traceurs|consentement"
    r"|partenaires|consentimiento|consenso|toestemming",
    re.I,
)
_STATIC = re.compile(
    r"^/(?:[a-z]{2}/)?(?:about|contact|impressum|imprint|privacy|datenschutz|terms|agb|legal|faq|help|hilfe|login"
    r"|log-in|signin|sign-in|register|"
    r"subscribe|abo|newsletters?|search|suche|account|jobs|careers|advertise|mediadaten|cookies?|sitemap|authors?"
    r"|autor(?:en)?|tags?|topics?|category|kategorie)"
    r"(?:[-_][a-z-]+)?(?:/|\.html?|\.php|$)",
    re.I,
)
_STREAMS = frozenset(("VideoObject", "Clip", "Movie", "TVEpisode", "AudioObject", "PodcastEpisode", "RadioEpisode"))
# Clutter that may stand between the last paragraph and the paywall that cuts the article off.
_BEFORE_PAYWALL = frozenset((Kind.ADVERTISEMENT, Kind.SHARE))


def is_long_enough(length: float) -> bool:
    """Tell whether a text of this length, in weighted characters, can be an article."""
    return length >= _MIN_LENGTH


def accept(
    text: str, blocks: Sequence[Block], metadata: Metadata, jsonld: StructuredData, head: Head, url: str | None
) -> Rejection | None:
    """Return None for an article, else the rejection.

    `text` and `blocks` are what the page alone gives, before site memory: other pages never decide whether there is a
    record.
    """
    length = weight(text)
    title = f"{head.title or ''} | {metadata.title or ''}"
    declared = declares_article(metadata, jsonld, head)
    if length < _MAX_NOTICE and not declared:
        if _ERROR.search(title):
            return Rejection(
                RejectReason.ERROR_PAGE, f"the page calls itself {(head.title or metadata.title or '')[:80]!r}"
            )
        if _CONSENT.search(title) and len(_CONSENT_WORDS.findall(text)) >= 4:
            return Rejection(RejectReason.CONSENT_WALL, f"{length} characters, all about consent")
    if not is_long_enough(length):
        return _too_short(length, blocks, metadata, jsonld, head, declared)
    short = length < (_MAX_PAID_TEASER if metadata.free is False else _MAX_TEASER)
    if metadata.free is not True and short and ends_at_paywall(blocks, metadata.language):
        return Rejection(RejectReason.PAYWALL, f"the text ends at a paywall after {length} characters")
    parts = urlsplit(url or "")
    if url and parts.path in ("", "/") and not parts.query:
        return Rejection(RejectReason.NOT_ARTICLE, "the site's start page")
    if not declared and (length < _MIN_UNDECLARED or _STATIC.match(parts.path) or not _mostly_prose(blocks)):
        return Rejection(
            RejectReason.NOT_ARTICLE,
            "no date, no author and no article data, and its text does not read like an article",
        )
    return None


def declares_article(metadata: Metadata, jsonld: StructuredData, head: Head) -> bool:
    """Tell whether the page's metadata declares an article, by its type or by both a date and an author."""
    if jsonld.article is not None or jsonld.types & ARTICLE_TYPES:
        return True
    if (head.first("og:type") or "").lower() in ("article", "news", "blog", "newsarticle"):
        return True
    return metadata.published is not None and (
        bool(metadata.authors) or bool(head.all("article:published_time", "date", "dc.date"))
    )


def ends_at_paywall(blocks: Sequence[Block], language: str | None) -> bool:
    """Tell whether the blocks after the last kept one ask the reader to pay or to register.

    Only words count: free articles also stand in elements with a paywall's class name.
    """
    last = max((index for index, block in enumerate(blocks) if block.dropped_by is None), default=None)
    if last is None:
        return False
    phrases = load_phrases()
    languages = (language,) if language else None
    following = [
        block for block in blocks[last + 1 :] if block.dropped_by and block.dropped_by.kind not in _BEFORE_PAYWALL
    ]
    return any(
        phrase.kind is Kind.PAYWALL and phrase.requires != "edge"
        for block in following[:_PAYWALL_DISTANCE]
        for phrase in phrases.matches(block.text, languages)
    )


def accept_text(text: str, blocks: Sequence[Block]) -> Rejection | None:
    """Return None for the text of an article, else the rejection."""
    length = weight(text)
    if is_long_enough(length):
        return None
    if any(block.dropped_by and block.dropped_by.kind is Kind.PAYWALL for block in blocks):
        return Rejection(RejectReason.PAYWALL, f"{length} characters before a paywall")
    return Rejection(RejectReason.TOO_SHORT, f"{length} characters of text, {_MIN_LENGTH} are the least")


def _too_short(
    length: int, blocks: Sequence[Block], metadata: Metadata, jsonld: StructuredData, head: Head, declared: bool
) -> Rejection:
    if metadata.free is False or any(block.dropped_by and block.dropped_by.kind is Kind.PAYWALL for block in blocks):
        return Rejection(RejectReason.PAYWALL, f"{length} characters before a paywall")
    stream = (head.first("og:type") or "").lower().startswith(("video", "music")) or (
        jsonld.types & _STREAMS and jsonld.article is None
    )
    if stream:
        return Rejection(RejectReason.VIDEO_ONLY, f"a video or audio page with {length} characters of text")
    if declared or metadata.published:
        return Rejection(RejectReason.TOO_SHORT, f"{length} characters of text, {_MIN_LENGTH} are the least")
    return Rejection(RejectReason.NOT_ARTICLE, f"{length} characters of text, and nothing that calls it an article")


def _mostly_prose(blocks: Sequence[Block]) -> bool:
    """Tell whether more than half of the kept text is in paragraphs."""
    kept = [block for block in blocks if block.dropped_by is None]
    prose = sum(
        len(block.text)
        for block in kept
        if block.type in (BlockType.PARAGRAPH, BlockType.QUOTE, BlockType.STANDFIRST) and len(block.text) >= 60
    )
    return prose > 0.5 * sum(len(block.text) for block in kept)
