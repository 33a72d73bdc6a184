"""Extract authors' names, people and agencies, from bylines: without "By", job titles, places and e-mail addresses."""

from __future__ import annotations

import re

from cleaners.metadata.head import one_line
from cleaners.metadata.name_words import AGENCIES, BYLINE_VERBS, PARTICLES, PLACEHOLDERS, ROLES, STOP_WORDS
from cleaners.text.normalize import letters_only

_BYLINE_LEAD = re.compile(
    rf"""^(?:
    (?:{BYLINE_VERBS}|by|von|par|por|door|av|af|przez|oleh|tekst|text|autor(?:es|en|a|ka)?|author(?:s|\(s\))?|auteurs?
      |autore|autori|di|da|de|od|yazan|bài|автор(?:ы)?|текст)\s*:?\s+
    |(?:by|von|par|por|di|author|autor|auteur|text|tekst|redaktion)\s*:\s*
    |(?:取材・文|文・写真|執筆|著者|撰文|作者|编辑|編集|記者|记者|文|聞き手)\s*[=＝:：/／●■◎・\s]\s*)""",
    re.IGNORECASE | re.VERBOSE,
)
_CJK_ROLE = re.compile(
    r"(?<=[\u3400-\u9fff\uac00-\ud7af])\s*(?:記者|特派員|编辑|编|记者|(?:(?:선임|수석|인턴)\s?)?기자|특파원|논설위원|편집위원)$"
)
# These may begin a surname as well as mean "by".
_PARTICLE_LEAD = frozenset({"di", "da", "de", "od", "av", "af"})
_NAME_SEPARATOR = re.compile(
    r"""(?:(?<!\s)\s++)?[;|•·,，、／&]\s*|(?<!\s)\s++/\s*|/(?=(?-i:[A-ZÀ-ÖØ-Þ]))
    |(?<!\s)\s++(?:and|und|et|y|e|i|en|och|og|ve|dan|và|и|та|und\ von|and\ by)\s+""",
    re.IGNORECASE | re.VERBOSE,
)
_ROLE_SEPARATOR = re.compile(r"(?<!\s)\s++[–—-]\s+|(?:(?<!\s)\s++)?\|\s*")
_COMPANY = re.compile(
    r"\b(?:GmbH|AG|Inc|LLC|Ltd|Limited|KG|e\. ?V|S\.A|S\.p\.A|Verlag)\b|\w\.(?:de|com|net|org|at|ch|fr|it|es|nl|tv)$"
)
_DATE_FOLLOWS = re.compile(
    r"(?:(?:(?<!\s)\s++)?[|•·]|(?<!\s)\s++[–—-])\s*(?=(?:[^\W\d_]+\.?,?\s+){0,2}\d{1,2}(?!\d)[^|]{0,24}?(?<!\d)(?:19|20)\d\d(?!\d)|(?:19|20)\d\d[-/.年])"
)
_MAIL = re.compile(r"(?<![^\s()])[^\s()][^\s()@]*+@[^\s()]+\.\w+|\[at\]\S+")
_LINK = re.compile(r"https?://[^\s()]+|www\.[^\s()]+|(?<!\w)@\w+")
_BRACKETS = re.compile(r"(?:(?<!\s)\s++)?[(\[（【][^()\[\]（）【】]{0,80}[)\]）】]")
_ROLE = re.compile(ROLES, re.IGNORECASE | re.VERBOSE)
# A newsroom, "DP Staff". After two words "Staff" is a job title.
_COLLECTIVE = re.compile(r"[^\W\d_a-z]\w+ Staff")
_WORD = re.compile(r"[^\W\d_]", re.UNICODE)
_CJK_NAME = re.compile(r"^[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af・\s]{2,16}$")
_SMALL_PREFIX = re.compile(r"^(?:[dDlLO]['’]|[a-z]{1,4}-?(?=[A-Z]))")
_INITIAL = re.compile(r"\b\w\.")
_SENTENCE = re.compile(r"[.!?…:;\"“”„«»]$|[!?:;…\"“”„«»=<>{}#%]|\.\s+[a-z]|\d")


def names_in(text: str, *, whole: bool = False) -> list[str]:
    """Return the names in a byline or an author property, in order and without duplicates.

    Pass `whole` if the text is the name of one organization: "Verlag und Druck GmbH & Co. KG" is not split.
    """
    text = one_line(text[:1_000])
    text = _BRACKETS.sub(" ", _LINK.sub(" ", _MAIL.sub(" ", text))).strip(" ,;:|/-–—•·")
    text = _without_lead(text)
    if whole:
        return [text] if _may_be_author(text) else []
    parts = [part.strip(" ,;:|/-–—•·*") for part in _NAME_SEPARATOR.split(text)]
    parts = [part for part in parts if part]
    if len(parts) == 2 and text.count(",") == 1 and "," in text and _is_surname_first(parts):
        parts = [f"{parts[1]} {parts[0]}"]
    if parts and "," in text and _COMPANY.search(parts[0]):
        parts = parts[:1]  # a company is followed by its address
    if (
        len(parts) > 1
        and re.search(r",\s*\w+$", text)
        and " " in parts[-2]
        and not is_agency(parts[-1])
        and not parts[-1].isupper()
    ):
        parts = parts[:-1]  # "Jane Doe, Nairobi"
    names: dict[str, str] = {}  # by their letters
    for index, part in enumerate(parts):
        name = _without_role(_CJK_ROLE.sub("", _without_lead(part)))
        if not _may_be_author(name) or (index > 0 and not _reads_like_name(name)):
            continue
        names.setdefault(letters_only(name), name)
    return list(names.values())


def names_only(line: str) -> tuple[str, ...]:
    """Return the authors' names if the line holds nothing else ("By Jane Doe and John Roe", "Zhou Xin"), else ().

    A line without "By" is only a possible byline: the caller has to judge by its position and its neighbours.
    """
    line = one_line(line[:400])
    if not 2 <= len(line) <= 160:
        return ()
    rest = _CJK_ROLE.sub("", _without_lead(line))
    announced = rest != line
    bare = _BRACKETS.sub(" ", _MAIL.sub(" ", rest)).strip(" ,;:|")
    if not bare or (not announced and _SENTENCE.search(bare)):
        return ()
    parts = [part.strip() for part in _NAME_SEPARATOR.split(bare) if part and part.strip()]
    if len(parts) > 8:
        return ()
    names: list[str] = []
    for part in parts:
        name = _without_role(part) if announced or _ROLE.search(part) else part
        if _is_certain_name(name, announced):
            names.append(name)
        elif not announced or (len(part.split()) > 4 and not _ROLE.search(part)):
            return ()  # only a role or a place may follow the names
        elif not names:
            return ()
    return tuple(names)


def names_before_date(line: str) -> tuple[str, ...]:
    """Return the names before a date, as in "Jane Doe | 5 April 2025"; () if the line has no date or no names."""
    line = one_line(line[:400])
    if not (cut := _DATE_FOLLOWS.search(line)):
        return ()
    return tuple(name for name in names_only(line[: cut.start()]) if " " in name)


def is_agency(name: str) -> bool:
    """Tell whether a name is a news agency's."""
    return letters_only(name) in AGENCIES or name.casefold() in AGENCIES


def _without_lead(text: str) -> str:
    """Remove "By", "Written by" and the like from the beginning of a text."""
    for _ in range(2):
        match = _BYLINE_LEAD.match(text)
        if not match:
            break
        word = match[0].strip().rstrip(":").casefold()
        rest = text[match.end() :].strip()
        if (
            word in _PARTICLE_LEAD
            and ":" not in match[0]
            and (len(rest.split()) < 2 or not _capitalised(rest.split()[0]))
        ):
            break
        text = rest
    return text


def _without_role(name: str) -> str:
    """Remove the role or place after a name: "Jane Doe - Senior Reporter", "Jane Doe in Berlin"."""
    pieces = _ROLE_SEPARATOR.split(name)
    if len(pieces) > 1:
        name = next((piece for piece in pieces if not _ROLE.search(piece)), "")
    name = re.split(r"(?<!\s)\s++(?:in|aus|à|para|for|für|pour|at)\s+(?=[^\W\d_])", name)[0]
    match = _ROLE.search(name)
    if match:
        before = name[: match.start()].strip(" ,-–—")
        if before and _COLLECTIVE.fullmatch(name):
            return before if is_agency(before) else name
        name = before if len(before.split()) >= 2 and _reads_like_name(before) else ""
    return name.strip(" ,;:|/-–—•·.") if not re.search(r"\b\w\.$", name) else name.strip(" ,;:|/-–—•·")


def _may_be_author(name: str) -> bool:
    """Tell whether a text can be a person or an agency at all."""
    if not 2 <= len(name) <= 70 or not _WORD.search(name) or len(name.split()) > 7:
        return False
    if (
        letters_only(name) in PLACEHOLDERS
        or "@" in name
        or "://" in name
        or re.search(r"[{}<>=\\_]|\.(?:jpe?g|png|php|html?)\b", name)
    ):
        return False
    return sum(char.isdigit() for char in name) <= 3 and not re.search(r"[!?]|\.\s+[a-z]", name)


def _reads_like_name(name: str) -> bool:
    """Tell whether a text is an agency, a name in CJK characters, or capitalised words with particles."""
    if is_agency(name) or _CJK_NAME.match(name):
        return True
    words = name.split()
    if not 1 <= len(words) <= 5:
        return False
    return _capitalised(words[-1]) and all(_capitalised(word) or word.lower() in PARTICLES for word in words)


def _capitalised(word: str) -> bool:
    """Tell whether a word is capitalised: "Doe", "d'Argent", "al-Sadr", "McDonald", "R.".

    In scripts without case any letter counts as a capital.
    """
    bare = _SMALL_PREFIX.sub("", word)
    return bool(bare) and bare[0].isalpha() and not bare[0].islower() and not any(char in bare for char in "/:;!?")


def _is_certain_name(name: str, announced: bool) -> bool:
    """Tell whether a text is certainly a name; all capitals, one word or five words need a "By" in front."""
    if is_agency(name):
        return True
    if _CJK_NAME.match(name):
        return announced or (" " in name and len(name) <= 7)
    words = name.split()
    least, most = (1, 5) if announced else (2, 4)
    if not least <= len(words) <= most or len(name) > 50 or (name.isupper() and not announced):
        return False
    if _SENTENCE.search(_INITIAL.sub("", name)) or any(word.lower() in STOP_WORDS - PARTICLES for word in words):
        return False
    return _reads_like_name(name) and letters_only(name) not in PLACEHOLDERS


def _is_surname_first(parts: list[str]) -> bool:
    """Tell whether two parts are a surname and a first name, as in "Doe, Jane".

    Each is one capitalised word, not all in capitals and not an agency.
    """
    return all(
        len(part.split()) == 1 and _capitalised(part) and not part.isupper() and not is_agency(part) for part in parts
    )
