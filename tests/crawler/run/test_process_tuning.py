"""The heap of a long crawl: pages that are done with are given back to the system."""

from __future__ import annotations

import ctypes
import subprocess
import sys

import pytest

# Pages come and go while small things stay, some between each two pages. Prints how many MB are left at the end.
_CRAWL = """
from pathlib import Path
from crawler.run.process_tuning import keep_heap_compact

def megabytes():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20

keep_heap_compact()
bytes(1 << 22)  # one large buffer, and by default glibc takes all that are smaller from the heap
before, stays = megabytes(), []
for _ in range(3):
    pages = []
    for _ in range(200):
        pages.append(bytearray(b"x" * 300_000))
        stays.append(bytearray(4000))
    del pages
print(megabytes() - before)
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallopt"), reason="the C library is not glibc")
def test_pages_leave_no_holes_in_the_heap() -> None:
    child = subprocess.run([sys.executable, "-c", _CRAWL], capture_output=True, text=True, check=True)
    assert float(child.stdout) < 10, "600 small things of 4 KB stay, not the room of 200 pages of 300 KB between them"
