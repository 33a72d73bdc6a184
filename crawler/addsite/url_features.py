"""Find what in a URL identifies an article: dates, identifiers, and slugs made from headlines."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import IntEnum
from urllib.parse import parse_qsl, urlsplit

# Words of a slug; fewer are as often the name of a section.
SLUG_WORDS = 3

_SUFFIX = re.compile(r"(?<=.)\.(?:[sdx]?html?|php\d?|aspx?|jsp|cms|ece|do|story|amp)$", re.I)
_YEAR = re.compile(r"(?:19|20)\d\d")
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_DATES = (  # forms in a path, and the pattern for each; the longest first
    (r"(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])", r"\d{4}-\d\d-\d\d"),
    (r"(?:19|20)\d\d_(?:0[1-9]|1[0-2])_(?:0[1-9]|[12]\d|3[01])", r"\d{4}_\d\d_\d\d"),
    (r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])", r"\d{8}"),
    (r"(?:19|20)\d\d-(?:1[0-2]|0?[1-9])", r"\d{4}-\d{1,2}"),
)
_NUMBER = r"\d{5,}"
_OPAQUE = re.compile(r"(?=(?:[^\d]*\d){2})(?=\d*[a-z])[0-9a-z]{8,}|(?=(?:[^\d]*\d){2})(?=\d*[A-Z])[0-9A-Z]{8,}")
_MIXED = re.compile(r"(?=.*[a-z][A-Z])(?=.*[A-Z].*[A-Z])[0-9A-Za-z]{6,}")
_PIECES = re.compile(r"[-_.,;~!]+")
_WORDS = re.compile(r"[-_+]")


class FeatureStrength(IntEnum):
    """Rank how surely a feature tells an article from a list of articles."""

    NONE = 0
    WORDS = 1  # a headline's words
    FIRM = 2  # a date or an identifier


@dataclass(frozen=True, slots=True)
class PathSegment:
    """Describe one segment of a path.

    `form` is a pattern of its kind with `*` for each run of words. `words` is the number of words in the longest run,
    `separator` what separates them.
    """

    text: str
    form: str
    strength: FeatureStrength
    words: int = 0
    separator: str = "-"


@dataclass(frozen=True, slots=True)
class UrlFeatures:
    """Hold the parts of a URL.

    `parents` are all segments of the path but the last. `suffix` is `.html` or the like. `query` has the patterns of
    parameters that identify the article.
    """

    url: str
    host: str
    parents: tuple[PathSegment, ...]
    last: PathSegment
    suffix: str = ""
    query: tuple[str, ...] = field(default=())

    @property
    def strength(self) -> FeatureStrength:
        """Return the strength of the strongest feature."""
        query = FeatureStrength.FIRM if self.query else FeatureStrength.NONE
        firm_parents = [segment.strength for segment in self.parents if segment.strength is FeatureStrength.FIRM]
        # Of a parent's words only those just before the last segment count.
        return max(query, self.last.strength, *firm_parents, *(segment.strength for segment in self.parents[-1:]))


def url_features(url: str) -> UrlFeatures:
    """Take a canonical URL apart."""
    parts = urlsplit(url)
    names = [name for name in parts.path.split("/") if name]
    tail = names[-1] if names else ""
    found = _SUFFIX.search(tail)
    suffix = found[0] if found else ""
    read = [_segment(name) for name in (*names[:-1], tail.removesuffix(suffix))]
    return UrlFeatures(url, parts.netloc, _mark_dates(read[:-1]), read[-1], suffix, _identity(parts.query))


def _segment(text: str) -> PathSegment:
    words, separator = _count_words(text)
    for find in (_by_uuid, _by_date, _by_number, _by_token):
        if form := find(text):
            return PathSegment(text, form, FeatureStrength.FIRM, words, separator)
    strength = FeatureStrength.WORDS if words >= SLUG_WORDS else FeatureStrength.NONE
    return PathSegment(text, "*", strength, words, separator)


def _count_words(text: str) -> tuple[int, str]:
    """Return the number of words of a slug, and what separates them."""
    counts = {sign: text.count(sign) for sign in "-_+"}
    separator = max(counts, key=lambda sign: counts[sign])
    return len([word for word in _WORDS.split(text) if word]), separator


def _by_uuid(text: str) -> str:
    return _around(text, _UUID, _UUID)


def _by_date(text: str) -> str:
    return next((form for date, pattern in _DATES if (form := _around(text, date, pattern))), "")


def _around(text: str, found: str, pattern: str) -> str:
    """Return the form of a segment that begins or ends with a match of `found`; "" if it does not."""
    if re.fullmatch(found, text):
        return pattern
    if match := re.match(rf"({found})([-_.,;~])(?!\d)", text):
        return pattern + re.escape(match[2]).replace("\\-", "-") + "*"
    if match := re.search(rf"(?<!\d)([-_.,;~])({found})$", text):
        return "*" + re.escape(match[1]).replace("\\-", "-") + pattern
    return ""


def _by_number(text: str) -> str:
    """Return the form of a segment with a running number, perhaps with a prefix, such as `article24075843`."""
    if match := re.fullmatch(r"([A-Za-z]{0,12}_?)(\d{5,})", text):
        return match[1] + _NUMBER
    if match := re.match(r"([A-Za-z]{0,12})(\d{5,})([-_.,;~])(?=.)", text):
        return match[1] + _NUMBER + _escape_sign(match[3]) + "*"
    if match := re.search(r"([-_.,;~])\d{5,}([-_])\d{3,}$", text):
        return "*" + _escape_sign(match[1]) + _NUMBER + match[2] + r"\d+"
    if match := re.search(r"([-_.,;~])([A-Za-z]{0,12})(\d{5,})$", text):
        return "*" + _escape_sign(match[1]) + match[2] + _NUMBER
    if match := re.match(r"([A-Za-z]+-)(\d{6,})(-)(?=.)", text):
        return match[1] + _NUMBER + "-*"
    if match := re.search(r"(,)([A-Za-z]+)(-?)(\d{3,})$", text):
        return "*,*" + r"\d+"
    return ""


def _by_token(text: str) -> str:
    """Return the form of a segment with an identifier of letters and digits."""
    if _OPAQUE.fullmatch(text) or _MIXED.fullmatch(text):
        return _alphabet(text) + "{6,}"
    pieces = [piece for piece in _PIECES.split(text) if piece]
    if len(pieces) < 2:
        return ""
    last = pieces[-1]
    sign = text[: -len(last)][-1]
    if _OPAQUE.fullmatch(last) or (sign in ",;~." and _MIXED.fullmatch(last)):
        return "*" + _escape_sign(sign) + _alphabet(last) + "{6,}"
    if re.fullmatch(r"[a-z]?(?:\d\d(?:\d(?!\d))?[-_]?){3,}[-_]?[0-9a-z]?", text):
        return r"[0-9a-z-]{6,}"
    return ""


def _alphabet(token: str) -> str:
    lower, upper = re.search("[a-z]", token), re.search("[A-Z]", token)
    return f"[0-9{'A-Z' if upper else ''}{'a-z' if lower else ''}]"


def _escape_sign(sign: str) -> str:
    return "\\." if sign == "." else sign


def _mark_dates(segments: list[PathSegment]) -> tuple[PathSegment, ...]:
    """Mark numbers after a year as its month and day."""
    dated: list[PathSegment] = []
    for segment in segments:
        text = segment.text
        if _YEAR.fullmatch(text):
            segment = PathSegment(text, r"\d{4}", FeatureStrength.FIRM)
        elif dated and dated[-1].form in (r"\d{4}", r"\d\d") and re.fullmatch(r"\d{1,2}", text):
            segment = PathSegment(text, r"\d\d" if len(text) == 2 else r"\d{1,2}", FeatureStrength.FIRM)
        elif dated and dated[-1].form == r"\d{4}" and re.fullmatch(r"[a-z]{3}", text):
            segment = PathSegment(text, "[a-z]{3}", FeatureStrength.FIRM)
        elif text.isdigit() and segment.strength is FeatureStrength.NONE:
            segment = PathSegment(text, r"\d+", FeatureStrength.NONE)
        dated.append(segment)
    return tuple(dated)


def _identity(query: str) -> tuple[str, ...]:
    return tuple(
        f"{re.escape(name)}={r'[0-9]+' if value.isdigit() else '[^&#]+'}"
        for name, value in parse_qsl(query)
        if value.isdigit() or _OPAQUE.fullmatch(value) or re.fullmatch(_UUID, value)
    )
