"""Recovery sets aside what is no record of a run, names it once, and keeps all that is."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from output.files.record_file import part_of, read_records, record_path
from output.files.recovery import recover_runs
from output.state import State
from tests.output.files.test_finalize import NOW, RUN, documents, finalizer_of, leave_parts, line_of, reject_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

GOOD = line_of(0, documents(1)[0])


def recover(data_dir: Path) -> list[str]:
    """Recover with the state of this folder; return the files that came out, by name."""
    state = State.open(f"sqlite:///{data_dir / 'state.db'}")
    recovered = recover_runs(finalizer_of(data_dir, state), NOW)
    state.close()
    return [file.path for run in recovered for file in run.files]


def names(data_dir: Path) -> set[str]:
    return {path.name for path in data_dir.glob("*/*/*")}


FOREIGN: dict[str, Callable[[], Any]] = {
    "another program's": lambda: {"name": "a download", "bytes": 12},
    "an id that is no number": lambda: {**GOOD, "id": "non-hex"},
    "an id of another length": lambda: {**GOOD, "id": "f" * 40},
    "another run's": lambda: {**GOOD, "run": "20260304T110000Z-ffffff"},
    "no id": lambda: {key: value for key, value in GOOD.items() if key != "id"},
    "an id of null": lambda: {**GOOD, "id": None},
    "a revision of words": lambda: {**GOOD, "revision": "first"},
    "a date that is none": lambda: {**GOOD, "published": "yesterday"},
    "a text in a list": lambda: {**GOOD, "content_hash": ["a"]},
    "another shape of what is pending": lambda: {**GOOD, "_pending": {"url": 7}},
    "pending data in a list": lambda: {**GOOD, "_pending": [1, 2]},
    "a signature that is no base64": lambda: {**GOOD, "_pending": {**GOOD["_pending"], "signature": "x"}},
    "blocks out of nowhere": lambda: {**GOOD, "_pending": {**GOOD["_pending"], "spans": [["p", "a", "b"]]}},
    "a removed count of words": lambda: {**GOOD, "removed": [["share"]]},
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_foreign_part_is_set_aside_and_named_once(
    name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    articles, rejects = leave_parts(tmp_path, [GOOD, FOREIGN[name]()], [reject_of(1)])
    before = part_of(articles).read_bytes()
    assert recover(tmp_path) == [rejects.relative_to(tmp_path).as_posix()]
    aside = part_of(articles).with_name(f"{articles.name}.part.unreadable")
    assert aside.read_bytes() == before
    assert names(tmp_path) == {rejects.name, aside.name}
    (message,) = [record.message for record in caplog.records if record.levelname == "ERROR"]
    assert message.startswith(f"{part_of(articles)}: not the records of a run (")
    assert f"it is now {aside.name}" in message
    caplog.clear()
    assert recover(tmp_path) == []
    assert caplog.messages == []


def test_a_foreign_part_of_rejects_costs_no_article(tmp_path: Path) -> None:
    articles, rejects = leave_parts(tmp_path, [GOOD], [{"reason": 7}])
    assert recover(tmp_path) == [articles.relative_to(tmp_path).as_posix()]
    assert [record["id"] for record in read_records(articles)] == [GOOD["id"]]
    assert names(tmp_path) == {articles.name, f"{rejects.name}.part.unreadable"}


@pytest.mark.parametrize("cut", [1, 40])
def test_a_truncated_finished_file_is_set_aside_where_the_state_is_lost(tmp_path: Path, cut: int) -> None:
    articles, rejects = leave_parts(tmp_path, [GOOD, line_of(1, documents(2)[1])], [reject_of(1)])
    assert len(recover(tmp_path)) == 2
    for file in tmp_path.glob("state.db*"):
        file.unlink()
    whole = articles.read_bytes()
    articles.write_bytes(whole[:-cut])
    # Without its newline alone, the last record is still whole.
    kept = [articles, rejects] if cut == 1 else [rejects]
    assert recover(tmp_path) == [path.relative_to(tmp_path).as_posix() for path in kept]
    if cut > 1:
        assert articles.with_name(f"{articles.name}.unreadable").read_bytes() == whole[:-cut]
    assert recover(tmp_path) == []


def test_what_is_no_file_is_set_aside_before_it_is_opened(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    articles, rejects = (record_path(tmp_path, folder, RUN) for folder in ("articles", "rejects"))
    for path in (articles, rejects):
        path.parent.mkdir(parents=True)
    os.mkfifo(part_of(articles))
    part_of(rejects).mkdir()
    rejects.symlink_to("/dev/zero")
    assert recover(tmp_path) == []
    assert names(tmp_path) == {
        f"{articles.name}.part.unreadable",
        f"{rejects.name}.part.unreadable",
        f"{rejects.name}.unreadable",
    }
    assert sum("not a regular file" in message for message in caplog.messages) == 3


def test_two_foreign_parts_of_one_name_are_both_kept(tmp_path: Path) -> None:
    for number in range(2):
        leave_parts(tmp_path, [{"number": number}], [])
        for file in tmp_path.glob("state.db*"):
            file.unlink()
        recover(tmp_path)
    kept = {path.name: orjson.loads(path.read_bytes()) for path in (tmp_path / "articles").glob("*/*")}
    assert kept == {f"{RUN}.jsonl.part.unreadable": {"number": 0}, f"{RUN}.jsonl.part.unreadable2": {"number": 1}}


def test_a_database_that_fails_sets_nothing_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    articles, _ = leave_parts(tmp_path, [GOOD], [])
    with monkeypatch.context() as patch:
        patch.setattr("output.state.commit.Commit.add_articles", full_disk)
        with pytest.raises(OSError, match="No space left"):
            recover(tmp_path)
    assert names(tmp_path) == {part_of(articles).name}
    assert len(recover(tmp_path)) == 1


def full_disk(*_: object) -> None:
    raise OSError(28, "No space left on device")
