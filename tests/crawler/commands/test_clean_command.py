"""Test `scrapy clean` as a process: files, folders and stdin to records in order, rejects to stderr."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from crawler.local_files.inputs import BadInputError, decode_text, find_inputs, read_input
from output.records.article import Article, Reject, article_id, schema
from tests.support.terminal import at_terminal

ROOT = Path(__file__).resolve().parents[3]
SCRAPY = str(Path(sys.executable).with_name("scrapy"))
SEEDS = ROOT / ".." / "shared" / "seeds"

PARAGRAPHS = [
    "The council of the small town met on Tuesday evening and agreed on a plan for the old harbour.",
    "Under the plan, the warehouses on the north quay will be turned into workshops and a library.",
    "Work is to begin in the spring, the mayor said, and the first tenants should move in a year later.",
    "Residents who spoke at the meeting asked for more trees and for a ferry that runs on Sundays as well.",
]
PAGE = (
    "<!doctype html><html lang=en><head><meta charset=utf-8><title>Harbour plan agreed</title>"
    "<meta property=article:published_time content=2026-03-04T05:06:07Z><meta name=author content='Ida Berg'>"
    "<link rel=canonical href='https://example.com/2026/03/harbour'></head><body><article><h1>Harbour plan agreed</h1>"
    + "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    + "</article></body></html>"
)


def clean(*arguments: str | Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [SCRAPY, "clean", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, input=stdin, capture_output=True, check=False, timeout=60)


def records(data: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in data.splitlines()]


@pytest.mark.skipif(not SEEDS.is_dir(), reason="../shared/seeds is not here")
def test_the_seeds_come_out_to_the_letter() -> None:
    files = sorted(SEEDS.glob("*_*.txt"))
    done = clean(*files)
    assert (done.returncode, done.stderr) == (0, b"")
    found = records(done.stdout)
    assert [record["id"] for record in found] == [file.stem.partition("_")[2] for file in files]
    for record, file in zip(found, files, strict=True):
        jsonschema.validate(record, schema(Article))
        assert record["text"] + "\n" == (SEEDS / "expected" / file.name).read_text(encoding="utf-8")
        assert (record["url"], record["canonical_url"], record["source"]) == (None, None, None)
    assert found[1]["authors"] == ["Zhou Xin"]
    assert found[1]["title"].startswith("US chip maker Micron rekindles ties with China")


def test_pages_of_a_folder_come_in_order_and_with_ids_of_names_or_content(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "002_0857be1dd8f71ffe.html").write_text(PAGE)
    (tmp_path / "a.html").write_text(PAGE.replace("harbour", "airport"))
    (tmp_path / "c").write_text(PAGE.replace("harbour", "station"))
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    (tmp_path / ".hidden.html").write_text(PAGE)
    done = clean(tmp_path)
    found = records(done.stdout)
    assert [record["text"].endswith(PARAGRAPHS[-1]) for record in found] == [True] * 3
    assert [("airport" in r["text"], "station" in r["text"]) for r in found] == [
        (True, False), (False, False), (False, True),
    ]  # fmt: skip
    assert found[1]["id"] == "0857be1dd8f71ffe"
    assert found[0]["id"] != found[2]["id"]
    assert records(clean(tmp_path / "a.html").stdout)[0]["id"] == found[0]["id"]
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_url_gives_the_record_its_addresses_and_its_id() -> None:
    url = "https://www.example.com/2026/03/harbour?utm_source=x"
    done = clean("-", "--url", url, stdin=PAGE.encode())
    (record,) = records(done.stdout)
    assert record["url"] == record["requested_url"] == url
    assert record["canonical_url"] == "https://example.com/2026/03/harbour"
    assert (record["id"], record["source"]) == (article_id("https://example.com/2026/03/harbour"), "example.com")
    assert (record["title"], record["authors"]) == ("Harbour plan agreed", ["Ida Berg"])
    assert record["published"] == "2026-03-04T05:06:07+00:00"
    assert record["text"] == "\n\n".join(PARAGRAPHS)


def test_text_on_stdin_is_cleaned_as_text() -> None:
    done = clean("-", stdin="\n\n".join([*PARAGRAPHS, "Advertisement"]).encode())
    (record,) = records(done.stdout)
    assert record["text"] == "\n\n".join(PARAGRAPHS)
    assert record["removed"] == {"advertisement": 1}


def test_a_reject_goes_to_stderr_with_its_reason(tmp_path: Path) -> None:
    good, empty, noise, short, missing = (tmp_path / name for name in ("g.html", "e.html", "n.html", "s.txt", "m.html"))
    good.write_text(PAGE)
    empty.touch()
    noise.write_bytes(bytes(range(256)) * 20)
    short.write_text("Too little to be an article.")
    done = clean(empty, noise, short, good)
    assert done.returncode == 0
    assert len(records(done.stdout)) == 1
    rejects = records(done.stderr)
    for reject in rejects:
        jsonschema.validate(reject, schema(Reject))
    assert [(reject["reason"], reject["detail"].split(": ")[0]) for reject in rejects] == [
        ("too_short", str(empty)),
        ("not_html", str(noise)),
        ("too_short", str(short)),
    ]
    done = clean(missing, good)
    assert (done.returncode, len(records(done.stdout))) == (1, 1)
    (reject,) = records(done.stderr)
    assert (reject["reason"], reject["detail"]) == ("unreadable", f"{missing}: No such file or directory")
    assert clean(short).returncode == 1


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 2, "name a file or a folder, or - for stdin"),
        (("a.html", "b.html", "--url", "https://example.com/"), 2, "--url is for one page"),
        (("a.html", "--url", "example"), 1, "scrapy clean: not an http or https URL: 'example'"),
        (("no/such/file.html",), 1, '"reason":"unreadable"'),
    ],
)
def test_wrong_usage_is_one_line(arguments: tuple[str, ...], code: int, said: str) -> None:
    done = clean(*arguments)
    assert (done.returncode, done.stdout) == (code, b"")
    assert said in done.stderr.decode()
    assert b"Traceback" not in done.stderr


def test_a_closed_pipe_is_quiet(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"{number:03}.html").write_text(PAGE * 40)
    command = f"{SCRAPY} clean {tmp_path} | head -c 10"
    done = subprocess.run(["sh", "-c", command], cwd=ROOT, capture_output=True, check=False, timeout=60)
    assert (len(done.stdout), done.stderr) == (10, b"")


def test_a_person_at_a_terminal_sees_progress_and_a_file_gets_the_records(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.html").write_text(PAGE)
    with (tmp_path / "records").open("wb") as file:
        code, shown = at_terminal(
            [SCRAPY, "clean", str(tmp_path / "a.html"), str(tmp_path / "b.html")], ROOT, stdout=file
        )
    assert (code, "cleaning" in shown) == (0, True), shown
    assert len((tmp_path / "records").read_bytes().splitlines()) == 2


def test_help_shows_examples() -> None:
    assert b"scrapy clean pages/ > articles.jsonl 2> rejects.jsonl" in clean("--help").stdout


@pytest.mark.parametrize(
    ("name", "data", "is_html"),
    [
        ("a.html", b"no tag at all", True),
        ("a.txt", b"<p>shown as it is</p>", False),
        ("a", b"\xef\xbb\xbf<!DOCTYPE html><html>", True),
        ("a", '<html lang="de"><p>Grüße'.encode("utf-16"), True),
        ("a", b"if a < b and c > d then", False),
        ("a.php", b"<div class=x>text</div>", True),
    ],
)
def test_html_and_text_are_told_apart(tmp_path: Path, name: str, data: bytes, is_html: bool) -> None:
    (tmp_path / name).write_bytes(data)
    assert read_input(str(tmp_path / name)).is_html is is_html


@pytest.mark.parametrize("data", [b"%PDF-1.7\n" + b"x" * 100, b"\x89PNG\r\n\x1a\n" + bytes(200), b"text \0 text"])
def test_binary_data_is_neither(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.txt").write_bytes(data)
    with pytest.raises(BadInputError, match=r"a\.txt: binary data"):
        read_input(str(tmp_path / "a.txt"))


def test_gzipped_pages_are_read_and_bombs_and_torn_ones_are_not(tmp_path: Path) -> None:
    page, torn, bomb = (tmp_path / name for name in ("7_a1dabfe53a31de1e.html.gz", "torn.html.gz", "bomb.html.gz"))
    page.write_bytes(gzip.compress(PAGE.encode()))
    torn.write_bytes(gzip.compress(PAGE.encode())[:-20])
    bomb.write_bytes(gzip.compress(bytes(60 * 1024 * 1024)))
    found = read_input(str(page))
    assert (found.data, found.is_html, found.id) == (PAGE.encode(), True, "a1dabfe53a31de1e")
    assert list(find_inputs([str(tmp_path)])) == [str(page), str(bomb), str(torn)]
    with pytest.raises(BadInputError, match=r"torn\.html\.gz: .*ended") as caught:
        read_input(str(torn))
    assert caught.value.reason == "unreadable"
    with pytest.raises(BadInputError, match=r"bomb\.html\.gz: more than") as caught:
        read_input(str(bomb))
    assert caught.value.reason == "too_large"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "shift_jis"])
def test_text_of_any_encoding_is_read(encoding: str) -> None:
    text = (
        "会議は火曜日の夜に開かれ、港の計画が決まった。" * 8
        if encoding == "shift_jis"
        else "Die Größe der Straße. " * 20
    )
    assert decode_text(text.encode(encoding)) == text


def test_a_name_is_an_id_only_in_its_whole_form(tmp_path: Path) -> None:
    names = (
        "000_a1dabfe53a31de1e.txt",
        "x_a1dabfe53a31de1e.txt",
        "000_a1dabfe53a31de1e_2.txt",
        "000_A1DABFE53A31DE1E.txt",
    )
    for name in names:
        (tmp_path / name).write_text(name)
    assert [read_input(str(tmp_path / name)).named for name in names] == [True, False, False, False]
    assert list(find_inputs([str(tmp_path / "b"), "-"])) == [str(tmp_path / "b"), "-"]
