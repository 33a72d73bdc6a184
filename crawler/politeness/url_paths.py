"""Spell URLs and the patterns of robots.txt alike, so that comparing them is comparing strings (RFC 9309, section 2.2.2)."""

from __future__ import annotations

import re
from urllib.parse import quote

LONGEST_PATTERN = 2083  # characters; no URL that is fetched is longer

_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")
_ORIGIN = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")
_PLAIN = re.compile(r"[A-Za-z0-9_.~/=-]*")  # needs no escapes
_PLAIN_PATTERN = re.compile(r"[A-Za-z0-9_.~/=*-]+\$?")
_INDEX_PAGE = "index.html"


def normal_path(url: str) -> str:
    """Return the path and query of a URL in their normal spelling, which has neither `*` nor `$`."""
    origin = _ORIGIN.match(url)
    path = url[origin.end() if origin else 0 :].partition("#")[0]
    if not _PLAIN.fullmatch(path):
        path = _respell(path, keep="/%")
    return path if path.startswith("/") else f"/{path}"


def normal_patterns(value: str, *, allow: bool) -> tuple[str, ...]:
    """Return the patterns that a rule's value means, in the normal spelling of paths; () if it means none.

    A `$` at the end of a value may be the anchor or a character, so it is read both ways. Allowing `/index.html` allows `/`.
    A pattern that is too long is cut if it forbids, and is left out if it allows: neither makes anything more allowed.
    """
    if _PLAIN_PATTERN.fullmatch(value) and not value.endswith("$"):
        patterns = [value]
    else:
        value = f"/{value}" if value.startswith(("https://", "http://")) else value  # somebody meant a path
        readings = (value.replace("$", "%24"), value) if "$" in value else (value,)
        patterns = [_respell(each.removesuffix("$"), keep="/%*") + "$" * each.endswith("$") for each in readings]
    if not allow:
        return tuple(pattern[:LONGEST_PATTERN] for pattern in patterns if pattern)
    patterns += [f"{each.removesuffix(_INDEX_PAGE)}$" for each in patterns if each.endswith(f"/{_INDEX_PAGE}")]
    return tuple(pattern for pattern in patterns if 0 < len(pattern) <= LONGEST_PATTERN)


def _respell(text: str, keep: str) -> str:
    """Escape what needs it and unescape what does not; escapes of the characters in `keep` stay escapes."""

    def unescape(escape: re.Match[bytes]) -> bytes:
        byte = bytes.fromhex(escape[1].decode())
        return escape[0].upper() if byte in kept else byte

    kept = keep.encode()
    plain = _ESCAPE.sub(unescape, text.encode("utf-8", "replace"))
    return quote(plain.decode("utf-8", "replace"), safe=f"{keep}=")
