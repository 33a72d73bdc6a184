"""The fork server: imports and warms up once, and then forks workers from itself on request, in milliseconds.

    python -m crawler.cleaning.forkserver FD PARENT_PID

What it has read, all workers share (copy-on-write), and a fresh one costs nothing. That of `multiprocessing` does not fit:
it has no word for a preload that failed, runs `__main__` in each process, and a killed one is noticed with the next start.
There is one thread here, and a loop that only answers requests: whoever asks for a worker sees by its socket that it ended.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import traceback
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NoReturn

from crawler.cleaning.frames import Ended, Fork, FrameReader, frame
from crawler.cleaning.worker import Notes, answer, die_with, work
from crawler.start_up import collector_off

_READ = 1 << 16  # bytes at once


def main() -> None:
    """Serve until the other end closes; then end all workers, and wait for them."""
    descriptor, parent = (int(argument) for argument in sys.argv[1:])
    die_with(parent)
    notes = Notes()
    logging.getLogger().addHandler(notes)
    workers: dict[int, int] = {}
    with socket.socket(fileno=descriptor) as channel, suppress(OSError):
        requests = _requests(channel)
        warm_up, _ = next(requests)
        with collector_off():  # nor will it write into what workers share
            warmed = answer((warm_up, ()), notes)
        channel.sendall(warmed)
        for request, handed in requests:
            if isinstance(request, Fork):
                try:
                    workers[request.number] = _fork(request, handed, channel, notes)
                except OSError as error:  # too many processes, or no memory
                    channel.sendall(frame(Ended(request.number, None, f"cannot be forked: {error.strerror}")))
                finally:
                    os.close(handed)
            elif request.number in workers:
                channel.sendall(frame(Ended(request.number, _end(workers.pop(request.number)))))
    for process in workers.values():
        _end(process)


def _requests(channel: socket.socket) -> Iterator[tuple[Any, int]]:
    """What is asked, each with the descriptor that came along with it, if any; to the end of the connection."""
    reader = FrameReader()
    handed: deque[int] = deque()
    while True:
        # One descriptor at a time: none is open here while a worker is forked but its own.
        data, descriptors, _, _ = socket.recv_fds(channel, _READ, 1)
        if not data:
            return
        handed.extend(descriptors)
        for request in reader.feed(data):
            yield request, handed.popleft() if isinstance(request, Fork) else -1


def _fork(request: Fork, handed: int, channel: socket.socket, notes: Notes) -> int:
    server = os.getpid()
    process = os.fork()
    if not process:
        _become_worker(request, handed, server, channel, notes)
    return process


def _become_worker(request: Fork, handed: int, server: int, channel: socket.socket, notes: Notes) -> NoReturn:
    """Never come back to the server's own work, whatever happens."""
    try:
        die_with(server)
        channel.close()
        work(socket.socket(fileno=handed), request.megabytes, notes)
    except BaseException:
        traceback.print_exc()
    os._exit(1)


def _end(process: int) -> int:
    os.kill(process, signal.SIGKILL)  # means nothing to one that has ended already, and waits to be asked about
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


if __name__ == "__main__":
    main()
