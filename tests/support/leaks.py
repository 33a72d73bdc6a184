"""Measure which kinds of clutter leak into the text: on recorded pages and on those of the newsroom.

A kind's leak rate is the share of a set's pages whose text has a line of that kind that does not belong to the article.
A leaked line's kind is decided by its words, then by its element, independently of what the cleaners made of it.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lxml import html as lxml_html

from cleaners import clean_html, clean_text
from cleaners.document import Kind
from cleaners.html.parse import parse
from cleaners.html.segment import Segment, segment
from cleaners.metadata.author_names import names_only
from cleaners.phrases import load_phrases
from cleaners.rules.byline import is_date
from cleaners.selection.alignment import align_texts
from cleaners.text.language import detect_language
from cleaners.text.normalize import letters_only

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

ANY = "any"
KINDS = (*(kind.value for kind in Kind if kind is not Kind.REPEATED), ANY)
_BULLETS = ("• ", "- ")
_FOREIGN = 0.2  # a line with a smaller share of its text in the gold does not belong to the article
_LINKED = 0.5


@dataclass(frozen=True, slots=True)
class CleanedPage:
    """Hold what the cleaners make of one page: the scorer's lines by system, and the leaked kinds by set."""

    predictions: Mapping[str, Mapping[str, Any]]
    leaked: Mapping[str, frozenset[str]]


def clean_corpus(corpus: Path, jobs: int) -> list[CleanedPage]:
    """Clean all pages of both sets; those of `news` also as text, from trafilatura's extraction with favor_recall."""
    work = [
        (corpus / name, row)
        for name in ("news", "snippets")
        for row in map(json.loads, (corpus / name / "index.jsonl").read_text(encoding="utf-8").splitlines())
    ]
    with ProcessPoolExecutor(jobs) as pool:
        return list(pool.map(_clean_page, work, chunksize=8))


def leak_rates(cleaned: Iterable[CleanedPage]) -> dict[str, dict[str, float]]:
    """Return the leak rates by set and kind."""
    pages: Counter[str] = Counter()
    leaked: Counter[tuple[str, str]] = Counter()
    for page in cleaned:
        for name, kinds in page.leaked.items():
            pages[name] += 1
            leaked.update((name, kind) for kind in kinds)
    return {name: {kind: leaked[name, kind] / count for kind in KINDS} for name, count in pages.items()}


def newsroom_rates() -> dict[str, float]:
    """Return the leak rates of the newsroom by kind; its layouts name the kind of each piece of clutter."""
    from crawler.newsroom import gold
    from crawler.newsroom.fixture_site import HOME, Newsroom

    newsroom = Newsroom()
    leaked: Counter[str] = Counter()
    stories = [story for story in newsroom.stories if not story.reject]
    for story in stories:
        text = clean_html(newsroom.respond(story.url).body, HOME + story.url).text
        own = {letters_only(line) for line in gold.story_text(story).splitlines()}
        lines = {letters_only(line) for line in text.splitlines()} - own
        kinds = {piece.kind for piece in newsroom.clutter(story.url) if lines & _keys_of(piece.html)}
        leaked.update(kinds | ({ANY} if kinds else set()))
    return {kind: leaked[kind] / len(stories) for kind in KINDS}


def kind_of(text: str, title: str | None, language: str | None, places: Sequence[Segment]) -> Kind:
    """Return the kind of a leaked line. `places` are the segments of its page with the same text."""
    phrase = load_phrases().match(text, (language,) if language else None) if len(text) < 400 else None
    if phrase:
        return phrase.kind
    if is_date(text):
        return Kind.TIMESTAMP
    if (
        title
        and len(text) > 11
        and (letters_only(text) in letters_only(title) or letters_only(title) in letters_only(text))
        and len(text) < 250
    ):
        return Kind.HEADLINE
    if len(text) < 120 and names_only(text):
        return Kind.BYLINE
    for place in places:
        for hint in place.hint.chain() if place.hint else ():
            if hint.kind is not Kind.OTHER:
                return hint.kind
    return Kind.RELATED_LINK if any(place.link_density > _LINKED for place in places) else Kind.OTHER


def _clean_page(work: tuple[Path, dict[str, Any]]) -> CleanedPage:
    folder, row = work
    html = gzip.decompress((folder / "html" / f"{row['id']}.html.gz").read_bytes())
    document = clean_html(html, row["url"])
    ours = {
        "id": row["id"],
        "text": document.text,
        "title": document.title,
        "authors": document.authors,
        "published": document.published,
    }
    kinds_of = _kind_finder(html, document.title, document.language)
    if folder.name == "snippets":
        return CleanedPage({"ours": ours}, {"snippets": kinds_of(_leaked_snippets(document.text, row["without"]))})
    greedy = _greedy(html, row["url"])
    cleaned = clean_text(greedy).text
    texts = {name: {"id": row["id"], "text": text} for name, text in (("naive", greedy), ("text", cleaned))}
    return CleanedPage(
        {"ours": ours, **texts},
        {"news": kinds_of(_foreign(document.text, row)), "text": kinds_of(_foreign(cleaned, row))},
    )


def _greedy(html: bytes, url: str) -> str:
    """Return what the scorer calls the naive extraction."""
    import trafilatura

    return trafilatura.extract(html, url=url, favor_recall=True, include_comments=True, include_tables=True) or ""


def _kind_finder(html: bytes, title: str | None, language: str | None) -> Callable[[Sequence[str]], frozenset[str]]:
    """Return a function from leaked lines to their kinds; it parses the page only if there are any."""

    def kinds_of(lines: Sequence[str]) -> frozenset[str]:
        if not lines:
            return frozenset()
        segments = segment(parse(html))
        spoken = language or detect_language(" ".join(lines))[0]
        kinds = {
            kind_of(line, title, spoken, [place for place in segments if place.text == line]).value for line in lines
        }
        return frozenset({*kinds, ANY})

    return kinds_of


def _foreign(text: str, row: Mapping[str, Any]) -> list[str]:
    """Return the lines that are not in the gold, without list items if the gold leaves out lists."""
    lines = [line for line in text.splitlines() if line.strip()]
    if row.get("lists") == "omitted":
        lines = [line for line in lines if not line.lstrip().startswith(_BULLETS)]
    shares = align_texts([line.removeprefix("• ") for line in lines], row["body"].split("\n"))
    return [
        line.removeprefix("• ")
        for line, share in zip(lines, shares, strict=True)
        if share < _FOREIGN and letters_only(line)
    ]


def _leaked_snippets(text: str, snippets: Sequence[str]) -> list[str]:
    """Return for each unwanted snippet in the text its first line there, or itself if it spans lines."""
    lines = [" ".join(line.split()) for line in text.splitlines()]
    whole = " ".join(lines)
    wanted = (" ".join(snippet.split()) for snippet in snippets)
    leaked = [snippet for snippet in wanted if snippet in whole]
    return [next((line for line in lines if snippet in line), snippet).removeprefix("• ") for snippet in leaked]


def _keys_of(fragment: str) -> set[str]:
    """Return the texts of a piece of clutter, split at its elements, as letters and digits."""
    tree: Any = lxml_html.fragment_fromstring(f"<div>{fragment}</div>")
    return {key for text in (*tree.itertext(), tree.text_content()) if len(key := letters_only(text)) > 3}
