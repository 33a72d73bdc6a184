"""How long a text is to a reader, whatever its script."""

from __future__ import annotations

import re

_CJK = re.compile("[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]")


def weight(text: str) -> int:
    """Length in characters, where one of a script without spaces or of syllables (Chinese, Japanese, Korean) counts three."""
    return len(text) if text.isascii() else len(text) + 2 * len(_CJK.findall(text))
