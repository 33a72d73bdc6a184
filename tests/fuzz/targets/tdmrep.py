"""Ask a tdmrep.json about the URL in the first line: rights that a record can hold."""

from __future__ import annotations

from crawler.politeness.tdmrep import read_tdmrep, tdm_rights
from tests.fuzz.expectations import expect_line, expect_pickles, first_line


def check(data: bytes) -> None:
    url, body = first_line(data)
    rules = expect_pickles(read_tdmrep(200, body))
    for signal, places in tdm_rights(rules, url).items():
        assert signal in ("tdm_reservation", "tdm_policy")
        for value in places.values():
            assert isinstance(value, str)
            expect_line(f"{signal}: {value}")
