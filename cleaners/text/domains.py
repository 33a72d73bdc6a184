"""Find the registered domain of a host, by the public suffix list that publicsuffixlist ships: without network or files."""

from __future__ import annotations

from functools import cache
from ipaddress import ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList


def registered_name(host: str, *, private: bool = False) -> str | None:
    """Return the registered domain of a host: `bbc.co.uk` for `www.bbc.co.uk`.

    None for an IP address, a single label, a public suffix, and an ending that the list does not know. With `private`,
    suffixes under which companies let others register count too: two blogs on one blog host are then two sites.
    """
    return _suffixes(private).privatesuffix(host)


def icann_domain(host: str) -> str:
    """Return the domain that a registry sold.

    All blogs on one blog host share it, where `crawler.discovery.urls.registered_domain` has one for each. An IP address or a
    single label is returned as it is; where the list does not know the ending, the last label is the suffix.
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
    from publicsuffixlist import PublicSuffixList  # loads its list, which not every command needs

    return PublicSuffixList(accept_unknown=False, only_icann=not private)
