"""Import and warm up once, then fork workers on request, in milliseconds.

    python -m crawler.workers.fork_server FD PARENT_PID

Workers share what the server has read (copy-on-write), so a fresh one costs nothing. The server of `multiprocessing` does not
fit: it cannot report a failed preload, runs `__main__` in each process, and notices its own death only at the next start.
This one has a single thread and a loop that only answers requests. A caller learns from its socket that a worker has ended.
"""

from __future__ import annotations

import gc
import logging
import os
import select
import signal
import socket
import sys
import traceback
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn

from crawler.workers.protocol import CallAnswer, ForkWorker, FrameReader, WorkerEnded, frame, receive
from crawler.workers.worker import LogCapture, answer_call, die_with, failure_answer, serve_calls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_READ = 1 << 16  # bytes at once


def main() -> None:
    """Serve until the other end closes; then end all workers, and wait for them."""
    descriptor, parent = (int(argument) for argument in sys.argv[1:])
    die_with(parent)
    gc.disable()  # what is read here stays, and the collector would write into what workers share
    notes = LogCapture()
    logging.getLogger().addHandler(notes)
    with socket.socket(fileno=descriptor) as channel, suppress(OSError, EOFError):
        if _warm_up(channel, notes):
            _serve(channel, notes)
    os._exit(0)  # to take down all that was read, piece by piece, would take a tenth of a second


def _warm_up(channel: socket.socket, notes: LogCapture) -> bool:
    """Call the function that comes first; where that returns others, go on with these until somebody asks for something."""
    try:
        function: Callable[[], object] = receive(channel)
        later = function()
    except Exception as error:
        channel.sendall(frame(failure_answer(error, notes)))
        return False
    channel.sendall(frame(CallAnswer(log=notes.take())))
    for step in later if isinstance(later, tuple) else ():
        if select.select([channel], [], [], 0)[0]:
            break
        channel.sendall(answer_call((step, ()), notes))
    return True


def _serve(channel: socket.socket, notes: LogCapture) -> None:
    workers: dict[int, int] = {}
    try:
        for request, handed in _requests(channel):
            if isinstance(request, ForkWorker):
                try:
                    workers[request.number] = _fork(request, handed, channel, notes)
                except OSError as error:  # too many processes, or no memory
                    channel.sendall(frame(WorkerEnded(request.number, None, f"cannot be forked: {error.strerror}")))
                finally:
                    os.close(handed)
            elif request.number in workers:
                channel.sendall(frame(WorkerEnded(request.number, _end(workers.pop(request.number)))))
    finally:
        for process in workers.values():
            os.kill(process, signal.SIGKILL)  # all at once: each takes a while to give its memory back
        for process in workers.values():
            _end(process)


def _requests(channel: socket.socket) -> Iterator[tuple[Any, int]]:
    """Yield the requests from the connection until it ends, each with the file descriptor that came along, if any."""
    reader = FrameReader()
    handed: deque[int] = deque()
    while True:
        # One descriptor at a time: none is open here while a worker is forked but its own.
        data, descriptors, _, _ = socket.recv_fds(channel, _READ, 1)
        if not data:
            return
        handed.extend(descriptors)
        for request in reader.feed(data):
            yield request, handed.popleft() if isinstance(request, ForkWorker) else -1


def _fork(request: ForkWorker, handed: int, channel: socket.socket, notes: LogCapture) -> int:
    server = os.getpid()
    gc.freeze()
    process = os.fork()
    if not process:
        _become_worker(request, handed, server, channel, notes)
    return process


def _become_worker(
    request: ForkWorker, handed: int, server: int, channel: socket.socket, notes: LogCapture
) -> NoReturn:
    """Never come back to the server's own work, whatever happens."""
    try:
        die_with(server)
        channel.close()
        gc.enable()
        serve_calls(socket.socket(fileno=handed), request.megabytes, notes)
    except BaseException:
        traceback.print_exc()
    os._exit(1)


def _end(process: int) -> int:
    os.kill(process, signal.SIGKILL)  # means nothing to one that has ended already, and waits to be asked about
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


if __name__ == "__main__":
    main()
