"""`scrapy clean` on WARC files of others: the pages in them, whatever way they are packed, and around what is broken."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
import time
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler.archive import warc_records as warc_records
from crawler.local_files.warc_pages import warc_pages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

ROOT = Path(__file__).resolve().parents[3]
SCRAPY = str(Path(sys.executable).with_name("scrapy"))
SENTENCE = "The ferry to the northern islands sails again after the strike, and {name} was on the first one. "
HTML = {"Content-Type": "text/html; charset=utf-8"}


def page(name: str) -> bytes:
    head = f"<meta property=article:published_time content=2026-03-04T05:06:07Z><title>{name} sails</title>"
    text = SENTENCE.format(name=name) * 5
    body = f"<article><h1>{name} sails</h1><p>{text}</p></article>"
    return f"<!doctype html><html><head>{head}</head><body>{body}</body></html>".encode()


def chunked(data: bytes, size: int = 100) -> bytes:
    parts = [data[at : at + size] for at in range(0, len(data), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def record(
    name: str, body: bytes, headers: dict[str, str] | None = None, *, status: str = "200 OK", kind: str = "response"
) -> bytes:
    """A compressed record, fetched from https://news.example/<name>."""
    out = BytesIO()
    writer = WARCWriter(out, gzip=True)
    http = StatusAndHeaders(status, list((headers or HTML).items()), protocol="HTTP/1.1")
    made = writer.create_warc_record(
        f"https://news.example/{name}", kind, BytesIO(body), len(body), http_headers=http,
        warc_headers_dict={"WARC-Date": "2026-03-04T05:06:07Z"},
    )  # fmt: skip
    writer.write_record(made)
    return out.getvalue()


def clean(*arguments: str | Path) -> tuple[int, list[dict[str, Any]], list[dict[str, Any]]]:
    command = [SCRAPY, "clean", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, timeout=100)
    assert b"Traceback" not in done.stderr
    articles, rejects = ([json.loads(line) for line in stream.splitlines()] for stream in (done.stdout, done.stderr))
    return done.returncode, articles, rejects


def names(pages: Iterable[Any]) -> list[str | None]:
    return [found.page.url.rpartition("/")[2] if found.page else None for found in pages]


def test_pages_come_out_however_they_were_sent_and_what_is_no_page_does_not(tmp_path: Path) -> None:
    info = BytesIO()
    writer = WARCWriter(info, gzip=True)
    writer.write_record(writer.create_warcinfo_record("news.warc.gz", {"software": "another"}))
    torn = bytearray(record("torn", page("torn") * 20))
    torn[len(torn) // 2 : len(torn) // 2 + 20] = bytes(20)
    path = tmp_path / "news.warc.gz"
    path.write_bytes(b"".join((
        info.getvalue(),
        record("plain", page("Anna")),
        record("zipped", gzip.compress(page("Bert")), {**HTML, "Content-Encoding": "gzip"}),
        bytes(torn),
        record("both", chunked(gzip.compress(page("Carl"))), {**HTML, "Content-Encoding": "gzip", "Transfer-Encoding": "chunked"}),
        record("logo.png", b"\x89PNG" + bytes(50), {"Content-Type": "image/png"}),
        record("gone", page("Dora"), status="404 Not Found"),
        record("asked", b"", {"Accept": "*/*"}, status="GET / HTTP/1.1", kind="request"),
        record("last", page("Emil")),
    )))  # fmt: skip
    code, articles, rejects = clean(path)
    assert [(article["url"], article["title"]) for article in articles] == [
        ("https://news.example/plain", "Anna sails"),
        ("https://news.example/zipped", "Bert sails"),
        ("https://news.example/both", "Carl sails"),
        ("https://news.example/last", "Emil sails"),
    ]
    assert {(article["fetched"], article["source"]) for article in articles} == {
        ("2026-03-04T05:06:07Z", "news.example")
    }
    assert articles[2]["text"] == (SENTENCE.format(name="Carl") * 5).strip()
    (reject,) = rejects
    start = path.read_bytes().index(bytes(torn))
    assert (reject["reason"], code) == ("unreadable", 1)
    assert reject["detail"].startswith(f"{path}, byte {start}: ")


@pytest.mark.parametrize("how", ["not compressed", "as one stream", "record by record"])
def test_packing_makes_no_difference(tmp_path: Path, how: str) -> None:
    compressed = [record(name, page(name)) for name in ("one", "two", "three")]
    whole = b"".join(gzip.decompress(one) for one in compressed)
    path = tmp_path / ("a.warc" if how == "not compressed" else "a.warc.gz")
    path.write_bytes({"not compressed": whole, "as one stream": gzip.compress(whole)}.get(how, b"".join(compressed)))
    assert names(warc_pages(str(path))) == ["one", "two", "three"]


@pytest.mark.parametrize("packed", [False, True])
def test_a_record_with_a_false_length_or_digest_is_told_and_the_next_ones_are_read(
    tmp_path: Path, packed: bool
) -> None:
    good = [gzip.decompress(record(name, page(name))) for name in ("one", "two", "three")]
    false = good[1].replace(b"northern", b"southern", 1)
    headless = re.sub(rb"Content-Length: \d+\r\n", b"", good[1], count=1)
    long = re.sub(rb"Content-Length: (\d+)", rb"Content-Length: 9\1", good[1], count=1)
    for bad in (false, b"WARC/1.0\r\nnonsense\r\n\r\n", headless, long):
        path = tmp_path / "bad.warc"
        whole = [good[0], bad, good[2]]
        path.write_bytes(b"".join(gzip.compress(one) if packed else one for one in whole))
        found = list(warc_pages(str(path)))
        assert any(one.page is None and f"{path}, byte " in one.name and one.fault for one in found), bad[:200]
        assert [name for name in names(found) if name] == ["one", "three"], bad[:200]


LIES: dict[str, Callable[[int], str]] = {
    "400 digits": lambda _: "9" * 400,
    "5,000 digits": lambda _: "9" * 5000,
    "just more than fits": lambda _: str(2**63),
    "a negative one": lambda _: "-5",
    "words": lambda _: "many",
    "a few bytes more": lambda length: str(length + 50),
    "a few bytes less": lambda length: str(length - 50),
    "all that follows": lambda _: "49000000",
    "other digits": lambda _: "٣٤",
}


@pytest.mark.parametrize("packing", ["none", "records", "stream"])
@pytest.mark.parametrize("lie", LIES)
def test_a_length_that_lies_costs_its_record_also_where_no_digest_tells(tmp_path: Path, lie: str, packing: str) -> None:
    whole = [gzip.decompress(record(name, page(name))) for name in ("one", "two", "three")]
    one, two, three = (re.sub(rb"WARC-(?:Block|Payload)-Digest: .*\r\n", b"", data) for data in whole)
    two = re.sub(
        rb"Content-Length: (\d+)", lambda at: b"Content-Length: " + LIES[lie](int(at[1])).encode(), two, count=1
    )
    path = tmp_path / "lies.warc"
    parts = [one, two, three]
    data = b"".join(gzip.compress(part) if packing == "records" else part for part in parts)
    path.write_bytes(gzip.compress(data) if packing == "stream" else data)
    found = list(warc_pages(str(path)))
    assert names(found) == ["one", None, "three"]
    start = len(gzip.compress(one) if packing == "records" else one)
    assert (found[1].name, found[1].fault != "") == (f"{path}, byte {start}", True)


@pytest.mark.parametrize("packing", ["none", "stream"])
@pytest.mark.parametrize(
    "false",
    [b"\x1f\x8b\x08", b"\x1f\x8b\x08\0\0\0\0\0\0\xff", b"\nWARC/1.0x", b"\n\nWARC/1.0\n", b"\nWARC/1.0\nA: b\n"],
)
def test_half_a_million_false_starts_are_passed_quickly(tmp_path: Path, false: bytes, packing: str) -> None:
    one, three = (gzip.decompress(record(name, page(name))) for name in ("one", "three"))
    path = tmp_path / "false.warc"
    data = one + false * 500_000 + b"\r\n\r\n" + three
    path.write_bytes(gzip.compress(data) if packing == "stream" else data)
    began = time.monotonic()
    found = list(warc_pages(str(path)))
    assert time.monotonic() - began < 60, "a second on a machine that does nothing else"
    assert names(found)[0] == "one"
    assert names(found)[-1] == "three" or "the rest of the file is not read" in found[-1].fault
    assert len(found) < 10_000


def test_a_file_of_records_that_all_lie_is_given_up(tmp_path: Path) -> None:
    path = tmp_path / "lies.warc"
    path.write_bytes(b"WARC/1.0\r\nContent-Length: 3000000\r\n\r\n\r\n\r\n" * 200_000)
    found = list(warc_pages(str(path)))
    assert found[-1].fault == "too much is broken; the rest of the file is not read"
    assert len(found) < 10_000


def test_a_warc_file_that_is_no_regular_file_is_told(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.warc")
    (tmp_path / "zero.warc.gz").symlink_to("/dev/zero")
    for name, said in (("pipe.warc", "a named pipe"), ("zero.warc.gz", "a device")):
        (found,) = warc_pages(str(tmp_path / name))
        assert (found.name, found.fault) == (str(tmp_path / name), f"{said}, not a regular file")


def test_a_torn_end_a_bomb_and_a_missing_file_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warc_records, "_LARGEST", 100_000)
    path = tmp_path / "a.warc.gz"
    bomb = record("bomb", gzip.compress(bytes(1_000_000)), {**HTML, "Content-Encoding": "gzip"})
    last = record("last", page("last") * 30)
    path.write_bytes(bomb + record("one", page("one")) + last[: len(last) // 2])
    bombed, one, torn = warc_pages(str(path))
    assert (bombed.page, bombed.fault) == (None, "more than 100,000 bytes once unpacked")
    assert one.page
    assert torn.page is None
    assert "ends" in torn.fault
    (missing,) = warc_pages(str(tmp_path / "no.warc"))
    assert (missing.name, missing.fault) == (str(tmp_path / "no.warc"), "No such file or directory")


def test_folders_are_searched_and_pages_cleaned_side_by_side_keep_their_order(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.warc.gz").write_bytes(b"".join(record(f"{n}", page(f"Nr {n}")) for n in range(12)))
    (tmp_path / "z.html").write_bytes(page("Zoe"))
    code, articles, rejects = clean(tmp_path, "--jobs", "2")
    assert (code, rejects) == (0, [])
    assert [article["title"] for article in articles] == [*(f"Nr {n} sails" for n in range(12)), "Zoe sails"]
