"""Encodings without a label, detected from the words."""

import os
import time
from pathlib import Path

import pytest

from searchkit.parse.encoding import decode
from searchkit.parse.encoding_detection import guess_encoding

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
            found = guess_encoding(whole[:end])
            assert found is not None
            assert whole.decode(found) == text * 4


def test_bytes_without_words() -> None:
    assert guess_encoding("“Quite so” — and £5".encode("cp1252")) == "cp1252"
    assert guess_encoding(bytes(range(0x80, 0x100)) * 20) is None
    assert decode(bytes(range(0x80, 0x100)) * 20).notes[0].startswith("encoding: guessed")


@pytest.mark.slow
def test_a_guess_takes_little_time() -> None:
    started = time.process_time()
    for body in (*(text.encode(codecs.split()[0]) * 2_000 for text, codecs in TEXTS.values()), os.urandom(200_000)):
        decode(body)
    assert time.process_time() - started < 10
