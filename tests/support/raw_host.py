"""Serve bytes that no HTTP library would send: a test gives, for each path, what goes over the wire."""

from __future__ import annotations

import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Self

from tests.support.crawling import LOOPBACK

if TYPE_CHECKING:
    import ssl

PAGE = b"<!doctype html><title>A page</title><p>Text."
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
NO_ROBOTS = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
Scripts = Mapping[str, Callable[[], Iterable[bytes]]]


def whole(body: bytes = PAGE, headers: bytes = b"") -> bytes:
    """Return a complete response."""
    return OK + headers + b"Content-Length: %d\r\n\r\n" % len(body) + body


class RawHost:
    """Sends what the function of a path yields, then hangs up; counts the bytes by path. Other paths are a 404."""

    def __init__(self, scripts: Scripts, tls: ssl.SSLContext | None = None):
        self.scripts, self.sent, self.asked = scripts, Counter[str](), Counter[str]()
        self._tls = tls
        self._listener = socket.create_server(("0.0.0.0", 0), backlog=64)
        self.port = self._listener.getsockname()[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def url(self, path: str, host: str = LOOPBACK[0]) -> str:
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}{path}"

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(60)
        try:
            with self._tls.wrap_socket(connection, server_side=True) if self._tls else connection as wire:
                head = b""
                while b"\r\n\r\n" not in head:
                    head += (received := wire.recv(65536))
                    if not received:
                        return
                path = head.split(b" ", 2)[1].decode()
                self.asked[path] += 1
                for piece in self.scripts[path]() if path in self.scripts else [NO_ROBOTS]:
                    wire.sendall(piece)
                    self.sent[path] += len(piece)
        except OSError:
            pass  # the crawler hung up, as some tests want
