"""Serve calls from the pipe whose descriptor is the argument: the child process of `child_process`."""

from __future__ import annotations

import os
import pickle
import signal
import sys
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from cleaners import clean_html
from cleaners.time_limit.child_process import OUT_OF_MEMORY

_PATIENCE = 120  # seconds for the start
# Has the models, phrases and parsers of dates read before the first call, whose time is for its page.
_SAMPLE = b"""<html lang="es"><head><title>Un puente</title><meta name="date" content="5 de enero de 2026"></head><body>
<h1>Un puente</h1><p>El puente sobre el r\xc3\xado se abri\xc3\xb3 el lunes despu\xc3\xa9s de dos a\xc3\xb1os de obras.</p></body></html>"""


def main() -> None:
    """Work until the caller is gone. The alarm's signal ends the process whatever it is at, even in a C function."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the caller's
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(_PATIENCE)
    with suppress(OSError):  # only Linux has it; where memory runs out, this process is the one to end
        Path("/proc/self/oom_score_adj").write_text("1000")
    connection = Connection(int(sys.argv[1]))
    clean_html(_SAMPLE, "https://www.example.com/puente")
    signal.alarm(0)
    with suppress(EOFError, ConnectionError):
        connection.send(None)
        while True:
            seconds, function, arguments, options = connection.recv()
            signal.setitimer(signal.ITIMER_REAL, seconds)
            answer: tuple[Any, Exception | None]
            try:
                answer = (function(*arguments, **options), None)
            except MemoryError:
                os._exit(OUT_OF_MEMORY)  # nobody knows what it left behind
            except Exception as error:
                answer = (None, _portable(error))
            signal.setitimer(signal.ITIMER_REAL, 0)
            connection.send(answer)


def _portable(error: Exception) -> Exception:
    """Return the exception, or one that names it where its class does not survive pickling."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


if __name__ == "__main__":
    main()
