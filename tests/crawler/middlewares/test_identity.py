"""The User-Agent names the crawler and a contact."""

from __future__ import annotations

import pytest

from crawler import __version__
from crawler.middlewares.identity import user_agent
from tests.support.crawling import Hosts, crawl


@pytest.mark.parametrize(
    ("contact", "comment"),
    [
        ("https://example.org/bot", "(+https://example.org/bot)"),
        ("me@example.org", "(+mailto:me@example.org)"),
        ("mailto:me@example.org", "(+mailto:me@example.org)"),
        ("me@example.org\r\nX-Evil: 1) Mozilla", "(+me@example.org X-Evil: 1 Mozilla)"),
        ("  ", "(contact not set)"),
    ],
)
def test_the_contact_is_part_of_the_user_agent_and_cannot_break_out_of_it(contact: str, comment: str) -> None:
    name, _, rest = user_agent(contact).partition(" ")
    assert name == f"Winnow/{__version__}"
    assert rest == comment


def test_every_request_has_the_user_agent_and_a_run_without_contact_warns_once() -> None:
    with Hosts({}) as hosts:
        named = crawl([hosts.url("/a")], {"WINNOW_CONTACT": "me@example.org"})
        assert {request.agent for request in hosts.received} == {user_agent("me@example.org")}
        unnamed = crawl([hosts.url("/a"), hosts.url("/b")])
    assert named.log == ""
    assert unnamed.log.count("WINNOW_CONTACT is not set") == 1
