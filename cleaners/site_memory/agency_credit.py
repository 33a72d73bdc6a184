"""Recognize agency credits: they occur on many articles of a site and belong to each of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cleaners.metadata.name_words import AGENCIES
from cleaners.text.measures import weight
from cleaners.text.normalize import letters_only

if TYPE_CHECKING:
    from collections.abc import Collection

_LONGEST = 160  # weighted characters; a longer line is a rights notice
_LABEL = 40  # weighted characters of a line that is little more than a name
_BRACKETED = re.compile(r"[(\[（【〔][^()\[\]（）【】〔〕]+[)\]）】〕][.。]?")
_DASHED = re.compile(r"[—–―-]{1,2}\s*\w[\w\s./&,-]*")
_RIGHTS = re.compile(r"©|\(c\)|copyright|rights reserved|rechte vorbehalten|droits réservés|derechos reservados", re.I)
_WORD = re.compile(r"[^\W_]+")
_CUE = re.compile(
    r"""\b(?:produced|supplied|provided|distributed|syndicated|written|contributed|compiled)\b|\breporting\s+(?:by|from)\b
    |\bwith\s+(?:files|material|reporting|inputs?|information|agenc|contributions?)|\bmit\s+(?:material|agentur|informationen|inhalten)
    |\b(?:dieser?|dieses)\s+(?:text|artikel|beitrag|meldung|bericht|nachricht)|\bavec\b|\bcet\s+article|\bcette\s+dépêche
    |\bcon\s+(?:información|informazioni|material|agenc)|\b(?:este|esta|questo|questa|dit|deze)\s+\w+|\bcom\s+(?:informações|agênc|material)
    |この記事|本記事|本稿|配信|提供|이\s*기사|제공|本文|来源|來源""",
    re.I | re.X,
)
_AGENCY = re.compile(
    r"""agenc(?:y|ies|e|es|ia|ias|ja|ji)\b|agênci|agenzi|agentur|\bpersbureau|\bnyhetsbyrå|\bnews\s*wires?\b|\bwire\s+(?:service|report)s?\b
    |\b(?:news|press)\s+(?:service|association)\b|通信社?|通訊社|通讯社|통신""",
    re.I | re.X,
)
# Words that only ever credit a source, whoever it is.
_SOURCE = re.compile(
    r"""(?:this\s+(?:story|article|report|content|text)\s+(?:was|is|has\s+been)\s+(?:\w+\s+){0,2}
      (?:produced|supplied|provided|distributed|syndicated|written|reported)\s+by\s+(?:the\s+)?(?!us\b|our\b|staff\b|an?\b)\w
    |(?:with|using|additional)\s+(?:files|material|reporting|inputs?|contributions?)\s+(?:from|by|of)\b
    |reporting\s+by\b|mit\s+(?:material|informationen|inhalten)\s+(?:von|der|des)\b|con\s+(?:información|material)\s+de\b
    |con\s+informazioni\s+d[ia]\b|com\s+(?:informações|material)\s+d[aeo]\b|avec\s+(?:des\s+informations\s+de|l['’]|les\s+agences)
    |met\s+(?:informatie|materiaal)\s+van\b|(?:sources?|quellen?|fuentes?|fonti?|fontes?|bron(?:nen)?|źródło|出典|配信|提供|来源|출처)\s*[:：])
    |.{2,40}\bcontributed\s+(?:\w+\s+){0,2}to\s+this\s+(?:report|story|article)\b""",
    re.I | re.X,
)


def is_credit(text: str, names: Collection[str] = ()) -> bool:
    """Tell whether a line credits an agency: "(Reuters)", "dpa/AFP", "This story was produced by the … Agency.".

    A line that contains one of the publisher's own `names` is not a credit.
    """
    length = weight(text)
    if length > _LONGEST or _RIGHTS.search(text) or any(letters_only(name) in letters_only(text) for name in names):
        return False
    if length <= _LABEL and (_BRACKETED.fullmatch(text) or _DASHED.fullmatch(text) or _names_agency(text)):
        return True
    return bool(_SOURCE.match(text) or (_CUE.search(text) and (_AGENCY.search(text) or _names_agency(text))))


def _names_agency(text: str) -> bool:
    """Tell whether a text names an agency. Short names must be in capitals, as they are words too ("pa", "set")."""
    if letters_only(text) in AGENCIES:
        return True
    return any(
        letters_only(word) in AGENCIES and (len(word) > 4 or word.isupper() or word == "dpa" or not word.isascii())
        for word in _WORD.findall(text)
    )
