"""What queries mean, and where and why others are refused."""

import re
from datetime import date
from typing import Any

import pytest

from searchkit.errors import QueryError
from searchkit.query import parser
from searchkit.query.ast import (
    All,
    And,
    Equals,
    Exact,
    Exists,
    Field,
    Fuzzy,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Range,
    Regex,
    Scope,
    Term,
    Unplaced,
)
from searchkit.query.fields import Record
from searchkit.query.parser import Parsed, parse
from searchkit.query.walk import interpreted, walk
from searchkit.statements.text import Span
from tests.cases import cases
from tests.limits import processor_time_below
from tests.samples import present

TODAY = date(2026, 3, 4)


def read(query: str, record: Record = "document") -> Parsed:
    return parse(query, today=TODAY, record=record)


def refused(query: str, record: Record = "document") -> QueryError:
    with pytest.raises(QueryError) as caught:
        read(query, record)
    return caught.value


@pytest.mark.parametrize(("query", "meaning"), cases(__file__, "test_examples"))
def test_examples(query: str, meaning: str) -> None:
    tree = read(query).tree
    assert interpreted(tree) == meaning
    assert read(str(tree)).tree == tree


REFUSED: list[tuple[Any, ...]] = [
    *cases(__file__, "test_refusals_name_their_place_and_say_what_to_write"),
    (" OR ".join(["ab*"] * 129), 128 * 7, 128 * 7 + 3, "too-many"),
    (" OR ".join(["abcd~"] * 21), 20 * 9, 20 * 9 + 5, "too-many"),
    (" OR ".join(["id:/a/"] * 21), 20 * 10 + 3, 20 * 10 + 6, "too-many"),
]
# Those of limits on the whole query have a test of their own.
REACHED_ELSEWHERE = {"too-long", "too-deep", "saved-cycle", "saved-faulty"}


@pytest.mark.parametrize("row", REFUSED, ids=[row[0][:40] for row in REFUSED])
def test_refusals_name_their_place_and_say_what_to_write(row: tuple[Any, ...]) -> None:
    query, start, end, code, *message = row
    error = refused(query)
    assert (error.code, error.start, error.end, error.query) == (code, start, end, query.rstrip())
    assert "".join(message) in error.message
    assert error.message.endswith((".", "?"))


def test_every_code_is_reached() -> None:
    listed = present(
        re.search(r"Codes of QueryError \(stable; messages are not\):([^.]{0,2000})\.", parser.__doc__ or "")
    )
    codes = {code.strip() for code in listed[1].replace("\n", " ").split(",")}
    assert codes - REACHED_ELSEWHERE == {code for _, _, _, code, *_ in REFUSED}


TREES: dict[str, Node] = {
    "Korbel": Term(text="Korbel"),
    '"a b"~2': Phrase(text="a b", slop=2),
    "Meri*": Prefix(text="Meri"),
    "Meridien~2": Fuzzy(text="Meridien", distance=2),
    'exact:"company’s"': Exact(text="company’s"),
    "*": All(),
    "a NEAR/3 b": Near(left=Term(text="a"), right=Term(text="b"), distance=3),
    "a ADJ b": Near(left=Term(text="a"), right=Term(text="b"), ordered=True),
    "NOT (a OR b)": Not(child=Or(children=(Term(text="a"), Term(text="b")))),
    "a (b c)": And(children=(Term(text="a"), Term(text="b"), Term(text="c"))),
    "speaker:(a OR b)": Field(name="speaker", value=Or(children=(Term(text="a"), Term(text="b")))),
    "date:2w": Field(name="date", value=Range(written="2w", start=date(2026, 2, 19), end=TODAY)),
    "quote:{a}": Scope(inner=Term(text="a")),
}


@pytest.mark.parametrize(("query", "tree"), TREES.items(), ids=list(TREES))
def test_trees(query: str, tree: Node) -> None:
    assert read(query).tree == tree


YEAR = Range(written="2022", start=date(2022, 1, 1), end=date(2022, 12, 31))
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
    "https://*": Prefix(text="https://"),
    "https://a.example/‘b’": Equals(text="https://a.example/‘b’"),
}


@pytest.mark.parametrize("query", VALUES)
def test_values_of_fields(query: str) -> None:
    tree = read(query.removesuffix(")") if query.endswith("))") else query).tree
    assert isinstance(tree, Field)
    assert tree.value == VALUES[query]


def test_exact_words_are_kept_as_typed_and_nodes_know_their_place() -> None:
    assert read('exact:"Korbel’s own"').tree == Exact(text="Korbel’s own")
    spanned = read('crane "two words"~3').tree
    assert [node.span for node in getattr(spanned, "children", ())] == [Span(0, 5), Span(6, 19)]


def test_messages_show_no_hostile_character() -> None:
    with pytest.raises(QueryError) as caught:
        read("x\u202e\x1b[31m:a")
    assert caught.value.message.isprintable()


def test_nodes_know_their_place() -> None:
    tree = read('Korbel OR speaker:"Petr Havel"').tree
    assert isinstance(tree, Or)
    assert [child.span for child in tree.children] == [Span(0, 6), Span(10, 30)]
    assert tree.span == Span(0, 30)


def test_a_query_is_normalized_as_documents_are() -> None:
    """Invisible characters vanish, also in quotation marks, and places count what is left."""
    assert read("Kor\u200bbel").tree == read("Kor\u00adbel\u2060\ufeff").tree == Term(text="Korbel")
    assert read("a O\u200bR b").tree == read("a OR b").tree
    assert read('spea\u200bker:="Ha\u00advel e\u0301"').tree == Field(name="speaker", value=Equals(text="Havel é"))
    error = refused("a\u200b speker:x")
    assert (error.query, error.start) == ("a speker:x", 2)


def test_over_statements_the_scope_is_unwrapped() -> None:
    assert str(read("quote:{speaker:Korbel double} Ostrava", "quote").tree) == "speaker:Korbel AND double AND Ostrava"
    assert str(read("-quote:{a b}", "quote").tree) == "NOT (a AND b)"
    assert refused("body:Korbel", "quote").code == "not-in-statement"
    assert refused("quote:{quote:{a}}", "quote").code == "nested-scope"


@pytest.mark.parametrize(("query", "note"), cases(__file__, "test_notes"))
def test_notes(query: str, note: str) -> None:
    assert note in read(query).notes


@pytest.mark.parametrize("query", cases(__file__, "test_plain_queries_have_no_notes"))
def test_plain_queries_have_no_notes(query: str) -> None:
    assert read(query).notes == ()


@pytest.mark.parametrize("query", ["oil", "Oil Price", "oil oil 1987", "a b c d e f g h i j", "http 7"])
def test_plain_words_are_read_as_by_the_parser(query: str) -> None:
    tree, again = read(query).tree, read(f"{query} ").tree  # the space leads to the parser
    assert tree == again
    assert [node.span for node in walk(tree)][1:] == [node.span for node in walk(again)][1:]
    assert tree.span == Span(0, len(query))


@pytest.mark.parametrize("query", ["us", "oil AND gas", "oil and gas", "oil or gas", "oil near gas", "oil und gas"])
def test_words_that_have_notes_are_not_plain(query: str) -> None:
    assert parser._plain_words(query) is None
    assert read(query).notes or "AND" in query


def test_limits_are_located() -> None:
    assert refused("a" * 16_385).code == "too-long"
    assert str(read("a" * 16_384).tree) == "a" * 16_384
    many = refused("a " * 1_025)
    assert (many.code, many.start) == ("too-many", 2_048)
    assert len(str(read("a " * 1_024).tree).split(" AND ")) == 1_024
    deep = refused("(" * 33 + "a" + ")" * 33)
    assert (deep.code, deep.start) == ("too-deep", 32)
    assert str(read("(" * 32 + "a" + ")" * 32).tree) == "a"
    assert refused("NOT " * 4_000 + "a").code == "too-deep"
    assert refused("(" * 16_000).code == "too-deep"


def test_hostile_runs_are_quick() -> None:
    for query in (
        "+" * 16_000 + "a",
        "- " * 8_000,
        "a" + "~" * 16_000,
        "\\" * 16_000,
        '"' + "\\" * 16_000,
        "x:" * 8_000,
    ):
        try:
            read(query)
        except QueryError as error:
            assert 0 <= error.start <= error.end <= len(query)


def test_a_term_of_a_megabyte_is_refused_at_once() -> None:
    with processor_time_below(1):
        assert refused("x" * 1_000_000).code == "too-long"
