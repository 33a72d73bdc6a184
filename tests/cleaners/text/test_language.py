"""Detect languages: with high scores, repeatably, and not for short texts."""

from __future__ import annotations

import subprocess
import sys

import pytest

from cleaners.text.language import base_language, detect_language

ENGLISH = "The company said on Monday that it would cut prices for its servers, because demand had fallen for a year."
TEXTS = {
    "en": ENGLISH,
    "de": "Die Regierung hat am Montag ein neues Gesetz beschlossen, das kleine Unternehmen entlasten soll.",
    "fr": "Le gouvernement a adopté lundi une nouvelle loi qui doit soulager les petites entreprises du pays.",
    "es": "El gobierno aprobó el lunes una nueva ley que pretende aliviar a las pequeñas empresas del país.",
    "ja": "日本政府は月曜日に新しい法律を決定し、来年から施行すると発表した。",
    "zh": "中国网信办宣布禁止科技公司购买美光产品，称其存在严重的网络安全风险。",
}


@pytest.mark.parametrize("code", TEXTS)
def test_one_sentence_is_enough(code: str) -> None:
    found, score = detect_language(TEXTS[code])
    assert found == code
    assert score > 0.9


@pytest.mark.parametrize(
    "text", ["", "Stocks fell.", "https://planet.example/" + "a" * 300, "12 345 " * 50, "日本語です"]
)
def test_short_texts_have_no_language(text: str) -> None:
    assert detect_language(text) == (None, 0.0)


def test_detection_is_repeatable() -> None:
    mixed = TEXTS["de"] + " " + ENGLISH
    assert len({detect_language(mixed) for _ in range(10)}) == 1


def test_the_hint_does_not_overrule_a_clear_text() -> None:
    assert detect_language(ENGLISH, hint="de")[0] == "en"
    assert detect_language(ENGLISH, hint="is")[0] == "en"


def test_the_hint_names_a_language_without_a_profile() -> None:
    icelandic = "Ríkisstjórnin samþykkti á mánudag ný lög sem eiga að létta undir með litlum fyrirtækjum í landinu."
    assert detect_language(icelandic, hint="is-IS") == ("is", 0.5)
    norwegian = "Regjeringen vedtok mandag en ny lov som skal gjøre det lettere for små bedrifter i hele landet."
    assert detect_language(norwegian, hint="nb")[0] == "no"


def test_language_tags() -> None:
    assert base_language("zh-cn") == base_language("ZH_Hans") == "zh"
    assert base_language("x-default") is base_language("") is base_language(None) is None


def test_importing_loads_no_heavy_libraries() -> None:
    code = (
        "import sys, cleaners.text.language, cleaners.text.dates, cleaners.html.json_ld, cleaners.metadata;"
        "print([name for name in ('langdetect', 'dateparser', 'publicsuffixlist', 'chompjs', 'trafilatura') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
