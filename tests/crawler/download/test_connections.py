"""Idle connections are few and short-lived; hosts share a TLS context, but each certificate is verified."""

from __future__ import annotations

import gc
import ipaddress
import ssl
import weakref
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain, repeat
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from crawler.download.http_handler import COLLECT_EVERY, IDLE_SECONDS, MAX_IDLE, BoundedPool
from tests.support.crawling import LOOPBACK, Hosts, crawl
from tests.support.raw_host import RawHost, whole

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(eq=False)
class Connection:
    """The part of a connection that a pool uses; it is its own transport."""

    state: str = "QUIESCENT"
    closed: bool = False
    transport: Connection = field(init=False)

    def __post_init__(self) -> None:
        self.transport = self

    def loseConnection(self) -> None:  # noqa: N802
        self.closed = True


def test_the_longest_idle_connection_is_closed_for_a_new_one_and_none_stays_for_ever() -> None:
    clock = Clock()
    pool = BoundedPool(clock)  # type: ignore[no-untyped-call]
    pool.retryAutomatically = False
    connections = [Connection() for _ in range(MAX_IDLE + 2)]
    for number, connection in enumerate(connections):
        pool._putConnection(("https", f"host{number}", 443), connection)
    assert [connection.closed for connection in connections] == [True] * 2 + [False] * MAX_IDLE
    assert pool.getConnection(("https", "host5", 443), None).result is connections[5]
    clock.advance(IDLE_SECONDS)
    assert [number for number, connection in enumerate(connections) if not connection.closed] == [5]
    assert not pool._connections, "the pool grows with every host"


class Nowhere:
    """An endpoint that never connects."""

    def connect(self, _factory: object) -> Deferred[object]:
        return Deferred()


def test_garbage_of_closed_connections_is_collected_even_if_it_is_old() -> None:
    pool = BoundedPool(Clock())  # type: ignore[no-untyped-call]
    closed = Connection()  # a reference cycle, like a real one
    gone = weakref.ref(closed)
    gc.collect()  # an object that outlives a collection is old
    gc.disable()
    try:
        del closed
        for number in range(COLLECT_EVERY):
            assert gone() is not None, "the cycle is collected too early"
            pool.getConnection(("https", f"host{number}", 443), Nowhere())
        assert gone() is None
    finally:
        gc.enable()


@pytest.fixture
def names_one_host(tmp_path: Path) -> tuple[ssl.SSLContext, Path]:
    """Return a server's context whose certificate names only the first loopback host, and a file that trusts it."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "one host")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = (
        builder.serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    )
    named = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(LOOPBACK[0]))])
    builder = builder.add_extension(named, critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    certificate = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    trusted, pem = tmp_path / "trusted.pem", tmp_path / "server.pem"
    trusted.write_bytes(certificate)
    no_password = serialization.NoEncryption()
    pem.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, no_password) + certificate
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context, trusted


def test_a_certificate_is_valid_only_for_the_host_that_it_names(names_one_host: tuple[ssl.SSLContext, Path]) -> None:
    context, trusted = names_one_host
    with Hosts({}, tls=context) as hosts:
        named = [hosts.url("/a"), hosts.url("/d")]
        others = [hosts.url("/b", LOOPBACK[1]), hosts.url("/c", LOOPBACK[2])]
        urls = [named[0], *others, named[1]]
        outcome = crawl(urls, {"RETRY_TIMES": 0, "CONCURRENT_REQUESTS": 1}, env={"SSL_CERT_FILE": str(trusted)})
    assert [outcome.results[url]["status"] for url in named] == [200, 200]
    for url in others:
        assert "robots.txt cannot be reached" in outcome.results[url]["detail"]
    assert {request.host for request in hosts.received} == {LOOPBACK[0]}


def test_a_tls_connection_is_not_read_after_its_response_has_ended(
    names_one_host: tuple[ssl.SSLContext, Path],
) -> None:
    context, trusted = names_one_host
    scripts = {
        "/closes": lambda: chain([whole(headers=b"Connection: close\r\n")], repeat(b"a" * 10_000)),
        "/headers": lambda: chain([b"HTTP/1.1 200 OK\r\n"], repeat(b"X-Again: a\r\n" * 100)),
    }
    with RawHost(scripts, context) as host:
        urls = [host.url("/closes"), host.url("/headers")]
        outcome = crawl(urls, {"DOWNLOAD_DELAY": 1, "RETRY_TIMES": 0}, env={"SSL_CERT_FILE": str(trusted)})
        assert outcome.results[urls[0]]["status"] == 200
        assert outcome.results[urls[1]]["reason"] == "too_large"
        assert all(0 < host.sent[path] < 10_000_000 for path in scripts), host.sent
