"""How two spellings of one text are compared."""

from __future__ import annotations

import re

_OTHER = re.compile(r"[\W_]+")
# Those of ASCII, which go without a search; in most texts there are no others.
_NEEDLESS = bytes(code for code in range(128) if not chr(code).isalnum())


def fold(text: str) -> str:
    """Letters and digits only, without case: "Stern.de" and "STERN de" fold to the same."""
    folded = text.casefold()
    if folded.isascii():
        return folded.encode().translate(None, _NEEDLESS).decode()
    folded = folded.encode("utf-8", "surrogatepass").translate(None, _NEEDLESS).decode("utf-8", "surrogatepass")
    return folded if folded.isalnum() else _OTHER.sub("", folded)
