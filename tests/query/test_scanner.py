"""The place in a query, its signs, and the limits on the whole."""

import pytest

from searchkit.errors import QueryError
from searchkit.query.scanner import MAX_DEPTH, MAX_TERMS, Scanner
from searchkit.query.words import Fault


def at(query: str, place: int = 0) -> Scanner:
    scanner = Scanner(query)
    scanner.at = place
    return scanner


def refusal(scanner: Scanner, place: int, fault: Fault) -> QueryError:
    def read() -> None:
        raise fault

    with pytest.raises(QueryError) as caught:
        scanner.shifted(place, read)
    return caught.value


def test_the_query_is_kept_as_typed_beside_its_plain_signs() -> None:
    scanner = at("“a” ‘b’ c\u3000d")
    assert scanner.text == "\"a\" 'b' c d"
    assert scanner.query == "“a” ‘b’ c\u3000d"
    assert len(scanner.text) == len(scanner.query)


@pytest.mark.parametrize(
    ("query", "place", "after"),
    [("a b", 1, 2), ("a \t\n\u00a0b", 1, 5), ("a b", 0, 0), ("a  ", 1, 3), ("", 0, 0), ("a\u200bb", 1, 2)],
)
def test_space_is_passed_over(query: str, place: int, after: int) -> None:
    scanner = at(query, place)
    scanner.space()
    assert scanner.at == after


@pytest.mark.parametrize(
    ("query", "place", "run", "operator"),
    [
        ("crane port", 0, "crane", ""),
        ("crane port", 6, "port", ""),
        ("crane port", 5, "", ""),
        ("speaker:(a)", 0, "speaker:", ""),
        ('a"b"', 0, "a", ""),
        ("[a]", 0, "", ""),
        ("AND b", 0, "AND", "AND"),
        ("and b", 0, "and", ""),
        ("ANDES", 0, "ANDES", ""),
        ("NEAR/5 b", 0, "NEAR/5", "NEAR/5"),
        ("ADJ b", 0, "ADJ", "ADJ"),
        ("NEAR/x b", 0, "NEAR/x", "NEAR/x"),
        ("NOT(a)", 0, "NOT", "NOT"),
        ("", 0, "", ""),
    ],
)
def test_runs_and_operators(query: str, place: int, run: str, operator: str) -> None:
    scanner = at(query, place)
    assert (scanner.run(), scanner.operator(), scanner.at) == (run, operator, place)


def test_signs_ahead_are_empty_beyond_the_end() -> None:
    scanner = at('-"a"(', 0)
    assert [scanner.char(ahead) for ahead in range(7)] == ["-", '"', "a", '"', "(", "", ""]
    assert [scanner.opens_group(ahead) for ahead in range(6)] == [False, True, False, True, True, False]


def test_a_fault_is_moved_to_its_place_in_the_query() -> None:
    error = refusal(at("crane T*ndy port"), 6, Fault("wildcard", "No.", 1, 2, "Hint."))
    assert (error.code, error.start, error.end) == ("wildcard", 7, 8)
    assert (error.message, error.hint, error.query) == ("No.", "Hint.", "crane T*ndy port")
    assert refusal(at("abc"), 1, Fault("x", "No.", 0, 99)).end == 3
    assert at("abc").shifted(1, lambda: 5) == 5


def test_messages_show_no_hostile_sign() -> None:
    with pytest.raises(QueryError) as caught:
        at("a").fail("x", 'Not "\x1b[2J\u202e".', 0, 1)
    assert caught.value.message == 'Not "\\x1b[2J\\u202e".'


def test_what_is_left_out_is_noted() -> None:
    scanner = at("a — b")
    scanner.drop(2, 3)
    scanner.drop(1, 2)
    assert scanner.notes[0] == '"—" has no letter or digit and was ignored.'
    assert len(scanner.notes) == 2


def test_terms_are_counted_to_the_limit() -> None:
    scanner = at("a")
    for _ in range(MAX_TERMS):
        scanner.count(0, 1)
    with pytest.raises(QueryError) as caught:
        scanner.count(0, 1)
    assert caught.value.code == "too-many"
    assert "1,024" in caught.value.message


def test_depth_is_counted_in_and_out() -> None:
    scanner = at("(")
    for _ in range(3 * MAX_DEPTH):
        scanner.enter(0, 1)
        scanner.leave()
    for _ in range(MAX_DEPTH):
        scanner.enter(0, 1)
    with pytest.raises(QueryError) as caught:
        scanner.enter(0, 1)
    assert caught.value.code == "too-deep"
