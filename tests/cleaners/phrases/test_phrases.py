"""Boilerplate phrases: every row's examples, the loader's errors, time on hostile input, and harm on real articles."""

from __future__ import annotations

import json
import re
import time
from collections import defaultdict
from importlib.resources import files
from pathlib import Path

import pytest

from cleaners.document import Kind
from cleaners.phrases import Phrase, PhraseError, Phrases, load_phrases, normalize_typography, phrases_of
from cleaners.phrases.compiled_pattern import compile_alternatives, prefixes_of

NEWS = Path(__file__).resolve().parents[3] / ".." / "shared" / "corpus" / "news" / "index.jsonl"
LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "ja", "zh")
EVERY_LANGUAGE_HAS = {
    Kind.RELATED_LINK, Kind.ADVERTISEMENT, Kind.PROMOTION, Kind.NEWSLETTER, Kind.SOCIAL_FOLLOW, Kind.SHARE,
    Kind.AUDIO_WIDGET, Kind.VIDEO_WIDGET, Kind.READING_TIME, Kind.TRUST_BADGE, Kind.BYLINE, Kind.TIMESTAMP,
    Kind.CREDIT, Kind.CAPTION, Kind.COMMENTS, Kind.PAYWALL, Kind.CONSENT, Kind.COPYRIGHT, Kind.TAGS, Kind.NAVIGATION,
    Kind.OTHER,
}  # fmt: skip
ROWS = load_phrases().rows


def by_id(row: Phrase) -> str:
    return row.id


@pytest.fixture(scope="module")
def phrases() -> Phrases:
    return load_phrases()


# --- the rows ---


@pytest.mark.parametrize("row", ROWS, ids=by_id)
def test_what_must_go_is_matched_as_its_kind(row: Phrase, phrases: Phrases) -> None:
    for text in row.matches:
        kinds = {found.kind for found in phrases.matches(text, [row.language])}
        assert row.kind in kinds, f"{text!r} matches {[found.id for found in phrases.matches(text)]}"
        assert Phrases([row]).match(text, [row.language]) is row, f"{text!r} is matched by other rows alone"


@pytest.mark.parametrize("row", ROWS, ids=by_id)
def test_what_must_stay_is_matched_by_no_strict_row(row: Phrase, phrases: Phrases) -> None:
    for text in row.rejects:
        assert Phrases([row]).match(text, [row.language]) is None, text
        strict = [found.id for found in phrases.matches(text) if found.requires == "none"]
        assert not strict, f"{text!r} is dropped by {strict}"


@pytest.mark.parametrize("row", ROWS, ids=by_id)
def test_rows_are_well_formed(row: Phrase) -> None:
    for claim in compile_alternatives(row):
        claim.compile()
    assert len({normalize_typography(text).casefold() for text in row.matches}) >= 3
    assert len({normalize_typography(text).casefold() for text in row.rejects}) >= 3
    assert all(word == word.lower() for word in row.words)


def test_all_files_hold_what_they_may(phrases: Phrases) -> None:
    assert phrases_of(files("cleaners.phrases")).rows == phrases.rows


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_knows_each_kind(language: str) -> None:
    assert EVERY_LANGUAGE_HAS - {row.kind for row in ROWS if row.language == language} == set()


@pytest.mark.parametrize("language", ["sv", "no", "da", "pl", "cs", "ru", "tr", "ko"])
def test_further_languages_know_what_most_pages_have(language: str) -> None:
    kinds = {row.kind for row in ROWS if row.language == language}
    assert kinds >= {Kind.RELATED_LINK, Kind.ADVERTISEMENT, Kind.NEWSLETTER, Kind.SHARE, Kind.TIMESTAMP}


@pytest.mark.parametrize("code", ["nb", "nn-NO", "no"])
def test_norwegian_goes_by_three_names(phrases: Phrases, code: str) -> None:
    found = phrases.match("Les også: Slik påvirkes strømprisen", [code])
    assert found is not None
    assert found.language == "no"


def test_hangul_is_told_without_a_language(phrases: Phrases) -> None:
    found = phrases.match("관련기사")
    assert found is not None
    assert found.kind == Kind.RELATED_LINK


# --- what the widgets of news pages say, and what their articles say ---


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Read More: Maker of office chat to cut 500 jobs and leave two countries", Kind.RELATED_LINK),
        ("Need Tax Help? Find expert filing guides at all stages of your business", Kind.PROMOTION),
        ("Follow us on Instagram, Threads, Facebook, and YouTube.", Kind.SOCIAL_FOLLOW),
        ("Advertisement", Kind.ADVERTISEMENT),
        ("Reading Time:7 minutes", Kind.READING_TIME),
        ("Why you can trust WXYZ", Kind.TRUST_BADGE),
        ("The bank's new tower is lit at dusk in Seoul on June 2, 2022. Photo: Agency", Kind.CAPTION),
        ("Select Voice", Kind.AUDIO_WIDGET),
        ("Choose your listening speed", Kind.AUDIO_WIDGET),
        ("Get through articles 3x faster", Kind.AUDIO_WIDGET),
        ("1.5x", Kind.AUDIO_WIDGET),
        ("220 WPM", Kind.AUDIO_WIDGET),
    ],
)
def test_widget_lines_are_proven_by_their_wording(phrases: Phrases, text: str, kind: Kind) -> None:
    found = phrases.match(text)
    assert found is not None
    assert (found.requires, found.kind) == ("none", kind)
    assert found.proven()


@pytest.mark.parametrize("word", ["Slow", "Average", "Fast"])
def test_a_plain_word_waits_for_a_second_sign(phrases: Phrases, word: str) -> None:
    found = phrases.match(word)
    assert found is not None
    assert found.kind == Kind.AUDIO_WIDGET
    assert not found.proven()
    assert found.proven(repeated=True)
    assert found.proven(link=True)
    assert found.proven(edge=True)


@pytest.mark.parametrize(
    "text",
    [
        "Read more closely, the filing says the opposite.",
        "Follow us, the pilots told the second crew over the radio.",
        "Advertisement revenue fell by a tenth, the group said on Friday.",
        "Share prices rose across Asia.",
        "By Friday, the bank had lost half its deposits.",
        "Photo: how the camera changed the way we see war",
        "Shares of the maker fell 3 percent after the report. (Reuters)",
        "Der Konzern wollte sich auf Anfrage nicht äußern (dpa).",
        "Correction: An earlier version of this article misstated the year of the merger. It was 2019.",
        "Editor's note: The author holds shares of the company.",
        "Hinweis der Redaktion: In einer früheren Fassung stand eine falsche Jahreszahl.",
        "Watch makers in Geneva fear a slump.",
        "“We may earn a commission on every loan,” the broker told the court.",
        "Zhou, who leads the team, said the chip was 1.25x as fast.",
    ],
)
def test_an_authors_sentences_stay(phrases: Phrases, text: str) -> None:
    assert not [found.id for found in phrases.matches(text) if found.requires == "none"]


def test_languages_narrow_the_search_but_english_stays(phrases: Phrases) -> None:
    assert phrases.match("Lesen Sie auch: Der Streik und seine Folgen", ["fr"]) is None
    assert phrases.match("Lesen Sie auch: Der Streik und seine Folgen", ["de-AT"]) is not None
    assert phrases.match("Sign up for our newsletter", ["de"]) is not None
    assert phrases.match("0:00 / 3:45", ["xx"]) is not None


def test_typography_does_not_hide_a_phrase(phrases: Phrases) -> None:
    for text in ("»  Read\u00a0more", "▶ Read more →", "Re\u00adad more", "READ\tMORE…"):
        found = phrases.match(text)
        assert found is not None, text
        assert found.kind == Kind.RELATED_LINK


# --- time ---


@pytest.mark.parametrize("row", ROWS, ids=by_id)
def test_no_pattern_is_slow_on_near_misses(row: Phrase) -> None:
    """Every prefix of an example, repeated to the longest block there is, with an end that cannot match."""
    fullmatch = re.compile(row.pattern, re.IGNORECASE).fullmatch
    slowest = 0.0
    for text in map(normalize_typography, row.matches):
        for seed in {
            text,
            text.split(" ")[0] + " ",
            text[: len(text) // 2],
            text[0],
            text[-1],
            "1 ",
            "A",
            "Aa ",
            "a, ",
        }:
            hostile = (text + seed * row.max_length)[: row.max_length - 1] + "\N{SNOWMAN}"
            begin = time.process_time()
            fullmatch(hostile)
            fullmatch((seed * row.max_length)[: row.max_length - 1] + "\N{SNOWMAN}")
            slowest = max(slowest, time.process_time() - begin)
    assert slowest < 0.05


def test_huge_blocks_cost_nothing(phrases: Phrases) -> None:
    begin = time.process_time()
    for text in ("Advertisement " * 10_000, "1 " * 50_000, "Read more: " + "a" * 100_000, " " * 100_000 + "x"):
        assert phrases.match(text) is None
    assert time.process_time() - begin < 0.5


# --- the loader's errors ---

GOOD = """
[[phrase]]
id = "stop"
kind = "other"
requires = "none"
pattern = "stop(?: here)?"
matches = ["stop", "Stop here", "STOP"]
rejects = ["stopped", "Stop there", "a stop"]
"""


def test_a_folder_of_files_is_read(tmp_path: Path) -> None:
    (tmp_path / "any.toml").write_text("[slots]\nplace = '''here|<there>'''\nthere = 'there'\n", encoding="utf-8")
    (tmp_path / "en.toml").write_text(GOOD.replace("(?: here)?", "(?: <place>)?"), encoding="utf-8")
    found = phrases_of(tmp_path).match("Stop there")
    assert found is not None
    assert (found.id, found.kind, found.language, found.rule) == ("stop", Kind.OTHER, "en", "phrase:stop")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("kind =", "colour ="), "en.toml: row stop: kind: "),
        (('kind = "other"', 'kind = "nonsense"'), "en.toml: row stop: kind: "),
        (('requires = "none"', 'requires = "luck"'), "en.toml: row stop: requires: "),
        (('requires = "none"', ""), "en.toml: row stop: requires: "),
        (('id = "stop"', 'id = "Stop it"'), "en.toml: row Stop it: id: "),
        (("[[phrase]]", '[[phrase]]\ncolour = "red"'), "en.toml: row stop: colour: "),
        (("[[phrase]]", '[[phrase]]\nlanguage = "de"'), "en.toml: row stop: language: "),
        (('"STOP"]', "]"), "en.toml: row stop: matches: "),
        (("(?: here)?", " <nowhere>"), "en.toml: row stop: pattern: no slot <nowhere>"),
        (("(?: here)?", "(?: here"), "en.toml: row stop: pattern: "),
        (("(?: here)?", "( here)?"), "en.toml: row stop: pattern: "),
        (('"stop(', '"(?s)stop('), "en.toml: row stop: pattern: write its flags in the groups"),
        (("[[phrase]]", "[[phrases]]"), "en.toml: unknown table 'phrases'"),
        (("[[phrase]]", "[phrase]"), "en.toml: 'phrase' must be a list of tables"),
        (("[[phrase]]", "[[phrase"), "en.toml: not valid TOML"),
    ],
)
def test_a_bad_row_names_file_row_and_key(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    (tmp_path / "en.toml").write_text(GOOD.replace(*change), encoding="utf-8")
    with pytest.raises(PhraseError) as error:
        phrases_of(tmp_path).match("stop")
    assert str(error.value).startswith(message)
    assert "\n" not in str(error.value)


def test_an_id_stands_for_one_row(tmp_path: Path) -> None:
    (tmp_path / "de.toml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "en.toml").write_text(GOOD, encoding="utf-8")
    with pytest.raises(PhraseError, match=r"en\.toml: row stop: id: already used in de\.toml"):
        phrases_of(tmp_path)


@pytest.mark.parametrize(
    ("pattern", "go", "stay"),
    [
        (r"İlgili \\S+", "ILGILI HABERLER", "ilgili "),
        ("ilgili haberler|sıradaki", "İLGİLİ HABERLER", "İLGİLİ HABER"),
        ("ilgili haberler|sıradaki", "SIRADAKI", "SIRADA"),
        (r"Weiter\\W+lesen", "WEITER -- Lesen", "weiterwlesen"),
        ("ΔΕΊΤΕ ΕΠΊΣΗΣ", "Δείτε επίσης", "Δείτε"),
        ("more|(?-i:READ) on", "READ On", "Read on"),
        ("more|(?-i:READ) on", "MORE", "READ"),
    ],
)
def test_case_counts_only_where_a_pattern_minds_it(tmp_path: Path, pattern: str, go: str, stay: str) -> None:
    (tmp_path / "any.toml").write_text(GOOD.replace("stop(?: here)?", pattern), encoding="utf-8")
    phrases = phrases_of(tmp_path)
    assert phrases.match(go) is not None
    assert phrases.match(stay) is None
    assert re.fullmatch(phrases.rows[0].pattern, normalize_typography(go), re.IGNORECASE)


def test_slots_that_are_no_table_are_told(tmp_path: Path) -> None:
    (tmp_path / "any.toml").write_text("slots = 'place'\n" + GOOD, encoding="utf-8")
    with pytest.raises(PhraseError, match=r"any\.toml: slots: "):
        phrases_of(tmp_path)


def test_slots_in_a_circle_are_told(tmp_path: Path) -> None:
    (tmp_path / "en.toml").write_text(
        "[slots]\na = '<b>'\nb = '<a>'\n" + GOOD.replace("stop(", "<a>("), encoding="utf-8"
    )
    with pytest.raises(PhraseError, match="circle"):
        phrases_of(tmp_path)


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    (tmp_path / "en.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PhraseError, match=r"en\.toml: not valid TOML"):
        phrases_of(tmp_path)


# --- harm ---


@pytest.mark.skipif(not NEWS.exists(), reason="needs ../shared/corpus")
def test_strict_rows_leave_real_articles_alone(phrases: Phrases) -> None:
    """206 articles as their authors wrote them; a few bodies hold a "Read more: ..." themselves."""
    dropped = defaultdict(list)
    lines = 0
    for record in map(json.loads, NEWS.read_text(encoding="utf-8").splitlines()):
        for line in filter(None, map(str.strip, (record["body"] or "").split("\n"))):
            lines += 1
            found = phrases.match(line)
            if found and found.requires == "none":
                dropped[found.id].append(line)
    assert lines > 4000
    assert sum(map(len, dropped.values())) <= 3, dict(dropped)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("read more|see also", {"rea", "see"}),
        ("(?:the )?(?-i:READ|More) on", {"the", "rea", "mor"}),
        (r"[(\[]?photo", {"(ph", "[ph", "pho"}),
        (r"\d{1,2} of \d+|page [0-9]", {"0", "pag"}),
        (r"[a-c]x?\d", {"ax0", "bx0", "cx0", "a0", "b0", "c0"}),
        ("(?!.{20})(?:a++)*+b", {"a", "b"}),
        ("x{0,3}y", {"x", "y"}),
        ("ab?(?:c|de)", {"abc", "abd", "ac", "ade"}),
        (r"(?:in )?\w+", None),
        (r"in \w+", {"in "}),
        (r"i\w+", {"i"}),
        ("[a-z][a-z][a-z]", set("abcdefghijklmnopqrstuvwxyz")),
        (r"\(c\) all rights", {"(c)"}),
        (r"[^.]{2,40}: more", None),
        (r"(?:\w+ )?more", None),
        (".*more", None),
        ("(?:more)?", None),
    ],
)
def test_by_how_a_block_begins_rows_are_left_out_only_where_none_of_their_matches_does(
    pattern: str, expected: set[str] | None
) -> None:
    assert prefixes_of(pattern) == expected
