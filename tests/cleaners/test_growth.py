"""The time of cleaning grows with a page's length, whatever the page repeats."""

from __future__ import annotations

import time

import pytest

from cleaners import clean_html
from tests.support.page_shapes import ADDRESS, shapes

pytestmark = pytest.mark.slow

SHAPES = shapes()
SIZE = 60_000  # bytes
TIMES = 4
MOST = 2 * TIMES  # times the time of a page of a quarter of the size; twice what linear growth is
QUICK = 0.6  # seconds of the processor; what takes less shows no growth


def seconds(html: bytes) -> float:
    start = time.process_time()
    clean_html(html, ADDRESS)
    return time.process_time() - start


@pytest.fixture(scope="module", autouse=True)
def _everything_loaded() -> None:
    clean_html(SHAPES["mixed"](5_000), ADDRESS)


@pytest.mark.parametrize("name", SHAPES)
def test_the_time_of_a_shape_grows_no_faster_than_its_size(name: str) -> None:
    big, small = SHAPES[name](SIZE), SHAPES[name](SIZE // TIMES)
    took = seconds(big)
    if took > QUICK:
        took = min(took, seconds(big))
        assert took < max(QUICK, MOST * min(seconds(small), seconds(small)))
