"""How clean the cleaners are beside trafilatura: on outlets the models never saw, in sample, and with site memory."""

from __future__ import annotations

import argparse
import gzip
import json
import os
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from tests.benchmarks.measure import RESULTS, save, table
from tests.benchmarks.samples import CORPUS, ROOT, SHARED

if TYPE_CHECKING:
    from collections.abc import Sequence

SCORE = SHARED / "bench" / "score.py"
SEVERAL = 3  # articles of one outlet from which on memory is measured
Row = tuple[str, str, str, str, str, str]  # what, trafilatura, must, aim, out of fold, in sample


def scored(*arguments: str) -> dict[str, dict[str, float]]:
    """The scorer's figures. Raises SystemExit with what it said where it fails."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "figures.json"
        command = [sys.executable, str(SCORE), "--json", str(file), *arguments]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{SCORE.name}: {done.stderr.strip()}")
        figures: dict[str, dict[str, float]] = json.loads(file.read_text(encoding="utf-8"))
        return figures


def cleaning(corpus: Path, jobs: int) -> list[Row]:
    """Whole articles and snippets, single pages, and `clean_text` over a greedy extraction."""
    from cleaners.plain_text.line_features import LINE_FEATURE_NAMES
    from cleaners.training.boost import out_of_fold
    from cleaners.training.line_examples import gain, read_lines_of

    at = ("--corpus", str(corpus), "--jobs", str(jobs))
    plain = scored("--system", "trafilatura", "ours", *at)
    unseen = scored("--system", "ours", "--predictions", str(_predictions(corpus, jobs)), *at)
    text = scored("--system", "naive", "text", "--set", "news", *at)
    lines = read_lines_of(corpus, jobs)
    precision, recall = gain(lines, out_of_fold(lines, LINE_FEATURE_NAMES))
    gained = [text["news/text"][name] - text["news/naive"][name] for name in ("P", "R")]
    figures = [plain["news/trafilatura"], unseen["news/ours"], plain["news/ours"]]
    whole = [f"{found['F1']:.4f} / {found['exact']:.3f}" for found in figures]
    parts = [f"{found['F1']:.4f}" for found in (plain["snippets/trafilatura"], unseen["snippets/ours"])]
    return [
        ("news F1 / exact", whole[0], ".970 / .40", ".980 / .55", whole[1], whole[2]),
        ("snippets F1", parts[0], ".945", ".955", parts[1], f"{plain['snippets/ours']['F1']:.4f}"),
        (
            "clean_text: P over naive / R under",
            "0 / 0",
            ".015 / .003",
            ".030 / .002",
            f"{precision:.4f} / {-recall:.4f}",
            f"{gained[0]:.4f} / {-gained[1]:.4f}",
        ),
    ]


def _predictions(corpus: Path, jobs: int) -> Path:
    """What models that saw no page of an outlet make of its pages: the training's own out-of-fold texts. It learns in a copy of
    the package, so that the models that ship stay as they are.
    """
    file = RESULTS / "oof.jsonl"
    with TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "cleaners", Path(folder) / "cleaners", ignore=shutil.ignore_patterns("__pycache__"))
        command = [sys.executable, "-m", "cleaners.training", str(corpus.resolve()), "--date", "today"]
        command += ["--oof", str(file), "--jobs", str(jobs)]
        environment = {**os.environ, "PYTHONPATH": folder}
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"cleaners.training: {done.stderr.strip()[-2000:]}\n`make train` says what it lacks")
    return file


def newsroom() -> Row:
    """Three made-up outlets of which every page repeats what no phrase and no class names."""
    from cleaners import clean_html, remember
    from tests.support import recurring

    gone = put_in = lost = credits = kept = 0
    for name, data in recurring.OUTLETS.items():
        articles = recurring.outlet(name)
        memory = remember(clean_html(article.html, article.url) for article in articles)
        for article in articles:
            lines = clean_html(article.html, article.url, memory=memory).text.split("\n\n")
            put_in += len(article.put_in)
            gone += sum(line not in lines for line in article.put_in)
            lost += sum(line not in lines for line in article.written)
            named = [line for line in article.written if line in data["credits"]]
            credits += len(named)
            kept += sum(line in lines for line in named)
    reached = f"{gone / put_in:.1%} gone, {lost} lost, {kept}/{credits} credits kept"
    return ("newsroom, 3 × 20 pages, memory", "", "95 % gone, 0 lost", "", reached, "")


def several(corpus: Path) -> Row:
    """Outlets that the corpus has several articles of, cleaned with what they share and without."""
    from cleaners import clean_html, remember
    from cleaners.training.evaluation import compare
    from cleaners.training.examples import group_of, index_of

    outlets: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in index_of(corpus / "news"):
        outlets[group_of(row)].append(row)
    before, after = [], []
    for rows in outlets.values():
        if len(rows) < SEVERAL:
            continue
        pages = [(_html(corpus, row), row["url"]) for row in rows]
        alone = [clean_html(*page) for page in pages]
        memory = remember(alone)
        before += [compare(row, document.text)[:2] for row, document in zip(rows, alone, strict=True)]
        after += [
            compare(row, clean_html(*page, memory=memory).text)[:2] for row, page in zip(rows, pages, strict=True)
        ]
    precision = mean(p or 0 for p, _ in after) - mean(p or 0 for p, _ in before)
    recall = mean(r for _, r in after) - mean(r for _, r in before)
    return (
        f"memory on {len(after)} pages of outlets with {SEVERAL}+",
        "",
        "P +0, R −.001",
        "",
        "",
        f"P {precision:+.4f}, R {recall:+.4f}",
    )


def _html(corpus: Path, row: dict[str, Any]) -> bytes:
    return gzip.decompress((corpus / "news" / "html" / f"{row['id']}.html.gz").read_bytes())


def cost(corpus: Path, pages: int) -> Row:
    """CPU time a page beside trafilatura with metadata, page by page in turn."""
    from tests.benchmarks.cleaning import compare, warm_up
    from tests.benchmarks.cleaning import mean as mean_of
    from tests.benchmarks.peers import ours
    from tests.benchmarks.samples import samples

    measured, found = samples(corpus, pages), {"plain": plain, "ours": ours}
    warm_up(samples(corpus, pages, others=True), found)
    times = compare(measured, found)
    ratio = f"{mean_of(times['ours']) / mean_of(times['plain']):.2f}"
    return ("CPU a page, clean_html over bare_extraction", "1.0", "1.6", "1.0", ratio, "")


def plain(html: bytes, url: str) -> Any:
    """Text and metadata, as the scorer asks trafilatura for them."""
    import trafilatura

    return trafilatura.bare_extraction(html, url=url, include_comments=False, with_metadata=True)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    parser.add_argument("--pages", type=int, default=120, help="pages for the CPU time (default 120)")
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args(arguments)
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    rows = [newsroom()]
    if (args.corpus / "news" / "index.jsonl").is_file() and SCORE.is_file():
        rows = [*cleaning(args.corpus, args.jobs), *rows, several(args.corpus), cost(args.corpus, args.pages)]
    else:
        print(f"Quality: {args.corpus} or {SCORE} is not there: the newsroom's row alone")
    columns = ("", "trafilatura", "must", "aim", "out of fold", "in sample")
    print("Quality: learned figures out of fold and in sample apart; what learns nothing stands under out of fold")
    table(columns, rows)
    save("quality", {"columns": columns[1:], "rows": {row[0]: row[1:] for row in rows}})


if __name__ == "__main__":
    main()
