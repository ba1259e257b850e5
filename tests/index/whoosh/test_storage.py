"""Test damage, foreign pickles and full disks."""

import errno
import pickle
from pathlib import Path
from typing import Any

import pytest
from whoosh.filedb.structfile import StructFile
from whoosh.index import TOC

from searchkit.errors import ArchiveError, NewerArchive, StorageFull
from searchkit.index.base import SearchRequest
from searchkit.index.generations import CURRENT, DamagedFile, NewGeneration
from searchkit.index.whoosh.codec import GenerationStorage
from searchkit.index.whoosh.columns import column_kinds
from searchkit.index.whoosh.fields import schema
from searchkit.index.whoosh.searcher import WhooshIndex
from searchkit.index.whoosh.segment_file import SectionFile, SectionWriter
from searchkit.index.whoosh.segments import ArraySegment
from searchkit.index.whoosh.storage import (
    INDEX_NAMES,
    State,
    publish,
    read_state,
    reported,
    segments_of,
    table_name,
    table_of,
)
from searchkit.query import ast
from tests.index.records import SCENARIOS, documents, fill

EVERYTHING = SearchRequest(query=ast.All())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    index = WhooshIndex(tmp_path / "index")
    fill(index, *documents(SCENARIOS / "statements"), sequence=1)
    fill(index, documents(SCENARIOS / "statements")[0], sequence=2)
    return tmp_path / "index"


def test_truncated_and_missing_files(folder: Path) -> None:
    generation = read_state(folder).folder
    assert generation is not None
    for path in (folder / CURRENT, *generation.iterdir()):
        complete = path.read_bytes()
        for length in (0, 1, len(complete) // 2, len(complete) - 1, None):
            if length is not None:
                path.write_bytes(complete[:length])
            elif path.name == CURRENT:  # without it nothing was ever committed
                continue
            else:
                path.unlink()
            with pytest.raises(ArchiveError) as caught:
                WhooshIndex(folder).search(EVERYTHING)
            assert caught.value.hint == "Run `searchkit rebuild`."
            with pytest.raises(ArchiveError):
                fill(WhooshIndex(folder), *documents(SCENARIOS / "languages"))
        path.write_bytes(complete)
    assert WhooshIndex(folder).search(EVERYTHING).total == 4


class _Mine:
    """Leaves a mark when unpickled by somebody careless."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.mark,))


def test_foreign_table_of_contents_runs_no_code(folder: Path, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    state = read_state(folder)
    assert state.folder is not None
    number = state.tables["documents"]
    segments = TOC.read(GenerationStorage(state.folder), "documents", gen=number).segments
    with NewGeneration(folder, state.folder) as generation:
        TOC(schema("document"), [*segments, _Mine(mark)], number + 1).write(
            GenerationStorage(generation.path), "documents"
        )
        assert (generation.path / table_name("documents", number + 1)).exists()
        publish(generation, 2, {**state.tables, "documents": number + 1})
    with pytest.raises(ArchiveError, match="not allowed in an index"):
        WhooshIndex(folder).search(EVERYTHING)
    with pytest.raises(ArchiveError):
        fill(WhooshIndex(folder), *documents(SCENARIOS / "languages"))
    assert not mark.exists()
    assert pickle.loads(pickle.dumps(_Mine(mark))) is None  # noqa: S301  shows that the mine is sharp
    assert mark.exists()


def test_tables_are_read_by_the_allow_list_only(tmp_path: Path) -> None:
    (tmp_path / "table").write_bytes(pickle.dumps({"name": frozenset({1}), "path": Path()}))
    file: StructFile = GenerationStorage(tmp_path).open_file("table")
    with pytest.raises(pickle.UnpicklingError):
        file.read_pickle()


def test_full_disk_and_forbidden_folder(tmp_path: Path) -> None:
    with pytest.raises(StorageFull), reported(tmp_path):
        raise OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(ArchiveError, match="cannot be used"), reported(tmp_path):
        raise PermissionError(errno.EACCES, "Permission denied")


def test_abandoned_file_is_damaged(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), SectionWriter(tmp_path / "file") as out:
        out.add("one", b"abc" * 100)
        raise RuntimeError
    with pytest.raises(DamagedFile):
        SectionFile(tmp_path / "file")


def test_older_versions_are_ignored_and_newer_ones_refused(tmp_path: Path) -> None:
    with NewGeneration(tmp_path, None) as generation:
        generation.publish(applied=3, versions={"format": 0}, engine={"shards": []})
    assert read_state(tmp_path).applied == 0
    with NewGeneration(tmp_path, None) as generation:
        generation.publish(applied=3, versions={"format": 99}, engine={"shards": []})
    with pytest.raises(NewerArchive, match="has format version 99; this searchkit supports up to"):
        read_state(tmp_path)


# --- tables of contents -----------------------------------------------------------------------------------------------


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
