"""Test `scrapy export` as a process: what it writes, what it refuses, what it leaves behind."""

from __future__ import annotations

import gzip
import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from output.export.target import TargetError, file_target, folder_target
from output.storage.zstd import open_zstd
from tests.support.export_articles import RUN, record, save

ROOT = Path(__file__).resolve().parents[3]
SCRAPY = str(Path(sys.executable).with_name("scrapy"))


def run(*arguments: str | Path, data: Path) -> subprocess.CompletedProcess[str]:
    command = [SCRAPY, "export", "-s", f"DATA_DIR={data}", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    first = [record("a"), record("b", language="de"), record("c", "What a says.\n\nAnd more.")]
    save(tmp_path / "data" / "articles" / "2026-03-01" / f"{RUN}.jsonl", *first)
    save(tmp_path / "data" / "articles" / "2026-03-02" / "20260302T120000Z-0a1b2c.jsonl", record("d", published=None))
    save(tmp_path / "data" / "articles" / "2026-03-02" / "20260302T130000Z-0a1b2c.jsonl.part", record("e"))
    return tmp_path / "data"


def test_articles_go_to_a_file_that_is_not_replaced_unasked(data: Path, tmp_path: Path) -> None:
    target = tmp_path / "new" / "c4.jsonl.gz"
    asked = ("--format", "c4", "-o", target, "--dedupe", "--where", "language=en")
    done = run(*asked, data=data)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"exported 2 articles to {target}; left out: 1 not selected, 1 repeats\n"
    with gzip.open(target, "rt") as file:
        assert [json.loads(line)["url"] for line in file] == ["https://example.com/a", "https://example.com/d"]
    before = target.read_bytes()

    again = run(*asked, data=data)
    assert (again.returncode, again.stderr) == (1, f"scrapy export: {target} exists; --force replaces it\n")
    assert run(*asked, "--force", data=data).returncode == 0
    assert target.read_bytes() == before  # the same articles, the same bytes
    assert [file.name for file in target.parent.iterdir()] == ["c4.jsonl.gz"]


def test_broken_lines_are_named_and_set_the_exit_code(data: Path, tmp_path: Path) -> None:
    broken = save(tmp_path / "broken.jsonl", record("x"), b'{"id": "tor')
    os.mkfifo(tmp_path / "pipe.jsonl")
    (tmp_path / "zero.gz").symlink_to("/dev/zero")
    others = (tmp_path / "none.jsonl", tmp_path / "pipe.jsonl", tmp_path / "zero.gz", tmp_path)
    done = run("--format", "jsonl", broken, *others, data=data)
    assert done.returncode == 3
    assert [json.loads(line)["title"] for line in done.stdout.splitlines()] == ["X"]
    named, missing, pipe, device, folder, summary = done.stderr.splitlines()
    assert named.startswith(f"{broken}, line 2: not an article's record: Invalid JSON")
    assert missing == f"{tmp_path / 'none.jsonl'}: No such file or directory"
    assert pipe == f"{tmp_path / 'pipe.jsonl'}: a named pipe, not a regular file"
    assert device == f"{tmp_path / 'zero.gz'}: a device, not a regular file"
    assert folder == f"{tmp_path}: a folder, not a regular file"
    assert summary == "exported 1 articles; left out: 5 broken lines"

    target = tmp_path / "good.csv"
    target.write_text("precious")
    foreign = save(tmp_path / "foreign.jsonl", *[b"{}"] * 150)
    nothing = run("--format", "csv", "-o", target, "--force", foreign, data=data)
    assert nothing.returncode == 1
    assert nothing.stderr.splitlines()[100:] == [
        "and 50 more",
        "scrapy export: nothing to export: no line is an article",
    ]
    assert (target.read_text(), list(tmp_path.glob("*.part"))) == ("precious", [])


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (
            ["--format", "xml"],
            2,
            "no format 'xml'; choose one of c4, cc_news, csv, dolma, fineweb, jsonl, parquet, seed",
        ),
        ([], 2, "choose a --format from c4, cc_news, csv,"),
        (["--format", "c4", "--where", "lang=en"], 2, "no field 'lang'; did you mean language?"),
        (["--format", "seed"], 1, "seed writes a folder of files: name it with -o"),
        (["--format", "parquet"], 1, "parquet cannot be written to stdout: name a file with -o"),
        (
            ["--format", "parquet", "-o", "new.parquet.gz"],
            1,
            "cannot compress as .gz; the format is already compressed",
        ),
        (["--format", "c4", "-o", "/proc/none/c4.jsonl"], 1, "scrapy export: /proc/none"),
        (["--format", "c4", "a.jsonl.part"], 1, "a.jsonl.part is not finished"),
        (
            ["--format", "c4", "-s", "DATA_DIR=/none"],
            1,
            "no articles in DATA_DIR '/none'; crawl first, or name files to read",
        ),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(data: Path, arguments: list[str], code: int, says: str) -> None:
    done = run(*arguments, data=data)
    assert done.returncode == code
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_full_disk_leaves_nothing_behind(data: Path, tmp_path: Path) -> None:
    save(data / "articles" / "2026-03-03" / "20260303T120000Z-0a1b2c.jsonl", record("big", "words " * 100_000))
    target = tmp_path / "full.jsonl"

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

    command = [SCRAPY, "export", "-s", f"DATA_DIR={data}", "--all-revisions", "--format", "c4", "-o", str(target)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60, preexec_fn=limited
    )
    assert (done.returncode, done.stderr) == (1, f"scrapy export: {target}: File too large\n")
    assert not list(tmp_path.glob("full*"))


def interruptible() -> None:
    """Jobs in the background of a script are started deaf to Ctrl-C; this one is to hear it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("name", ["c4", "seed"])
def test_an_interrupted_export_leaves_nothing_behind(
    data: Path, tmp_path: Path, name: str, number: signal.Signals, code: int
) -> None:
    (tmp_path / "endless.jsonl").touch()
    os.truncate(tmp_path / "endless.jsonl", 1 << 42)  # sparse: the export looks for the end of its only line for long
    arguments = ["--format", name, "-o", str(tmp_path / "out"), str(tmp_path / "endless.jsonl")]
    child = subprocess.Popen(
        [SCRAPY, "export", "-s", f"DATA_DIR={data}", *arguments],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        preexec_fn=interruptible,
    )
    deadline = time.monotonic() + 30
    while not (tmp_path / "out.part").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.1)
    child.send_signal(number)
    _, stderr = child.communicate(timeout=30)
    assert (child.returncode, stderr) == (code, b"")
    assert not list(tmp_path.glob("out*"))


def test_a_folder_takes_the_place_of_one_that_an_export_wrote_and_of_no_other(data: Path, tmp_path: Path) -> None:
    target = tmp_path / "texts"
    target.mkdir()  # an empty one is nobody's
    assert run("--format", "seed", "-o", target, data=data).returncode == 0
    assert len(list(target.iterdir())) == 4
    assert "--force replaces it" in run("--format", "seed", "-o", target, data=data).stderr
    assert run("--format", "seed", "-o", target, "--force", "--where", "language=de", data=data).returncode == 0
    (text,) = target.iterdir()
    assert (text.name, text.read_text()) == (f"000_{record('b')['id']}.txt", "What b says.\n\nAnd more.\n")
    (target / "notes.md").write_text("mine")
    refused = run("--format", "seed", "-o", target, "--force", data=data)
    assert (
        refused.stderr
        == f"scrapy export: {target} is not a folder that an export wrote, so it is not replaced; name another\n"
    )
    assert (target / "notes.md").read_text() == "mine"


def numbered(name: str) -> bool:
    return name.startswith("0")


def test_two_exports_to_one_place_do_not_mix_and_a_killed_one_is_no_obstacle(tmp_path: Path) -> None:
    target, folder = tmp_path / "t.jsonl", tmp_path / "folder"
    (tmp_path / "t.jsonl.part").write_text("from one that was killed, and longer")
    with file_target(target, force=False, plain=True) as file:
        file.write(b"whole\n")
        with (
            pytest.raises(TargetError, match="another export is writing it"),
            file_target(target, force=True, plain=True),
        ):
            pytest.fail("two at once")
    assert target.read_bytes() == b"whole\n"
    with folder_target(folder, force=False, owns=numbered) as part:
        (part / "0").write_text("whole")
        with pytest.raises(TargetError, match="another export"), folder_target(folder, force=True, owns=numbered):
            pytest.fail("two at once")
    assert [file.name for file in folder.iterdir()] == ["0"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "t.jsonl"]


def interrupted(target: Path) -> None:
    with file_target(target, force=True, plain=True) as file:
        file.write(b"half")
        raise KeyboardInterrupt


@pytest.mark.parametrize("ending", ["", ".gz", ".zst"])
def test_what_fails_on_the_way_leaves_the_old_file(tmp_path: Path, ending: str) -> None:
    target = tmp_path / f"t.jsonl{ending}"
    target.write_text("old")
    with pytest.raises(KeyboardInterrupt):
        interrupted(target)
    assert (target.read_text(), len(list(tmp_path.iterdir()))) == ("old", 1)


def test_endings_say_how_it_is_compressed(tmp_path: Path) -> None:
    with file_target(tmp_path / "t.zst", force=False, plain=True) as file:
        file.write(b"text" * 1000)
    with open_zstd(tmp_path / "t.zst", "rb") as file:
        assert file.read() == b"text" * 1000
    with (
        pytest.raises(TargetError, match=r"cannot compress as \.xz; use \.gz or \.zst"),
        file_target(tmp_path / "t.xz", force=False, plain=True),
    ):
        pytest.fail("written")


@pytest.fixture
def many(tmp_path: Path) -> Path:
    text = "The council met on Tuesday and agreed on a plan for the old harbour. " * 40
    path = tmp_path / "many.jsonl"
    save(path, *(record(f"a{n}", f"{text}{n}") for n in range(1000)))
    lines = path.read_bytes()
    with path.open("ab") as file:
        for _ in range(19):
            file.write(lines)
    return path


def test_memory_does_not_grow_with_the_archive(many: Path, data: Path, tmp_path: Path) -> None:
    command = [SCRAPY, "export", "-s", f"DATA_DIR={data}", "--all-revisions", "--format", "c4", "-o"]
    measured = [sys.executable, "-c", MEASURE, *command, str(tmp_path / "out.jsonl.gz"), str(many)]
    done = subprocess.run(measured, cwd=ROOT, capture_output=True, text=True, check=True, timeout=100)
    assert many.stat().st_size > 60_000_000
    assert int(done.stdout.splitlines()[-1]) < 160 * 1024  # KiB; Scrapy alone takes 70


MEASURE = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
