"""How two spellings of one text are compared."""

from __future__ import annotations

import re

_OTHER = re.compile(r"[\W_]+")
# The same for ASCII, which needs no search.
_NEEDLESS = bytes(code for code in range(128) if not chr(code).isalnum())


def fold(text: str) -> str:
    """Letters and digits only, without case: "Stern.de" and "STERN de" fold to the same."""
    folded = text.casefold()
    return folded.encode().translate(None, _NEEDLESS).decode() if folded.isascii() else _OTHER.sub("", folded)
