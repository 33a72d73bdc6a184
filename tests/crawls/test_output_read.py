"""Check what readers can rely on, that a folder has one run at a time, and how recovery handles odd remains."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import output
from output.files import reader
from output.files.finalize import RunFinalizer
from output.files.part_repair import repaired_records
from output.files.reader import finished_runs
from output.files.record_file import RecordFile, part_of, read_records, record_path
from output.files.recovery import recover_runs
from output.records.pending import Pending, UrlOutcome
from output.runs.run_lock import LockedError, hold_run_lock
from output.runs.run_log import FinishedFile, RunLine, append_run
from output.state import State, run_stages
from output.state.run_stages import Stage
from output.state.schedule import Schedule
from tests.support.command_spiders import TEXT

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
RUNS = [f"20260304T0{hour}0000Z-00000{hour}" for hour in range(1, 6)]


def row(name: str, revision: int = 1, run: str = RUNS[0]) -> dict[str, Any]:
    return {"id": f"{name:0>16}", "revision": revision, "run": run}


def publish(folder: Path, run: str, *rows: dict[str, Any], end: str = "") -> None:
    file = RecordFile(record_path(folder, "articles", run))
    for one in rows:
        file.write(one | {"run": run})
    finished = file.finish()
    assert finished
    path = Path(finished.path).relative_to(folder).as_posix()
    files = (FinishedFile(path, finished.lines, finished.sha256), FinishedFile("rejects/x/y.jsonl", 1, ""))
    start = f"{run[:4]}-{run[4:6]}-{run[6:8]}T{run[9:11]}:00:00Z"
    append_run(folder, RunLine(run, start, end or start, "finished", 0, "finished", "news", {}, len(rows), files=files))


def test_records_come_in_the_order_in_which_runs_ended(tmp_path: Path) -> None:
    assert list(output.read(tmp_path)) == []
    publish(tmp_path, RUNS[1], row("b"), row("a"))
    publish(tmp_path, RUNS[0], row("c"), end="2026-03-04T09:00:00Z")  # recovered by a later run
    publish(tmp_path, RUNS[2], row("a", 2))
    (tmp_path / "articles" / "2026-03-04" / "x.jsonl.part").write_text('{"id"')
    names = [(record["id"][-1], record["revision"]) for record in output.read(tmp_path)]
    assert names == [("b", 1), ("a", 1), ("c", 1), ("a", 2)]
    newest = [(record["id"][-1], record["revision"]) for record in output.read(tmp_path, newest=True)]
    assert newest == [("b", 1), ("c", 1), ("a", 2)]
    assert [one["id"][-1] for one in output.read(tmp_path, since=RUNS[1])] == ["c", "a"]
    assert [one["id"][-1] for one in output.read(tmp_path, since=datetime(2026, 3, 4, 8, tzinfo=UTC))] == ["c"]
    with pytest.raises(ValueError, match="has no run 'nosuch'"):
        list(output.read(tmp_path, since="nosuch"))


def test_a_long_run_log_is_read_from_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for run in RUNS:
        publish(tmp_path, run, row("a", run=run))
    whole = [run.run for run in finished_runs(tmp_path)]
    assert whole == RUNS
    for chunk in (1, 7, 200, 10_000):
        monkeypatch.setattr(reader, "_CHUNK", chunk)
        assert [run.run for run in finished_runs(tmp_path)] == RUNS
    with (tmp_path / "runs.jsonl").open("r+b") as file:
        file.write(b"\xff" * 100)  # older lines are not even read
    assert [run.run for run in finished_runs(tmp_path, RUNS[2])] == RUNS[3:]


def test_a_torn_line_of_the_run_log_and_a_file_that_was_moved_away_are_skipped(tmp_path: Path) -> None:
    publish(tmp_path, RUNS[0], row("a"))
    publish(tmp_path, RUNS[1], row("b"))
    record_path(tmp_path, "articles", RUNS[0]).unlink()
    with (tmp_path / "runs.jsonl").open("a") as file:
        file.write('{"run": "2026')
    assert [one["id"][-1] for one in output.read(tmp_path)] == ["b"]


def test_one_run_at_a_time_and_the_lock_dies_with_its_process(tmp_path: Path) -> None:
    script = (
        "import sys, time; from datetime import UTC, datetime; from pathlib import Path; from output.runs.run_lock import hold_run_lock\n"
        "with hold_run_lock(Path(sys.argv[1]), datetime(2026, 3, 4, tzinfo=UTC)): print('held', flush=True); time.sleep(60)\n"
    )
    holder = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(LockedError) as locked, hold_run_lock(tmp_path, NOW):
        pass
    assert f"process {holder.pid} on " in str(locked.value)
    assert "since 2026-03-04T00:00:00+00:00" in str(locked.value)
    holder.kill()
    holder.wait()
    with hold_run_lock(tmp_path, NOW):
        pass
    with hold_run_lock(tmp_path, NOW):
        pass


def test_a_second_crawl_names_the_holder_and_exits_with_5(tmp_path: Path) -> None:
    command = [
        str(Path(sys.executable).with_name("scrapy")), "crawl", "nothing", "-s", "SPIDER_MODULES=tests.support.command_spiders",
        "-s", f"DATA_DIR={tmp_path}",
    ]  # fmt: skip
    with hold_run_lock(tmp_path, NOW):
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    assert (done.returncode, done.stdout) == (5, "")
    assert done.stderr.startswith(f"scrapy crawl: another run is at work in {str(tmp_path)!r}: process ")
    assert done.stderr.count("\n") == 1
    quiet = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")
    (log,) = (tmp_path / "logs").iterdir()
    assert "Spider closed (finished)" in log.read_text(encoding="utf-8")


def test_without_a_terminal_a_failed_site_is_one_line_and_the_log_has_the_rest(tmp_path: Path) -> None:
    command = [
        str(Path(sys.executable).with_name("scrapy")), "crawl", "pages", "-a", "plan=aff",
        "-s", "SPIDER_MODULES=tests.support.command_spiders", "-s", f"DATA_DIR={tmp_path}",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("scrapy crawl: a site failed: two.example; ")
    assert done.stderr.count("\n") == 1
    (log,) = (tmp_path / "logs").iterdir()
    assert str(log) in done.stderr
    assert "HTTP status 500" in log.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("left", "kept"),
    [
        (b'{"id": 1}\n{"id": 2}\n', [1, 2]),
        (b'{"id": 1}\n{"id": 2', [1]),
        (b'{"id": 1}\n{"id": 2}', [1]),  # complete only by chance
        (b'{"id": 1', []),
        (b"", []),
        (b'{"id": 1}\n' + bytes(5000) + b'\n{"id": 3}\n', [1, 3]),  # blocks that a power failure left empty
        (b'{"id": 1}\n' + b"x" * 200_000, [1]),
        (b'{"id": 1}\n[]\n', [1]),
    ],
)
def test_a_broken_part_is_repaired(tmp_path: Path, left: bytes, kept: list[int]) -> None:
    part = tmp_path / "x.jsonl.part"
    part.write_bytes(left)
    assert [record["id"] for record in repaired_records(part)] == kept
    assert [record["id"] for record in read_records(part)] == kept
    assert [path.name for path in tmp_path.iterdir()] == [part.name]


def article(name: str, run: str) -> dict[str, Any]:
    return {
        "id": f"{name:0>16}", "text": TEXT, "url": f"https://one.example/{name}", "canonical_url": None,
        "requested_url": None, "source": "one.example", "published": None, "content_hash": name * 32, "revision": 1,
        "fetched": "2026-03-04T01:00:00Z", "run": run, "removed": {"share": 1},
    }  # fmt: skip


def finalizer_of(folder: Path) -> RunFinalizer:
    state = State.open(f"sqlite:///{folder / 'state.db'}")
    return RunFinalizer(folder, state, Schedule(), lambda url: url)


def leave_part(folder: Path, run: str, *names: str) -> None:
    file = RecordFile(record_path(folder, "articles", run))
    for name in names:
        outcome = UrlOutcome(f"https://one.example/{name}", (f"https://one.example/{name}",), "one.example")
        file.write(article(name, run) | Pending(outcome).to_part_keys())
    file.abandon()


def test_a_part_of_a_run_that_the_state_does_not_know_is_finalized(tmp_path: Path) -> None:
    leave_part(tmp_path, RUNS[0], "a", "b")
    recovered = recover_runs(finalizer_of(tmp_path), NOW)
    assert [(one.run, one.articles) for one in recovered] == [(RUNS[0], 2)]
    assert [one["id"][-1] for one in output.read(tmp_path)] == ["a", "b"]
    (line,) = map(json.loads, (tmp_path / "runs.jsonl").read_bytes().splitlines())
    assert (line["outcome"], line["exit_code"], line["articles"], line["removed"]) == (
        "interrupted", 137, 2, {"share": 2},
    )  # fmt: skip
    assert line["sites"]["one.example"]["articles"] == 2
    assert recover_runs(finalizer_of(tmp_path), NOW) == []


def test_a_lost_state_is_rebuilt_from_the_files_and_nothing_is_written_twice(tmp_path: Path) -> None:
    leave_part(tmp_path, RUNS[0], "a", "b")
    recover_runs(finalizer_of(tmp_path), NOW)
    (tmp_path / "state.db").unlink()
    leave_part(tmp_path, RUNS[1], "b", "c")  # a run that no longer knew of b
    assert [(one.run, one.articles) for one in recover_runs(finalizer_of(tmp_path), NOW)] == [
        (RUNS[0], 2),
        (RUNS[1], 1),
    ]
    assert [one["id"][-1] for one in output.read(tmp_path)] == ["a", "b", "c"]
    assert len((tmp_path / "runs.jsonl").read_bytes().splitlines()) == 2


def test_a_part_beside_its_finished_file_is_deleted(tmp_path: Path) -> None:
    finalizer = finalizer_of(tmp_path)
    leave_part(tmp_path, RUNS[0], "a", "b")
    left = part_of(record_path(tmp_path, "articles", RUNS[0])).read_bytes()
    recover_runs(finalizer, NOW)
    with finalizer.state.transaction() as connection:
        run_stages.advance_run(connection, RUNS[0], Stage.RECORDED, NOW)
    part_of(record_path(tmp_path, "articles", RUNS[0])).write_bytes(left)
    recover_runs(finalizer, NOW)
    assert [one["id"][-1] for one in output.read(tmp_path)] == ["a", "b"]
    assert len((tmp_path / "runs.jsonl").read_bytes().splitlines()) == 1
    assert list(tmp_path.rglob("*.part")) == []
