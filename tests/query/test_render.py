"""The canonical form, and the picture of a fault."""

from datetime import date

import pytest

from searchkit.errors import QueryError
from searchkit.query.ast import And, Exact, Field, Near, Node, Not, Or, Phrase, Range, Scope, Term, render
from searchkit.query.parser import parse
from searchkit.query.walk import interpreted
from searchkit.query.words import caret

TODAY = date(2026, 3, 4)
A, B = Term(text="a"), Term(text="b")


def fault(query: str) -> QueryError:
    with pytest.raises(QueryError) as caught:
        parse(query, today=TODAY)
    return caught.value


@pytest.mark.parametrize(
    ("tree", "written"),
    [
        (Not(child=And(children=(A, B))), "NOT (a AND b)"),
        (Not(child=Near(left=A, right=B)), "NOT (a NEAR/10 b)"),
        (Not(child=Not(child=A)), "NOT NOT a"),
        (And(children=(Or(children=(A, B)), B)), "(a OR b) AND b"),
        (Or(children=(And(children=(A, B)), B)), "(a AND b) OR b"),
        (Scope(inner=Or(children=(A, B))), "quote:{a OR b}"),
        (Field(name="speaker", value=Not(child=A)), "speaker:(NOT a)"),
        (Field(name="speaker", value=Term(text="person:a")), "speaker:person:a"),
        (Field(name="speaker", value=Or(children=(Term(text="x:y"), A))), 'speaker:("x:y" OR a)'),
        (Phrase(text='say "no"'), r'"say \"no\""'),
        (Exact(text="“so” \\"), r'exact:"\“so\” \\"'),
    ],
)
def test_brackets_and_quotation_marks_only_where_needed(tree: Node, written: str) -> None:
    assert render(tree) == written == str(tree)


@pytest.mark.parametrize(
    "word", ["AND", "NEAR/5", "-a", "+a", "a b", "(", "speaker:x", "https://x", "a~1", "a*b", "–a", ""]
)
def test_words_that_would_be_read_otherwise_are_quoted(word: str) -> None:
    assert render(Term(text=word)) == f'"{word}"'


def test_a_date_is_kept_as_written_and_resolved_on_demand() -> None:
    tree = Field(name="date", value=Range(written="7d", start=date(2026, 2, 26), end=None))
    assert render(tree) == "date:7d"
    assert interpreted(tree) == "date:>=2026-02-26"
    assert render(Range(written="", start=None, end=date(2022, 1, 1))) == "<=2022-01-01"


def test_a_picture_of_the_fault() -> None:
    assert caret(fault("Korbel speker:Xu")).splitlines() == [
        "  Korbel speker:Xu",
        "         ^~~~~~",
        '  To search for the words, write "speker:Xu" in quotation marks.',
    ]
    assert caret(fault("Korbel)")).splitlines() == ["  Korbel)", "        ^"]
    assert caret(fault("")).splitlines() == ["  ", "  ^"]


def test_carets_stand_by_display_width() -> None:
    assert caret(fault("天地 speker:x")).splitlines()[1] == "       ^~~~~~"
    assert caret(fault("e\u0301e\u0301 speker:x")).splitlines()[1] == "     ^~~~~~"


def test_unseen_signs_become_visible() -> None:
    picture = caret(fault("a\ue000b\u2800\u202e\x1b[0m\udc80)"))
    assert picture.splitlines()[0] == r"  a\ue000b\u2800[0m" + "\ufffd)"
    assert picture.isprintable() or all(sign == "\n" or sign.isprintable() for sign in picture)


def test_a_message_repeats_no_unseen_sign() -> None:
    error = fault("date:20\ue00022")
    assert "\ue000" not in error.message
    assert "\\ue000" in error.message


def test_a_long_query_is_cut_around_the_place() -> None:
    query = "word " * 40 + "speker:x" + " more" * 40
    first, second = caret(fault(query)).splitlines()[:2]
    assert first.startswith("  …")
    assert first.endswith("…")
    assert len(first) < 80
    assert first[second.index("^") :].startswith("speker")
