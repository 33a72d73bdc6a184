"""Whatever a body is compressed with, it is unpacked up to its limit, and what is hostile is rejected by name."""

from __future__ import annotations

import gzip
import sys
import zlib
from typing import TYPE_CHECKING

import brotli
import pytest

from crawler.download.scrapy_internals import UnpackedTooLarge
from crawler.middlewares.decompress import GZIP, MAX_ENCODINGS, MAX_PARTS, inflate
from tests.support.crawling import LOOPBACK, Answer, Hosts, crawl

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Callable

PAGE = b"<!doctype html><title>A page</title>" + b"<p>Some text of it.</p>" * 20_000
LIMIT = 1_000_000
ZLIB, RAW = zlib.MAX_WBITS, -zlib.MAX_WBITS


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=RAW)
    return packer.compress(data) + packer.flush()


CODECS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": lambda data: brotli.compress(data, quality=5),
    "zstd": zstd.compress,
}


@pytest.mark.parametrize(
    ("data", "wbits"),
    [
        (gzip.compress(PAGE), GZIP),
        (gzip.compress(PAGE[:-9]) + gzip.compress(PAGE[-9:]), GZIP),
        (gzip.compress(b"") * 100 + gzip.compress(PAGE), GZIP),
        (gzip.compress(PAGE) + b"\0" * 512, GZIP),
        (gzip.compress(PAGE)[:-6], GZIP),
        (gzip.compress(PAGE) + b"garbage", GZIP),
        (zlib.compress(PAGE), ZLIB),
        (zlib.compress(PAGE, 0), ZLIB),
        (zlib.compress(PAGE) + b"garbage", ZLIB),
        (raw_deflate(PAGE), RAW),
    ],
    ids=["one", "two", "empty ones", "padded", "cut", "trailing", "zlib", "stored", "zlib trailing", "raw"],
)
def test_what_is_intact_is_unpacked(data: bytes, wbits: int) -> None:
    assert inflate(data, LIMIT, wbits) == PAGE


def test_nothing_grows_past_its_limit() -> None:
    members = gzip.compress(PAGE) * 3
    assert inflate(members, 0, GZIP) == PAGE * 3
    with pytest.raises(UnpackedTooLarge):
        inflate(members, 2 * len(PAGE), GZIP)
    with pytest.raises(UnpackedTooLarge):
        inflate(zlib.compress(bytes(50_000_000)), LIMIT, ZLIB)


@pytest.mark.parametrize("data", [b"", b"\x1f", gzip.compress(PAGE)[:9], b"<html>"])
def test_what_does_not_begin_is_an_error(data: bytes) -> None:
    with pytest.raises((zlib.error, EOFError)):
        inflate(data, LIMIT, GZIP)


def test_hostile_compression_fails_its_response_by_name_and_others_are_read() -> None:
    bomb = b"<html>" + bytes(12_000_000)
    empty_frames = {"gzip": gzip.compress(b""), "zstd": zstd.compress(b"")}
    answers: dict[str, Answer] = {}

    def add(path: str, body: bytes, encoding: str) -> None:
        answers[path] = Answer(body, headers={"Content-Type": "text/html", "Content-Encoding": encoding})

    for name, pack in CODECS.items():
        add(f"/page-{name}", pack(PAGE * 5), name)
        add(f"/bomb-{name}", pack(bomb), name)
    for name, frame in empty_frames.items():
        add(f"/parts-{name}", frame * (MAX_PARTS + 1), name)
    nested, layers = PAGE, ["gzip", "br", "zstd"]
    for name in layers:
        nested = CODECS[name](nested)
    add("/page-nested", nested, ", ".join(layers))
    add("/layers", PAGE, ", ".join(["gzip"] * (MAX_ENCODINGS + 1)))
    with Hosts(answers) as hosts:
        places = zip(answers, LOOPBACK * 3, strict=False)
        urls = {path: hosts.url(path, host) for path, host in places}
        outcome = crawl([{"url": url, "info": {"kind": "article"}} for url in urls.values()])
    got = {path: outcome.results[url] for path, url in urls.items()}
    for name in CODECS:
        assert got[f"/page-{name}"]["bytes"] == 5 * len(PAGE)
        assert got[f"/bomb-{name}"]["reason"] == "too_large"
        assert "when decompressed" in got[f"/bomb-{name}"]["detail"]
    for name in empty_frames:
        assert got[f"/parts-{name}"]["reason"] == "download_failed"
        assert got[f"/parts-{name}"]["detail"] == f"cannot be decompressed: more than {MAX_PARTS:,} parts"
    assert got["/page-nested"]["bytes"] == len(PAGE)
    assert got["/layers"].get("reason") is None, "it opens as HTML, and is called compressed by mistake"
