"""Write crawled articles in another format: `scrapy export`."""

from __future__ import annotations

import signal
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from scrapy.commands import ScrapyCommand

from crawler.commands.command_line import LimitedWarnings, add_examples, exit_quietly_on_broken_pipes, fail

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from types import FrameType

    from output.export.export_articles import ExportCounts, ExportSelection
    from output.export.formats import Format, Sink

_STDOUT = "-"
_USAGE = 2
_WITH_LOSSES = 3
_INTERRUPTED = 130


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "--format NAME [-o FILE] [options] [file ...]"

    def short_desc(self) -> str:
        return "Export articles for training, analysis or spreadsheets: c4, dolma, fineweb, parquet, csv ..."

    def long_desc(self) -> str:
        from output.export.conditions import DATE_FIELDS, FLAG_FIELDS, TEXT_FIELDS
        from output.export.formats import find_format, format_names

        formats = "\n".join(f"  {name:8}  {find_format(name).summary}" for name in format_names())
        return (
            "Write the newest revision of each article to one file or folder. Reads the finished files of DATA_DIR,\n"
            "oldest first, or the named files, which may end in .gz or .zst.\n\n"
            f"Formats\n{formats}\n\n"
            "Conditions, which must all hold: FIELD=VALUE or FIELD!=VALUE. Commas separate alternative values; `none`\n"
            "means that the value is unknown. Dates and run also allow > >= < <= ; quote these.\n"
            f"  words     {', '.join(TEXT_FIELDS)}\n"
            f"  dates     {', '.join(DATE_FIELDS)}: 2024-05-01, 2024-05 or 2024, compared by the publisher's local day\n"
            f"  yes, no   {', '.join(FLAG_FIELDS)}\n\n"
            "Exit codes: 0 success, also with nothing selected; 1 nothing could be exported; 2 wrong usage;\n"
            "3 exported without broken lines, which stderr lists; 130 and 143 interrupted, nothing was written."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--format", metavar="NAME", help="the format to write, see above")
        parser.add_argument(
            "-o", "--output", metavar="FILE", default=_STDOUT,
            help="the file or folder to write (default: stdout, if the format allows); .gz or .zst compresses it",
        )  # fmt: skip
        parser.add_argument(
            "--where",
            metavar="CONDITION",
            action="append",
            default=[],
            help="select articles by this condition; repeatable",
        )
        parser.add_argument(
            "--dedupe", action="store_true", help="write each text once: leave out exact copies and marked duplicates"
        )
        parser.add_argument("--all-revisions", action="store_true", help="include older revisions of articles")
        parser.add_argument("--force", action="store_true", help="replace FILE if it exists")
        add_examples(
            parser,
            "scrapy export --format parquet -o news.parquet --dedupe",
            "scrapy export --format c4 -o c4.jsonl.gz --where language=en,de --where 'published>=2024-05-01'",
            "scrapy export --format seed -o texts --where source=techcrunch.com --where opted_out=no",
            "scrapy export --format csv data/articles/2026-03-01/*.jsonl | head",
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from output.export.conditions import ConditionError, read_condition
        from output.export.export_articles import ExportSelection
        from output.export.formats import FormatError, find_format, format_names
        from output.export.target import TargetError
        from output.files.article_files import article_files

        assert self.settings is not None
        try:
            if not opts.format:
                raise FormatError(f"choose a --format from {', '.join(format_names())}")
            form = find_format(opts.format)
            conditions = tuple(read_condition(text) for text in opts.where)
        except (FormatError, ConditionError) as error:
            fail("export", str(error))
            self.exitcode = _USAGE
            return
        data_dir = Path(self.settings["DATA_DIR"])
        paths = [Path(arg) for arg in args] or article_files(data_dir)
        if not paths:
            self.exitcode = fail(
                "export", f"no articles in DATA_DIR {str(data_dir)!r}; crawl first, or name files to read"
            )
            return
        if unfinished := next((path for path in paths if path.suffix == ".part"), None):
            self.exitcode = fail("export", f"{unfinished} is not finished: its run is still going or was killed")
            return
        choice = ExportSelection(conditions, opts.all_revisions, opts.dedupe)
        try:
            self.exitcode = _export(paths, form, opts.format, opts.output, choice, force=opts.force)
        except (FormatError, TargetError) as error:
            self.exitcode = fail("export", str(error))
        except OSError as error:
            where = error.filename or opts.output
            self.exitcode = fail("export", f"{where}: {error.strerror or error}")
        except KeyboardInterrupt:
            self.exitcode = _INTERRUPTED


def _export(paths: list[Path], form: Format, name: str, output: str, choice: ExportSelection, *, force: bool) -> int:
    from output.export.export_articles import ExportCounts, export_articles
    from output.export.target import TargetError

    warnings = LimitedWarnings()
    signal.signal(signal.SIGTERM, _end)
    with _sink(form, name, output, force=force) as sink:
        counts = export_articles(paths, sink, choice, warnings)
        warnings.finish()
        if counts.broken and counts == ExportCounts(broken=counts.broken):
            raise TargetError("nothing to export: no line is an article")
        sink.close()
    summary = _summary(counts, output)
    print(summary, file=sys.stderr if output == _STDOUT else sys.stdout)
    return _WITH_LOSSES if counts.broken else 0


@contextmanager
def _sink(form: Format, name: str, output: str, *, force: bool) -> Iterator[Sink]:
    from output.export.formats import FolderFormat
    from output.export.target import TargetError, file_target, folder_target

    if isinstance(form, FolderFormat):
        if output == _STDOUT:
            raise TargetError(f"{name} writes a folder of files: name it with -o")
        with folder_target(Path(output), force=force, owns=form.owns) as folder:
            yield form.open(folder)
    elif output == _STDOUT:
        if not form.plain:
            raise TargetError(f"{name} cannot be written to stdout: name a file with -o")
        exit_quietly_on_broken_pipes()
        stdout: IO[bytes] = sys.stdout.buffer
        yield form.open(stdout)
        stdout.flush()
    else:
        with file_target(Path(output), force=force, plain=form.plain) as file:
            yield form.open(file)


def _summary(counts: ExportCounts, output: str) -> str:
    left_out = (
        (counts.not_selected, "not selected"),
        (counts.older, "older revisions"),
        (counts.repeats, "repeats"),
        (counts.broken, "broken lines"),
    )
    parts = ", ".join(f"{count:,} {what}" for count, what in left_out if count)
    where = "" if output == _STDOUT else f" to {output}"
    return f"exported {counts.written:,} articles{where}" + (f"; left out: {parts}" if parts else "")


def _end(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + signal.SIGTERM)
