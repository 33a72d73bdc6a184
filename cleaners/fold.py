"""How two spellings of one text are compared."""

from __future__ import annotations

import re

_OTHER = re.compile(r"[\W_]+")


def fold(text: str) -> str:
    """Letters and digits only, without case: "Stern.de" and "STERN de" fold to the same."""
    return _OTHER.sub("", text.casefold())
