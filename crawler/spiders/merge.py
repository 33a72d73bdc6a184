"""Several async generators as one, run side by side."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from typing import Any, TypeVar

logger = logging.getLogger(__name__)

T = TypeVar("T")
_DONE = object()


async def merge(streams: Sequence[AsyncIterator[T]], *, at_once: int) -> AsyncIterator[T]:
    """What the streams yield, as it comes; at most `at_once` of them run at a time, each no faster than it is read.

    One that raises ends alone, with an error in the log. All are cancelled when the reader stops.
    """
    queue: asyncio.Queue[Any] = asyncio.Queue(maxsize=1)
    gate = asyncio.Semaphore(at_once)

    async def drain(stream: Any) -> None:
        try:
            async with gate, aclosing(stream):
                async for value in stream:
                    await queue.put(value)
        except asyncio.CancelledError:
            pass  # the run is ending; the reader must still learn that this stream has ended
        except Exception:
            logger.exception("the search for articles of one site broke off")
        await queue.put(_DONE)

    tasks = [asyncio.ensure_future(drain(stream)) for stream in streams]
    running = len(tasks)
    try:
        while running:
            value = await queue.get()
            if value is _DONE:
                running -= 1
            else:
                yield value
    finally:
        for task in tasks:
            task.cancel()
