"""How people write facets, how a query is explained, and what is noted about names."""

from datetime import date
from typing import Any

import pytest

from searchkit.errors import UsageError
from searchkit.index.base import FacetRequest, Index, SearchRequest
from searchkit.query import ast
from searchkit.query.fields import FIELDS, Record
from searchkit.query.parser import parse
from searchkit.search.did_you_mean import names_notes
from searchkit.search.explain import MAX_LINES, ExplanationRecord, explain, reading
from searchkit.search.facet_requests import facet_requests
from searchkit.search.rewrite import NameExpander, rewrite_query
from tests.cases import cases


@pytest.mark.parametrize(("written", "expected"), cases(__file__, "test_facets"))
def test_facets(written: str, expected: dict[str, Any]) -> None:
    assert facet_requests([written]) == (FacetRequest(**expected),)


def test_facets_keep_their_order() -> None:
    assert [request.field for request in facet_requests(["verb", "date", "kind"])] == ["verb", "date", "kind"]
    assert facet_requests([]) == ()
    assert [request.sort for request in facet_requests(["verb", "date"], "value")] == ["value", "value"]


@pytest.mark.parametrize(
    ("written", "complaint"), [*cases(__file__, "test_facets_that_cannot_be"), ("x" * 5_000, "Unknown facet")]
)
def test_facets_that_cannot_be(written: str, complaint: str) -> None:
    with pytest.raises(UsageError) as caught:
        facet_requests(["speaker", written])
    assert complaint in caught.value.message
    assert caught.value.hint or "pair" in complaint or "field" in complaint


def explained(index: Index, query: str, record: Record = "document") -> ExplanationRecord:
    tree = parse(query, today=date(2026, 3, 4), record=record).tree
    return explain(query, SearchRequest(query=tree, record=record), NameExpander(index, record))


def test_each_node_has_a_line_with_its_hits(index: Index) -> None:
    result = explained(
        index, 'crates (speaker:"Korbel Nadia" OR quote:{speaker:Korbel -fell}) date:2022-12.. verb:denied'
    )
    assert [(line.depth, line.node, line.query, line.over, line.hits) for line in result.lines] == [
        (0, "And", result.interpreted_as, "document", result.total),
        (1, "Term", "crates", "document", 2),
        (1, "Or", 'speaker:"Korbel Nadia" OR quote:{speaker:Korbel AND NOT fell}', "document", 2),
        (2, "Phrase", 'speaker:"Korbel Nadia"', "document", 1),
        (2, "Scope", "quote:{speaker:Korbel AND NOT fell}", "document", 2),
        (3, "And", "speaker:Korbel AND NOT fell", "quote", 2),
        (4, "Term", "speaker:Korbel", "quote", 2),
        (4, "Not", "NOT fell", "quote", 4),
        (5, "Term", "fell", "quote", 1),
        (1, "Range", "date:>=2022-12-01", "document", 2),
        (1, "Term", "verb:deny", "document", 1),
    ]
    assert result.complete
    assert set(result.seconds) == {"names", "engine"}
    assert any("also matches" in note for note in result.notes)


def test_groups_of_one_field_and_pairs_are_taken_apart(index: Index) -> None:
    result = explained(index, "speaker:(Korbel OR Havel) AND crates NEAR/3 cranes", "quote")
    assert [(line.depth, line.query) for line in result.lines[1:]] == [
        (1, "speaker:(Korbel OR Havel)"),
        (2, "speaker:Korbel"),
        (2, "speaker:Havel"),
        (1, "crates NEAR/3 cranes"),
        (2, "crates"),
        (2, "cranes"),
    ]


def test_long_queries_are_cut(index: Index) -> None:
    result = explained(index, " OR ".join(f"w{number}" for number in range(300)))
    assert len(result.lines) == MAX_LINES
    assert not result.complete


@pytest.mark.parametrize("record", ["document", "quote"])
def test_every_kind_of_node_is_reported_in_words(record: Record) -> None:
    leaves = [
        ast.Term(text="a"), ast.Phrase(text="a b"), ast.Prefix(text="ab"), ast.Fuzzy(text="abcd"), ast.Exact(text="a"),
        ast.Equals(text="a"), ast.Regex(pattern="a"), ast.Exists(), ast.All(),
        ast.Near(left=ast.Term(text="a"), right=ast.Term(text="b")),
    ]  # fmt: skip
    for field in FIELDS:
        for leaf in leaves:
            assert reading(leaf, field.name, record)


def notes(index: Index, query: str, record: Record = "quote") -> tuple[str, ...]:
    names = NameExpander(index, record)
    meant = rewrite_query(parse(query, today=date(2026, 3, 4), record=record).tree, names)
    return names_notes(meant.shown, SearchRequest(query=meant.executed, record=record), names)


@pytest.mark.parametrize(("query", "result"), cases(__file__, "test_notes"))
def test_notes(index: Index, query: str, result: tuple[str, ...]) -> None:
    assert notes(index, query) == result


def test_counts_are_of_what_was_asked_for(index: Index) -> None:
    (result,) = notes(index, "speaker:Korbel", "document")
    assert 'speaker:="Nadia Korbel" (1 document)' in result
    (scoped,) = notes(index, "quote:{speaker:Korbel}", "document")
    assert 'speaker:="Nadia Korbel" (1 statement)' in scoped
    assert notes(index, "quote:{speaker:Korbel fell}", "document") == ()


def test_long_lists_are_cut_and_counted(index: Index) -> None:
    query = " OR ".join(f"speaker:nobody{number}" for number in range(40))
    assert len(notes(index, query)) <= 12
