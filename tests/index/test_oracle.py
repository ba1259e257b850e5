"""Random questions over random archives: every engine answers as the oracle does."""

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from searchkit.document import Document
from searchkit.index.base import FacetRequest, FacetSort, Index, SearchRequest, SearchResult
from searchkit.index.memory import MemoryIndex
from searchkit.index.whoosh.reckoning import Reckoning, sets, vectors
from searchkit.index.whoosh.searcher import WhooshIndex
from searchkit.query import ast, fields
from searchkit.query.fields import Record
from tests.index.records import document

# With sets, and with numpy where it is installed (scripts/check installs it).
WAYS = [pytest.param(way, id=name) for name, way in (("sets", sets()), ("numpy", vectors())) if way is not None]

WORDS = "ready readies reading standard standards korbel korbil fox-it U.S. us don't café 天地 ostrava a a —".split()
NAMES = [
    {"surface": "korbel", "name": "Nadia Korbel", "kind": "person"},
    {"surface": "korbil", "name": "Nadia Korbel", "kind": "person"},
    {"surface": "ostrava", "name": "Ostrava Trade Office", "kind": "agency"},
    {"surface": "fox-it", "name": "Fóx-It", "kind": "company"},
    {"surface": "ready", "name": "nadia korbel", "kind": "company"},
]
DATES = [None, "2022", "2022-12", "2022-12-15", "2022-12-16", "2022-W50", "2023-01-01"]
DAYS = [None, date(2022, 1, 1), date(2022, 12, 15), date(2022, 12, 31), date(2023, 1, 1)]
UNITS: tuple[ast.Unit, ...] = ("day", "week", "month", "year")
SIZES: tuple[tuple[int, FacetSort], ...] = ((2, "count"), (2, "value"), (100, "count"))
SPEAKERS = [None, "Nadia Korbel", "Ostrava Trade Office", "Per Lindqvist"]

texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(" ".join)


@st.composite
def quote_records(draw: st.DrawFn, text: str, names: Sequence[dict[str, str]]) -> dict[str, Any]:
    words = text.split()
    start = draw(st.integers(0, len(words) - 1))
    end = draw(st.integers(start + 1, len(words)))
    return {
        "words": " ".join(words[start:end]),
        "speaker": draw(st.sampled_from(SPEAKERS)),
        "about": [name["name"] for name in names if draw(st.booleans())],
        "verb": draw(st.sampled_from([None, "say", "Say", "deny"])),
        "kind": draw(st.sampled_from(["direct", "mixed", "indirect"])),
        "date": draw(st.sampled_from(DATES)),
    }


@st.composite
def documents(draw: st.DrawFn) -> Document:
    text = draw(texts)
    names = draw(st.lists(st.sampled_from(NAMES), max_size=3, unique_by=lambda name: name["surface"]))
    made = document(
        {
            "id": draw(st.sampled_from(["d1", "d2", "d3", "d4"])),
            "title": draw(st.none() | texts),
            "text": text,
            "outlet": draw(st.sampled_from([None, "Harbor Gazette", "harbor gazette", "Ostrava Post"])),
            "language": draw(st.sampled_from([None, "en", "EN", "de"])),
            "published": draw(st.sampled_from(DATES)),
            "names": names,
            "quotes": draw(st.lists(quote_records(text, names), max_size=3)),
            "wire": draw(st.sampled_from([None, "Ostrava Post", "Moravia Wire"])),
            "first_seen": draw(st.sampled_from(["", "2026-01-02T03:04:05+00:00", "2026-01-03T03:04:05+00:00"])),
            "source": draw(st.sampled_from(["", "harbor", "Harbor"])),
            "gone_at": draw(st.sampled_from(["", "", "2026-02-01T00:00:00+00:00"])),
            "copies": draw(st.sampled_from(["", "d1", "d1", "d9"])),
        }
    )
    # One statement of several has its surface on several spans.
    return replace(made, mentions=made.mentions[: draw(st.integers(0, len(made.mentions)))])


words = st.sampled_from([*WORDS, "read", "kórbel", "nadia", "Korbel", "zzz"])
phrases = st.builds(
    ast.Phrase,
    text=st.lists(words, min_size=1, max_size=3).map(" ".join),
    slop=st.integers(0, 3),
)
leaves = st.one_of(
    st.builds(ast.Term, text=words),
    phrases,
    st.builds(
        ast.Near,
        left=st.builds(ast.Term, text=words) | phrases,
        right=st.builds(ast.Term, text=words) | phrases,
        distance=st.integers(0, 5),
        ordered=st.booleans(),
    ),
    st.builds(ast.Prefix, text=st.sampled_from(["re", "sta", "korb", "fox-i", "天", "de", "har"])),
    st.builds(
        ast.Fuzzy, text=st.sampled_from(["korbal", "rady", "standart", "direkt", "天"]), distance=st.integers(1, 2)
    ),
    st.builds(ast.Exact, text=st.lists(words, min_size=1, max_size=3).map(" ".join)),
    st.just(ast.Exists()),
)
whole = st.one_of(
    st.builds(
        ast.Equals,
        text=st.sampled_from(
            ["nadia korbel", "person:nadia-korbel", "FOX-IT", "SAY", "harbor gazette", "d1", "harbor"]
        ),
    ),
    st.builds(ast.Regex, pattern=st.sampled_from([".*korbel", "N.*", "s.y", "d[12].*"])),
)
ranges = st.builds(
    ast.Field,
    name=st.sampled_from(["date", "said", "gone", "seen"]),
    value=st.builds(
        ast.Range,
        written=st.just(""),
        start=st.sampled_from(DAYS),
        end=st.sampled_from(DAYS),
        within=st.booleans(),
    )
    | st.builds(ast.Unplaced, unit=st.sampled_from(UNITS))
    | st.just(ast.Exists()),
)


def _grown(children: st.SearchStrategy[ast.Node]) -> st.SearchStrategy[ast.Node]:
    pairs = st.lists(children, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        st.builds(ast.And, children=pairs), st.builds(ast.Or, children=pairs), st.builds(ast.Not, child=children)
    )


values = st.recursive(leaves | whole, _grown, max_leaves=3)
FIELD_NAMES = [field.name for field in fields.FIELDS if field.kind != "date"]
inner = st.recursive(
    st.one_of(
        leaves, ranges, st.builds(ast.Field, name=st.sampled_from(FIELD_NAMES), value=values), st.just(ast.All())
    ),
    _grown,
    max_leaves=4,
)
trees = st.recursive(inner | st.builds(ast.Scope, inner=inner), _grown, max_leaves=3)
batches = st.lists(
    st.tuples(st.lists(documents(), max_size=3), st.lists(st.sampled_from(["d1", "d2", "d9"]), max_size=1)),
    min_size=1,
    max_size=9,
)

PAIRS = [("speaker", "about"), ("about", "entity"), ("speaker", "verb"), ("act", "outlet"), ("lang", "kind")]
FACETS: dict[Record, tuple[FacetRequest, ...]] = {
    record: tuple(
        FacetRequest(field=field.name, size=size, interval=interval, sort=sort)
        for field in fields.FIELDS
        if field.facet and record in field.records
        for size, sort in SIZES
        for interval in ((*UNITS, None) if field.kind == "date" else (None,))
    )
    + tuple(
        FacetRequest(field=field, paired=paired, size=size, sort=sort)
        for field, paired in PAIRS
        for size, sort in SIZES
    )
    for record in ("document", "quote")
}


def _apply(index: Index, changes: list[tuple[list[Document], list[str]]]) -> None:
    for number, (put, deleted) in enumerate(changes, start=1):
        with index.writer() as writer:
            writer.put(put)
            writer.delete(deleted)
            writer.commit(number)


def _essence(result: SearchResult) -> tuple[object, ...]:
    hits = {(hit.id, hit.document, hit.copies, hit.copy_ids) for hit in result.hits}
    return hits, result.total, result.facets


@pytest.mark.parametrize("reckoning", WAYS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(changes=batches, asked=st.lists(trees, min_size=1, max_size=8))
def test_the_engine_answers_as_the_oracle(
    reckoning: Reckoning, changes: list[tuple[list[Document], list[str]]], asked: list[ast.Node]
) -> None:
    oracle = MemoryIndex()
    _apply(oracle, changes)
    with tempfile.TemporaryDirectory() as folder:
        engine = WhooshIndex(Path(folder), reckoning)
        _apply(engine, changes)
        assert engine.counts() == oracle.counts()
        assert engine.applied == oracle.applied
        for tree in asked:
            for record in ("document", "quote"):
                request = SearchRequest(query=tree, record=record, limit=1000, facets=FACETS[record])
                for copies in (False, True):
                    all_or_one = replace(request, copies=copies)
                    assert _essence(engine.search(all_or_one)) == _essence(oracle.search(all_or_one)), repr(tree)
                for sort in ("newest", "oldest"):
                    ordered = replace(request, sort=sort, facets=(), limit=3, offset=1)
                    assert engine.search(ordered).hits == oracle.search(ordered).hits
        engine.verify()
        engine.close()


@pytest.mark.parametrize("reckoning", WAYS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(
    given_documents=st.lists(documents(), min_size=1, max_size=4, unique_by=lambda document: document.id),
    asked=st.lists(trees, min_size=1, max_size=8),
)
def test_scores_and_order_are_those_of_the_oracle(
    reckoning: Reckoning, given_documents: list[Document], asked: list[ast.Node]
) -> None:
    """As long as nothing was deleted, whose words count until a merge drops them."""
    oracle = MemoryIndex()
    with tempfile.TemporaryDirectory() as folder:
        engine = WhooshIndex(Path(folder), reckoning)
        for index in (oracle, engine):
            _apply(index, [([document], []) for document in given_documents])
        for tree in asked:
            for record in ("document", "quote"):
                request = SearchRequest(query=tree, record=record, limit=1000)
                ours, theirs = engine.search(request).hits, oracle.search(request).hits
                assert [hit.id for hit in ours] == [hit.id for hit in theirs]
                assert [hit.score for hit in ours] == pytest.approx([hit.score for hit in theirs])
        engine.close()
