"""Test damage and full disks."""

import errno
from pathlib import Path

import pytest

from searchkit.errors import ArchiveError, DamagedIndex, NewerArchive, StorageFull
from searchkit.index.base import SearchRequest
from searchkit.index.generations import CURRENT, DamagedFile, NewGeneration
from searchkit.index.whoosh.columns import column_kinds
from searchkit.index.whoosh.fields import schema
from searchkit.index.whoosh.searcher import WhooshIndex
from searchkit.index.whoosh.segment_file import SectionFile, SectionWriter
from searchkit.index.whoosh.segments import INDEX_NAMES, read_state, reported
from searchkit.query import ast
from searchkit.statements.document import BEGINNING
from tests.index.records import SCENARIOS, document, documents, fill, verify
from tests.samples import present

EVERYTHING = SearchRequest(query=ast.All())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    index = WhooshIndex(tmp_path / "index")
    fill(index, *documents(SCENARIOS / "statements"), sequence=1)
    fill(index, documents(SCENARIOS / "statements")[0], sequence=2)
    return tmp_path / "index"


def test_truncated_and_missing_files(folder: Path) -> None:
    generation = present(read_state(folder).folder)
    for path in (folder / CURRENT, *generation.glob("*.arrays"), *generation.glob("*.json")):
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


def test_tables_of_contents_are_not_read(folder: Path) -> None:
    """They are pickles, which may run code; only other programs read them."""
    generation = present(read_state(folder).folder)
    for path in generation.glob("*.toc"):
        path.write_bytes(b"")
    assert WhooshIndex(folder).search(EVERYTHING).total == 4
    fill(WhooshIndex(folder), documents(SCENARIOS / "statements")[0], sequence=3)
    verify(folder)


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
    assert read_state(tmp_path).position == BEGINNING
    with NewGeneration(tmp_path, None) as generation:
        generation.publish(applied=3, versions={"format": 99}, engine={"shards": []})
    with pytest.raises(NewerArchive, match="has format version 99; this searchkit supports up to"):
        read_state(tmp_path)


def test_kinds_are_those_of_the_schema() -> None:
    for record in INDEX_NAMES:
        columns = {
            name: kind
            for name, field in schema(record).items()
            if (kind := getattr(getattr(field, "column_type", None), "kind", None))
        }
        assert column_kinds(record) == columns


@pytest.mark.parametrize("kind", sorted(INDEX_NAMES.values()))
def test_a_corrupt_segment_is_not_merged(tmp_path: Path, kind: str) -> None:
    """The merged segment would get a valid checksum."""
    fill(WhooshIndex(tmp_path), *documents(SCENARIOS / "statements"), sequence=1)
    fill(WhooshIndex(tmp_path), document({"id": "w", "text": "Wexel.", "quotes": [{"words": "Wexel"}]}), sequence=2)
    generation = present(read_state(tmp_path).folder)
    path, _ = sorted(generation.glob(f"{kind}_*.arrays"))
    body = bytearray(path.read_bytes())
    body[20] ^= 1
    path.chmod(0o600)
    path.write_bytes(body)
    with pytest.raises(DamagedIndex, match=rf"{path.name} is corrupt \(checksum mismatch\)"):
        WhooshIndex(tmp_path).optimize()
    with pytest.raises(ArchiveError):
        verify(tmp_path)
