"""Export formats, each read by the tools it is written for."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from output.export.export_articles import ExportSelection, export_articles
from output.export.formats import FolderFormat, FormatError, StreamFormat, find_format, format_names
from output.records.article import Article
from tests.support.export_articles import HOSTILE, RUN, bare, record, save

if TYPE_CHECKING:
    from pathlib import Path

FIRST, HOSTILE_ONE, BARE = (
    record("first"),
    record("hostile", HOSTILE, title="@SUM(1)", tags=["a,b", "=1"]),
    bare("bare"),
)
RIGHTS = {"robots_ai": {"robots.txt": ["GPTBot"]}, "noai": {"meta": "true"}}
LAST = record("last", published="2026-03-03", language=None, language_score=None, rights=RIGHTS)
RECORDS = [FIRST, HOSTILE_ONE, BARE, LAST]


def exported(name: str, folder: Path, records: list[dict[str, Any]] | None = None) -> Path:
    """Export records in a format, to a file with its name as ending."""
    source, target = save(folder / "records.jsonl", *(records or RECORDS)), folder / f"exported.{name}"
    form = find_format(name)
    assert isinstance(form, StreamFormat)
    with target.open("wb") as file:
        sink = form.open(file)
        export_articles([source], sink, ExportSelection(), pytest.fail)
        sink.close()
    return target


def rows(name: str, folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in exported(name, folder).read_bytes().splitlines()]


def test_formats_are_found_by_their_files_and_each_says_what_it_is() -> None:
    assert format_names() == ["c4", "cc_news", "csv", "dolma", "fineweb", "jsonl", "parquet", "seed"]
    for name in format_names():
        assert 10 < len(find_format(name).summary) < 90
    with pytest.raises(FormatError, match="no format 'xml'; choose one of c4, cc_news, csv,"):
        find_format("xml")


def test_jsonl_is_the_records(tmp_path: Path) -> None:
    assert rows("jsonl", tmp_path) == RECORDS


def test_c4(tmp_path: Path) -> None:
    found = rows("c4", tmp_path)
    assert found[0] == {"text": FIRST["text"], "timestamp": "2026-03-01T12:00:00Z", "url": FIRST["url"]}
    assert (found[1]["text"], found[2]["url"]) == (HOSTILE, "")


def test_dolma(tmp_path: Path) -> None:
    found = rows("dolma", tmp_path)
    metadata = found[0].pop("metadata")
    assert found[0] == {
        "id": FIRST["id"],
        "text": FIRST["text"],
        "source": "example.com",
        "added": "2026-03-01T12:00:00.000Z",
        "created": "2026-02-28T23:30:00.000Z",
    }
    assert (metadata["url"], metadata["title"], metadata["authors"]) == (
        FIRST["url"],
        "First",
        ["Zhou Xin", "Ida Berg"],
    )
    assert set(metadata) & {"id", "text", "tags", "live"} == set()  # fields that are at the top level or unknown
    assert "created" not in found[2]
    assert (found[3]["created"], found[3]["metadata"]["rights"]) == ("2026-03-03T00:00:00.000Z", RIGHTS)


def test_fineweb(tmp_path: Path) -> None:
    assert rows("fineweb", tmp_path)[0] == {
        "text": FIRST["text"],
        "id": FIRST["id"],
        "dump": RUN,
        "url": FIRST["url"],
        "date": "2026-03-01T12:00:00Z",
        "language": "en",
        "language_score": 0.75,
    }


def test_cc_news(tmp_path: Path) -> None:
    found = rows("cc_news", tmp_path)
    assert found[0] == {
        "title": "First",
        "text": FIRST["text"],
        "domain": "example.com",
        "date": "2026-02-28 23:30:00",
        "description": "Of councils",
        "url": FIRST["url"],
        "image_url": "https://example.com/i.jpg",
    }
    assert {key: value for key, value in found[2].items() if value} == {"text": BARE["text"]}
    assert found[3]["date"] == "2026-03-03 00:00:00"


def test_seed(tmp_path: Path) -> None:
    form = find_format("seed")
    assert isinstance(form, FolderFormat)
    export_articles([save(tmp_path / "r.jsonl", *RECORDS)], form.open(tmp_path), ExportSelection(), pytest.fail)
    files = sorted(tmp_path.glob("*.txt"))
    assert [file.name for file in files] == [f"{n:03d}_{r['id']}.txt" for n, r in enumerate(RECORDS)]
    assert [file.read_bytes().decode() for file in files] == [r["text"] + "\n" for r in RECORDS]
    assert all(form.owns(file.name) for file in files)
    assert not form.owns("notes.txt")


def test_csv_is_whole_and_harmless(tmp_path: Path) -> None:
    csv.field_size_limit(sys.maxsize)
    text = exported("csv", tmp_path).read_bytes().decode()
    found = list(csv.DictReader(io.StringIO(text, newline="")))
    assert list(found[0]) == list(Article.model_fields)
    assert (found[0]["text"], found[0]["free"], found[0]["language_score"]) == (FIRST["text"], "true", "0.75")
    assert (json.loads(found[0]["authors"]), json.loads(found[3]["rights"])) == (FIRST["authors"], RIGHTS)
    # A leading apostrophe and no NUL, otherwise unchanged.
    assert found[1]["text"] == "'" + HOSTILE.replace("\0", "\ufffd")
    assert (found[1]["title"], json.loads(found[1]["tags"])) == ("'@SUM(1)", ["a,b", "=1"])
    assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for row in found for cell in row.values())
    assert found[2]["url"] == found[2]["published"] == ""


@pytest.mark.parametrize("name", ["csv", "jsonl", "c4", "dolma", "fineweb", "cc_news", "parquet"])
def test_duckdb_and_pandas_read_every_row_and_every_text(name: str, tmp_path: Path) -> None:
    duckdb, pandas = pytest.importorskip("duckdb"), pytest.importorskip("pandas")
    if name == "parquet":
        pytest.importorskip("pyarrow")
    file = exported(name, tmp_path)
    texts = [r["text"] for r in RECORDS]
    if name == "csv":
        texts[1] = "'" + HOSTILE.replace("\0", "\ufffd")
        frame, relation = pandas.read_csv(file), duckdb.read_csv(str(file), max_line_size=10_000_000)
    elif name == "parquet":
        frame, relation = pandas.read_parquet(file), duckdb.read_parquet(str(file))
    else:
        frame, relation = pandas.read_json(file, lines=True), duckdb.read_json(str(file))
    assert list(frame["text"]) == texts
    assert [row[0] for row in relation.select("text").fetchall()] == texts


def test_parquet_has_types(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    from pyarrow import parquet  # type: ignore[import-untyped,import-not-found,unused-ignore]

    table = parquet.read_table(exported("parquet", tmp_path))
    found = table.to_pylist()
    assert set(Article.model_fields) <= set(table.column_names)
    assert found[0]["published"] == datetime(2026, 2, 28, 23, 30, tzinfo=UTC)
    assert (found[0]["published_day"], found[0]["modified"], found[0]["modified_day"]) == (
        date(2026, 3, 1), None, date(2026, 3, 2),
    )  # fmt: skip
    assert (found[3]["published"], found[3]["published_day"]) == (None, date(2026, 3, 3))
    assert found[0]["authors"] == ["Zhou Xin", "Ida Berg"]
    assert dict(found[0]["removed"]) == {"byline": 1, "related_link": 3}
    assert json.loads(found[3]["rights"]) == RIGHTS
    assert (found[0]["free"], found[2]["free"], found[0]["revision"]) == (True, None, 1)


def test_duckdb_asks_parquet_by_day_and_kind(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    pytest.importorskip("pyarrow")
    where = f"from '{exported('parquet', tmp_path)}' where published_day >= date '2026-03-02'"
    assert duckdb.sql(f"select title {where}").fetchall() == [("Last",)]
    assert duckdb.sql(f"select rights->'$.robots_ai.\"robots.txt\"[0]' {where}").fetchall() == [('"GPTBot"',)]


def test_parquets_row_groups_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyarrow")
    from pyarrow import parquet

    monkeypatch.setattr("output.export.formats.parquet.CHARACTERS", 1000)
    many = [record(f"a{n}", f"{n} " * 200) for n in range(10)]
    file = parquet.ParquetFile(exported("parquet", tmp_path, many))
    assert file.metadata.num_row_groups == 4
    assert [row["id"] for row in file.read().to_pylist()] == [r["id"] for r in many]


def test_parquet_without_pyarrow_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    form = find_format("parquet")
    assert isinstance(form, StreamFormat)
    with pytest.raises(FormatError, match=re.escape("pip install 'winnow-news[parquet]'")):
        form.open(io.BytesIO())


@pytest.mark.parametrize("name", ["c4", "fineweb", "dolma", "cc_news", "jsonl"])
def test_datasets_reads_it(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    datasets = pytest.importorskip("datasets")
    loaded = datasets.load_dataset(
        "json", data_files=str(exported(name, tmp_path)), split="train", cache_dir=str(tmp_path / "cache")
    )
    assert loaded["text"][:] == [r["text"] for r in RECORDS]


def test_datatrove_reads_fineweb(tmp_path: Path) -> None:
    readers = pytest.importorskip("datatrove.pipeline.readers")
    file = exported("fineweb", tmp_path)
    documents = list(readers.JsonlReader(str(file.parent), glob_pattern=file.name).run())
    assert [(d.id, d.text) for d in documents] == [(r["id"], r["text"]) for r in RECORDS]
    assert documents[0].metadata["url"] == FIRST["url"]
    assert (documents[0].metadata["language"], documents[0].metadata["dump"]) == ("en", RUN)
