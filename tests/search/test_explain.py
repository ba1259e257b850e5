"""How a query was read, line by line."""

from datetime import date

import pytest

from searchkit.index.base import Index, SearchRequest
from searchkit.query import ast
from searchkit.query.fields import FIELDS, Record
from searchkit.query.parser import parse
from searchkit.search.explain import MAX_LINES, ExplanationRecord, explain, reading
from searchkit.search.rewrite import NameExpander


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
    assert "crates" in result.engine or "crate" in result.engine


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
