"""No request reaches a private address, however it is written and whatever leads there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crawler.download.public_addresses import why_private_host
from tests.support.crawling import LOOPBACK, Answer, Hosts, Outcome, crawl

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1",
        "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "017700000001", "127.0.0.1.",
        "::1", "[::1]", "::", "fe80::1", "fe80::1%eth0", "fd00::1", "::ffff:127.0.0.1", "::ffff:a00:1",
        "64:ff9b::7f00:1", "2002:7f00:1::", "ff02::1",
        "localhost", "LOCALHOST", "localhost.", "db.localhost", "printer.local", "wiki.internal", "nas.home.arpa",
    ],
)  # fmt: skip
def test_private_hosts_are_recognized_however_they_are_written(host: str) -> None:
    assert why_private_host(host)


@pytest.mark.parametrize(
    "host",
    ["93.184.216.34", "1572395042", "2606:2800:220:1::1", "::ffff:93.184.216.34", "64:ff9b::5db8:d822",
     "news.example", "local.example", "localhost.example", "dead.beef", "10.example", "face.bad"],
)  # fmt: skip
def test_public_addresses_and_names_pass(host: str) -> None:
    assert why_private_host(host) is None


OPEN = LOOPBACK[0]


@pytest.fixture(scope="module")
def crawled() -> Iterator[tuple[Hosts, Outcome]]:
    """Crawl one allowed host that redirects to forbidden ones, and names that resolve to either."""
    answers = {
        f"/to/{n}": Answer(b"", 302, {"Location": target})
        for n, target in enumerate(("http://127.0.0.2:{port}/x", "http://2130706434:{port}/x", "file:///etc/passwd"))
    }
    # Private; public when checked and private when connected to; allowed by the setting.
    names = {
        "inside.example": ["10.0.0.7"],
        "rebound.example": ["93.184.216.34", "127.0.0.3"],
        "home.example": ["127.0.0.4"],
    }
    with Hosts(answers) as hosts:
        urls = [hosts.url(f"/to/{n}") for n in range(3)]
        urls += [hosts.url("/", name) for name in (*names, "nowhere.example", "localhost")]
        urls += [hosts.url("/"), "file:///etc/passwd", "ftp://news.example/a"]
        allowed = [OPEN, "home.example"]
        yield hosts, crawl(urls, {"NAMES": names, "WINNOW_ALLOW_PRIVATE_HOSTS": allowed, "RETRY_TIMES": 0})


def test_redirects_to_private_addresses_are_rejected_before_any_request(crawled: tuple[Hosts, Outcome]) -> None:
    hosts, outcome = crawled
    assert outcome.reason(hosts.url("/to/0")) == "private_address"
    assert outcome.reason(hosts.url("/to/1")) == "private_address"
    assert "127.0.0.2" in outcome.results[hosts.url("/to/0")]["detail"]
    assert not hosts.paths("127.0.0.2")


def test_other_schemes_are_rejected(crawled: tuple[Hosts, Outcome]) -> None:
    hosts, outcome = crawled
    assert outcome.reason(hosts.url("/to/2")) == "redirected_off_site"
    assert outcome.results[hosts.url("/to/2")]["detail"] == "redirects to file:///etc/passwd"
    assert outcome.reason("file:///etc/passwd") == "private_address"
    assert outcome.reason("ftp://news.example/a") == "private_address"


def test_names_are_judged_by_what_they_resolve_to(crawled: tuple[Hosts, Outcome]) -> None:
    hosts, outcome = crawled
    inside = outcome.results[hosts.url("/", "inside.example")]
    assert inside["reason"] == "private_address"
    assert "inside.example resolves to 10.0.0.7" in inside["detail"]
    assert outcome.reason(hosts.url("/", "localhost")) == "private_address"
    assert outcome.reason(hosts.url("/", "nowhere.example")) == "robots"


def test_a_name_rebound_after_the_check_gives_no_page(crawled: tuple[Hosts, Outcome]) -> None:
    hosts, outcome = crawled
    assert outcome.reason(hosts.url("/", "rebound.example")) == "private_address"
    assert "rebound.example resolves to 127.0.0.3" in outcome.results[hosts.url("/", "rebound.example")]["detail"]
    assert "/" not in hosts.paths("rebound.example")


def test_hosts_of_the_setting_may_be_private(crawled: tuple[Hosts, Outcome]) -> None:
    hosts, outcome = crawled
    assert outcome.results[hosts.url("/")]["status"] == 200
    assert outcome.results[hosts.url("/", "home.example")]["status"] == 200


def test_behind_a_proxy_names_are_not_resolved_but_addresses_are_rejected() -> None:
    with Hosts({"http://news.example/robots.txt": Answer(status=404)}) as hosts:
        urls = ["http://news.example/a", "http://10.0.0.1/a", "http://[::1]/a"]
        outcome = crawl(urls, {"NAMES": {}, "WINNOW_ALLOW_PRIVATE_HOSTS": []}, env={"http_proxy": hosts.url("")})
    assert outcome.results["http://news.example/a"]["status"] == 200
    assert outcome.reason("http://10.0.0.1/a") == outcome.reason("http://[::1]/a") == "private_address"
    assert {request.path for request in hosts.received} == {"http://news.example/robots.txt", "http://news.example/a"}
