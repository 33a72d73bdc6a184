"""Select articles for export: conditions, newest revisions, no copies; and skip broken lines."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import pytest

from output.export.conditions import ConditionError, read_condition
from output.export.export_articles import ExportCounts, ExportSelection, export_articles
from output.files.article_files import article_files, read_articles
from output.records.article import Article, article_id
from output.storage.zstd import open_zstd
from tests.support.export_articles import record, save

if TYPE_CHECKING:
    from pathlib import Path


class Titles:
    """Keep the titles of exported articles."""

    def __init__(self) -> None:
        self.titles: list[str | None] = []

    def write(self, article: Article) -> None:
        self.titles.append(article.title)

    def close(self) -> None: ...


def chosen(
    folder: Path, *records: dict[str, Any] | bytes, **choice: Any
) -> tuple[list[str | None], ExportCounts, list[str]]:
    sink, warnings = Titles(), list[str]()
    counts = export_articles([save(folder / "r.jsonl", *records)], sink, ExportSelection(**choice), warnings.append)
    return sink.titles, counts, warnings


RESERVED = {"tdm_reservation": {"header": "1"}}


@pytest.mark.parametrize(
    ("condition", "is_met"),
    [
        ("language=en", True),
        ("language=EN,de", True),
        ("language = de , fr", False),
        ("language!=de,fr", True),
        ("language!=en,fr", False),
        ("language==en", True),
        ("section=none", False),
        ("source=example.com", True),
        ("source=www.example.com", False),
        ("published>=2026-03-01", True),  # in the publisher's time zone; in UTC it is the day before
        ("published>2026-03-01", False),
        ("published=2026-03", True),
        ("published>2025", True),
        ("published>2026", False),
        ("published<=2026", True),
        ("published<2026-04-01", True),
        ("modified=2026-03-02", True),
        ("fetched!=2026-03-01", False),
        ("run>=20260228", True),
        ("run<20260228", False),
        ("free=yes", True),
        ("free=no", False),
        ("live=none", True),
        ("opted_out=yes", True),
        ("opted_out!=yes", False),
    ],
)
def test_conditions(condition: str, is_met: bool) -> None:
    article = Article.model_validate(record("a", rights=RESERVED))
    assert read_condition(condition).holds(article) is is_met


def test_an_unknown_value_equals_none_and_cannot_be_ordered() -> None:
    article = Article.model_validate(record("a", published=None, language=None))
    met = {
        text: read_condition(text).holds(article)
        for text in ("published<2030", "published>=1000", "published=none", "language=none", "language!=en", "language=en,none")
    }  # fmt: skip
    assert [text for text, is_met in met.items() if not is_met] == ["published<2030", "published>=1000"]


@pytest.mark.parametrize(
    ("condition", "says"),
    [
        (
            "published",
            "'published' is not a condition; write it as 'language=en' or, in quotes for the shell, 'publish",
        ),
        ("=en", "is not a condition"),
        ("lang=en", "no field 'lang'; did you mean language?"),
        (
            "xyz=1",
            "no field 'xyz'; the fields are source, source_name, language, section, run, published, modified, fetched,",
        ),
        ("language>en", "language cannot be ordered; write language=VALUE or language!=VALUE"),
        ("published>=2024,2025", ">= takes a single value"),
        ("published>=yesterday", "'yesterday' is not a date; write 2024-05-01, 2024-05 or 2024"),
        ("published>=2024-02-30", "'2024-02-30' is not a date"),
        ("published>=none", "none cannot be ordered"),
        ("language=", "a value is missing; for articles without language, write language=none"),
        ("free=maybe", "free must be yes, no or none"),
    ],
)
def test_a_malformed_condition_says_why_in_one_line(condition: str, says: str) -> None:
    with pytest.raises(ConditionError) as error:
        read_condition(condition)
    assert says in str(error.value)
    assert "\n" not in str(error.value)


def revisions() -> list[dict[str, Any]]:
    first = record("a", "First text.", title="a1")
    changed = {"revision": 2, "previous_hash": first["content_hash"], "fetched": "2026-03-02T12:00:00Z"}
    return [first, record("b", title="b1"), record("a", "Second text.", title="a2", **changed)]


def test_only_the_newest_revision_is_exported_unless_all_are_requested(tmp_path: Path) -> None:
    titles, counts, _ = chosen(tmp_path, *revisions())
    assert (titles, counts) == (["b1", "a2"], ExportCounts(written=2, older=1))
    assert chosen(tmp_path, *revisions(), all_revisions=True)[0] == ["a1", "b1", "a2"]
    assert chosen(tmp_path, *revisions(), all_revisions=True, once=True)[0] == ["a1", "b1", "a2"]
    assert chosen(tmp_path, *reversed(revisions()))[0] == ["a2", "b1"]  # whatever the order of the files


def test_the_newest_revision_is_chosen_before_the_conditions_apply(tmp_path: Path) -> None:
    older = read_condition("fetched<2026-03-02")
    titles, counts, _ = chosen(tmp_path, *revisions(), conditions=(older,))
    assert (titles, counts) == (["b1"], ExportCounts(written=1, older=1, not_selected=1))
    assert chosen(tmp_path, *revisions(), conditions=(older,), all_revisions=True)[0] == ["a1", "b1"]


def test_each_text_is_exported_once_and_the_original_rather_than_its_copies(tmp_path: Path) -> None:
    original = article_id("https://example.com/original")
    records = [
        record("copy-before", duplicate_of=original),
        record("original", "Whole."),
        record("same-text", "Whole."),
        record("copy", "Nearly whole.", duplicate_of=original, similarity=0.9),
        record("copy-of-copy", "Hardly whole.", duplicate_of=article_id("https://example.com/copy")),
        record("orphan-1", duplicate_of="0" * 16),
        record("orphan-2", duplicate_of="0" * 16),
        record("other"),
    ]
    titles, counts, _ = chosen(tmp_path, *records, once=True)
    assert titles == ["Original", "Orphan-1", "Other"]
    assert counts == ExportCounts(written=3, repeats=5)
    not_original = read_condition("published!=2020")
    records[1] = record("original", "Whole.", published="2020-01-01")
    assert chosen(tmp_path, *records, once=True, conditions=(not_original,))[0] == [
        "Copy-Before", "Same-Text", "Orphan-1", "Other",
    ]  # fmt: skip


def test_of_articles_that_copy_each_other_one_is_exported(tmp_path: Path) -> None:
    a, b = (article_id(f"https://example.com/{name}") for name in "ab")
    records = [record("a", "1", title="a1"), record("b", duplicate_of=a)]
    records.append(record("a", "2", title="a2", revision=2, fetched="2026-03-03T12:00:00Z", duplicate_of=b))
    assert chosen(tmp_path, *records, once=True)[0] == ["B"]


def test_broken_lines_are_reported_and_the_rest_is_exported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("output.files.article_files.LONGEST_LINE", 10_000)
    reject = b'{"id": "0123456789abcdef", "url": "https://a.example/", "reason": "robots"}'
    lines = (
        record("first"),
        b'{"id": "01',
        reject,
        b"",
        b"[]",
        b"\xff\xfe",
        record("huge", "x" * 30_000),
        record("last"),
    )
    titles, counts, warnings = chosen(tmp_path, *lines)
    assert (titles, counts.broken) == (["First", "Last"], 5)
    file = tmp_path / "r.jsonl"
    assert [line.partition(": ")[0] for line in warnings] == [f"{file}, line {n}" for n in (2, 3, 5, 6, 7)]
    assert "not an article's record: Invalid JSON" in warnings[0]
    assert "not an article's record: text: Field required" in warnings[1]
    assert warnings[4].endswith("line 7: longer than 10,000 bytes")


def test_records_of_another_version_are_read(tmp_path: Path) -> None:
    older = {
        key: value for key, value in record("older").items() if key not in ("live", "tags", "rights", "similarity")
    }
    newer = record("newer") | {"sentiment": 0.5}
    titles, counts, warnings = chosen(tmp_path, older, newer)
    assert (titles, counts.broken, warnings) == (["Older", "Newer"], 0, [])


def test_compressed_files_are_read_and_a_truncated_one_up_to_its_end(tmp_path: Path) -> None:
    plain = save(tmp_path / "a.jsonl", *(record(f"a{n}", "x" * 5000 + str(n)) for n in range(400))).read_bytes()
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(plain))
    with open_zstd(tmp_path / "c.jsonl.zst", "wb") as file:
        file.write(plain)
    whole = gzip.compress(plain, 1)
    (tmp_path / "d.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "e.jsonl.zst").write_bytes(b"no zstandard")
    warnings: list[str] = []
    files = [tmp_path / name for name in ("b.jsonl.gz", "c.jsonl.zst", "d.jsonl.gz", "e.jsonl.zst", "f.jsonl")]
    read = len(list(read_articles(files, warnings.append)))
    assert 800 < read < 1200
    cut, not_zstd, missing = warnings
    assert cut.startswith(f"{files[2]}, line {read - 800 + 1}: ")
    assert not_zstd.startswith(f"{files[3]}: ")
    assert missing == f"{files[4]}: No such file or directory"


def test_finished_files_are_found_in_order(tmp_path: Path) -> None:
    for name in ("2026-03-02/b.jsonl", "2026-03-01/z.jsonl", "2026-03-02/a.jsonl.part", "2026-03-02/.a.jsonl.new"):
        save(tmp_path / "articles" / name, record("a"))
    save(tmp_path / "rejects" / "2026-03-01" / "a.jsonl", b"{}")
    assert [path.name for path in article_files(tmp_path)] == ["z.jsonl", "b.jsonl"]
