"""Run real crawls and kill them, the whole process group at once, at an instant that a test chooses.

`Crawls` starts a process that imports everything and then forks one crawl after the other, each in its own session, so a
crawl has no start-up cost. A `Point` names a function and when to kill: before or after its n-th call, or half-way
through its write. Run as a module, this file is that process: it reads jobs as JSON lines, and prints exit codes.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Point:
    """Say where to kill: `where` is `module:name` or `module:Class.name`, as its caller looks it up."""

    where: str
    when: Literal["before", "after", "torn"]
    count: int = 1

    def __str__(self) -> str:
        return f"{self.when} {self.where.partition(':')[2]} #{self.count}"


class Crawls:
    """Crawl one site behind a proxy. `before` is a prefix of the command that starts the process."""

    def __init__(self, proxy: str, before: Sequence[str] = ()):
        kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        self._child = subprocess.Popen(
            [*before, sys.executable, "-m", "tests.support.killing"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
            env={**kept, "http_proxy": proxy, "https_proxy": proxy, "PYTHONPATH": str(ROOT), "SCRAPY_SETTINGS_MODULE": "crawler.settings"},
        )  # fmt: skip

    @property
    def process(self) -> int:
        return self._child.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._child.stdin
        self._child.stdin.close()
        self._child.wait(timeout=120)

    def crawl(
        self, data: Path, *arguments: str, point: Point | None = None, limit: int = 0, errors: Path | None = None
    ) -> int:
        """Crawl to DATA_DIR `data`, and return the exit code, or minus the number of the signal that ended the crawl.

        `limit` is the maximum size of a file in bytes, `errors` a file for stderr.
        """
        job = {
            "arguments": ["-s", f"DATA_DIR={data}", *arguments],
            "point": asdict(point) if point else None, "limit": limit, "errors": str(errors) if errors else None,
        }  # fmt: skip
        assert self._child.stdin
        assert self._child.stdout
        self._child.stdin.write(json.dumps(job) + "\n")
        self._child.stdin.flush()
        return int(self._child.stdout.readline())


def kill_the_group() -> None:
    os.killpg(os.getpgid(0), signal.SIGKILL)


def arm(point: Point) -> None:
    """Replace the function that the point names with one that kills at the right call."""
    module, _, name = point.where.partition(":")
    owner: Any = import_module(module)
    *classes, name = name.split(".")
    for part in classes:
        owner = getattr(owner, part)
    setattr(owner, name, _deadly(getattr(owner, name), point))


def _deadly(function: Callable[..., Any], point: Point) -> Callable[..., Any]:
    calls = 0

    def call(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == point.count and point.when == "torn":
            descriptor, data = args
            os.write(descriptor, data[: len(data) // 2])
            kill_the_group()
        if calls == point.count and point.when == "before":
            kill_the_group()
        result = function(*args, **kwargs)
        if calls == point.count and point.when == "after":
            kill_the_group()
        return result

    return call


def _run(job: Mapping[str, Any]) -> int:
    """Run a crawl in the forked process."""
    import resource

    from scrapy.cmdline import execute

    os.setsid()
    if job["errors"]:
        descriptor = os.open(job["errors"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(descriptor, 2)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    if job["limit"]:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (job["limit"], job["limit"]))
    if job["point"]:
        arm(Point(**job["point"]))
    try:
        execute(["scrapy", "crawl", "news", *job["arguments"]])
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def main() -> None:

    for name in ("crawler.commands.crawl", "crawler.spiders.news", "crawler.pipelines", "crawler.extensions.run_journal",
                 "crawler.discovery.feeds", "cleaners", "rich.table", "trafilatura", "feedparser"):  # fmt: skip
        import_module(name)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            code = 70
            try:
                code = _run(json.loads(line))
            finally:
                os._exit(code)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
