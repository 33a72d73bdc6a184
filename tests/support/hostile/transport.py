"""Outlets that break HTTP itself: endless, slow, oversized and lying answers."""

from __future__ import annotations

import gzip
import io
import zlib
from functools import partial
from typing import TYPE_CHECKING

import brotli

from output.storage.zstd import open_zstd
from tests.support.hostile.outlet import HOSTILE, HTML, Outlet, Raw, Served, with_page, with_start

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.hostile.outlet import Routes

_OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
_MIB = 2**20
_BLOCK = 2**19  # large, so that the attacker's own speed is no limit
_HEADERS = (b"X-More: " + b"x" * 8000 + b"\r\n") * 64


def _endless(head: bytes, block: bytes, pause: float = 0.0) -> Raw:
    """Return an answer that repeats a block for ever."""

    def parts() -> Iterator[bytes | float]:
        yield head
        while True:
            yield block
            if pause:
                yield pause

    return Raw(parts)


def _once(*parts: bytes) -> Raw:
    return Raw(partial(iter, parts))


def _bomb(encoding: str, pack: Callable[[], bytes]) -> Callable[[str], Routes]:
    return lambda _home: {HOSTILE: Served(pack(), HTML, headers={"Content-Encoding": encoding})}


def _zeros() -> bytes:
    return b"<p>" + bytes(64 * _MIB)


def _zstd(body: bytes) -> bytes:
    packed = io.BytesIO()
    with open_zstd(packed, "wb") as file:
        file.write(body)
    return packed.getvalue()


_PAGE = b"<!doctype html><title>The harbour</title><p>"
_refused = partial(with_page, loses=True)

TRANSPORT: tuple[Outlet, ...] = (
    _refused("headers-endless", "memory, with headers without an end", _endless(_OK, _HEADERS)),
    _refused(
        "headers-endless-line", "memory, with one header without an end", _endless(_OK + b"X-More: ", b"x" * _BLOCK)
    ),
    _refused(
        "headers-many",
        "time, with 200,000 headers",
        _once(_OK + b"".join(b"X-%d: 1\r\n" % n for n in range(200_000)) + b"\r\n" + _PAGE),
        may_lose=True,
    ),
    _refused(
        "headers-drip", "patience, with half a second for each byte of a header", _endless(_OK + b"X-More: ", b"x", 0.5)
    ),
    _refused("body-endless", "memory, with a body without an end", _endless(_OK + b"\r\n" + _PAGE, b"x" * _BLOCK)),
    _refused(
        "body-drip", "patience, with half a second for each byte of a body", _endless(_OK + b"\r\n" + _PAGE, b"x", 0.5)
    ),
    _refused(
        "chunks-endless",
        "memory, with chunks without an end",
        _endless(_OK + b"Transfer-Encoding: chunked\r\n\r\n", b"80000\r\n" + b"x" * _BLOCK + b"\r\n"),
    ),
    _refused(
        "chunks-tiny",
        "time, with chunks of a byte without an end",
        _endless(_OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 10_000),
    ),
    _refused(
        "chunks-lying",
        "the parser of chunks, with a length of 2 to the power of 64",
        _once(_OK + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx"),
    ),
    _refused(
        "chunk-extension",
        "memory, with a chunk's extension without an end",
        _endless(_OK + b"Transfer-Encoding: chunked\r\n\r\n1;", b"x" * _BLOCK),
    ),
    _refused(
        "length-lying",
        "the parser of lengths, with one of 20 digits",
        _once(_OK + b"Content-Length: 99999999999999999999\r\n\r\n" + _PAGE),
    ),
    _refused(
        "informational-flood",
        "the reader of answers, with 103 for ever",
        _endless(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 100),
    ),
    _refused(
        "status-lying",
        "the reader of answers, with a status that is no number",
        _once(b"HTTP/1.1 abc OK\r\n\r\n" + _PAGE),
    ),
    _refused("no-http", "the reader of answers, with a stream that is no HTTP", _endless(b"", b"\x00\xff" * 4096)),
    _refused("reset", "the reader of answers, with half a header", _once(_OK[:30])),
    _refused(
        "retry-after-year",
        "the parser of dates, with a year of 20 digits",
        Served(b"later", HTML, 503, {"Retry-After": "Fri, 31 Dec 99999999999999999999 23:59:59 GMT"}),
        may_lose=True,
    ),
    _refused(
        "retry-after-seconds",
        "patience, with 10 to the power of 20 seconds",
        Served(b"later", HTML, 429, {"Retry-After": "1" + "0" * 20}),
        collects=(),
    ),
    _refused(
        "redirect-loop",
        "the following of redirects, with a loop",
        lambda _home: {"/2026/03/05/*": Served(b"", HTML, 302, {"Location": f"{HOSTILE}?again"})},
    ),
    _refused(
        "redirect-long",
        "the following of redirects, with a URL of 60 KB",
        Served(b"", HTML, 302, {"Location": "/" + "a" * 60_000}),
    ),
    _refused(
        "redirect-label",
        "the encoder of host names, with a label of 64 letters",
        Served(b"", HTML, 302, {"Location": f"http://{'v' * 64}.example/"}),
    ),
    _refused(
        "redirect-loopback",
        "the machine's own services, with a redirect to one",
        Served(b"", HTML, 302, {"Location": "http://127.0.0.1:9/"}),
    ),
    _refused(
        "gzip-bomb", "memory, with 2 GB in 2 MB of gzip", _bomb("gzip", lambda: gzip.compress(b" " * 16 * _MIB) * 128)
    ),
    _refused(
        "deflate-bomb", "memory, with 64 MB in 64 KB of deflate", _bomb("deflate", lambda: zlib.compress(_zeros(), 9))
    ),
    _refused(
        "brotli-bomb",
        "memory, with 64 MB in a few bytes of brotli",
        _bomb("br", lambda: brotli.compress(_zeros(), quality=5)),
    ),
    _refused("zstd-bomb", "memory, with 64 MB in a few KB of zstd", _bomb("zstd", lambda: _zstd(_zeros()))),
    _refused(
        "encodings-many",
        "the unpacking, with gzip 200 times over",
        Served(_PAGE, HTML, headers={"Content-Encoding": ", ".join(["gzip"] * 200)}),
        may_lose=True,
    ),
    with_start(
        "start-headers-endless",
        "memory, with headers without an end at the start page",
        _endless(_OK, _HEADERS),
        collects=(),
        loses=True,
    ),
)
