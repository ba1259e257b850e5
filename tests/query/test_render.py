"""The canonical form, and the picture of a fault."""

from datetime import date

import pytest

from searchkit.errors import QueryError
from searchkit.query.ast import Term
from searchkit.query.parser import parse
from searchkit.query.words import caret

TODAY = date(2026, 3, 4)
A, B = Term(text="a"), Term(text="b")


def fault(query: str) -> QueryError:
    with pytest.raises(QueryError) as caught:
        parse(query, today=TODAY)
    return caught.value


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
