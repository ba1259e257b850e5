"""Compare engines with the oracle, on random queries over random archives."""

import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from searchkit.index import generations
from searchkit.index.base import (
    FacetRequest,
    Index,
    RankedValuesRequest,
    SearchRequest,
    SearchResult,
    Sort,
    ValuesRequest,
)
from searchkit.query import ast, fields
from searchkit.query.fields import Record
from searchkit.statements.document import Document
from tests.index.engines import COMPARED, EMBEDDED, may_refuse, opened
from tests.index.random_archives import FACETS, Batch, batches, documents, spelled, trees, values_requests
from tests.index.records import document
from tests.oracle.memory import MemoryIndex

pytestmark = pytest.mark.long
RECORDS: tuple[Record, ...] = ("document", "quote")
DATED: tuple[Sort, ...] = ("newest", "oldest")
FEW = tuple(FacetRequest(field=name) for name in ("speaker", "outlet", "lang", "copies"))
# `print_blob` gives with a failure the line that repeats it.
RANDOM = settings(
    deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def _examples(count: int) -> int:
    """Return how many examples to try: `count`, or the part of it that the profile wants."""
    return max(count * settings.default.max_examples // 100, 1) if settings.default else count


def _apply(index: Index, number: int, put: Sequence[Document], deleted: Sequence[str]) -> None:
    with index.writer() as writer:
        writer.put(put)
        writer.delete(deleted)
        writer.commit(number)


@contextmanager
def _both(engine: str, changes: Sequence[Batch], asked: Sequence[ast.Node]) -> Iterator[tuple[Index, MemoryIndex]]:
    """An index and the oracle after these changes; on the way a second reader of the same folder is asked too."""
    oracle = MemoryIndex()
    with tempfile.TemporaryDirectory() as folder:
        index, reader = opened(engine, Path(folder)), opened(engine, Path(folder))
        for number, (put, deleted, reopened) in enumerate(changes, start=1):
            _apply(oracle, number, put, deleted)
            _apply(index, number, put, deleted)
            if reopened:
                index.close()
                index = opened(engine, Path(folder))
            request = SearchRequest(query=asked[number % len(asked)], limit=1000)
            assert _essence(reader.search(request)) == _essence(oracle.search(request)), (number, repr(request.query))
            assert reader.applied == number
        reader.close()
        yield index, oracle
        index.close()
        generation = generations.current(Path(folder))
        if generation is not None:  # an index on a cluster has none
            generations.check(generation, full=True)


def _answerable(engine: str, asked: Sequence[ast.Node]) -> list[ast.Node]:
    return [tree for tree in asked if not may_refuse(engine, tree)] or [ast.All()]


def _essence(result: SearchResult) -> tuple[object, ...]:
    hits = {(hit.id, hit.document, hit.copies, hit.copy_ids) for hit in result.hits}
    return hits, len(result.hits), result.total, result.total_exact, result.facets


RANKED: tuple[tuple[Record, str], ...] = (("document", "entity"), ("quote", "speaker"), ("quote", "about"))


@pytest.mark.parametrize("engine", COMPARED)
@settings(RANDOM, max_examples=_examples(50))
@given(changes=batches, asked=st.lists(trees, min_size=1, max_size=8), data=st.data())
def test_searches_match_the_oracle(
    engine: str, changes: list[Batch], asked: list[ast.Node], data: st.DataObject
) -> None:
    asked = _answerable(engine, asked)
    with _both(engine, changes, asked) as (index, oracle):
        assert index.counts() == oracle.counts()
        some = [hit.id for hit in oracle.search(SearchRequest(query=ast.All(), limit=3)).hits]
        for record in RECORDS:
            assert index.matched(asked, some, record) == oracle.matched(asked, some, record)
        for number, tree in enumerate(asked):
            for record in RECORDS:
                facets = FACETS[record]
                if number:  # the first question counts everything
                    facets = tuple(data.draw(st.lists(st.sampled_from(facets), max_size=9, unique=True)))
                for copies in (False, True):
                    request = SearchRequest(query=tree, record=record, limit=1000, facets=facets, copies=copies)
                    assert _essence(index.search(request)) == _essence(oracle.search(request)), repr(tree)
                    for sort in DATED:
                        ordered = replace(request, sort=sort, facets=(), limit=3, offset=data.draw(st.integers(0, 3)))
                        assert index.search(ordered).hits == oracle.search(ordered).hits, repr(tree)


@pytest.mark.parametrize("engine", COMPARED)
@settings(RANDOM, max_examples=_examples(25))
@given(changes=batches, asked=st.lists(trees, min_size=1, max_size=3), data=st.data())
def test_lookups_match_the_oracle(
    engine: str, changes: list[Batch], asked: list[ast.Node], data: st.DataObject
) -> None:
    asked = _answerable(engine, asked)
    with _both(engine, changes, asked) as (index, oracle):
        for record in RECORDS:
            for request in data.draw(st.lists(values_requests(record), min_size=1, max_size=8)):
                if not may_refuse(engine, request.value, request.query):
                    assert index.values(request) == oracle.values(request), request
        for size, kinds in ((1, ()), (3, ()), (10**6, ()), (2, ("person",)), (10**6, ("person", "company"))):
            ranked = RankedValuesRequest(fields=RANKED, size=size, kinds=kinds, without=("spokesperson",))
            assert index.ranked_values(ranked) == oracle.ranked_values(ranked), ranked
        for record in RECORDS:
            for field, word, distance in data.draw(st.lists(spelled, max_size=5)):
                near = index.spellings(field, word, distance=distance, record=record)
                assert near == oracle.spellings(field, word, distance=distance, record=record), (field, word, distance)
            for one in fields.FIELDS:
                assert index.days(one.name, record) == oracle.days(one.name, record), one.name


@pytest.mark.parametrize("engine", COMPARED)
@settings(RANDOM, max_examples=_examples(25))
@given(
    given_documents=st.lists(documents(), min_size=1, max_size=4, unique_by=lambda document: document.id),
    asked=st.lists(trees, min_size=1, max_size=8),
)
def test_scores_order_the_hits(engine: str, given_documents: list[Document], asked: list[ast.Node]) -> None:
    """As long as nothing was deleted, whose words count until a merge drops them, pages are parts of one order; where
    scores are made alike they are those of the oracle."""
    asked = _answerable(engine, asked)
    with _both(engine, [([one], [], False) for one in given_documents], asked) as (index, oracle):
        for tree in asked:
            for record in RECORDS:
                request = SearchRequest(query=tree, record=record, limit=1000)
                ours, theirs = index.search(request).hits, oracle.search(request).hits
                scores = [hit.score for hit in ours]
                assert scores == sorted(scores, reverse=True)
                assert [
                    hit for at in (0, 2) for hit in index.search(replace(request, limit=2, offset=at)).hits
                ] == list(ours[:4])
                if engine not in EMBEDDED:
                    continue  # a cluster keeps the length of a text in a byte, and has its own rule for close words
                assert [hit.id for hit in ours] == [hit.id for hit in theirs]
                assert scores == pytest.approx([hit.score for hit in theirs])


# Signs that files, terminals and other programs stumble over, among letters that make words of them.
hostile = st.text(
    st.sampled_from(
        "ab AB\u00e9e\u0301\u0130\u0131\u00df\ufb01\ud800\udfff\x00\x01\x1f\n\r\t\u2028\ufeff\u200b\u00ad"
        "|/:;=*~\"'\\()[]{}<>天9.-_’"
    ),
    min_size=1,
    max_size=9,
)


@pytest.mark.parametrize("engine", COMPARED)
@settings(RANDOM, max_examples=_examples(15))
@given(given_texts=st.lists(hostile, min_size=3, max_size=6), data=st.data())
def test_hostile_characters(engine: str, given_texts: list[str], data: st.DataObject) -> None:
    one_of = st.sampled_from(given_texts)
    changes: list[Batch] = [
        (
            [
                document(
                    {
                        "id": data.draw(one_of),
                        "uri": data.draw(one_of),
                        "text": f"x {data.draw(one_of)} {data.draw(one_of)}",
                        "title": data.draw(one_of),
                        "outlet": data.draw(one_of),
                        "language": data.draw(one_of),
                        "source": data.draw(one_of),
                        "copies": data.draw(st.just("") | one_of),
                        "quotes": [{"words": "x", "speaker": data.draw(one_of), "verb": data.draw(one_of)}],
                    }
                )
            ],
            [],
            False,
        )
        for _ in range(3)
    ]
    with _both(engine, changes, [ast.All()]) as (index, oracle):
        for text in (*given_texts, data.draw(hostile), ""):
            leaves: tuple[ast.Node, ...] = (
                ast.Term(text=text),
                ast.Phrase(text=f"{text} {given_texts[0]}", slop=1),
                ast.Prefix(text=text),
                ast.Fuzzy(text=text, distance=2),
                ast.Exact(text=text),
                ast.Equals(text=text),
                ast.Regex(pattern=re.escape(text)),
            )
            for leaf in leaves:
                for name in ("text", "speaker", "outlet", "verb", "lang", "id", "copies"):
                    if may_refuse(engine, leaf) or (name == "text" and isinstance(leaf, ast.Equals | ast.Regex)):
                        continue
                    tree = ast.Field(name=name, value=leaf)
                    for record in RECORDS:
                        request = SearchRequest(query=tree, record=record, limit=100, sort="newest", facets=FEW)
                        assert _essence(index.search(request)) == _essence(oracle.search(request)), repr(tree)
            for field in ("speaker", "source"):
                asked = ValuesRequest(field=field, value=leaves[data.draw(st.integers(0, 6))])
                if not may_refuse(engine, asked.value):
                    assert index.values(asked) == oracle.values(asked), asked
            near = index.spellings("title", text, distance=1, record="document")
            assert near == oracle.spellings("title", text, distance=1, record="document")
