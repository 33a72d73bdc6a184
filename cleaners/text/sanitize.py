"""Mend text from outside: no lone surrogates, no control characters, no noncharacters, however they were written.

Text comes in as bytes, as HTML with character references and as JSON with escapes. Each has one function here, which
returns what it is given where there is nothing to mend.
"""

from __future__ import annotations

import re
from typing import Any, AnyStr

# Tab and line breaks stay, as white space, and bidirectional marks, as some languages are written with them.
_CONTROLS = {*range(0x20), *range(0x7F, 0xA0)} - {*map(ord, "\t\n\r")}
_NONCHARACTERS = {
    *range(0xFDD0, 0xFDF0),
    *(plane | low for plane in range(0, 0x110000, 0x10000) for low in (0xFFFE, 0xFFFF)),
}
# What windows-1252 has at a C1 code is what its writer meant, and what browsers show.
_MENDED: dict[int, str | None] = {
    **dict.fromkeys(_CONTROLS | _NONCHARACTERS, None),
    **{code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)},
    0x0B: " ",
    0x0C: " ",
}

# The same in UTF-8. Searching for a single byte is much faster than for an expression, and most texts have none of these.
_CONTROL_BYTES = bytes(code for code in _CONTROLS if code < 0x80)
_LONGER = {
    b"\xc2": re.compile(rb"\xc2[\x80-\x9f]"),
    b"\xef": re.compile(rb"\xef(?:\xb7[\x90-\xaf]|\xbf[\xbe\xbf])"),
    **{bytes([lead]): re.compile(rb"%c[\x8f\x9f\xaf\xbf]\xbf[\xbe\xbf]" % lead) for lead in range(0xF0, 0xF5)},
}

# A reference to one of these or to a surrogate. Nobody spells out the noncharacters of higher planes.
_REFERENCE = r"""&\#(?:
    0*(?:[0-8]|1[124-9]|2[0-9]|3[01]|12[7-9]|1[345][0-9]
      |5(?:5(?:29[6-9]|[3-9][0-9][0-9])|6[0-9][0-9][0-9]|7(?:[0-2][0-9][0-9]|3[0-3][0-9]|34[0-3]))
      |649(?:7[6-9]|[89][0-9])|6500[0-7]|6553[45])(?![0-9])
    |[xX]0*(?:[0-8bBcCeEfF]|1[0-9a-fA-F]|7[fF]|[89][0-9a-fA-F]
      |[dD][89a-fA-F][0-9a-fA-F]{2}|[fF][dD][dDeE][0-9a-fA-F]|[fF]{3}[eEfF])(?![0-9a-fA-F])
    );?"""
# Two surrogates can make one character. The first reference is spelled out, because it is fast to look for its beginning.
_REFERENCES_IN_BYTES = re.compile(f"{_REFERENCE}(?:{_REFERENCE})*".encode(), re.VERBOSE)
_CODE = re.compile(rb"&#(?:[xX]0*([0-9a-fA-F]+)|0*([0-9]+))")
# An escape in JSON, or in the JavaScript that passes for it, that may name such a character.
_ESCAPE = re.compile(r"\\(?:u(?:00[0189]|007[fF]|[dD][89a-fA-F]|[fF][dDfF])|[xbfv0-7])")


def sanitize(text: str) -> str:
    r"""Return text as it can be shown, stored and encoded.

    Two surrogates that make a character become that character, and a single one U+FFFD. Control characters go, except
    tab and line breaks; those from 0x80 to 0x9F become what windows-1252 has there.

    >>> sanitize("It\x92s \ud83d\ude00 \x1b]0;here\x07")
    'It’s 😀 ]0;here'
    """
    if text.isprintable():
        return text
    try:
        if not _holds_no_text(text.encode()):
            return text
    except UnicodeEncodeError:
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text.translate(_MENDED)


def sanitize_references(source: AnyStr) -> AnyStr:
    """Return HTML or XML, as text or as bytes of an encoding that extends ASCII, with such characters' references mended.

    >>> sanitize_references(b"&#55357;&#56832; &#27;[1m &#38;")
    b'&#128512; [1m &#38;'
    """
    if isinstance(source, str):
        if "&#" not in source:
            return source
        return sanitize_references(source.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")
    if b"&#" not in source:
        return source
    mended = _REFERENCES_IN_BYTES.sub(lambda match: _mend_references(match[0], b""), source)
    if mended == source:
        return source
    # What stood around one that has gone may now make another: `&#&#27;27;`. A sign in its place keeps them apart.
    return _REFERENCES_IN_BYTES.sub(lambda match: _mend_references(match[0], b"&#65533;"), mended)


def sanitize_page(source: bytes) -> bytes:
    """Return HTML in UTF-8 with its characters and its references mended."""
    if _holds_no_text(source):  # first, as such a character may stand in a reference: `&#2\x007;`
        source = sanitize(source.decode("utf-8", "replace")).encode()
    return sanitize_references(source)


def sanitize_json(value: object, source: str) -> object:
    """Mend the strings in the lists and objects that were parsed from `source`, in place; return the value."""
    if not _ESCAPE.search(source) and sanitize(source) is source:
        return value
    root = [value]
    pending: list[Any] = [root]
    while pending:
        container = pending.pop()
        for key, item in container.items() if isinstance(container, dict) else enumerate(container):
            if isinstance(item, str):
                container[key] = sanitize(item)
            elif isinstance(item, list | dict):
                pending.append(item)
    return root[0]


def _holds_no_text(source: bytes) -> bool:
    """Tell whether UTF-8 holds a character that is no text."""
    return any(map(source.__contains__, _CONTROL_BYTES)) or any(
        lead in source and pattern.search(source) for lead, pattern in _LONGER.items()
    )


def _mend_references(references: bytes, nothing: bytes) -> bytes:
    """Return references to what the characters become; `nothing` where none is left."""
    codes = (int(sixteen, 16) if sixteen else int(ten) for sixteen, ten in _CODE.findall(references))
    return "".join(f"&#{ord(char)};" for char in sanitize("".join(map(chr, codes)))).encode() or nothing
