"""Credits of agencies: they stand on many articles of an outlet, and are part of each."""

from __future__ import annotations

import re

from ..fold import fold
from ..metadata.lexicon import AGENCIES
from ..scene import weight

_LONGEST = 160  # weighted characters; longer is a notice about rights
_LABEL = 40  # weighted characters of a line that is a name and little else
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
_MADE_BY = re.compile(
    r"this\s+(?:story|article|report|content|text)\s+(?:was|is|has\s+been)\s+(?:\w+\s+){0,2}"
    r"(?:produced|supplied|provided|distributed|syndicated|written|reported)\s+by\s+(?:the\s+)?(?!us\b|our\b|staff\b|an?\b)\w",
    re.I,
)


def is_credit(text: str, outlet: str | None = None) -> bool:
    """Whether a line names an agency as the source: "(Reuters)", "dpa/AFP", "This story was produced by the … Agency.".

    A line that names the `outlet` itself is none.
    """
    length = weight(text)
    if length > _LONGEST or _RIGHTS.search(text) or (outlet and len(fold(outlet)) > 2 and fold(outlet) in fold(text)):
        return False
    if length <= _LABEL and (_BRACKETED.fullmatch(text) or _DASHED.fullmatch(text) or _names_agency(text)):
        return True
    return bool(_MADE_BY.match(text) or (_CUE.search(text) and (_AGENCY.search(text) or _names_agency(text))))


def _names_agency(text: str) -> bool:
    """Whether an agency stands in it; short names in capitals only, as they are words too ("pa", "set")."""
    if fold(text) in AGENCIES:
        return True
    return any(
        fold(word) in AGENCIES and (len(word) > 4 or word.isupper() or word == "dpa" or not word.isascii())
        for word in _WORD.findall(text)
    )
