"""Cut the power at every moment of a run's end: what was not synced is gone, and still no article is lost.

`Disk` models what a file system guarantees (POSIX, fsync): a file's bytes as of its last fsync, and a folder's names as
of its own. Only the database is trusted to be on disk when it says so.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from output import read
from output.files.finalize import RunFinalizer
from output.files.record_file import RecordFile, record_path
from output.files.recovery import recover_runs
from output.records.article import article_id, content_hash
from output.records.pending import Pending, UrlOutcome
from output.runs.run_log import RunLine, append_run
from output.state import State, known_urls, run_stages
from output.state.known_urls import FoundUrl, UrlStatus
from output.state.run_stages import Stage
from output.state.schedule import Schedule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pytest

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
RUN = "20260304T110000Z-0000aa"
SITE = "one.example"
NAMES = ("a", "b", "c")


@dataclass
class Disk:
    """Track what of `root` would survive a power failure now, and the database at that moment."""

    root: Path
    database: Path
    contents: dict[int, bytes] = field(default_factory=dict)  # by inode
    names: dict[Path, dict[str, int]] = field(default_factory=dict)  # of folders
    failures: list[tuple[str, dict[Path, bytes], dict[str, bytes]]] = field(default_factory=list)

    def record_calls(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def call_recorded(*args: Any, **kwargs: Any) -> Any:
            self.fail(f"before {name} {args[0]}")
            done = call(*args, **kwargs)
            if name == "fsync":
                self._synced(Path(f"/proc/self/fd/{args[0]}").readlink())
            self.fail(f"after {name} {args[0]}")
            return done

        return call_recorded

    def _synced(self, path: Path) -> None:
        if path.is_dir():
            self.names[path] = {one.name: one.stat().st_ino for one in path.iterdir()}
        else:
            self.contents[path.stat().st_ino] = path.read_bytes()

    def fail(self, when: str) -> None:
        """Store what would be left if the power failed now."""
        database = {path.name: path.read_bytes() for path in self.database.parent.glob(f"{self.database.name}*")}
        self.failures.append((when, dict(self._left(self.root)), database))

    def _left(self, folder: Path) -> Iterator[tuple[Path, bytes]]:
        for name, inode in self.names.get(folder, {}).items():
            path = folder / name
            if path in self.names or path.is_dir():
                yield from self._left(path)
            else:
                yield path.relative_to(self.root), self.contents.get(inode, b"")


def finalizer_of(data: Path, database: Path) -> RunFinalizer:
    return RunFinalizer(data, State.open(f"sqlite:///{database}"), Schedule(), lambda url: url.removeprefix("https://"))


def record(name: str) -> dict[str, Any]:
    url = f"{SITE}/{name}"
    return {
        "id": article_id(url), "text": f"Text of {name}.", "url": f"https://{url}", "canonical_url": f"https://{url}",
        "requested_url": f"https://{url}", "source": SITE, "published": None, "content_hash": content_hash(name),
        "revision": 1, "fetched": "2026-03-04T11:00:00Z", "run": RUN, "removed": {}, "reason": "too_short",
        **Pending(UrlOutcome(f"https://{url}", (url,), SITE)).to_part_keys(),
    }  # fmt: skip


def whole_run(finalizer: RunFinalizer) -> None:
    """Do what a crawl does with its records, from the first to the end of the run."""
    with finalizer.state.transaction() as connection:
        run_stages.begin_run(connection, RUN, NOW)
        known_urls.record_found(
            connection,
            SITE,
            "feed",
            [FoundUrl(f"{SITE}/{name}", f"https://{SITE}/{name}") for name in (*NAMES, "x")],
            NOW,
        )
    files = {folder: RecordFile(record_path(finalizer.data_dir, folder, RUN)) for folder in ("articles", "rejects")}
    for name in NAMES:
        files["articles"].write(record(name))
    files["rejects"].write(record("x"))
    for file in files.values():
        file.abandon()
    finished = finalizer.finalize(RUN, NOW)
    line = RunLine(RUN, "2026-03-04T11:00:00Z", "2026-03-04T12:00:00Z", "finished", 0, "finished", "news", {}, 3)
    append_run(
        finalizer.data_dir,
        RunLine(**{name: getattr(line, name) for name in line.__slots__} | {"files": finished.files}),
    )
    finalizer.mark_finished(RUN, NOW)


def assert_whole(data: Path, state: State, when: str, stage: Stage | None) -> None:
    found = [article["id"] for article in read(data)]
    wanted = {article_id(f"{SITE}/{name}"): f"{SITE}/{name}" for name in NAMES}
    assert len(set(found)) == len(found), when
    with state.transaction() as connection:
        known = known_urls.find_urls(connection, wanted.values())
    pending = {one for one, key in wanted.items() if known[key].outcome == UrlStatus.PENDING}
    assert set(found) | pending == set(wanted), when  # in a file, or to be fetched once more
    assert not set(found) & pending, when
    assert stage in (None, Stage.RUNNING) or not pending, when
    journal = [json.loads(line) for line in (data / "runs.jsonl").read_bytes().splitlines()] if found else []
    named = {file["path"]: (file["lines"], file["sha256"]) for line in journal for file in line["files"]}
    for path in data.glob("*/*/*.jsonl"):
        content = path.read_bytes()
        entry = (content.count(b"\n"), hashlib.sha256(content).hexdigest())
        assert named[path.relative_to(data).as_posix()] == entry, when
    assert not list(data.rglob("*.part")), when


def test_nothing_is_lost_if_the_power_fails_at_the_end_of_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    disk = Disk(data, tmp_path / "state.db")
    finalizer = finalizer_of(data, disk.database)
    with monkeypatch.context() as patch:
        for name in ("fsync", "replace", "unlink"):
            patch.setattr(os, name, disk.record_calls(name, getattr(os, name)))
        whole_run(finalizer)
        disk.fail("at the end")
    finalizer.state.close()
    assert len(disk.failures) > 30

    stages = set()
    for number, (when, left, database) in enumerate(disk.failures):
        folder = tmp_path / f"{number}"
        (folder / "data").mkdir(parents=True)
        for path, content in left.items():
            (folder / "data" / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / "data" / path).write_bytes(content)
        for name, content in database.items():
            (folder / name).write_bytes(content)
        again = finalizer_of(folder / "data", folder / "state.db")
        with again.state.transaction() as connection:
            stage = run_stages.stage_of(connection, RUN)
        stages.add(stage)
        if stage != Stage.FINISHED:
            recover_runs(again, NOW)
        assert_whole(folder / "data", again.state, when, stage)
        again.state.close()
    assert stages == set(Stage)
