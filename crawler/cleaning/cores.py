"""How many processes can work at once."""

from __future__ import annotations

import os


def cores() -> int:
    """The cores that this process may use; a container or `taskset` may give it fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
