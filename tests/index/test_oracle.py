"""Random questions over random archives: every engine answers as the oracle does."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from searchkit.document import Document
from searchkit.index import generations
from searchkit.index.base import Index, SearchRequest, SearchResult, Sort
from searchkit.index.memory import MemoryIndex
from searchkit.query import ast, fields
from searchkit.query.fields import Record
from tests.index.engines import COMPARED, SCORING_ALIKE, opened
from tests.index.random_archives import FACETS, Batch, batches, documents, spelled, trees, values_requests

RECORDS: tuple[Record, ...] = ("document", "quote")
DATED: tuple[Sort, ...] = ("newest", "oldest")
# `print_blob` gives with a failure the line that repeats it.
RANDOM = settings(
    deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


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
        if generation is not None:
            generations.check(generation, full=True)


def _essence(result: SearchResult) -> tuple[object, ...]:
    hits = {(hit.id, hit.document, hit.copies, hit.copy_ids) for hit in result.hits}
    return hits, len(result.hits), result.total, result.total_exact, result.facets


@pytest.mark.parametrize("engine", COMPARED)
@settings(RANDOM, max_examples=60)
@given(changes=batches, asked=st.lists(trees, min_size=1, max_size=8), data=st.data())
def test_answers_are_those_of_the_oracle(
    engine: str, changes: list[Batch], asked: list[ast.Node], data: st.DataObject
) -> None:
    with _both(engine, changes, asked) as (index, oracle):
        assert index.counts() == oracle.counts()
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
@settings(RANDOM, max_examples=30)
@given(changes=batches, asked=st.lists(trees, min_size=1, max_size=3), data=st.data())
def test_look_ups_are_those_of_the_oracle(
    engine: str, changes: list[Batch], asked: list[ast.Node], data: st.DataObject
) -> None:
    with _both(engine, changes, asked) as (index, oracle):
        for record in RECORDS:
            for request in data.draw(st.lists(values_requests(record), min_size=1, max_size=8)):
                assert index.values(request) == oracle.values(request), request
            for field, word, distance in data.draw(st.lists(spelled, max_size=5)):
                near = index.spellings(field, word, distance=distance, record=record)
                assert near == oracle.spellings(field, word, distance=distance, record=record), (field, word, distance)
            for one in fields.FIELDS:
                assert index.days(one.name, record) == oracle.days(one.name, record), one.name


@pytest.mark.parametrize("engine", COMPARED)
@settings(RANDOM, max_examples=30)
@given(
    given_documents=st.lists(documents(), min_size=1, max_size=4, unique_by=lambda document: document.id),
    asked=st.lists(trees, min_size=1, max_size=8),
)
def test_scores_order_the_hits(engine: str, given_documents: list[Document], asked: list[ast.Node]) -> None:
    """As long as nothing was deleted, whose words count until a merge drops them, pages are parts of one order; where
    scores are made alike they are those of the oracle."""
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
                if engine in SCORING_ALIKE:
                    assert [hit.id for hit in ours] == [hit.id for hit in theirs]
                    assert scores == pytest.approx([hit.score for hit in theirs])
