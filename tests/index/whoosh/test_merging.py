"""Test merging: the result equals indexing the same rows at once."""

from collections.abc import Iterable
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.index.whoosh.builders import renumbered
from searchkit.index.whoosh.searcher import WhooshIndex, open_snapshot
from searchkit.statements.document import Document
from tests.index.records import SCENARIOS, document, documents, fill, verify


def _sections(folder: Path) -> dict[str, dict[str, bytes]]:
    """By kind of record: the sections of its segment, if it has one, and how many words its fields have."""
    found: dict[str, dict[str, bytes]] = {}
    for record, segments in open_snapshot(folder).segments.items():
        assert len(segments) <= 1
        for view in segments:
            found[record] = {name: bytes(view.file.view(name)) for name in view.file.names()}
            found[record]["lengths"] = repr(
                sorted((name, total) for name, total in view.lengths.items() if total)
            ).encode()
    return found


def _batches(folder: Path, batches: Iterable[Iterable[Document]]) -> WhooshIndex:
    index = WhooshIndex(folder)
    for number, batch in enumerate(batches, 1):
        fill(index, *batch, sequence=number)
    return index


@pytest.mark.parametrize("scenario", sorted(SCENARIOS.iterdir()), ids=lambda folder: folder.name)
def test_merging_equals_indexing_at_once(tmp_path: Path, scenario: Path) -> None:
    given_documents = documents(scenario)
    gone = document({"id": "gone", "title": "Wexel", "text": "Quagglebridge.", "quotes": [{"words": "Quagglebridge"}]})
    # So few that no commit makes one of them by itself.
    batches = [given_documents[number::4] for number in range(4) if given_documents[number::4]]
    anew = [[*chain(*batches)]]
    for batch in batches[::2]:
        batch.insert(1, gone)
    index = _batches(tmp_path / "merged", batches)
    with index.writer() as writer:
        writer.delete(["gone"])
        writer.commit(100)
    index.optimize()
    _batches(tmp_path / "anew", anew)
    ours, theirs = _sections(tmp_path / "merged"), _sections(tmp_path / "anew")
    for record, sections in theirs.items():
        assert ours[record].keys() >= sections.keys()  # and empty ones, of fields that only the row removed had
        assert [name for name, content in sections.items() if not ours[record][name].startswith(content)] == []
        # Rows at the end without a field may be told or left out.
        longer = {name for name, content in sections.items() if len(ours[record][name]) > len(content)}
        assert {name for name in longer if not name.endswith(("/lengths", "/text-ends"))} == set()
    assert len(list((tmp_path / "merged").glob("gen-*"))) == 1
    verify(index.folder)


def test_optimize_twice_changes_nothing(tmp_path: Path) -> None:
    index = WhooshIndex(tmp_path)
    index.optimize()
    assert not list(tmp_path.iterdir())
    fill(index, document({"id": "a1", "text": "One."}))
    before = sorted(tmp_path.rglob("*"))
    index.optimize()
    assert sorted(tmp_path.rglob("*")) == before


@given(st.sets(st.integers(0, 40)), st.integers(0, 5))
def test_renumbering(removed: set[int], first: int) -> None:
    live = np.array([number not in removed for number in range(41)])
    numbers = renumbered(live, first)
    assert numbers[live].tolist() == [*range(first, first + 41 - len(removed))]
    assert set(numbers[~live].tolist()) <= {0xFFFF_FFFF}
