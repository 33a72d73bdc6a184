"""Fuzz one target with atheris. A process of its own, since libFuzzer ends the one that it runs in.

`python -m tests.fuzz.fuzz_process TARGET [libFuzzer's options and corpus folders]`
"""

from __future__ import annotations

import sys
from contextlib import suppress

from tests.fuzz.saved_inputs import load_check, saved_inputs

# Whose branches guide the fuzzer: ours, and of the libraries that read outlets' bytes in Python.
_INSTRUMENTED = [
    "cleaners",
    "crawler",
    "output",
    "courlan",
    "dateutil",
    "email",
    "feedparser",
    "tomllib",
    "w3lib",
    "warcio",
]


def main() -> None:
    import atheris

    target, *options = sys.argv[1:]
    with atheris.instrument_imports(include=_INSTRUMENTED, enable_loader_override=False):
        check = load_check(target)
        for path in saved_inputs(target):
            with suppress(Exception):  # libFuzzer runs them again, and keeps what fails
                check(path.read_bytes())  # imports what is imported on first use
    atheris.Setup([sys.argv[0], *options], check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
