"""How two spellings of one text are compared."""

from __future__ import annotations

import re

_OTHER = re.compile(r"[\W_]+")
# Those of ASCII, which go without a search; in most texts there are no others.
_NEEDLESS = bytes(code for code in range(128) if not chr(code).isalnum())
# Most others, in UTF-8: U+2000 to U+203F, spaces, dashes, quotes, and no letter.
_PUNCTUATION = re.compile(rb"\xe2\x80[\x80-\xbf]")


def fold(text: str) -> str:
    """Letters and digits only, without case: "Stern.de" and "STERN de" fold to the same."""
    folded = text.casefold()
    if folded.isascii():
        return folded.encode().translate(None, _NEEDLESS).decode()
    encoded = folded.encode("utf-8", "surrogatepass").translate(None, _NEEDLESS)
    folded = _PUNCTUATION.sub(b"", encoded).decode("utf-8", "surrogatepass")
    return folded if folded.isalnum() else _OTHER.sub("", folded)
