"""Pages are decoded by what they are and what they declare, if that is an encoding of text."""

from __future__ import annotations

import pytest

from cleaners.html.decoding import decode

GERMAN = "Die Brücke über den Fluß wurde am Montag für den Verkehr geöffnet, und die Bürger waren fröhlich. " * 4
NO_ENCODINGS = (
    "zlib base64 hex rot13 bz2 uu quopri idna punycode undefined unicode_escape raw_unicode_escape unicode-escape mbcs oem "
    "utf-7 cp037 zlib_codec x-user-defined no-such-thing"
).split()


@pytest.mark.parametrize("label", NO_ENCODINGS)
@pytest.mark.parametrize("place", ["meta", "http-equiv", "header"])
def test_a_label_that_is_no_encoding_of_text_is_ignored(label: str, place: str) -> None:
    markup = {
        "meta": f"<meta charset={label}>",
        "http-equiv": f"<meta http-equiv=content-type content='text/html; charset={label}'>",
        "header": "",
    }[place]
    headers = {"content-type": f"text/html; charset={label}"} if place == "header" else {}
    body = f"<html>{markup}<p>{GERMAN}".encode("cp1252")
    assert decode(body, headers).endswith(GERMAN)


def test_the_header_s_wrong_label_leaves_the_word_to_the_page() -> None:
    body = "<meta charset=koi8-r><p>Мост через реку открыт".encode("koi8-r")
    assert decode(body, {"content-type": "text/html; charset=base64"}).endswith("Мост через реку открыт")


@pytest.mark.parametrize(
    ("label", "text"),
    [
        ("shift_jis", "橋が開通した"),
        ("euc-jp", "橋が開通した"),
        ("iso-2022-jp", "橋が開通した"),
        ("gb2312", "大桥通车"),
        ("big5", "大橋通車"),
        ("euc-kr", "다리가 열렸다"),
        ("windows-1251", "Мост открыт"),
        ("iso-8859-2", "Most jest otwarty po łuku"),
        ("windows-1256", "افتتح الجسر"),
        ("ISO-8859-1", "Brücke – offen"),
    ],
)
def test_encodings_of_the_web_are_read(label: str, text: str) -> None:
    body = text.encode("cp1252" if label == "ISO-8859-1" else label)
    assert decode(f"<meta charset='{label}'><p>".encode() + body).endswith(text)
    assert decode(b"<p>" + body, {"content-type": f"text/html; charset={label}"}).endswith(text)


@pytest.mark.parametrize("label", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_wide_encodings_are_read_by_mark_or_header(label: str) -> None:
    page = "<p>Die Brücke ist offen"
    assert decode(page.encode(label), {"content-type": f"text/html; charset={label}"}).endswith(page)
    if label in ("utf-16", "utf-32"):
        assert decode(page.encode(label)).endswith(page)


def test_markup_that_can_be_read_is_not_in_utf_16() -> None:
    assert decode(f"<meta charset=utf-16><p>{GERMAN}".encode("cp1252")).endswith(GERMAN)
