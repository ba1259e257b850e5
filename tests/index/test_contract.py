"""The scenarios, on every engine."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from searchkit.index import open_index
from searchkit.index.base import FacetCount, FacetRequest, Index, SearchRequest, ValuesRequest
from searchkit.query import ast
from searchkit.query.parser import parse
from tests.index.records import SCENARIOS, documents, fill

TODAY = date(2026, 3, 4)
ENGINES = ("memory:", "whoosh:", "tantivy:")
FOLDERS = sorted(path for path in SCENARIOS.iterdir() if path.is_dir())


def _filled(engine: str, folder: Path, scenario: Path, batch: int) -> Index:
    index = open_index(engine, folder)
    given = documents(scenario)
    for number, start in enumerate(range(0, len(given), batch), start=1):
        fill(index, *given[start : start + batch], sequence=number)
    return index


def _facet(name: str) -> FacetRequest:
    names, _, interval = name.partition(":")
    field, _, paired = names.partition("+")
    return FacetRequest(field=field, paired=paired, interval=interval or None)  # type: ignore[arg-type]  # scenarios name real ones


def _shown(count: FacetCount) -> str:
    return count.value if count.second is None else f"{count.value} × {count.second.value}"


def _check(index: Index, search: dict[str, Any]) -> None:
    record = search.get("over", "document")
    request = SearchRequest(
        query=parse(search["query"], today=TODAY, record=record).tree,
        record=record,
        limit=search.get("limit", 100),
        offset=search.get("offset", 0),
        sort=search.get("sort", "relevance"),
        facets=tuple(map(_facet, search.get("facets", ()))),
        copies=search.get("copies", False),
    )
    result = index.search(request)
    found = [hit.id for hit in result.hits]
    about = search["query"], found
    if "ids" in search:
        assert sorted(found) == search["ids"], about
        assert result.total == len(search["ids"]), about
    if "order" in search:
        assert found == search["order"], about
    if "others" in search:
        assert {hit.id: list(hit.copy_ids) for hit in result.hits if hit.copies} == search["others"], about
    if "total" in search:
        assert result.total == len(found) == search["total"], about
    for facet, counts in zip(result.facets, search.get("facets", {}).values(), strict=True):
        assert {_shown(count): count.count for count in facet.counts} == counts, about


@pytest.mark.parametrize("batch", [1, 100])
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("scenario", FOLDERS, ids=lambda path: path.name)
def test_scenario(scenario: Path, engine: str, batch: int, tmp_path: Path) -> None:
    index = _filled(engine, tmp_path / "index", scenario, batch)
    for search in json.loads((scenario / "searches.json").read_text("utf-8")):
        _check(index, search)
    index.close()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_title_outweighs_the_text(engine: str, tmp_path: Path) -> None:
    index = _filled(engine, tmp_path / "index", SCENARIOS / "statements", 100)
    hits = index.search(SearchRequest(query=parse("standards", today=TODAY).tree)).hits
    assert hits[0].id == "b2"
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert hits[-1].score > 0


@pytest.mark.parametrize("engine", ENGINES)
def test_counts_and_sequence(engine: str, tmp_path: Path) -> None:
    index = open_index(engine, tmp_path / "index")
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
    index = open_index(engine, tmp_path / "index")
    given = documents(SCENARIOS / "statements")
    fill(index, given[0], sequence=1)
    with index.writer() as writer:
        writer.put(given)
        writer.delete([given[0].id])
    assert index.counts()["document"] == 1
    fill(index, given[1], sequence=2)
    assert index.counts()["document"] == 2


@pytest.mark.parametrize("engine", ENGINES)
def test_the_last_put_of_a_batch_counts(engine: str, tmp_path: Path) -> None:
    index = open_index(engine, tmp_path / "index")
    first, second, *_ = documents(SCENARIOS / "statements")
    with index.writer() as writer:
        writer.put([first, second])
        writer.put([first])
        writer.delete([second.id])
        writer.put([first])
        writer.commit(1)
    assert index.counts() == {"document": 1, "quote": 3}
    result = index.search(SearchRequest(query=parse("*", today=TODAY).tree, record="quote"))
    assert {hit.document for hit in result.hits} == {first.id}


@pytest.mark.parametrize("engine", ENGINES)
def test_limit_nought_counts_only(engine: str, tmp_path: Path) -> None:
    index = _filled(engine, tmp_path / "index", SCENARIOS / "statements", 100)
    request = SearchRequest(
        query=parse("*", today=TODAY).tree, limit=0, facets=(FacetRequest(field="speaker", size=1),)
    )
    result = index.search(request)
    assert (result.hits, result.total) == ((), 4)
    assert result.facets[0].counts[0].id == "person:per-lindqvist"
    assert (result.facets[0].missing, result.facets[0].other) == (2, 1)


@pytest.fixture(params=ENGINES)
def statements(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Index]:
    """The scenario `statements`, a document a batch."""
    index = _filled(request.param, tmp_path / "index", SCENARIOS / "statements", 1)
    yield index
    index.close()


def _values(index: Index, **wanted: Any) -> dict[str, int]:
    return {f"{one.id}|{one.name}": one.count for one in index.values(ValuesRequest(**wanted))}


def test_values_come_with_counts(statements: Index) -> None:
    speakers = _values(statements, field="speaker", record="quote")
    assert sum(speakers.values()) <= statements.counts()["quote"]
    assert list(speakers.values()) == sorted(speakers.values(), reverse=True)
    korbel = {"person:nadia-korbel|Nadia Korbel": 2}
    for value in (
        ast.Term(text="KORBEL"),
        ast.Phrase(text="nadia korbel"),
        ast.Prefix(text="korb"),
        ast.Fuzzy(text="korbal"),
        ast.Equals(text="person:nadia-korbel"),
        ast.Equals(text="Nádia Korbel"),
        ast.Regex(pattern="nadia.*"),
        ast.Or(children=(ast.Term(text="korbel"), ast.Term(text="nobody"))),
    ):
        assert _values(statements, field="speaker", value=value, record="quote") == korbel, value
    turned = ast.Phrase(text="Korbel, Nadia")
    assert _values(statements, field="speaker", value=turned, record="quote") == {}
    assert _values(statements, field="speaker", value=turned, any_order=True, record="quote") == korbel
    assert _values(statements, field="speaker", value=ast.Phrase(text="Nadia Korbel x"), any_order=True) == {}
    assert _values(statements, field="lang") == {"en|en": 2, "EN|EN": 1, "de|de": 1}
    assert _values(statements, field="lang", value=ast.Term(text="En")) == {"en|en": 2, "EN|EN": 1}


def test_values_are_counted_where_the_query_holds(statements: Index) -> None:
    every = _values(statements, field="outlet")
    query = parse("lang:de", today=TODAY).tree
    (german,) = _values(statements, field="outlet", query=query).items()
    assert german[1] == 1 < every[german[0]]
    assert _values(statements, field="outlet", query=parse("zzzz", today=TODAY).tree) == {}


def test_spellings_are_words_as_written(statements: Index) -> None:
    found = {one.name: one.count for one in statements.spellings("text", "standart", distance=2, record="document")}
    assert set(found) == {"standard", "standards"}
    exactly = statements.spellings("text", "Standard", distance=0, record="document")
    assert [one.name for one in exactly] == ["standard"]
    assert statements.spellings("speaker", "korbil", distance=1, record="quote")[0].name == "korbel"
    assert statements.spellings("date", "2022", distance=1, record="document") == ()
    assert statements.spellings("body", "standard", distance=0, record="quote") == ()


def test_days_are_the_first_and_the_last(statements: Index) -> None:
    dates = statements.days("date", "document")
    assert dates is not None
    assert dates[0].year == 2022
    assert dates[1].year == 2023
    assert statements.days("gone", "document") is None


def test_an_explanation_is_one_line(statements: Index) -> None:
    for query in (
        "*",
        "standard",
        'quote:{speaker:Korbel -"a b"~2} OR outlet:/x/ AND lang:de* AND date:2022 AND a NEAR b',
    ):
        request = SearchRequest(query=parse(query, today=TODAY).tree)
        assert statements.explain(request)
        assert "\n" not in statements.explain(request)
