"""Is it an article at all? What is none is rejected with a reason that a person can check."""

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

_SHORTEST = 250  # weighted characters; what has fewer is no article, only a teaser
_PLAIN = 1200  # weighted characters from which on prose is an article though nothing else says so
_TEASER = (
    2000  # weighted characters; a text that nothing calls paid, and that is longer, is whole whatever box follows it
)
_PAID = 2500  # the same for one that calls itself paid
_NEAR = 6  # blocks after the text that may be the paywall
_NOTICE = 2500  # weighted characters; an error page or a consent wall says less than that
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
# Clutter that may stand between the last paragraph and the paywall that cut the article off.
_BEFORE_PAYWALL = frozenset((Kind.ADVERTISEMENT, Kind.SHARE))


def is_long_enough(length: float) -> bool:
    """Return whether a text of this length in weighted characters can be an article. Nothing else judges length."""
    return length >= _SHORTEST


def accept(
    text: str, blocks: Sequence[Block], metadata: Metadata, jsonld: StructuredData, head: Head, url: str | None
) -> Rejection | None:
    """Return None for an article, else why it is none. `text` and `blocks` are what the page alone gives, before site memory:
    what else was seen of its site never decides whether there is a record.
    """
    length = weight(text)
    title = f"{head.title or ''} | {metadata.title or ''}"
    said = declares_article(metadata, jsonld, head)
    if length < _NOTICE and not said:
        if _ERROR.search(title):
            return Rejection(
                RejectReason.ERROR_PAGE, f"the page calls itself {(head.title or metadata.title or '')[:80]!r}"
            )
        if _CONSENT.search(title) and len(_CONSENT_WORDS.findall(text)) >= 4:
            return Rejection(RejectReason.CONSENT_WALL, f"{length} characters, all about consent")
    if not is_long_enough(length):
        return _too_short(length, blocks, metadata, jsonld, head, said)
    short = length < (_PAID if metadata.free is False else _TEASER)
    if metadata.free is not True and short and ends_at_paywall(blocks, metadata.language):
        return Rejection(RejectReason.PAYWALL, f"the text ends at a paywall after {length} characters")
    parts = urlsplit(url or "")
    if url and parts.path in ("", "/") and not parts.query:
        return Rejection(RejectReason.NOT_ARTICLE, "the outlet's start page")
    if not said and (length < _PLAIN or _STATIC.match(parts.path) or not _mostly_prose(blocks)):
        return Rejection(
            RejectReason.NOT_ARTICLE,
            "no date, no author and no article data, and its text does not read like an article",
        )
    return None


def declares_article(metadata: Metadata, jsonld: StructuredData, head: Head) -> bool:
    """Whether the page's data calls it an article: its type, or both a date and an author."""
    if jsonld.article is not None or jsonld.types & ARTICLE_TYPES:
        return True
    if (head.first("og:type") or "").lower() in ("article", "news", "blog", "newsarticle"):
        return True
    return metadata.published is not None and (
        bool(metadata.authors) or bool(head.all("article:published_time", "date", "dc.date"))
    )


def ends_at_paywall(blocks: Sequence[Block], language: str | None) -> bool:
    """Whether what follows the last block of text asks to pay or to register, in words: class names of paywalls also stand on
    the frame of what everybody may read.
    """
    last = max((index for index, block in enumerate(blocks) if block.dropped_by is None), default=None)
    if last is None:
        return False  # nothing was kept: not for us to tell why
    phrases = load_phrases()
    languages = (language,) if language else None
    following = [
        block for block in blocks[last + 1 :] if block.dropped_by and block.dropped_by.kind not in _BEFORE_PAYWALL
    ]
    return any(
        phrase.kind is Kind.PAYWALL and phrase.needs != "edge"
        for block in following[:_NEAR]
        for phrase in phrases.matches(block.text, languages)
    )


def accept_text(text: str, blocks: Sequence[Block]) -> Rejection | None:
    """None for an article's text; else why it is none."""
    length = weight(text)
    if is_long_enough(length):
        return None
    if any(block.dropped_by and block.dropped_by.kind is Kind.PAYWALL for block in blocks):
        return Rejection(RejectReason.PAYWALL, f"{length} characters before a paywall")
    return Rejection(RejectReason.TOO_SHORT, f"{length} characters of text, {_SHORTEST} are the least")


def _too_short(
    length: int, blocks: Sequence[Block], metadata: Metadata, jsonld: StructuredData, head: Head, said: bool
) -> Rejection:
    if metadata.free is False or any(block.dropped_by and block.dropped_by.kind is Kind.PAYWALL for block in blocks):
        return Rejection(RejectReason.PAYWALL, f"{length} characters before a paywall")
    stream = (head.first("og:type") or "").lower().startswith(("video", "music")) or (
        jsonld.types & _STREAMS and jsonld.article is None
    )
    if stream:
        return Rejection(RejectReason.VIDEO_ONLY, f"a video or audio page with {length} characters of text")
    if said or metadata.published:
        return Rejection(RejectReason.TOO_SHORT, f"{length} characters of text, {_SHORTEST} are the least")
    return Rejection(RejectReason.NOT_ARTICLE, f"{length} characters of text, and nothing that calls it an article")


def _mostly_prose(blocks: Sequence[Block]) -> bool:
    """Whether more than half of the kept text is in paragraphs."""
    kept = [block for block in blocks if block.dropped_by is None]
    prose = sum(
        len(block.text)
        for block in kept
        if block.type in (BlockType.PARAGRAPH, BlockType.QUOTE, BlockType.STANDFIRST) and len(block.text) >= 60
    )
    return prose > 0.5 * sum(len(block.text) for block in kept)
