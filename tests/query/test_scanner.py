"""Values of fields, addresses, exact text, and limits."""

from datetime import date

import pytest

from searchkit.errors import QueryError
from searchkit.query.ast import Equals, Exact, Exists, Field, Node, Phrase, Prefix, Range, Regex, Term, Unplaced
from searchkit.query.parser import Parsed, parse
from searchkit.query.scanner import MAX_DEPTH, MAX_TERMS
from searchkit.text import Span

YEAR = Range(written="2022", start=date(2022, 1, 1), end=date(2022, 12, 31))


def read(query: str) -> Parsed:
    return parse(query, today=date(2026, 3, 4))


VALUES: dict[str, Node] = {
    'speaker:"Nadia Korbel"~1': Phrase(text="Nadia Korbel", slop=1),
    "speaker:=Korbel": Equals(text="Korbel"),
    "speaker:=“Korbel’s”": Equals(text="Korbel’s"),
    r"speaker:/kor\/b.*/": Regex(pattern="kor/b.*"),
    "speaker:https://a.example/x": Phrase(text="https://a.example/x"),
    "url:=https://a.example/x*": Equals(text="https://a.example/x*"),
    "id:person:korbel": Term(text="person:korbel"),
    "date:*": Exists(),
    'date:"2022"': Range(written="2022", start=YEAR.start, end=YEAR.end),
    "date:={2021 TO 2022]": Range(written="={2021 TO 2022]", start=YEAR.start, end=YEAR.end, within=True),
    "date:Month-Unknown": Unplaced(unit="month"),
    "said:>2022": Range(written=">2022", start=date(2023, 1, 1), end=None),
    "https://a.example/tin_(metal))": Equals(text="https://a.example/tin_(metal)"),
    "https://a.example/*": Prefix(text="https://a.example/"),
    "https://a.example/*/b*": Equals(text="https://a.example/*/b*"),
    "https://*": Equals(text="https://*"),
    "https://a.example/‘b’": Equals(text="https://a.example/‘b’"),
}


@pytest.mark.parametrize("query", VALUES)
def test_values_of_fields(query: str) -> None:
    tree = read(query.removesuffix(")") if query.endswith("))") else query).tree
    assert isinstance(tree, Field)
    assert tree.value == VALUES[query]
    assert any("wildcard only at the end" in note for note in read(query.removesuffix(")")).notes) is (
        isinstance(tree.value, Equals) and "*" in query and "=" not in query
    )


@pytest.mark.parametrize(
    ("query", "code", "start", "end"),
    [
        ('exact:"a', "unclosed", 6, 7),
        ('exact:"a"~2', "fuzzy", 9, 11),
        ('exact:"a"^2', "boost", 9, 11),
        ('exact:"a"*', "wildcard", 9, 10),
        ('speaker:"—"', "empty-value", 8, 11),
        ('speaker:=""', "empty-value", 8, 11),
        ("speaker:=Kor*", "wildcard", 8, 13),
        ('speaker:="a"~1', "fuzzy", 12, 14),
        ("title:/a", "regex-on-text", 6, 8),
        ("speaker:/(/", "regex", 8, 11),
        ("speaker:<=5", "no-range", 8, 10),
        ("speaker:[a]", "bracket", 8, 9),
        ("date:=[2022-2023] x", "date-range", 6, 17),
        ("/port/", "regex-on-text", 0, 6),
    ],
)
def test_faults_name_their_place(query: str, code: str, start: int, end: int) -> None:
    with pytest.raises(QueryError) as caught:
        read(query)
    assert (caught.value.code, caught.value.start, caught.value.end) == (code, start, end)


def test_exact_words_are_kept_as_typed_and_nodes_know_their_place() -> None:
    assert read('exact:"Korbel’s own"').tree == Exact(text="Korbel’s own")
    spanned = read('crane "two words"~3').tree
    assert [node.span for node in getattr(spanned, "children", ())] == [Span(0, 5), Span(6, 19)]


def test_messages_show_no_hostile_character() -> None:
    with pytest.raises(QueryError) as caught:
        read("x\u202e\x1b[31m:a")
    assert caught.value.message.isprintable()


@pytest.mark.parametrize(
    ("query", "code"), [(" ".join(["a"] * (MAX_TERMS + 1)), "too-many"), ("(" * (MAX_DEPTH + 1) + "a", "too-deep")]
)
def test_terms_and_depth_are_limited(query: str, code: str) -> None:
    with pytest.raises(QueryError) as caught:
        read(query)
    assert caught.value.code == code
