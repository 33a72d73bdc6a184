"""Find the registered part of a host in the public suffix list that publicsuffixlist ships: no network, no files."""

from __future__ import annotations

from functools import cache
from ipaddress import ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList


def registered_name(host: str, *, private: bool = False) -> str | None:
    """`bbc.co.uk` of `www.bbc.co.uk`; None of an IP address, a single name, a suffix, or an ending that the list does not know.

    With `private`, suffixes that companies let others register under count too: two blogs of one host are two sites.
    """
    return _suffixes(private).privatesuffix(host)


def icann_domain(host: str) -> str:
    """Return the domain that a registry sold.

    All blogs of one blog host share it, where `crawler.discovery.urls.registered_domain` has one for each. An IP address or a
    single name is itself; where the list does not know the ending, the last label is the suffix.
    """
    if domain := registered_name(host):
        return domain
    return host if _is_ip_address(host) else ".".join(host.split(".")[-2:])


def _is_ip_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


@cache
def _suffixes(private: bool) -> PublicSuffixList:
    from publicsuffixlist import PublicSuffixList  # reads its list, which not every command needs

    return PublicSuffixList(accept_unknown=False, only_icann=not private)
