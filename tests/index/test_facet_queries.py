"""Test that counts of facets equal totals of queries, and that filters never raise counts."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from searchkit.index.base import Facet, FacetCount, FacetRequest, Index, SearchRequest
from searchkit.index.facets import Refining
from searchkit.index.values import value_key
from searchkit.query import ast, fields
from searchkit.query.fields import Record
from searchkit.query.parser import parse
from searchkit.search.rewrite import NameExpander, rewrite_query
from searchkit.statements.document import Document
from tests.cases import cases
from tests.index.engines import EMBEDDED, ORACLE, opened
from tests.index.random_archives import PAIRS, UNITS, trees
from tests.index.random_archives import documents as random_documents
from tests.index.records import SCENARIOS, document, documents, fill
from tests.oracle.memory import MemoryIndex

TODAY = date(2026, 3, 4)
RECORDS: tuple[Record, ...] = ("document", "quote")
archives = st.lists(random_documents(), min_size=1, max_size=5, unique_by=lambda one: one.id)


def _facets(record: Record) -> tuple[FacetRequest, ...]:
    names = [field.name for field in fields.FIELDS if field.facet and field.indexed and record in field.records]
    kinds = {field.name: field.kind for field in fields.FIELDS}
    return (
        *(
            FacetRequest(field=name, size=100, all_values=all_values)
            for name in names
            if kinds[name] != "date"
            for all_values in (False, True)
        ),
        *(
            FacetRequest(field=name, size=100, interval=unit)
            for name in names
            if kinds[name] == "date"
            for unit in UNITS
        ),
        *(FacetRequest(field=field, paired=paired, size=100) for field, paired in PAIRS),
    )


def _search(
    index: Index, query: ast.Node, record: Record, *, copies: bool, facets: bool
) -> tuple[int, tuple[Facet, ...]]:
    names = NameExpander(index, record)
    meant = rewrite_query(query, names)
    request = SearchRequest(
        query=meant.executed,
        record=record,
        limit=0,
        copies=copies or meant.copies,
        facets=_facets(record) if facets else (),
    )
    result = index.search(request)
    return result.total, result.facets


def _queries(query: ast.Node, facet: Facet, record: Record) -> Iterator[tuple[ast.Node, int]]:
    """All queries of a facet with what they should find."""
    refining = Refining(query, facet, record)
    for count in facet.counts:
        yield refining.narrowed(count), count.count
    yield refining.missing(), facet.missing
    unknown = refining.unknown()
    assert (unknown is None) == (facet.interval is None)
    if unknown is not None:
        yield unknown, facet.unknown


@contextmanager
def _indexes(*given_documents: Document) -> Iterator[list[Index]]:
    with tempfile.TemporaryDirectory() as folder:
        indexes = [opened(engine, Path(folder, engine)) for engine in (ORACLE, *EMBEDDED)]
        for index in indexes:
            for number, one in enumerate(given_documents, start=1):
                fill(index, one, sequence=number)
        yield indexes
        for index in indexes:
            index.close()


# Conditions as a user adds them, one facet value after another.
filters = st.sampled_from(cases(__file__, "test_counts_equal_the_totals_of_their_queries")).map(
    lambda query: parse(query, today=TODAY).tree
)
queries = st.one_of(
    st.just(ast.All()), trees, filters, st.lists(filters, max_size=3).map(lambda all_: ast.conjunction(*all_))
)


@pytest.mark.slow
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(given_documents=archives, query=queries, record=st.sampled_from(RECORDS), copies=st.booleans())
def test_counts_equal_the_totals_of_their_queries(
    given_documents: list[Document], query: ast.Node, record: Record, copies: bool
) -> None:
    with _indexes(*given_documents) as indexes:
        for index in indexes:
            _, facets = _search(index, query, record, copies=copies, facets=True)
            for facet in facets:
                for refined, expected in _queries(query, facet, record):
                    total, _ = _search(index, refined, record, copies=copies, facets=False)
                    assert total == expected, (facet.field, facet.paired, facet.interval, str(refined))


# --- single cases -----------------------------------------------------------------------------------------------------


def _read(query: str, record: Record) -> ast.Node:
    return parse(query, today=TODAY, record=record).tree


def _speakers(query: str) -> tuple[Refining, dict[str, FacetCount]]:
    """The facet of speakers over statements."""
    index = MemoryIndex()
    fill(index, *documents(SCENARIOS / "statements"))
    return _first_facet(index, query, FacetRequest(field="speaker", all_values=True), "quote")


def _first_facet(
    index: Index, query: str, facet: FacetRequest, record: Record
) -> tuple[Refining, dict[str, FacetCount]]:
    """A facet of the answer to a query, as an archive asks for it."""
    names = NameExpander(index, record)
    meant = rewrite_query(_read(query, record), names)
    (counted,) = index.search(SearchRequest(query=meant.executed, record=record, facets=(facet,))).facets
    return Refining(meant.shown, counted, record), {count.value: count for count in counted.counts}


KORBEL, LINDQVIST = "Nadia Korbel", "Per Lindqvist"


@pytest.mark.parametrize("choice", ['speaker:="Nadia Korbel"', "by:korbel", 'speaker:"Nadia Korbel"'])
def test_selected_values_are_marked_and_can_be_deselected(choice: str) -> None:
    refining, counts = _speakers(f"standard {choice}")
    assert set(counts) == {KORBEL, LINDQVIST}
    assert [*map(refining.selected, (counts[KORBEL], counts[LINDQVIST]))] == [True, False]
    assert str(refining.narrowed(counts[LINDQVIST])) == 'standard AND speaker:="Per Lindqvist"'
    assert str(refining.toggled(counts[KORBEL])) == "standard"
    added = str(refining.toggled(counts[LINDQVIST]))
    assert added.startswith("standard AND (speaker:")
    assert added.endswith(' OR speaker:="Per Lindqvist")')


@pytest.mark.parametrize(
    ("query", "value", "toggled"),
    [
        ("speaker:Korbel OR speaker:(Lindqvist OR Ana)", LINDQVIST, "speaker:Korbel OR speaker:Ana"),
        ("speaker:Korbel speaker:Nadia", LINDQVIST, 'speaker:Korbel AND speaker:Nadia AND speaker:="Per Lindqvist"'),
        ("speaker:Korbel speaker:Nadia", KORBEL, "*"),
    ],
)
def test_several_conditions_on_the_field(query: str, value: str, toggled: str) -> None:
    refining, counts = _speakers(query)
    assert str(refining.toggled(counts[value])) == toggled


def _refined(record: Record, **facet: object) -> Refining:
    made = Facet(**{"counts": (), "missing": 0, "other": 0, **facet})  # type: ignore[arg-type]  # for brevity
    return Refining(_read("harbor", record), made, record)


@pytest.mark.parametrize(
    ("query", "strong", "weak"),
    [("EX-1", True, False), ("EX-1/strong", True, False), ("EX-1/weak", False, True), ("EX-2", False, False)],
)
def test_chosen_watchlist_entries(query: str, strong: bool, weak: bool) -> None:
    index = MemoryIndex()
    watched = [{"surface": "Ana", "list": "ports", "id": "EX-1", "name": "Ana", "weak": weak} for weak in (False, True)]
    fill(index, *(document({"id": f"d{n}", "text": "Ana.", "watched": [one]}) for n, one in enumerate(watched)))
    refining, counts = _first_facet(
        index, f'watchlist:="{query}"', FacetRequest(field="watchlist", all_values=True), "document"
    )
    assert [*map(refining.selected, (counts["Ana"], counts["Ana (weak)"]))] == [strong, weak]


@given(st.text(min_size=1, max_size=12) | st.text('ab\ufeff\u200b\u3000"\\\u201c ', min_size=1, max_size=6))
def test_any_name_can_be_queried(name: str) -> None:
    """Names come from documents, and may hold any sign."""
    assume(value_key(name))
    refining = _refined("document", field="outlet")
    narrowed = refining.narrowed(FacetCount(value=name, id=name, count=1))
    read = parse(str(narrowed), today=TODAY).tree
    assert isinstance(read, ast.And)
    value = read.children[1]
    assert isinstance(value, ast.Field)
    assert isinstance(value.value, ast.Equals)
    assert value_key(value.value.text) == value_key(name)
