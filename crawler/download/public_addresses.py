"""Recognize hosts that are not on the public internet, however they are written."""

from __future__ import annotations

import re
import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

LOCAL_NAMES = ("localhost", "local", "internal", "home.arpa")  # RFC 6761, RFC 6762, ICANN 2024, RFC 8375
NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: an IPv4 address in the last four bytes

_NUMBERS = re.compile(r"[0-9a-fx.]+", re.IGNORECASE)


def literal_address(host: str) -> IPv4Address | IPv6Address | None:
    """Return the address that a host is, in any form that a resolver accepts; None for a name.

    `2130706433`, `0x7f.1` and `0177.0.0.1` are all 127.0.0.1 to inet_aton(3), and so to a socket that connects.
    """
    host = host.strip("[]").rstrip(".").partition("%")[0]  # without the scope of fe80::1%eth0
    try:
        return ip_address(host)
    except ValueError:
        pass
    if not _NUMBERS.fullmatch(host):
        return None
    try:
        return IPv4Address(socket.inet_aton(host))
    except OSError:
        return None


def is_public_address(address: IPv4Address | IPv6Address) -> bool:
    """Tell whether an address is on the public internet. Of an IPv6 address that contains an IPv4 one, that counts."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if address in NAT64:
            inner = IPv4Address(address.packed[-4:])
        if inner is not None:
            return is_public_address(inner)
    return address.is_global and not address.is_multicast


def why_private_host(host: str) -> str | None:
    """Return why a host must not be contacted, judged by its spelling; None if it is public or must be resolved."""
    address = literal_address(host)
    if address is not None:
        return None if is_public_address(address) else f"{host} is not a public address"
    name = host.rstrip(".").lower()
    if any(name == local or name.endswith("." + local) for local in LOCAL_NAMES):
        return f"{host} is a local name"
    return None
