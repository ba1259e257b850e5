"""Signs of a query: made plain one for one, shown safely, measured for a terminal."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.query.words import is_punctuation, letter_count, plain, shown, visible, width


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("“a” „b“ «c» 「d」 ＂e＂", '"a" "b" "c" "d" "e"'),
        ("company’s ‘x’", "company's 'x'"),
        ("a\u2010b \u2011c \u2212d －e", "a-b -c -d -e"),
        ("speaker：（a）｛b｝～2＊", "speaker:(a){b}~2*"),
        ("a\u3000b\ufeffc\u200bd", "a b c d"),
        ("a – b — c", "a – b — c"),
        ("plain", "plain"),
    ],
)
def test_plain_signs(typed: str, meant: str) -> None:
    assert plain(typed) == meant


@given(st.text(max_size=40))
def test_places_stay_true(typed: str) -> None:
    assert len(plain(typed)) == len(typed)
    assert plain(plain(typed)) == plain(typed)


@pytest.mark.parametrize(
    ("sign", "seen"),
    [
        ("a", "a"),
        (" ", " "),
        ("é", "é"),
        ("天", "天"),
        ("\x1b", "\\x1b"),
        ("\n", "\\n"),
        ("\x9b", "\\x9b"),
        ("\u202e", "\\u202e"),
        ("\u200b", "\\u200b"),
        ("\u3164", "\\u3164"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
        ("\u200d", "\u200d"),
        ("\u00a0", "\u00a0"),
    ],
)
def test_visible(sign: str, seen: str) -> None:
    assert visible(sign) == seen


@given(st.characters())
def test_nothing_shown_steers_a_terminal(sign: str) -> None:
    seen = visible(sign)
    assert all(unicodedata.category(part) not in ("Cc", "Cs", "Zl", "Zp") for part in seen)
    assert "".join(map(visible, seen)) == seen


@pytest.mark.parametrize(
    ("text", "columns"),
    [("", 0), ("abc", 3), ("天地", 4), ("e\u0301", 1), ("é", 1), ("ａ", 2), ("a\u200db", 2), ("–“”", 3)],
)
def test_width(text: str, columns: int) -> None:
    assert width(text) == columns


def test_long_pieces_are_cut_in_messages() -> None:
    assert shown("a" * 60) == "a" * 60
    assert shown("a" * 61) == "a" * 60 + "…"
    assert shown("\x1b" * 2) == "\\x1b\\x1b"


@pytest.mark.parametrize(("text", "count"), [("", 0), ("...", 0), ("—“”", 0), ("a-1", 2), ("天地", 2), ("é!", 1)])
def test_letters(text: str, count: int) -> None:
    assert letter_count(text) == count
    assert is_punctuation(text) is (count == 0)
