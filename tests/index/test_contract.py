"""Test what every engine must do: the scenarios, and the rules of base.py."""

from contextlib import suppress
from pathlib import Path

import pytest
from msgspec.structs import replace

from searchkit.errors import TryAgain, UsageError
from searchkit.index.base import FacetRequest, SearchRequest, Sort, ValuesRequest
from searchkit.query import ast, fields
from searchkit.query.fields import Record
from tests.index.engines import COMPARED, ENGINES, may_refuse, opened
from tests.index.records import SCENARIOS, document, documents, fill
from tests.index.scenarios import FOLDERS, check, filled, questions, tree

RECORDS: tuple[Record, ...] = ("document", "quote")


@pytest.mark.parametrize("batch", [1, 100])
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("scenario", FOLDERS, ids=lambda path: path.name)
def test_scenario(scenario: Path, engine: str, batch: int, tmp_path: Path) -> None:
    index = filled(engine, tmp_path / "index", scenario, batch)
    for stated in questions(scenario):
        asked = [tree(stated, stated[part]) for part in ("query", "of") if part in stated]
        if not may_refuse(engine, *asked):
            check(index, stated)
    index.close()


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest"])
def test_equal_statements_of_a_document_are_in_text_order(engine: str, sort: Sort, tmp_path: Path) -> None:
    said = "one crane|two cranes|three cranes|four cranes|five cranes|six cranes".split("|")
    made = [
        document({"id": name, "text": ". ".join(said), "quotes": [{"words": words} for words in said]}) for name in "ba"
    ]
    index = opened(engine, tmp_path / "index")
    for number, batch in enumerate(([made[0], made[1]], [made[0]], [made[1]]), start=1):
        fill(index, *batch, sequence=number)
    request = SearchRequest(query=ast.Term(text="crane"), record="quote", sort=sort, limit=4)
    expected = [quote.id for one in (made[1], made[0]) for quote in one.quotes]
    found = [hit.id for page in range(4) for hit in index.search(replace(request, offset=4 * page)).hits]
    assert found == expected
    index.close()


def _every_facet(record: Record) -> tuple[FacetRequest, ...]:
    return tuple(
        FacetRequest(field=field.name, size=100)
        for field in fields.FIELDS
        if field.facet and field.indexed and record in field.records
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_counts_and_sequence(engine: str, tmp_path: Path) -> None:
    index = opened(engine, tmp_path / "index")
    assert index.applied == 0
    assert index.counts() == {"document": 0, "quote": 0}
    given = documents(SCENARIOS / "statements")
    fill(index, *given, sequence=7)
    assert index.applied == 7
    assert index.counts() == {"document": 4, "quote": 5}
    with index.writer() as writer:
        writer.delete([given[0].id, "unknown"])
        writer.commit(9)
    assert index.applied == 9
    assert index.counts() == {"document": 3, "quote": 2}


@pytest.mark.parametrize("engine", ENGINES)
def test_a_batch_without_commit_leaves_nothing(engine: str, tmp_path: Path) -> None:
    index = opened(engine, tmp_path / "index")
    given = documents(SCENARIOS / "statements")
    fill(index, given[0], sequence=1)
    with index.writer() as writer:
        writer.put(given)
        writer.delete([given[0].id])
    assert index.counts()["document"] == 1
    fill(index, given[1], sequence=2)
    assert index.counts()["document"] == 2


@pytest.mark.parametrize("engine", ENGINES)
def test_last_put_of_a_batch_counts(engine: str, tmp_path: Path) -> None:
    index = opened(engine, tmp_path / "index")
    first, second, *_ = documents(SCENARIOS / "statements")
    with index.writer() as writer:
        writer.put([first, second])
        writer.put([first])
        writer.delete([second.id])
        writer.put([first])
        writer.commit(1)
    assert index.counts() == {"document": 1, "quote": 3}
    assert {hit.document for hit in index.search(SearchRequest(query=ast.All(), record="quote")).hits} == {first.id}


@pytest.mark.parametrize("engine", ENGINES)
def test_invalid_patterns_fields_and_facets_are_refused(engine: str, tmp_path: Path) -> None:
    index = filled(engine, tmp_path / "index", SCENARIOS / "statements", 100)
    for broken in (ast.Regex(pattern=pattern) for pattern in ("(", "*x", "a{2,1}", "(?P<n>a)(?P<n>b)")):
        with pytest.raises(UsageError):
            index.search(SearchRequest(query=ast.Field(name="speaker", value=broken)))
        with pytest.raises(UsageError):
            index.values(ValuesRequest(field="lang", value=broken))
    for field in ("text", "date", "nosuch", "body"):
        with pytest.raises(UsageError):
            index.values(ValuesRequest(field=field))
        with pytest.raises(UsageError):
            index.search(SearchRequest(query=ast.All(), facets=(FacetRequest(field=field, paired="speaker"),)))
    index.close()


@pytest.mark.parametrize("engine", ENGINES)
def test_an_empty_index_answers(engine: str, tmp_path: Path) -> None:
    index = opened(engine, tmp_path / "index")
    for record in RECORDS:
        absent = ast.Not(child=ast.Prefix(text="xy"))
        for query in (ast.All(), ast.Term(text="x"), ast.Scope(inner=ast.Exists()), absent):
            request = SearchRequest(query=query, record=record, facets=_every_facet(record), sort="newest")
            result = index.search(request)
            assert (result.hits, result.total) == ((), 0)
            assert all(not facet.counts and not facet.missing and not facet.other for facet in result.facets)
        assert index.values(ValuesRequest(field="speaker", record=record)) == ()
        assert index.spellings("quote", "word", distance=2, record=record) == ()
        assert index.days("said", record) is None
    index.close()


@pytest.mark.parametrize("engine", ENGINES)
def test_names_of_fields_are_main_names_or_aliases(engine: str, tmp_path: Path) -> None:
    index = filled(engine, tmp_path / "index", SCENARIOS / "statements", 100)
    assert index.values(ValuesRequest(field="by")) == index.values(ValuesRequest(field="speaker"))
    assert index.days("published", "document") == index.days("date", "document")
    near, same = (index.spellings(field, "korbil", distance=1, record="quote") for field in ("by", "speaker"))
    assert near == same != ()
    index.close()


@pytest.mark.parametrize("engine", COMPARED)
def test_an_index_that_another_process_removes_does_not_answer_with_nothing(engine: str, tmp_path: Path) -> None:
    index, other = opened(engine, tmp_path / "index"), opened(engine, tmp_path / "index")
    fill(index, *documents(SCENARIOS / "statements"), sequence=7)
    assert index.applied == 7
    other.drop()
    with suppress(TryAgain):
        assert index.search(SearchRequest(query=ast.All())).total == 4
    assert index.applied == 0
