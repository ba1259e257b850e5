"""Words, characters and dates of a query, below the level of the tree."""

import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.query.ast import Range, Regex, render
from searchkit.query.date_reader import BRACKETED, DATE_HINT, DateReader
from searchkit.query.words import (
    Fault,
    Where,
    Word,
    check_pattern,
    is_operator,
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


@pytest.mark.parametrize(
    ("word", "node"),
    [
        ("Korbel", Word(text="Korbel")),
        ("U.S.", Word(text="U.S.")),
        ("C++", Word(text="C++")),
        ("why?", Word(text="why?")),
        ("why?!", Word(text="why?!")),
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
        ("a\u3000b", "a b"),
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


# --- patterns ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "pattern", ["ostr.*", "[a-z+*]{2,3}x", r"\w+ \w+", "(?:a|b)c", "(ab)?c", "a|b", r"\(x\)+", "[]a]+", "."]
)
def test_harmless_expressions_pass(pattern: str) -> None:
    check_pattern(pattern, length=len(pattern) + 2)


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "(a+)+",
        "(a|b)*",
        "(?:(a)*b){2,}",
        r"(a)\1",
        "(?=a)",
        "(?<!a)b",
        "(?P<x>a)",
        "(?i)a",
        "a*b*c*d*e*",
        "a" * 201,
        "(",
        "[",
        "*a",
        "a{9999999999}",
    ],
)
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
    return DateReader(TODAY).read(written)


def bracketed(written: str) -> Range:
    found = BRACKETED.match(written)
    assert found is not None
    assert found.end() == len(written)
    return DateReader(TODAY).read_bracketed(found)


@pytest.mark.parametrize(
    ("written", "meaning"),
    [
        ("2022", "[2022-01-01 TO 2022-12-31]"),
        ("2022-12-15", "[2022-12-15 TO 2022-12-15]"),
        ("today", "[2026-03-04 TO 2026-03-04]"),
        ("1d", "[2026-03-04 TO 2026-03-04]"),
        ("=2022-12", "=[2022-12-01 TO 2022-12-31]"),
        ("=2022..2023-02", "=[2022-01-01 TO 2023-02-28]"),
        ("2024-W27", "[2024-07-01 TO 2024-07-07]"),
        (">2022-12", ">=2023-01-01"),
        (">=2022-12", ">=2022-12-01"),
        ("<2022-12", "<=2022-11-30"),
        ("<=2022-12", "<=2022-12-31"),
        ("2022..2023-02", "[2022-01-01 TO 2023-02-28]"),
        ("2022-12..", ">=2022-12-01"),
        ("..2022-12", "<=2022-12-31"),
        ("2022-12-15T10:00Z", "[2022-12-15 TO 2022-12-15]"),
        ("2022-12-15t23:59:60+01:00", "[2022-12-15 TO 2022-12-15]"),
    ],
)
def test_values(written: str, meaning: str) -> None:
    value = read(written)
    assert interpreted(value) == meaning
    assert value.written == written
    assert value.within is written.startswith("=")


@pytest.mark.parametrize(
    ("written", "meaning", "kept"),
    [
        ("[2022 TO 2023]", "[2022-01-01 TO 2023-12-31]", "[2022 TO 2023]"),
        ("{2022 TO 2024}", "[2023-01-01 TO 2023-12-31]", "{2022 TO 2024}"),
        ("{2022-12-01 TO *]", ">=2022-12-02", "{2022-12-01 TO *]"),
        ("[* TO 2022-12}", "<=2022-11-30", "[* TO 2022-12}"),
        ('[  "2022"   TO "2023" ]', "[2022-01-01 TO 2023-12-31]", "[2022 TO 2023]"),
    ],
)
def test_bracketed_ranges(written: str, meaning: str, kept: str) -> None:
    value = bracketed(written)
    assert (interpreted(value), value.written) == (meaning, kept)


@pytest.mark.parametrize(
    "written",
    ["[2022 to 2023]", "[2022-2023]", "[2022 TO]", "[TO 2023]", "[2022 TO 2023", "2022 TO 2023", "[a b TO c]"],
)
def test_what_is_not_a_bracketed_range(written: str) -> None:
    assert BRACKETED.match(written) is None


@pytest.mark.parametrize(
    ("written", "code", "start", "end", "message"),
    [
        ("soon", "bad-date", 0, 4, '"soon" is not a date'),
        ("2023-W53", "bad-date", 0, 8, '"2023-W53" is not a date: 2023 has 52 weeks'),
        ("2023-W7", "bad-date", 0, 7, '"2023-W7" is not a date. Write 2023-W07'),
        ("2023-W07-3", "bad-date", 0, 10, '"2023-W07-3" is not a date'),
        (">soon", "bad-date", 1, 5, '"soon" is not a date'),
        (">=", "bad-date", 0, 2, 'right after ">="'),
        ("2022..soon", "bad-date", 6, 10, '"soon" is not a date'),
        ("=", "bad-date", 0, 1, 'right after "="'),
        ("=>2022", "bad-date", 1, 6, '">2022" is not a date'),
        ("=..", "date-range", 0, 3, "at least one side"),
        ("=2023..2022", "date-order", 0, 11, "ends before it starts"),
        ("..", "date-range", 0, 2, "at least one side"),
        ("2023..2022", "date-order", 0, 10, "ends before it starts"),
        ("<0001", "bad-date", 0, 5, "There is no day"),
        (">9999-12-31", "bad-date", 0, 11, "There is no day"),
        ("48h", "bad-date", 0, 3, "hours are not supported"),
        ("2022-12-15T24:00", "bad-date", 0, 16, "no such time of day"),
        ("2022-12-15T10:00:61", "bad-date", 0, 19, "no such time of day"),
    ],
)
def test_faults_know_their_place(written: str, code: str, start: int, end: int, message: str) -> None:
    with pytest.raises(Fault) as caught:
        read(written)
    assert (caught.value.code, caught.value.start, caught.value.end) == (code, start, end)
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("written", "code", "start", "end"),
    [
        ("[soon TO 2022]", "bad-date", 1, 5),
        ("[2022 TO soon]", "bad-date", 9, 13),
        ('[2022 TO "soon"]', "bad-date", 9, 15),
        ("[* TO *]", "date-range", 0, 8),
        ("[2023 TO 2022]", "date-order", 0, 14),
        ("{9999 TO *]", "date-range", 0, 11),
        ("[* TO 0001}", "date-range", 0, 11),
    ],
)
def test_faults_in_brackets_know_their_place(written: str, code: str, start: int, end: int) -> None:
    with pytest.raises(Fault) as caught:
        bracketed(written)
    assert (caught.value.code, caught.value.start, caught.value.end) == (code, start, end)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("15/12/2022", "2022-12-15"),
        ("12/15/2022", "2022-12-15"),
        ("1/2/2022", "2022-02-01 or 2022-01-02"),
        ("2022/12/15", "2022-12-15"),
        ("2022-1-5", "2022-01-05"),
        ("202212", "2022-12"),
    ],
)
def test_other_ways_to_write_a_date_are_answered_with_ours(written: str, meant: str) -> None:
    with pytest.raises(Fault) as caught:
        read(written)
    assert caught.value.message == f'"{written}" is not a date. Write {meant}.'
    assert caught.value.hint == DATE_HINT


@pytest.mark.parametrize("written", ["31/31/2022", "2022-13", "2022/13/45", "99999999"])
def test_what_means_no_day_is_answered_with_the_reason(written: str) -> None:
    with pytest.raises(Fault) as caught:
        read(written)
    assert caught.value.message.startswith(f'"{written}" is not a date: ')


def test_notes_are_made_once_a_time_of_day() -> None:
    dates = DateReader(TODAY)
    dates.read("2022-12-15T10:00..2022-12-16T10:00")
    dates.read("2022-12-15")
    assert len(dates.notes) == 2
    assert all("is ignored" in note for note in dates.notes)


@given(days, days)
def test_a_range_holds_its_ends_and_its_brackets_do_not(one: date, other: date) -> None:
    first, last = sorted((one, other))
    closed = read(f"{first}..{last}")
    assert (closed.start, closed.end) == (first, last)
    assert bracketed(f"[{first} TO {last}]").start == first
    if (last - first).days > 1:
        opened = bracketed(f"{{{first} TO {last}}}")
        assert opened.start is not None
        assert opened.end is not None
        assert (opened.start - first).days == (last - opened.end).days == 1
    after, before = read(f">{first}").start, read(f"<{first}").end
    assert after is not None
    assert before is not None
    assert (after - first).days == (first - before).days == 1


@given(st.text(alphabet="0123456789-./<>=TZdwmyh:*", max_size=14))
def test_a_value_is_read_or_refused_inside_itself(written: str) -> None:
    try:
        value = read(written)
    except Fault as fault:
        assert 0 <= fault.start <= fault.end <= len(written)
    else:
        assert value.start is None or value.end is None or value.start <= value.end
