"""Score how likely a URL is an article, by words and forms that are common across the web."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import parse_qsl, unquote, urlsplit

# Lists of articles: the last segment says that the page is one, an earlier one what kind of list it belongs to.
_LIST = re.compile(
    r"authors?|autor(?:en|es|i|a)?|auteurs?|profiles?|people|contributors?|columnists?|journalists?|staff|users?|members?|by|"
    r"tags?|topics?|themen?|thema|themes?|tema|keywords?|schlagwort\w*|dossiers?|categor(?:y|ies)|kategorien?|categorias?|"
    r"rubri(?:k|que|cas?)|sections?|ressort|channels?|collections?|series|search|suche|recherche|buscar|archives?|archiv|"
    r"companies|quotes?|stocks?|symbols?|kurse|page|seite|pagina|feeds?|rss",
    re.I,
)
_SERVICE = re.compile(
    r"about(?:[-_]?(?:us|the|me))?|do-not-sell\S*|(?:who-we-are|what-we-do)(?:-\S+)?|contact(?:[-_]?us)?|kontakt|impressum|imprint|datenschutz\w*|privacy(?:[-_]\w++)*+|terms(?:[-_]\w++)*+|"
    r"legal(?:[-_]\w+)?|agb|cookies?(?:[-_]\w++)*+|log-?in|log-?out|sign-?(?:in|up|out)|register|registration|account|konto|my-?\w{0,8}|"
    r"newsletters?|subscribe|subscriptions?|abo(?:s|nnement\w*|nnieren)?|e-?paper|membership|donate|spenden|"
    r"advertis(?:e|ing)(?:[-_]\w++)*+|mediadaten|careers?|jobs?|stellen\w*|shop|store|deals|coupons?|gutscheine?|"
    r"help|hilfe|faq|support|feedback|sitemap|apps?|wetter|weather|horoskope?|tv-?programm|events?|calendar|masthead|team|"
    r"corrections|ethics|pages|press|presse|partners?|licens(?:e|ing)|accessibility|preferences|settings|cart|checkout|share|print",
    re.I,
)
_MEDIA = re.compile(
    r"videos?|gallery|galleries|fotos?|photos?|pictures|bilder|fotostrecken?|podcasts?|audio|live-?tv|mediathek|watch|listen",
    re.I,
)
_ARTICLE = re.compile(
    r"articles?|artic(?:le|ulo)s?|artikel|artikkel|stor(?:y|ies)|posts?|docs?|articleshow|read|view|content|clanek|articolo|noticias?|news|"
    r"nachrichten|aktuell(?:es)?|blogs?|i|a|s|p|d|n|cnt|archives?|nota|notice|beitrag|meldung",
    re.I,
)
_FILE = re.compile(
    r"\.(?:pdf|jpe?g|png|gif|webp|svg|avif|ico|css|js|json|xml|rss|atom|txt|mp[34]|m4[av]|webm|mov|avi|wav|ogg|zip|gz|t?gz|docx?|"
    r"xlsx?|pptx?|epub|ics|vcf|apk|exe|dmg)$",
    re.I,
)
_PAGE_SUFFIX = re.compile(r"\.(?:[sdx]?html?|php\d?|aspx?|jsp|cms|bild|amp|ece|do)$", re.I)
_FRONT_PAGE = re.compile(
    r"(?:^|[-_])(?:startseite|homepage|home|index|uebersicht|übersicht|overview|hub|landing)(?:$|[-_])", re.I
)
_OF_AN_ARTICLE = re.compile(r"comment-page-\d+|comments?|kommentare?|feed|amp-comments|trackback|embed", re.I)
_DATE = re.compile(
    r"(?<!\d)(?:(?:19|20)\d\d[-_/.]?(?:0?[1-9]|1[0-2])[-_/.]?(?:0[1-9]|[12]\d|3[01])|(?:19|20)\d\d/[a-z]{3}/\d\d?)(?!\d{4})",
    re.I,
)
_MONTH = re.compile(r"(?:^|/)(?:(?:19|20)\d\d[-_/](?:0?[1-9]|1[0-2])|\d\d_[a-z]+_\d\d)(?:/|$)", re.I)
_YEAR = re.compile(r"(?:^|/)(?:19|20)\d\d/")
_ONLY_DATE = re.compile(
    r"(?:19|20)\d\d(?:[-_/](?:\d{1,2}|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6})){0,2}", re.I
)
_NUMBER = re.compile(r"(?<!\d)\d{5,}(?!\d)")
_OPAQUE = re.compile(r"(?<![0-9a-z])(?=[0-9a-z]*\d)(?=[0-9]*[a-z])[0-9a-z]{8,}", re.I)
_HASH_AT_END = re.compile(r"-(?=[0-9a-f]*\d[0-9a-f]*\d)(?=\d*[a-f])[0-9a-f]{6,8}$", re.I)
_IDENTITY = re.compile(
    r"(?:[a-z_]*(?:id|article|artikel|story|news|doc)(?:[-_]?(?:id|no|nr))?|p|no|nr|key|code|a|n)", re.I
)
_PAGING = re.compile(
    r"page|paged|seite|pg|offset|start|sort|order|filter|q|query|s|search|tag|cat|category|author", re.I
)
_WORD = re.compile(r"[^\W\d_]{2,}")


def names_service_page(text: str) -> bool:
    """Tell whether `text` names a page about the site: imprint, terms, newsletter, log-in and the like."""
    return _SERVICE.fullmatch("-".join(_WORD.findall(text)) or "-") is not None


def count_words(segment: str) -> int:
    """Count the words of a slug: `iphone-17-in-the-lab` has four."""
    return len(_WORD.findall(segment))


@lru_cache(maxsize=8192)
def url_score(url: str) -> float:
    """Return the evidence that `url` is an article: 3 or more is for it, 0 is neutral, below −2 is against it.

    The summands are set by hand; a test checks them on the article URLs of 148 sites in 30 languages.
    """
    parts = urlsplit(url)
    path = unquote(parts.path).strip("/")
    segments = [segment for segment in path.split("/") if segment]
    score = _query_score(parts.query)
    if not segments:
        return score - 4
    last = segments[-1]
    if _FILE.search(last) or _OF_AN_ARTICLE.fullmatch(last):
        return -20.0
    if _ONLY_DATE.fullmatch("/".join(segments[-3:])) or _ONLY_DATE.fullmatch("/".join(segments[-2:])):
        return -6.0
    stem = _PAGE_SUFFIX.sub("", last)
    words = max(count_words(_PAGE_SUFFIX.sub("", segment)) for segment in segments[-3:])
    score += (-1, -1, 0, 1.5, 3, 4)[min(words, 5)]
    score += _date_score(path) + _identifier_score("/".join(segments[-3:]))
    if stem != last:
        score += 1
    if any(_ARTICLE.fullmatch(segment) for segment in segments[:-1]):
        score += 1
        if _ARTICLE.fullmatch(segments[-2]) and (_NUMBER.fullmatch(stem) or _OPAQUE.fullmatch(stem)):
            score += 3  # /article/379018: a kind of page and its number
    label = (parts.hostname or "").split(".")[0]
    if _SERVICE.fullmatch(label) or _MEDIA.fullmatch(label):
        score -= 4
    return score + _kind_score(segments[:-1], stem) - (3 if _FRONT_PAGE.search(stem) else 0)


def _query_score(query: str) -> float:
    score = 0.0
    for name, value in parse_qsl(query):
        if _PAGING.fullmatch(name):
            score -= 4
        elif _IDENTITY.fullmatch(name) and (_NUMBER.search(value) or _OPAQUE.search(value) or value.isdigit()):
            score += 5
        elif value.isdigit() and len(value) >= 6:
            score += 3
        else:
            score -= 0.5
    return score


def _date_score(path: str) -> float:
    if _DATE.search(path):
        return 4
    if _MONTH.search(path):
        return 3
    return 1.5 if _YEAR.search(path) else 0


def _identifier_score(tail: str) -> float:
    """Return the score of a number or an opaque token, which identifies one page of many; dates are scored elsewhere."""
    rest = _DATE.sub(" ", tail)
    return 2.5 if _NUMBER.search(rest) or _OPAQUE.search(rest) or _HASH_AT_END.search(rest) else 0


def _kind_score(parents: list[str], stem: str) -> float:
    """Return the (negative) score of lists and service pages: the further from the end, the smaller."""
    if _SERVICE.fullmatch(stem) or _LIST.fullmatch(stem) or _MEDIA.fullmatch(stem):
        return -6
    score = 0.0
    for depth, segment in enumerate(reversed(parents)):
        is_last = depth == 0
        if _LIST.fullmatch(segment) and not (_ARTICLE.fullmatch(segment) and stem.isdigit()):
            score -= 6 if is_last else 1.5
        elif _SERVICE.fullmatch(segment):
            score -= 4 if is_last else 2
        elif _MEDIA.fullmatch(segment):
            score -= 3
    return max(score, -7)


def is_clearly_no_article(url: str, *, offered_as_news: bool = False) -> bool:
    """Tell whether a URL that a source lists is a start page, a file, or surely a list (`/tag/apple`, `/about-us`).

    Feeds and news sitemaps list only articles (`offered_as_news`): their URLs pass even if they look like lists.
    """
    score = url_score(url)
    is_home = not urlsplit(url).path.strip("/") and score < 0
    return is_home or score <= (-10 if offered_as_news else -6)


def is_redirect_elsewhere(requested: str, final: str) -> bool:
    """Tell whether an article's URL redirects to something else: the start page, or a section of the site."""
    return is_clearly_no_article(final) or (url_score(final) < 0 and url_score(requested) >= 2)
