"""Test that tables of contents are read as Whoosh reads them, or refused."""

from pathlib import Path

import pytest
from whoosh.index import TOC

from searchkit.index.generations import DamagedFile
from searchkit.index.whoosh.codec import GenerationStorage
from searchkit.index.whoosh.columns import column_kinds
from searchkit.index.whoosh.fields import schema
from searchkit.index.whoosh.searcher import WhooshIndex
from searchkit.index.whoosh.segments import ArraySegment
from searchkit.index.whoosh.storage import INDEX_NAMES, State, read_state, segments_of, table_of
from tests.index.records import SCENARIOS, documents, fill


@pytest.fixture
def state(tmp_path: Path) -> State:
    index = WhooshIndex(tmp_path / "index")
    every = [document for folder in sorted(SCENARIOS.iterdir()) if folder.is_dir() for document in documents(folder)]
    fill(index, *every, sequence=1)
    for sequence, document in enumerate(every[:2], 2):  # replaced: rows of an older segment are deleted
        fill(index, document, sequence=sequence)
    return read_state(tmp_path / "index")


def _essence(segment: ArraySegment) -> tuple[object, ...]:
    return segment.name, segment.row_count, segment.deleted, segment.lengths


def test_segments_equal_those_read_by_whoosh(state: State) -> None:
    assert state.folder is not None
    deleted = 0
    for name, number in state.tables.items():
        found = segments_of(table_of(state, name), number)
        known = TOC.read(GenerationStorage(state.folder), name, gen=number).segments
        assert [_essence(one) for one in found] == [_essence(one) for one in known]
        assert len(found) > 1
        deleted += sum(len(one.deleted) for one in found)
    assert deleted


def test_foreign_table_is_refused(state: State) -> None:
    table, number = table_of(state, "documents"), state.tables["documents"]
    with pytest.raises(DamagedFile, match="another format"):
        segments_of(table, number + 1)
    for place in range(11):  # the sizes, the magic number and the version
        other = bytearray(table)
        other[place] ^= 1
        with pytest.raises(DamagedFile, match="another format"):
            segments_of(bytes(other), number)


def test_kinds_are_those_of_the_schema() -> None:
    for record in INDEX_NAMES:
        columns = {
            name: kind
            for name, field in schema(record).items()
            if (kind := getattr(getattr(field, "column_type", None), "kind", None))
        }
        assert column_kinds(record) == columns
