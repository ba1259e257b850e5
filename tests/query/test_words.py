"""Words, characters and dates of a query, below the level of the tree."""

import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.query.ast import Range, Regex, render
from searchkit.query.leaves import read_bracketed, read_date
from searchkit.query.words import (
    BRACKETED_DATES,
    Fault,
    Where,
    check_pattern,
    is_plain_word,
    is_punctuation,
    letter_count,
    pattern_end,
    plain,
    read_word,
    shown,
    unescaped_pattern,
    visible,
    width,
)
from tests.cases import cases
from tests.samples import present


@given(st.text(alphabet="abcé天*~?^!&|.-12", min_size=1, max_size=10))
def test_a_word_is_read_or_refused_inside_itself(word: str) -> None:
    try:
        node = read_word(word)
    except Fault as fault:
        assert 0 <= fault.start < fault.end <= len(word)
        assert fault.message.endswith(".")
    else:
        assert node is None or node.text


@pytest.mark.parametrize(("text", "bare", "value", "group"), cases(__file__, "test_where_a_text_can_stand_as_a_word"))
def test_where_a_text_can_stand_as_a_word(text: str, bare: bool, value: bool, group: bool) -> None:
    places: tuple[Where, ...] = ("bare", "value", "group")
    assert [is_plain_word(text, where) for where in places] == [bare, value, group]


# --- characters -------------------------------------------------------------------------------------------------------


@given(st.text(max_size=40))
def test_places_stay_true(typed: str) -> None:
    assert len(plain(typed)) == len(typed)
    assert plain(plain(typed)) == plain(typed)


@pytest.mark.parametrize(("sign", "seen"), cases(__file__, "test_visible"))
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


# --- patterns ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "pattern", ["ostr.*", "[a-z+*]{2,3}x", r"\w+ \w+", "(?:a|b)c", "(ab)?c", "a|b", r"\(x\)+", "[]a]+", "."]
)
def test_harmless_expressions_pass(pattern: str) -> None:
    check_pattern(pattern, length=len(pattern) + 2)


@pytest.mark.parametrize("pattern", [*cases(__file__, "test_costly_or_broken_expressions_are_faults"), "a" * 201])
def test_costly_or_broken_expressions_are_faults(pattern: str) -> None:
    with pytest.raises(Fault) as caught:
        check_pattern(pattern, length=7)
    assert (caught.value.code, caught.value.start, caught.value.end) == ("regex", 0, 7)


@pytest.mark.parametrize("pattern", ["a/b", r"\d/\\", "//", r"\\"])
def test_slashes_are_escaped_and_back(pattern: str) -> None:
    written = str(Regex(pattern=pattern))[1:-1]
    assert unescaped_pattern(written) == pattern
    assert pattern_end(f"/{written}/", 0) == len(written) + 1


def test_an_open_expression_has_no_end() -> None:
    assert pattern_end(r"/a\/", 0) == -1


# --- dates ------------------------------------------------------------------------------------------------------------

TODAY = date(2026, 3, 4)
days = st.dates(date(1, 1, 2), date(9999, 12, 30))


def interpreted(value: Range) -> str:
    return render(value, resolved=True)


def read(written: str) -> Range:
    return read_date(written, TODAY)


def bracketed(written: str) -> Range:
    found = present(BRACKETED_DATES.match(written))
    assert found.end() == len(written)
    return read_bracketed(found, TODAY)


@pytest.mark.parametrize(("written", "meaning"), cases(__file__, "test_values"))
def test_values(written: str, meaning: str) -> None:
    value = read(written)
    assert interpreted(value) == meaning
    assert value.written == written
    assert value.within is written.startswith("=")


@pytest.mark.parametrize(
    "written",
    ["[2022 to 2023]", "[2022-2023]", "[2022 TO]", "[TO 2023]", "[2022 TO 2023", "2022 TO 2023", "[a b TO c]"],
)
def test_what_is_not_a_bracketed_range(written: str) -> None:
    assert BRACKETED_DATES.match(written) is None


@pytest.mark.parametrize(
    ("written", "code", "start", "end", "message"), cases(__file__, "test_faults_know_their_place")
)
def test_faults_know_their_place(written: str, code: str, start: int, end: int, message: str) -> None:
    with pytest.raises(Fault) as caught:
        read(written)
    assert (caught.value.code, caught.value.start, caught.value.end) == (code, start, end)
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("written", "code", "start", "end"), cases(__file__, "test_faults_in_brackets_know_their_place")
)
def test_faults_in_brackets_know_their_place(written: str, code: str, start: int, end: int) -> None:
    with pytest.raises(Fault) as caught:
        bracketed(written)
    assert (caught.value.code, caught.value.start, caught.value.end) == (code, start, end)


@given(st.text(alphabet="0123456789-./<>=TZdwmyh:*", max_size=14))
def test_a_value_is_read_or_refused_inside_itself(written: str) -> None:
    try:
        value = read(written)
    except Fault as fault:
        assert 0 <= fault.start <= fault.end <= len(written)
    else:
        assert value.start is None or value.end is None or value.start <= value.end
