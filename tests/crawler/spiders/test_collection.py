"""Cleaning runs without the cyclic garbage collector, and restores it."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest

from cleaners import clean_html

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PAGE = (
    b"<html><body><article>" + b"<p>The bridge stays closed for two more weeks.</p>" * 9 + b"</article></body></html>"
)


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    enabled = gc.isenabled()
    yield
    (gc.enable if enabled else gc.disable)()


@pytest.mark.parametrize("switch", [gc.disable, gc.enable])
@pytest.mark.parametrize("html", [PAGE, b"", b"no markup"])
def test_garbage_collection_is_as_before_after_a_page(switch: Callable[[], None], html: bytes) -> None:
    switch()
    before = gc.isenabled()
    clean_html(html, None)
    assert gc.isenabled() == before


def test_a_page_leaves_no_cycles() -> None:
    clean_html(PAGE, None)  # what is loaded on first use stays
    gc.collect()
    gc.disable()
    clean_html(PAGE, None)
    before = len(gc.get_objects())
    for _ in range(20):
        clean_html(PAGE, None)
    assert len(gc.get_objects()) - before < 200  # a few lines of a page are cached
