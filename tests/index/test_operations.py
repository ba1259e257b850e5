"""Readers see what others commit, and a rebuilt index that is swapped in."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from searchkit.index.base import FacetRequest, Index, SearchRequest
from searchkit.index.rows import source_checksum
from searchkit.query import ast
from searchkit.statements.document import Document
from tests.index.engines import COMPARED, opened
from tests.index.records import document, fill

STATE = SearchRequest(query=ast.Term(text="state"), limit=100, facets=(FacetRequest(field="outlet", size=100),))


def editions(state: int, count: int = 5) -> list[Document]:
    """Return all documents of an archive in its `state`, which is the outlet of all of them."""
    return [
        document(
            {
                "id": f"e{number}",
                "text": f'The ferry of state {state} left. "State {state} it is," said Nadia Korbel.',
                "outlet": f"Gazette {state}",
                "names": [{"surface": "Nadia Korbel", "name": "Nadia Korbel", "kind": "person"}],
                "quotes": [{"words": f'"State {state} it is,"', "speaker": "Nadia Korbel", "verb": "say"}],
            }
        )
        for number in range(count)
    ]


def state_of(index: Index, count: int = 5) -> int:
    """Return the state that an index shows. AssertionError if it shows parts of two."""
    shown = set()
    for request in (STATE, replace(STATE, record="quote")):
        result = index.search(request)
        (value,) = result.facets[0].counts
        assert (result.total, len(result.hits), value.count) == (count, count, count)
        shown.add(int(value.value.removeprefix("Gazette ")))
    # The second query may have met a later state than the first.
    return max(shown)


@pytest.mark.parametrize("engine", COMPARED)
def test_instances_see_what_others_commit_and_swap_in(engine: str, tmp_path: Path) -> None:
    one, other = opened(engine, tmp_path), opened(engine, tmp_path)
    fill(one, *editions(1), sequence=1)
    assert (other.applied, state_of(other)) == (1, 1)
    with one.writer() as writer:
        writer.put(editions(2))
        assert state_of(other) == state_of(one) == 1
        writer.commit(2)
    assert (other.applied, state_of(other)) == (2, 2)
    fill(other, *editions(3), sequence=3)
    assert (one.applied, state_of(one)) == (3, 3)
    one.replace(lambda built: fill(built, *editions(4), sequence=4))
    assert (one.applied, state_of(one), state_of(other)) == (4, 4, 4)
    one.close()
    assert state_of(opened(engine, tmp_path)) == state_of(other) == 4


@pytest.mark.parametrize("engine", COMPARED)
def test_each_record_has_the_checksum_of_its_document(engine: str, tmp_path: Path) -> None:
    """Also after documents were replaced, and segments merged."""
    index, first, second = opened(engine, tmp_path), editions(1), editions(2)
    fill(index, *first, sequence=1)
    fill(index, *second[:3], sequence=2)
    stored = [*second[:3], *first[3:]]
    sources = {each.id: source_checksum(each) for each in stored}
    for _ in range(2):
        assert index.source_checksums([*sources, "unknown"], "document") == sources
        statements = {quote.id: sources[each.id] for each in stored[2:4] for quote in each.statements}
        assert index.source_checksums([each.id for each in stored[2:4]], "quote") == statements
        index.optimize()
    index.close()
