"""One leaf read at a place: what it means and where the place is afterwards."""

from datetime import date

import pytest

from searchkit.errors import QueryError
from searchkit.query.ast import Equals, Exact, Exists, Field, Fuzzy, Node, Phrase, Prefix, Range, Regex, Term, Unplaced
from searchkit.query.fields import find
from searchkit.query.scanner import Leaves, Scanner
from searchkit.text import Span

TODAY = date(2026, 3, 4)


def opened(query: str, place: int = 0) -> tuple[Scanner, Leaves]:
    leaves = Leaves(query, TODAY)
    leaves.at = place
    return leaves, leaves


@pytest.mark.parametrize(
    ("query", "node", "end"),
    [
        ("crane port", Term(text="crane"), 5),
        ("Meri* x", Prefix(text="Meri"), 5),
        ("Meridien~2)", Fuzzy(text="Meridien", distance=2), 10),
        ("company’s", Term(text="company's"), 9),
        ("... x", None, 3),
    ],
)
def test_bare_words(query: str, node: Node | None, end: int) -> None:
    scanner, leaves = opened(query)
    assert leaves.bare_word() == node
    assert scanner.at == end
    assert bool(scanner.notes) is (node is None)


@pytest.mark.parametrize(
    ("query", "node", "end"),
    [
        ('"two words" x', Phrase(text="two words"), 11),
        ("“two words”", Phrase(text="two words"), 11),
        ('"two words"~3 x', Phrase(text="two words", slop=3), 13),
        ('"a"~1000', Phrase(text="a", slop=1_000), 8),
        (r'"say \"no\" \\ \n"', Phrase(text='say "no" \\ \\n'), 18),
        ('"— …" x', None, 5),
        ('""', None, 2),
    ],
)
def test_bare_phrases(query: str, node: Node | None, end: int) -> None:
    scanner, leaves = opened(query)
    assert leaves.bare_phrase() == node
    assert scanner.at == end
    assert bool(scanner.notes) is (node is None)


def test_nodes_know_where_they_stand() -> None:
    _, leaves = opened('crane "two words"~3 x', 6)
    phrase = leaves.bare_phrase()
    assert phrase is not None
    assert phrase.span == Span(6, 19)


@pytest.mark.parametrize(
    ("query", "value", "end"),
    [
        ("https://a.example/x y", Equals(text="https://a.example/x"), 19),
        ("https://a.example/x) y", Equals(text="https://a.example/x"), 19),
        ("https://a.example/tin_(metal))", Equals(text="https://a.example/tin_(metal)"), 29),
        ("https://a.example/*", Prefix(text="https://a.example/"), 19),
        ("https://a.example/*/b*", Equals(text="https://a.example/*/b*"), 22),
        ("https://*", Equals(text="https://*"), 9),
        ('https://a.example/"b"', Equals(text="https://a.example/"), 18),
        ("https://a.example/‘b’", Equals(text="https://a.example/‘b’"), 21),
    ],
)
def test_addresses(query: str, value: Node, end: int) -> None:
    scanner, leaves = opened(query)
    node = leaves.address(0)
    assert node == Field(name="url", value=value)
    assert node.span == Span(0, end)
    assert scanner.at == end


@pytest.mark.parametrize("query", ["https://a.example/*/b*", "https://a.example/*/b", "https://*"])
def test_a_star_that_is_part_of_an_address_is_told(query: str) -> None:
    scanner, leaves = opened(query)
    leaves.address(0)
    assert any("stands for itself" in note for note in scanner.notes)


def test_exact_words_are_kept_as_typed() -> None:
    scanner, leaves = opened("exact:“company’s\u3000own”", 6)
    node = leaves.exact(0)
    assert node == Exact(text="company’s own")
    assert (node.span, scanner.at) == (Span(0, 21), 21)


@pytest.mark.parametrize(
    ("query", "code", "start", "end"),
    [
        ("exact:word", "exact", 0, 6),
        ('exact:" "', "empty-value", 6, 9),
        ('exact:"a', "unclosed", 6, 7),
        ('exact:"a"~2', "fuzzy", 9, 11),
        ('exact:"a"^2', "boost", 9, 11),
        ('exact:"a"*', "wildcard", 9, 10),
    ],
)
def test_exact_words_that_cannot_be(query: str, code: str, start: int, end: int) -> None:
    _, leaves = opened(query, 6)
    with pytest.raises(QueryError) as caught:
        leaves.exact(0)
    assert (caught.value.code, caught.value.start, caught.value.end) == (code, start, end)


YEAR = Range(written="2022", start=date(2022, 1, 1), end=date(2022, 12, 31))


@pytest.mark.parametrize(
    ("field", "written", "node"),
    [
        ("speaker", "*", Exists()),
        ("date", "*", Exists()),
        ("speaker", "Korbel", Term(text="Korbel")),
        ("speaker", '"Nadia Korbel"~1', Phrase(text="Nadia Korbel", slop=1)),
        ("speaker", "Kor*", Prefix(text="Kor")),
        ("speaker", "=Korbel", Equals(text="Korbel")),
        ("speaker", '="Nadia Korbel"', Equals(text="Nadia Korbel")),
        ("speaker", "=“Korbel’s”", Equals(text="Korbel’s")),
        ("speaker", r"/kor\/b.*/", Regex(pattern="kor/b.*")),
        ("speaker", "https://a.example/x", Phrase(text="https://a.example/x")),
        ("url", "https://a.example/x", Equals(text="https://a.example/x")),
        ("url", "=https://a.example/x*", Equals(text="https://a.example/x*")),
        ("url", "https://a.example/*", Prefix(text="https://a.example/")),
        ("title", '"AND"', Phrase(text="AND")),
        ("id", "person:korbel", Term(text="person:korbel")),
        ("date", "2022", YEAR),
        ("date", '"2022"', YEAR),
        ("date", "[2022 TO 2022]", Range(written="[2022 TO 2022]", start=YEAR.start, end=YEAR.end)),
        ("date", "=2022", Range(written="=2022", start=YEAR.start, end=YEAR.end, within=True)),
        ("date", "={2021 TO 2022]", Range(written="={2021 TO 2022]", start=YEAR.start, end=YEAR.end, within=True)),
        ("date", "Month-Unknown", Unplaced(unit="month")),
        ("said", "week-unknown", Unplaced(unit="week")),
        ("said", ">2022", Range(written=">2022", start=date(2023, 1, 1), end=None)),
    ],
)
def test_values_of_fields(field: str, written: str, node: Node) -> None:
    known = find(field)
    assert known is not None
    scanner, leaves = opened(f"x {written}", 2)
    value = leaves.value(known, field)
    assert value == node
    assert value.span == Span(2, 2 + len(written))
    assert scanner.at == 2 + len(written)


@pytest.mark.parametrize(
    ("field", "written", "code", "start", "end"),
    [
        ("speaker", "-Korbel", "minus-in-value", 0, 1),
        ("speaker", "–Korbel", "minus-in-value", 0, 1),
        ("speaker", ":Korbel", "empty-field", 0, 1),
        ("speaker", "OR x", "missing-operand", 0, 2),
        ("speaker", "...", "empty-value", 0, 3),
        ("speaker", '"—"', "empty-value", 0, 3),
        ("speaker", "=", "empty-value", 0, 1),
        ("speaker", '=""', "empty-value", 0, 3),
        ("speaker", "=Kor*", "wildcard", 0, 5),
        ("speaker", "=Korbel~1", "wildcard", 0, 9),
        ("speaker", '="a"~1', "fuzzy", 4, 6),
        ("title", '="a"', "equals-on-text", 0, 1),
        ("title", "/a/", "regex-on-text", 0, 3),
        ("title", "/a", "regex-on-text", 0, 2),
        ("speaker", "/a", "unclosed", 0, 1),
        ("speaker", "/a/b", "regex", 2, 4),
        ("speaker", "/(/", "regex", 0, 3),
        ("speaker", ">5", "no-range", 0, 1),
        ("speaker", "<=5", "no-range", 0, 2),
        ("speaker", "[a TO b]", "no-range", 0, 1),
        ("speaker", "[a]", "bracket", 0, 1),
        ("speaker", "{a}", "brace", 0, 1),
        ("date", "[2022 TO 2023", "unclosed", 0, 1),
        ("date", "[2022-2023] x", "date-range", 0, 11),
        ("date", "=[2022-2023] x", "date-range", 1, 12),
        ("date", '="2022"', "bad-date", 0, 1),
        ("date", "hour-unknown", "bad-date", 0, 12),
        ("date", "=month-unknown", "bad-date", 1, 14),
        ("date", '"soon"', "bad-date", 0, 6),
        ("date", '"2022"~1', "fuzzy", 6, 8),
    ],
)
def test_values_that_cannot_be(field: str, written: str, code: str, start: int, end: int) -> None:
    known = find(field)
    assert known is not None
    _, leaves = opened(f"x {written}", 2)
    with pytest.raises(QueryError) as caught:
        leaves.value(known, field)
    assert (caught.value.code, caught.value.start - 2, caught.value.end - 2) == (code, start, end)


def test_refusals_name_the_field_as_the_query_does() -> None:
    known = find("by")
    assert known is not None
    _, leaves = opened("-Korbel")
    with pytest.raises(QueryError, match="-by:Korbel to exclude"):
        leaves.value(known, "by")


@pytest.mark.parametrize(
    ("inner", "refused"),
    [("about:x", True), ("about", False), ("12:30", False), ("https://a.example", False), ("", False)],
)
def test_no_field_inside_the_brackets_of_another(inner: str, refused: bool) -> None:
    _, leaves = opened(inner)
    if not refused:
        leaves.refuse_nested("speaker")
        return
    with pytest.raises(QueryError) as caught:
        leaves.refuse_nested("speaker")
    assert (caught.value.code, caught.value.start, caught.value.end) == ("nested-field", 0, 5)
