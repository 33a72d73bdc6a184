"""TLS certificates are verified, and failures are logged in one line."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from scrapy.exceptions import DownloadFailedError, DownloadTimeoutError

from crawler.requests.request_rejected import describe_failure
from tests.support.crawling import Hosts, crawl

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def self_signed(tmp_path: Path) -> ssl.SSLContext:
    """Return a server's context with a self-signed certificate that names no host."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "nobody")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    pem = tmp_path / "server.pem"
    pem.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


def test_a_host_whose_certificate_proves_nothing_is_not_crawled(self_signed: ssl.SSLContext) -> None:
    with Hosts({}, tls=self_signed) as hosts:
        outcome = crawl([hosts.url("/a")], {"RETRY_TIMES": 0})
    assert "TLS: certificate verify failed" in outcome.results[hosts.url("/a")]["detail"]
    assert hosts.received == []
    assert "Traceback" not in outcome.log


def test_turning_verification_off_warns_once(self_signed: ssl.SSLContext) -> None:
    with Hosts({}, tls=self_signed) as hosts:
        urls = [hosts.url("/a"), hosts.url("/b", "127.0.0.2")]
        outcome = crawl(urls, {"DOWNLOAD_VERIFY_CERTIFICATES": False, "WINNOW_CONTACT": "me@example.org"})
    assert [outcome.results[url]["status"] for url in urls] == [200, 200]
    assert outcome.log.count("\n") == 1
    assert "DOWNLOAD_VERIFY_CERTIFICATES is off" in outcome.log


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (DownloadTimeoutError("Getting http://a/ took longer than 30 seconds."), "Getting http://a/ took longer than 30 seconds"),
        (DownloadFailedError("[<Failure X: [('SSL routines', '', 'wrong version number')]>]"), "TLS: wrong version number"),
        (DownloadFailedError(), "DownloadFailedError"),
    ],
)  # fmt: skip
def test_a_failure_is_described_in_one_line(error: Exception, words: str) -> None:
    assert describe_failure(error) == words
