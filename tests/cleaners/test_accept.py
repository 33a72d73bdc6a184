"""Test what counts as an article, and what the reasons for a rejection mean."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from cleaners import Document, RejectReason, clean_html, clean_text, remember
from cleaners.accept import accept_text, is_long_enough
from cleaners.rejection import Rejection
from crawler.discovery.urls import comparison_key
from crawler.frontier.site_memory_store import SiteMemoryStore, with_blocks
from crawler.items import FailedPage
from crawler.pipelines.document_record import RecordOrigin, to_record
from crawler.pipelines.make_record import outcome_of_failure
from output.files.finalize import RunFinalizer
from output.files.record_file import RecordFile, read_records, record_path
from output.records.article import Article
from output.records.pending import Pending, UrlOutcome
from output.state import State
from output.state.schedule import Schedule

if TYPE_CHECKING:
    from pathlib import Path

RUN, NOW = "20260320T010000Z-0a1b2c", datetime(2026, 3, 20, 6, tzinfo=UTC)
BOILERPLATE = "The Quay Courier is printed each night in the old customs house, between tide and tide."
WORDS = ("harbour", "granary", "tannery", "library", "brewery", "sawmill")


def own(word: str) -> str:
    """Return the 199 characters that only this article has."""
    first = f"The {word} of the town will open its doors again in May, the council said on Monday."
    second = f"Its roof had let in the rain for eleven years, and nobody in the {word} had found the money for it."
    return f"{first} {second} It is whole."


def page(word: str) -> tuple[bytes, str]:
    """Return an article of 288 characters; 89 of them stand below each article of the site."""
    url = f"https://quay.example/2026/{word}-opens-again"
    body = f"<h1>The {word} opens again</h1><p>{own(word)}</p><p>{BOILERPLATE}</p>"
    head = f'<title>The {word} opens again</title><meta property="og:type" content="article">'
    return (
        f'<html lang="en"><head>{head}</head><body><main><article>{body}</article></main></body></html>'.encode(),
        url,
    )


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    """Return the site's articles, each cleaned by itself."""
    return [clean_html(*page(word)) for word in WORDS]


def test_the_crawl_the_library_and_explain_judge_the_page_alone(documents: list[Document], tmp_path: Path) -> None:
    assert {(len(own(word)), len(document.text)) for word, document in zip(WORDS, documents, strict=True)} == {
        (199, 288)
    }
    file = RecordFile(record_path(tmp_path, "articles", RUN))
    for word, document in zip(WORDS, documents, strict=True):
        url = page(word)[1]
        record = to_record(document, RecordOrigin(RUN, NOW, url))
        assert isinstance(record, Article)
        file.write(
            {
                **record.model_dump(mode="json"),
                **with_blocks(Pending(UrlOutcome(url, (url,), "quay.example")), document).to_part_keys(),
            }
        )
    file.abandon()
    state = State.open(f"sqlite:///{tmp_path / 'state.db'}")
    RunFinalizer(tmp_path, state, Schedule(), comparison_key, SiteMemoryStore(NOW)).finalize(RUN, NOW)
    state.close()
    written = list(read_records(file.path))
    assert [line["text"] for line in written] == [own(word) for word in WORDS]

    memory = remember(documents, publisher="quay.example")
    for word, line in zip(WORDS, written, strict=True):
        again = clean_html(*page(word), memory=memory)
        assert (again.reject, again.text) == (None, line["text"])

    html, url = page(WORDS[0])
    (tmp_path / "page.html").write_bytes(html)
    command = [sys.executable, "-m", "scrapy", "explain", str(tmp_path / "page.html"), "--url", url]
    done = subprocess.run([*command, "-s", f"DATA_DIR={tmp_path}"], capture_output=True, text=True, timeout=120)
    assert f"# article: {written[0]['id']}, 199 characters" in done.stdout, done.stderr
    assert "-\trepeated\tmemory:6/6" in done.stdout


def test_under_250_weighted_characters_there_is_no_article() -> None:
    for short, long in (("x" * 249, "x" * 250), ("語" * 83, "語" * 84)):
        why = accept_text(short, ())
        assert why is not None
        assert why.reason is RejectReason.TOO_SHORT
        assert accept_text(long, ()) is None
    assert [is_long_enough(length) for length in (249.9, 250)] == [False, True]


def test_a_paywalled_stub_is_rejected_and_a_paywalled_whole_article_is_not() -> None:
    head = '<title>A</title><meta property="og:type" content="article"><script type="application/ld+json">{}</script>'
    paid = '{"@type": "NewsArticle", "headline": "A", "isAccessibleForFree": false}'
    whole = "".join(f"<p>{own(word)}</p>" for word in WORDS * 3)

    def cleaned(body: str) -> Document:
        return clean_html(
            f"<html><head>{head.format(paid)}</head><article>{body}</article></html>".encode(), page("x")[1]
        )

    stub = cleaned("<p>Only the first lines of it, and no more than that for those who do not pay.</p>")
    assert stub.reject is not None
    assert stub.reject.reason is RejectReason.PAYWALL
    assert (cleaned(whole).free, cleaned(whole).reject) == (False, None)


def test_an_empty_text_is_too_short() -> None:
    why = clean_text("").reject
    assert why is not None
    assert why.reason is RejectReason.TOO_SHORT


def test_every_reason_defines_its_properties() -> None:
    for reason in RejectReason:
        assert reason.is_final is not reason.is_transient
        assert not (reason.is_crawl_decision and reason.is_site_fault)
    with pytest.raises(TypeError):
        RejectReason.__new_member__(RejectReason, "forgotten")  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("rejection", "final"),
    [
        (Rejection(RejectReason.HTTP_ERROR, "HTTP 500", 500), False),
        (Rejection(RejectReason.HTTP_ERROR, "HTTP 410", 410), True),
        (Rejection(RejectReason.ROBOTS, "forbidden"), True),
        (Rejection(RejectReason.ROBOTS, "cannot be reached", reached=False), False),
    ],
)
def test_transient_rejections_are_not_final(rejection: Rejection, final: bool) -> None:
    assert outcome_of_failure(FailedPage("https://one.example/a", "one.example", rejection)).final is final
