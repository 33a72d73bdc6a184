"""How the C library hands out memory in a process that has many page-sized buffers come and go."""

from __future__ import annotations

import ctypes

# malloc.h of glibc
_M_TRIM_THRESHOLD = -1
_M_MMAP_THRESHOLD = -3
# Bytes. From this size on a buffer is given back to the system when it is freed: pages, but not what one read of a socket
# takes, 64 KB. It is glibc's own default, which it raises with each larger buffer that is freed.
_LARGE = 128 * 1024
_SPARE = 8 * 1024 * 1024  # that the heap keeps at its top for what comes next


def keep_compact() -> None:
    """Keep large buffers out of the heap. Does nothing where the C library is not glibc.

    By default glibc stops to do so once it has freed one: it then takes pages from the heap, where what outlives them
    leaves holes, and the heap of a long crawl grows to three times what is in use.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _LARGE)
        mallopt(_M_TRIM_THRESHOLD, _SPARE)
