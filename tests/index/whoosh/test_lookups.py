"""Values, words and days looked up: over several segments, with rows deleted, as the oracle has them."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from searchkit.document import Document
from searchkit.errors import UsageError
from searchkit.index.base import Index, ValuesRequest
from searchkit.index.memory import MemoryIndex
from searchkit.index.whoosh.searcher import WhooshIndex
from searchkit.query import ast, fields
from searchkit.query.fields import Record
from tests.index.records import document, fill
from tests.index.test_oracle import batches, leaves, trees, whole

NAMED = [field.name for field in fields.FIELDS if field.kind in {"name", "keyword"}]
RECORDS: tuple[Record, ...] = ("document", "quote")
one = st.one_of(leaves, whole, st.just(ast.Phrase(text="korbel nadia")), st.just(ast.Term(text="korbel")))
asked = one | st.builds(ast.Or, children=st.tuples(one, one))


def _apply(index: Index, changes: list[tuple[list[Document], list[str]]]) -> None:
    for number, (put, deleted) in enumerate(changes, start=1):
        with index.writer() as writer:
            writer.put(put)
            writer.delete(deleted)
            writer.commit(number)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(
    changes=batches,
    names=st.lists(st.sampled_from(NAMED), min_size=1, max_size=3),
    value=asked,
    query=trees,
    any_order=st.booleans(),
    word=st.sampled_from(["korbal", "standart", "ostrava", "fox-it", "", "zzzz"]),
)
def test_the_engine_looks_up_what_the_oracle_does(
    changes: list[tuple[list[Document], list[str]]],
    names: list[str],
    value: ast.Node,
    query: ast.Node,
    any_order: bool,
    word: str,
) -> None:
    oracle = MemoryIndex()
    _apply(oracle, changes)
    with tempfile.TemporaryDirectory() as folder:
        engine = WhooshIndex(Path(folder))
        _apply(engine, changes)
        for record in RECORDS:
            for name in names:
                for copies in (False, True):
                    request = ValuesRequest(
                        field=name, value=value, any_order=any_order, query=query, record=record, copies=copies
                    )
                    assert engine.values(request) == oracle.values(request), request
                every = ValuesRequest(field=name, record=record)
                assert engine.values(every) == oracle.values(every), every
                near = [index.spellings(name, word, distance=2, record=record) for index in (engine, oracle)]
                assert near[0] == near[1]
            for text in ("text", "title", "body", "quote"):
                near = [index.spellings(text, word, distance=1, record=record) for index in (engine, oracle)]
                assert near[0] == near[1]
            for day in ("date", "said", "seen", "gone", "speaker", "none"):
                assert engine.days(day, record) == oracle.days(day, record), (day, record)
        engine.close()


def test_ids_that_differ_in_case_only_are_counted_once(tmp_path: Path) -> None:
    engine = WhooshIndex(tmp_path / "index")
    outlets = ["Harbor Gazette", "harbor gazette", "harbor gazette"]
    given = [document({"id": f"d{n}", "text": "x", "outlet": outlet}) for n, outlet in enumerate(outlets)]
    fill(engine, *given)
    counts = {one.id: one.count for one in engine.values(ValuesRequest(field="outlet"))}
    assert counts == {"harbor gazette": 2, "Harbor Gazette": 1}
    engine.close()


@pytest.mark.parametrize("index", [MemoryIndex(), WhooshIndex(Path("/nonexistent"))], ids=["memory", "whoosh"])
def test_an_empty_index_has_nothing(index: Index) -> None:
    assert index.values(ValuesRequest(field="speaker")) == ()
    assert index.spellings("text", "crane", distance=2, record="quote") == ()
    assert index.days("date", "document") is None
    with pytest.raises(UsageError, match="no values"):
        index.values(ValuesRequest(field="title"))
    with pytest.raises(UsageError, match="no values"):
        index.values(ValuesRequest(field="date"))


def test_very_many_names_are_counted_as_few_are(tmp_path: Path) -> None:
    """From some number of ids on they are looked for in another way."""
    given = [
        document(
            {
                "id": f"d{number}",
                "text": f"Korbel{number} spoke.",
                "names": [{"surface": f"Korbel{number}", "name": f"Korbel K{number}", "kind": "person"}],
            }
        )
        for number in range(90)
    ]
    oracle, engine = MemoryIndex(), WhooshIndex(tmp_path / "index")
    for index in (oracle, engine):
        fill(index, *given[:50], sequence=1)
        fill(index, *given[50:], sequence=2)
    request = ValuesRequest(field="entity", value=ast.Term(text="korbel"))
    assert len(engine.values(request)) == 90
    assert engine.values(request) == oracle.values(request)
    engine.close()
