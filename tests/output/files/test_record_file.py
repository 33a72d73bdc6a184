"""Write record files: complete under their name, or a `.part` and nothing else; and append to the run log."""

from __future__ import annotations

import hashlib
import json
import resource
import signal
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from output.files.record_file import RecordFile, finish_part, part_of, read_records, record_path
from output.runs.run_log import FinishedFile, RunLine, SiteCounts, append_run, new_run_id, run_start

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RUN = "20260301T235959Z-0a1b2c"


def line(run: str) -> RunLine:
    files = (FinishedFile("articles/2026-03-01/x.jsonl", 2, "ab"),)
    sites = {"example.com": SiteCounts(candidates=3, fetched=2, articles=2)}
    return RunLine(run, "s", "e", "finished", 0, "finished", "news", {"limit": "2"}, 2, sites, {}, {"byline": 1}, files)


def test_a_run_is_named_after_its_start_and_its_files_lie_under_that_day(tmp_path: Path) -> None:
    start = datetime(2026, 3, 1, 23, 59, 59, tzinfo=UTC)
    run = new_run_id(start)
    assert run.startswith("20260301T235959Z-")
    assert run_start(run) == start
    assert new_run_id(start) != run
    assert record_path(tmp_path, "rejects", RUN) == tmp_path / "rejects" / "2026-03-01" / f"{RUN}.jsonl"
    with pytest.raises(ValueError, match="latest"):
        run_start("latest")


def test_lines_are_in_the_part_at_once_and_in_the_file_when_it_is_finished(tmp_path: Path) -> None:
    file = RecordFile(record_path(tmp_path, "articles", RUN))
    file.write({"id": "1", "text": "Ünï\ncode"})
    file.write({"id": "2"})
    assert [record["id"] for record in read_records(file.part)] == ["1", "2"]
    assert not file.path.exists()
    finished = file.finish()
    assert [entry.name for entry in file.path.parent.iterdir()] == [file.path.name]
    data = file.path.read_bytes()
    assert [json.loads(row) for row in data.decode().splitlines()] == [{"id": "1", "text": "Ünï\ncode"}, {"id": "2"}]
    assert finished == FinishedFile(str(file.path), 2, hashlib.sha256(data).hexdigest())


def test_a_run_without_records_leaves_nothing(tmp_path: Path) -> None:
    assert RecordFile(record_path(tmp_path, "articles", RUN)).finish() is None
    assert list(tmp_path.iterdir()) == []


def test_finishing_applies_a_transformation_and_strips_private_keys(tmp_path: Path) -> None:
    def shorten(records: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        return (record | {"text": record["_pending"][0]} for record in records if record["_pending"])

    file = RecordFile(tmp_path / "x.jsonl")
    file.write({"id": "1", "text": "a\n\nb", "_pending": ["a", "b"]})
    file.write({"id": "2", "text": "c", "_pending": []})
    finished = file.finish(shorten)
    assert list(read_records(file.path)) == [{"id": "1", "text": "a"}]
    assert finished is not None
    assert (finished.lines, finished.sha256) == (1, hashlib.sha256(file.path.read_bytes()).hexdigest())
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.jsonl"]


def test_private_keys_never_reach_a_finished_file(tmp_path: Path) -> None:
    file = RecordFile(tmp_path / "x.jsonl")
    file.write({"id": "1", "_pending": ["a"]})
    file.finish()
    assert list(read_records(file.path)) == [{"id": "1"}]


def test_a_transformation_that_keeps_nothing_leaves_nothing(tmp_path: Path) -> None:
    file = RecordFile(tmp_path / "x.jsonl")
    file.write({"id": "1"})
    assert file.finish(lambda _records: ()) is None
    assert list(tmp_path.iterdir()) == []


def test_a_killed_process_leaves_only_the_part_and_it_can_be_finished_later(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys; from pathlib import Path; from output.files.record_file import RecordFile\n"
        "file = RecordFile(Path(sys.argv[1]))\n"
        "for n in range(3): file.write({'id': n, '_pending': []})\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    path = tmp_path / "x.jsonl"
    died = subprocess.run([sys.executable, "-c", script, str(path)], check=False)
    assert died.returncode == -signal.SIGKILL
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.jsonl.part"]
    assert finish_part(path) is not None
    assert list(read_records(path)) == [{"id": 0}, {"id": 1}, {"id": 2}]
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.jsonl"]


def test_a_failure_while_finishing_leaves_the_part(tmp_path: Path) -> None:
    def fail(_records: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        raise RuntimeError("no memory of this site")

    file = RecordFile(tmp_path / "x.jsonl")
    file.write({"id": "1"})
    with pytest.raises(RuntimeError):
        file.finish(fail)
    assert not file.path.exists()
    assert list(read_records(part_of(file.path))) == [{"id": "1"}]


def test_a_line_that_does_not_fit_on_the_disk_is_undone(tmp_path: Path) -> None:
    def write_until_full() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

    script = (
        "import sys; from pathlib import Path; from output.files.record_file import RecordFile\n"
        "file = RecordFile(Path(sys.argv[1]))\n"
        "file.write({'id': 1, 'text': 'x' * 600})\n"
        "try: file.write({'id': 2, 'text': 'x' * 600})\n"
        "except OSError: file.write({'id': 3}); file.finish(); sys.exit(7)\n"
    )
    path = tmp_path / "x.jsonl"
    full = subprocess.run([sys.executable, "-c", script, str(path)], check=False, preexec_fn=write_until_full)
    assert full.returncode == 7
    assert [record["id"] for record in read_records(path)] == [1, 3]


def test_a_broken_line_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(b'{"id": 1}\n{"id": ')
    with pytest.raises(ValueError, match=r"x\.jsonl, line 2"):
        list(read_records(path))


def test_each_run_adds_one_line_also_after_a_torn_one(tmp_path: Path) -> None:
    append_run(tmp_path, line("a"))
    append_run(tmp_path, line("b"))
    runs = tmp_path / "runs.jsonl"
    with runs.open("ab") as file:
        file.write(b'{"run": "to')
    append_run(tmp_path, line("c"))
    rows = runs.read_text(encoding="utf-8").splitlines()
    assert [json.loads(row)["run"] for row in (rows[0], rows[1], rows[3])] == ["a", "b", "c"]
    first = json.loads(rows[0])
    assert first["sites"]["example.com"]["articles"] == 2
    assert first["files"] == [{"path": "articles/2026-03-01/x.jsonl", "lines": 2, "sha256": "ab"}]
