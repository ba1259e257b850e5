import os
from pathlib import Path

import pytest

from searchkit.parse.encoding import declared, decode, guess_encoding
from tests.cases import cases
from tests.limits import processor_time_below
from tests.samples import present

GERMAN = "Die Prüfer zählten die Kräne zweimal, wie „Nadia Korbel“ erklärte. "


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-32"])
def test_byte_order_marks(codec: str) -> None:
    assert decode(GERMAN.encode(codec), charset="iso-8859-1").text == GERMAN


@pytest.mark.parametrize(("label", "codec", "text"), cases(__file__, "test_labels_as_browsers_read_them"))
def test_labels_as_browsers_read_them(label: str, codec: str, text: str) -> None:
    assert decode(text.encode(codec), charset=label).text == text
    meta = f'<meta http-equiv="Content-Type" content="text/html; charset={label}">'
    assert decode((meta + text).encode(codec), markup=True).text == meta + text


def test_utf8_with_another_label() -> None:
    assert decode(GERMAN.encode(), charset="iso-8859-1").text == GERMAN
    assert decode((GERMAN * 3).encode(), charset="gbk").text == GERMAN * 3


def test_another_encoding_with_a_utf8_label() -> None:
    decoded = decode((GERMAN * 10).encode("cp1252"), charset="utf-8")
    assert decoded.text == GERMAN * 10
    assert decoded.notes == (f"encoding: guessed as {decoded.encoding}",)


def test_broken_characters_are_counted() -> None:
    decoded = decode((GERMAN * 10).encode() + b" \xff\xfe.")
    assert decoded.text == GERMAN * 10 + " \ufffd\ufffd."
    assert decoded.notes == ("encoding: 2 characters could not be decoded (utf-8)",)


def test_nul_characters() -> None:
    decoded = decode(b"need\0le")
    assert decoded.text == "needle"
    assert decoded.notes == ("encoding: 1 NUL character removed",)


def test_surrogates() -> None:
    decoded = decode(b"cranes \xed\xa0\x80 and \xed\xa0\xbd\xed\xb8\x80.", charset="utf-8")
    assert decoded.text == "cranes \ufffd and \U0001f600."
    assert decoded.notes == ("encoding: 1 character could not be decoded (utf-8)",)


def test_ignored_labels() -> None:
    assert declared(b'<meta charset="utf-7">') is None
    assert declared(b'<?xml version="1.0" encoding="hex"?>') is None
    assert declared(b'\n<?xml version="1.0" encoding="windows-1250"?>') == "cp1250"
    assert declared(b"<meta charset=utf-16>") == "utf-8"  # what could be read as ASCII so far is not UTF-16
    assert decode(b"plain", charset="no-such-thing").text == "plain"


@pytest.mark.parametrize("body", [b"", b"\x81\x8d\x8f\x90\x9d", bytes(range(256)), b"\xff" * 1000, b"\xfe\xff\xd8"])
def test_every_byte_string_has_a_text(body: bytes) -> None:
    assert isinstance(decode(body, markup=True).text, str)


# --- detection -------------------------------------------------------------------------------------------------------

_LINES = Path(__file__).with_name("encodings.txt").read_text(encoding="utf-8").splitlines()
TEXTS = {language: (text, codecs) for language, codecs, text in (line.split(" | ") for line in _LINES)}


@pytest.mark.parametrize("language", TEXTS)
def test_the_encoding_of_a_text(language: str) -> None:
    text, codecs = TEXTS[language]
    for codec in codecs.split():
        written = text.encode(codec)
        decoded = decode(written)
        assert decoded.text == text, (codec, decoded)
        if codec != "iso2022_jp":  # recognized by its escape sequences
            assert decoded.notes == (f"encoding: guessed as {decoded.encoding}",)
        page = b"<html><body>" + b"<p>The crane.</p>" * 4_000 + b"<p>" + written + b"</p></body></html>"
        assert text in decode(page, markup=True).text
        damaged = decode(written * 20 + b"\xff. Words.")
        assert damaged.text.startswith(text * 20), "a broken character at the end changes nothing"


def test_a_sample_may_end_inside_a_character() -> None:
    for language in ("Japanese", "Korean", "Chinese", "Chinese (traditional)"):
        text, codecs = TEXTS[language]
        codec = codecs.split()[0]
        whole = (text * 4).encode(codec)
        for end in (101, 102, 103):
            found = present(guess_encoding(whole[:end]))
            assert whole.decode(found) == text * 4


def test_bytes_without_words() -> None:
    assert guess_encoding("“Quite so” — and £5".encode("cp1252")) == "cp1252"
    assert guess_encoding(bytes(range(0x80, 0x100)) * 20) is None
    assert decode(bytes(range(0x80, 0x100)) * 20).notes[0].startswith("encoding: guessed")


@pytest.mark.slow
def test_a_guess_takes_little_time() -> None:
    with processor_time_below(10):
        for body in (*(text.encode(codecs.split()[0]) * 2_000 for text, codecs in TEXTS.values()), os.urandom(200_000)):
            decode(body)
