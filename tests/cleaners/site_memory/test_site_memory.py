"""Site memory drops what many articles of a site repeat, and keeps what their authors wrote."""

from __future__ import annotations

from itertools import pairwise

import pytest

from cleaners import Block, BlockType, Document, Drop, Kind, clean_html, remember
from cleaners.document import LEARNED
from cleaners.site_memory import repeated_drops
from cleaners.site_memory.agency_credit import is_credit
from cleaners.site_memory.block_keys import Headlines, block_key, normalize_for_counting
from tests.support import recurring

SENTENCE = (
    "The {mill} mill of {town} has been for sale since {when}, and nobody who saw its wheel wants to pay for the roof."
)


def word(number: int) -> str:
    """Return a word for a number: numbers are normalized."""
    return "".join("abcdefghij"[int(digit)] for digit in str(number)) + "mor"


def prose(number: int, paragraphs: int = 5) -> list[Block]:
    """Return paragraphs that only this article has."""
    return [
        Block(SENTENCE.format(mill=word(number), town=word(number * 7 + at).title(), when=word(at)))
        for at in range(paragraphs)
    ]


def document(number: int, *blocks: Block | str, title: str | None = None, before: int = 5) -> Document:
    """Build an article of its own prose, with `blocks` after the first `before` of its five paragraphs."""
    own = prose(number)
    put_in = [Block(block) if isinstance(block, str) else block for block in blocks]
    every = (*own[:before], *put_in, *own[before:])
    text = "\n\n".join(block.text for block in every)
    return Document(
        text, every, title=title or f"The {word(number)} mill is for sale again", canonical_url=f"u{number}"
    )


def dropped(documents: list[Document], **of: str) -> list[list[str]]:
    """Return what memory drops from each of them."""
    memory = remember(documents, publisher=of.get("publisher"))
    return [
        [page.blocks[index].text for index in repeated_drops(page.blocks, memory, title=page.title)]
        for page in documents
    ]


@pytest.mark.parametrize("layout", recurring.OUTLETS)
def test_what_all_pages_of_a_site_repeat_is_dropped_and_everything_written_is_kept(layout: str) -> None:
    articles = recurring.outlet(layout)
    alone = [clean_html(article.html, article.url) for article in articles]
    memory = remember(alone)
    left = put_in = present = 0
    for article, without in zip(articles, alone, strict=True):
        with_memory = clean_html(article.html, article.url, memory=memory)
        put_in += len(article.put_in)
        present += sum(line in without.text for line in article.put_in)
        left += sum(line in with_memory.text for line in article.put_in)
        lines = with_memory.text.split("\n\n")
        lost = [line for line in article.written if line not in lines]
        assert not lost, lost
    assert present > 0.9 * put_in  # only memory recognizes these
    assert left <= 0.05 * put_in


@pytest.mark.parametrize("layout", recurring.OUTLETS)
def test_five_articles_are_enough(layout: str) -> None:
    articles = recurring.outlet(layout, 5)
    memory = remember(clean_html(article.html, article.url) for article in articles)
    for article in articles:
        lines = clean_html(article.html, article.url, memory=memory).text.split("\n\n")
        assert not [line for line in article.put_in if line in lines]
        assert not [line for line in article.written if line not in lines]


def test_a_label_says_how_many_of_how_many() -> None:
    notice = "Our reading room is open to everyone who lives on this side of the river."
    documents = [document(number, *([notice] if number < 3 else [])) for number in range(5)]
    drops = repeated_drops(documents[0].blocks, remember(documents))
    assert [(drop.kind, drop.rule) for drop in drops.values()] == [(Kind.REPEATED, "memory:3/5")]
    assert repeated_drops(documents[4].blocks, remember(documents)) == {}


@pytest.mark.parametrize(
    "line", ["(Reuters)", "dpa/AFP", "This story was produced by the Northwire Agency.", "(Northwire)", "— Northwire"]
)
def test_a_credit_of_an_agency_survives_on_however_many_articles(line: str) -> None:
    assert not any(dropped([document(number, line) for number in range(8)]))


def test_a_line_with_the_publishers_own_name_is_not_a_credit() -> None:
    documents = [document(number, "Source: courier.example") for number in range(8)]
    assert not any(dropped(documents))
    assert all(dropped(documents, publisher="courier.example"))


def test_subheads_are_kept_as_long_as_a_block_under_them_is() -> None:
    subhead = Block("What the council wants", BlockType.HEADING)
    assert not any(dropped([document(number, subhead, before=3) for number in range(8)]))
    assert all(dropped([document(number, subhead) for number in range(8)]))


def test_an_honest_sentence_on_a_few_of_many_survives() -> None:
    honest = "The ministry did not answer questions before this article went to press."
    documents = [document(number, *([honest] if number % 5 == 0 else []), before=2) for number in range(20)]
    assert not any(dropped(documents))


def test_short_lines_need_a_second_indication() -> None:
    short = "Quay and Country"
    once = [document(number, *([short] if number < 3 else []), before=2) for number in range(6)]
    assert not any(dropped(once))  # in the middle, on half of few
    last = [document(number, *([short] if number < 3 else [])) for number in range(6)]
    assert [bool(lines) for lines in dropped(last)] == [True] * 3 + [False] * 3
    twice = [document(number, *([short, short] if number < 3 else []), before=2) for number in range(6)]
    assert [len(lines) for lines in dropped(twice)] == [2] * 3 + [0] * 3


@pytest.mark.parametrize(("articles", "carrying", "goes"), [(5, 3, True), (5, 2, False), (10, 5, True), (10, 4, False)])
def test_a_label_amid_the_text_is_dropped_if_half_of_the_articles_have_it(
    articles: int, carrying: int, goes: bool
) -> None:
    documents = [
        document(number, *(["The evening circle"] if number < carrying else []), before=2) for number in range(articles)
    ]
    assert any(dropped(documents)) is goes


def test_a_word_amid_the_text_is_dropped_if_nearly_all_articles_have_it() -> None:
    assert all(dropped([document(number, "Réclame", before=2) for number in range(5)]))
    assert not any(dropped([document(number, *(["Réclame"] if number < 4 else []), before=2) for number in range(6)]))
    assert not any(dropped([document(number, "Lisa:", before=2) for number in range(9)]))  # names a speaker


def test_rows_of_numbers_are_not_one_block() -> None:
    rows = [
        [Block(f"20{year} | 1.{year}45 | {number}", BlockType.TABLE_ROW) for year in (17, 19)] for number in range(5)
    ]
    assert not any(dropped([document(number, *rows[number], before=2) for number in range(5)]))


def test_numbered_lines_of_one_page_are_no_copies() -> None:
    rounds = [Block(f"Round {number} of the evening") for number in (1, 2)]
    documents = [document(number, *(rounds if number < 2 else []), before=2) for number in range(6)]
    assert not any(dropped(documents))


def test_a_block_that_the_model_dropped_on_one_page_counts_on_the_next() -> None:
    line = "For more of what moves this town, look at the board beside our door."
    took = Block(line, dropped_by=Drop(Kind.OTHER, LEARNED))
    documents = [document(0, line), *(document(number, took) for number in (1, 2)), document(3), document(4)]
    assert dropped(documents) == [[line], [], [], [], []]
    boxed = Block(line, dropped_by=Drop(Kind.RELATED_LINK, "boxes:cards"))
    assert not any(dropped([document(0, line), *(document(number, boxed) for number in (1, 2)), document(3)]))


@pytest.mark.parametrize("share", [2, 3, 5])
@pytest.mark.parametrize(
    "lines",
    [
        ["Printed on {n} March 2026, page {n} of the city edition"],
        ["This desk belongs to the people who work at it, and to nobody else"],
        ["Quay and Country", "Our evening walk", "Every week at nine"],
        ["毎週土曜日に読者の手紙を紙面で紹介しています"],
    ],
)
def test_of_five_articles_two_are_enough_at_the_end(lines: list[str], share: int) -> None:
    documents = [
        document(number, *([line.format(n=number + 3) for line in lines] if number < share else []))
        for number in range(5)
    ]
    assert [len(found) for found in dropped(documents)] == [len(lines)] * share + [0] * (5 - share)


def test_two_versions_of_one_article_count_once() -> None:
    documents = [document(1), document(2), document(3)]
    again = document(1, "One more paragraph that was added in the evening of the same day.")
    assert remember([*documents, again]).articles == 3  # of one URL
    assert not any(dropped([*documents, again]))
    moved = Document(again.text, again.blocks, title=again.title, canonical_url="elsewhere")
    assert remember([*documents, moved]).articles == 3  # of mostly the same text
    assert not any(dropped([*documents, moved]))


def test_a_page_keeps_the_block_that_its_description_quotes() -> None:
    opening = prose(1)[0]
    teasing = [document(number, opening.text, before=2) for number in (2, 3)]
    pages = [document(1), *teasing, document(4), document(5), document(6)]
    memory = remember(pages)
    assert repeated_drops(pages[0].blocks, memory, description=opening.text[:80]) == {}
    assert len(repeated_drops(pages[1].blocks, memory)) == 1


def test_a_page_that_is_known_as_a_whole_is_left_unchanged() -> None:
    documents = [document(number) for number in range(6)]
    memory = remember([*documents, *(document(10 + number, *prose(3)[:4]) for number in range(3))])
    assert repeated_drops(documents[3].blocks, memory) == {}


def test_a_template_with_a_headline_in_it_is_one_block() -> None:
    titles = [f"The {word} harbour opens its gates to everyone" for word in ("old", "new", "inner", "outer", "north")]
    documents = [
        document(number, f"Keep reading: {other}", title=title, before=2)
        for number, (title, other) in enumerate(pairwise([*titles, titles[0]]))
    ]
    assert all(dropped(documents))
    index = Headlines.of(titles)
    key = block_key("Keep reading: THE OLD HARBOUR opens its gates, to everyone", index, None)
    assert key == block_key(f"Keep reading – {titles[1]}", index, None) == "keepreading<>"
    assert (
        block_key("続きを読む「潮見町に揚水機の新工場」", Headlines.of(["潮見町に揚水機の新工場"]), None)
        == "続きを読む<>"
    )
    assert block_key(titles[0], index, normalize_for_counting(titles[0])) == normalize_for_counting(
        titles[0]
    )  # the page's own is not replaced


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Printed on 4 March 2026, page 12", "PRINTED on 14 November 2025 — page 7"),
        ("Stand: 3. März 2026, 12:30 Uhr", "Stand: 28. Oktober 2025, 7:05 Uhr"),
        ("Publié le 1er août 2025", "Publié le 12e juin 2024"),
        ("Actualizado el 3 de enero de 2026", "Actualizado el 14 de diciembre de 2025"),
        ("Aggiornato il 2 luglio 2026", "Aggiornato il 30 maggio 2025"),
        ("Atualizado em 2 fevereiro 2026", "Atualizado em 30 outubro 2025"),
        ("Bijgewerkt op 2 maart 2026", "Bijgewerkt op 30 mei 2025"),
        ("Uppdaterad den 3 maj 2026", "Uppdaterad den 12 augusti 2025"),
        ("Opublikowano 3 maja 2026", "Opublikowano 12 października 2025"),
        ("Aktualizováno 3. května 2026", "Aktualizováno 12. října 2025"),
        ("Обновлено 3 мая 2026", "Обновлено 12 октября 2025"),
        ("Yayınlanma 3 Mayıs 2026", "Yayınlanma 12 Ekim 2025"),
        ("２０２６年３月４日付の紙面", "2025年11月14日付の紙面"),
        ("2026년 3월 4일 인쇄", "2025년 11월 14일 인쇄"),
    ],
)
def test_numbers_and_dates_are_normalized(one: str, other: str) -> None:
    assert normalize_for_counting(one) == normalize_for_counting(other)


def test_a_months_name_without_a_number_is_a_word() -> None:
    assert normalize_for_counting("They may march") != normalize_for_counting("They june april")
    assert normalize_for_counting("* * *") == ""


def test_credits_are_distinguished_from_notices() -> None:
    for line in (
        "(AFP)",
        "Mit Material von dpa",
        "この記事は北海通信社の配信です。",
        "Reporting by Ann Lee; Reuters",
        "출처: 연합뉴스",
    ):
        assert is_credit(line), line
    for line in (
        "Need a travel agency? Ours has you covered.",
        "© 2026 AFP. All rights reserved.",
        "Our news desk is open all day.",
    ):
        assert not is_credit(line), line
