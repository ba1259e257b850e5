"""One word of a query, and which texts can stand in it as a word."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.query.words import (
    Fault,
    Where,
    Word,
    is_operator,
    is_plain_word,
    is_punctuation,
    letter_count,
    plain,
    read_word,
    shown,
    visible,
    width,
)


@pytest.mark.parametrize(
    ("word", "node"),
    [
        ("Korbel", Word(text="Korbel")),
        ("U.S.", Word(text="U.S.")),
        ("C++", Word(text="C++")),
        ("why?", Word(text="why?")),
        ("why?!", Word(text="why?!")),
        ("a^b", Word(text="a^b")),
        ("天地", Word(text="天地")),
        ("Ko*", Word(kind="prefix", text="Ko")),
        ("fox-i*", Word(kind="prefix", text="fox-i")),
        ("Korb~", Word(kind="fuzzy", text="Korb", distance=1)),
        ("Korbel~2", Word(kind="fuzzy", text="Korbel", distance=2)),
        ("...", None),
        ("—", None),
    ],
)
def test_words(word: str, node: Word | None) -> None:
    assert read_word(word) == node


@pytest.mark.parametrize(
    ("word", "code", "start", "end"),
    [
        ("a&&b", "foreign-sign", 1, 3),
        ("||", "foreign-sign", 0, 2),
        ("|", "foreign-sign", 0, 1),
        ("!a", "foreign-sign", 0, 1),
        ("crane^2.5", "boost", 5, 9),
        ("crane^", "boost", 5, 6),
        ("*", "wildcard", 0, 1),
        ("k*", "wildcard", 1, 2),
        ("*ane", "wildcard", 0, 1),
        ("cr*ne", "wildcard", 2, 3),
        ("cr**", "wildcard", 2, 3),
        ("cr?ne", "wildcard", 2, 3),
        ("abc~", "fuzzy", 3, 4),
        ("crane~3", "fuzzy", 5, 7),
        ("cra~ne", "fuzzy", 3, 4),
        ("crane~1~1", "fuzzy", 5, 6),
        ("cran*~1", "wildcard", 4, 5),
        ("cr?nes~1", "wildcard", 2, 3),
    ],
)
def test_faults(word: str, code: str, start: int, end: int) -> None:
    with pytest.raises(Fault) as caught:
        read_word(word)
    assert (caught.value.code, caught.value.start, caught.value.end) == (code, start, end)


@given(st.text(alphabet="abcé天*~?^!&|.-12", min_size=1, max_size=10))
def test_a_word_is_read_or_refused_inside_itself(word: str) -> None:
    try:
        node = read_word(word)
    except Fault as fault:
        assert 0 <= fault.start < fault.end <= len(word)
        assert fault.message.endswith(".")
    else:
        assert node is None or node.text


@pytest.mark.parametrize(
    ("run", "operator"),
    [
        ("AND", True),
        ("OR", True),
        ("NOT", True),
        ("NEAR", True),
        ("NEAR/5", True),
        ("ADJ/", True),
        ("NEAR/x", True),
        ("and", False),
        ("ANDY", False),
        ("NEARBY", False),
        ("", False),
    ],
)
def test_operators(run: str, operator: bool) -> None:
    assert is_operator(run) is operator


@pytest.mark.parametrize(
    ("text", "bare", "value", "group"),
    [
        ("Korbel", True, True, True),
        ("fox-it", True, True, True),
        ("12:30", True, True, True),
        ("or", True, True, True),
        ("AND", False, False, False),
        ("two words", False, False, False),
        ("", False, False, False),
        ("-a", False, False, False),
        ("–a", False, False, False),
        (":a", False, False, False),
        ("https://a.example", False, False, False),
        ("company’s", False, False, False),
        ("a(b", False, False, False),
        ("Ko*", False, False, False),
        ("...", False, False, False),
        ("speaker:a", False, True, False),
        ("+a", False, True, False),
        ("=a", True, False, False),
        ("/a", True, False, False),
        (">a", True, False, False),
    ],
)
def test_where_a_text_can_stand_as_a_word(text: str, bare: bool, value: bool, group: bool) -> None:
    places: tuple[Where, ...] = ("bare", "value", "group")
    assert [is_plain_word(text, where) for where in places] == [bare, value, group]


# --- characters -------------------------------------------------------------------------------------------------------


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
