"""Test damage, foreign pickles and full disks."""

import errno
import pickle
import random
from pathlib import Path
from typing import Any

import pytest
from whoosh.filedb.structfile import StructFile
from whoosh.index import TOC

from searchkit.errors import ArchiveError, NewerArchive, StorageFull
from searchkit.index.base import FacetRequest, SearchRequest, SearchResult
from searchkit.index.generations import CURRENT, DamagedFile, NewGeneration
from searchkit.index.whoosh.codec import GenerationStorage
from searchkit.index.whoosh.searcher import WhooshIndex
from searchkit.index.whoosh.segment_file import SectionFile, SectionWriter
from searchkit.index.whoosh.storage import publish, read_state, reported, table_name
from searchkit.query import ast
from tests.index.records import SCENARIOS, documents, fill, verify

QUESTIONS = [
    SearchRequest(query=query, record=record, facets=(FacetRequest(field="speaker"), FacetRequest(field="date")))
    for query in (
        ast.All(),
        ast.Term(text="standard"),
        ast.Phrase(text="double standard"),
        ast.Field(name="speaker", value=ast.Equals(text="nadia korbel")),
        ast.Exact(text="double standard"),
    )
    for record in ("document", "quote")
]


def _answers(folder: Path) -> list[tuple[Any, ...]]:
    def essence(result: SearchResult) -> tuple[Any, ...]:
        return result.hits, result.total, result.facets

    index = WhooshIndex(folder)
    return [(index.applied, index.counts()), *(essence(index.search(question)) for question in QUESTIONS)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    index = WhooshIndex(tmp_path / "index")
    fill(index, *documents(SCENARIOS / "statements"), sequence=1)
    fill(index, documents(SCENARIOS / "statements")[0], sequence=2)
    return tmp_path / "index"


def _kept(folder: Path) -> list[Path]:
    """Every file that an answer can come from: not those of the generation before."""
    generation = read_state(folder).folder
    assert generation is not None
    return sorted([folder / CURRENT, *generation.iterdir()])


def test_cut_files(folder: Path) -> None:
    for path in _kept(folder):
        whole = path.read_bytes()
        for length in (0, 1, len(whole) // 2, len(whole) - 1):
            path.write_bytes(whole[:length])
            with pytest.raises(ArchiveError) as caught:
                _answers(folder)
            assert caught.value.hint == "Run `searchkit rebuild`."
            with pytest.raises(ArchiveError):
                fill(WhooshIndex(folder), *documents(SCENARIOS / "languages"))
        path.write_bytes(whole)
    assert len(_answers(folder)) > 1


def test_missing_files(folder: Path) -> None:
    for path in _kept(folder):
        whole = path.read_bytes()
        path.unlink()
        if path.name == CURRENT:  # without it nothing was ever committed
            assert WhooshIndex(folder).applied == 0
        else:
            with pytest.raises(ArchiveError):
                _answers(folder)
        path.write_bytes(whole)


def test_flipped_bits(folder: Path) -> None:
    """An index that passes `verify` answers as before; another raises ArchiveError, then or when asked."""
    expected = _answers(folder)
    chance = random.Random(4)
    for path in _kept(folder):
        whole = path.read_bytes()
        for _ in range(40):
            place = chance.randrange(len(whole))
            flipped = whole[place] ^ (1 << chance.randrange(8))
            path.write_bytes(whole[:place] + bytes([flipped]) + whole[place + 1 :])
            try:
                verify(folder)
            except ArchiveError:
                pass
            else:
                assert _answers(folder) == expected, (path.name, place)
        path.write_bytes(whole)


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
        TOC(_schema(), [*segments, _Mine(mark)], number + 1).write(GenerationStorage(generation.path), "documents")
        assert (generation.path / table_name("documents", number + 1)).exists()
        publish(generation, 2, {**state.tables, "documents": number + 1})
    with pytest.raises(ArchiveError, match="not allowed in an index"):
        _answers(folder)
    with pytest.raises(ArchiveError):
        fill(WhooshIndex(folder), *documents(SCENARIOS / "languages"))
    assert not mark.exists()
    assert pickle.loads(pickle.dumps(_Mine(mark))) is None  # noqa: S301  shows that the mine is sharp
    assert mark.exists()


def _schema() -> Any:
    from searchkit.index.whoosh.fields import schema

    return schema("document")


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
    with pytest.raises(NewerArchive, match="has format version 99; this searchkit reads up to"):
        read_state(tmp_path)
