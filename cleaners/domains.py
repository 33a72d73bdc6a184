"""Which part of a host somebody registered, by the public suffix list that publicsuffixlist ships: no network, no files."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList


def registered_name(host: str, *, private: bool = False) -> str | None:
    """`bbc.co.uk` of `www.bbc.co.uk`; None of an IP address, a single name, a suffix, or an ending that the list does not know.

    With `private`, suffixes that companies let others register under count too: two blogs of one host are two sites.
    """
    return _suffixes(private).privatesuffix(host)


@cache
def _suffixes(private: bool) -> PublicSuffixList:
    from publicsuffixlist import PublicSuffixList  # reads its list, which not every command needs

    return PublicSuffixList(accept_unknown=False, only_icann=not private)
