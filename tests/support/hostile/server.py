"""Serve outlets on loopback, in a process of its own: `python -m tests.support.hostile.server LOG NAME...`.

It prints its port, notes the time of each request in LOG, and ends when its stdin is closed, so that it outlives nobody.
Each answer has bounds in bytes and seconds, also those that would never end.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.hostile.catalog import BY_NAME
from tests.support.hostile.outlet import Answer, Outlet, Routes, Served

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parents[3]
_MAX_BYTES = 2 * 2**30  # of a raw answer: a crawler that keeps them all fails by its limit of memory
_MAX_SECONDS = 60.0  # of any answer
_BYTES_PER_SECOND = 100e6  # of all answers together: a fast link, and not one that only exists within a machine
_PIECE = 256 * 1024
_NOT_FOUND = Served(b"not here\n", "text/plain", 404)


@dataclass(frozen=True)
class NotedRequest:
    """A request for a path of a host, and when it came, as `time.time()`."""

    at: float
    host: str
    path: str


@dataclass(frozen=True)
class HostileServer:
    """A running server; `requests` reads what it has noted so far."""

    port: int
    log: Path

    def url(self, outlet: Outlet) -> str:
        return f"http://{outlet.host}:{self.port}"

    def requests(self) -> list[NotedRequest]:
        return [NotedRequest(*json.loads(line)) for line in self.log.read_text().splitlines()]


@contextmanager
def serve_outlets(outlets: Sequence[Outlet], log: Path) -> Iterator[HostileServer]:
    """Serve these outlets while the block runs."""
    names = [outlet.name for outlet in outlets]
    command = [sys.executable, "-m", "tests.support.hostile.server", str(log), *names]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as child:
        assert child.stdin
        assert child.stdout
        try:
            yield HostileServer(int(child.stdout.readline()), log)
        finally:
            child.stdin.close()
            try:
                child.wait(timeout=5)
            except subprocess.TimeoutExpired:
                child.kill()


class _Link:
    """Give each piece its turn on the link that all outlets of a server share."""

    def __init__(self) -> None:
        self._free_at = 0.0

    async def send(self, data: bytes, writer: asyncio.StreamWriter) -> None:
        for start in range(0, len(data), _PIECE):
            piece = data[start : start + _PIECE]
            now = time.monotonic()
            begins = max(self._free_at, now)
            self._free_at = begins + len(piece) / _BYTES_PER_SECOND
            await asyncio.sleep(begins - now)
            writer.write(piece)
            await writer.drain()


@dataclass
class _Server:
    log: Path
    outlets: dict[str, Routes] = field(default_factory=dict)
    link: _Link = field(default_factory=_Link)

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, TimeoutError, ValueError, EOFError, asyncio.LimitOverrunError):
            while await self._answer_one(reader, writer):
                pass
        with suppress(OSError):
            writer.transport.abort()

    async def _answer_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer the next request; tell whether the connection stays open."""
        async with asyncio.timeout(_MAX_SECONDS):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        target = head.split(" ", 2)[1]
        host = next((line[5:].strip() for line in head.splitlines() if line.lower().startswith("host:")), "")
        name = host.partition(":")[0]
        with self.log.open("a") as file:
            file.write(json.dumps((time.time(), name, target[:200])) + "\n")
        async with asyncio.timeout(_MAX_SECONDS):
            return await _send(_choose(self.outlets.get(name, {}), target), writer, self.link)


def _choose(routes: Routes, target: str) -> Answer:
    if target in routes:
        return routes[target]
    path = target.partition("?")[0]
    prefixes = [key for key in routes if key.endswith("*") and target.startswith(key[:-1])]
    return routes[prefixes[0]] if prefixes else routes.get(path, _NOT_FOUND)


async def _send(answer: Answer, writer: asyncio.StreamWriter, link: _Link) -> bool:
    if isinstance(answer, Served):
        await asyncio.sleep(answer.seconds)
        headers = {"Content-Type": answer.content_type, "Content-Length": str(len(answer.body)), **answer.headers}
        lines = [f"HTTP/1.1 {answer.status} It is so", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        await link.send("\r\n".join(lines).encode() + answer.body, writer)
        return True
    sent = 0
    for part in answer.parts():
        if isinstance(part, float):
            await asyncio.sleep(part)
            continue
        await link.send(part, writer)
        sent += len(part)
        if sent > _MAX_BYTES:
            break
    writer.close()  # what is still to be sent is sent first
    with suppress(OSError):
        await writer.wait_closed()
    return False


async def _serve(log: Path, outlets: Sequence[Outlet]) -> None:
    server = _Server(log)
    log.touch()
    listening = await asyncio.start_server(server.connected, "127.0.0.1", 0, limit=2**20)
    port = listening.sockets[0].getsockname()[1]
    server.outlets |= {outlet.host: outlet.routes(f"http://{outlet.host}:{port}") for outlet in outlets}
    print(port, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    listening.close()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1]), [BY_NAME[name] for name in sys.argv[2:]]))
