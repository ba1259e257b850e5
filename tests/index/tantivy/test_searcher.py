"""The index as a whole: damage, versions, and what is not installed."""

import json
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from searchkit.errors import ArchiveError, ArchiveLocked, NewerArchive
from searchkit.index import generations
from searchkit.index.base import SearchRequest
from searchkit.index.tantivy.searcher import TantivyIndex
from searchkit.query import ast
from tests.index.records import SCENARIOS, documents, fill

EVERYTHING = SearchRequest(query=ast.All())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    index = TantivyIndex(tmp_path / "index")
    given = documents(SCENARIOS / "statements")
    fill(index, *given[:2], sequence=1)
    fill(index, *given[2:], sequence=2)
    index.close()
    return tmp_path / "index"


def _segments(folder: Path) -> list[Path]:
    generation = generations.current(folder)
    assert generation is not None
    return sorted(path for path in generation.rglob("*.*") if path.suffix in {".idx", ".store", ".fast", ".term"})


def test_a_file_cut_short_is_reported_in_one_line(folder: Path) -> None:
    for path in _segments(folder)[:3]:
        data = path.read_bytes()
        path.chmod(0o600)
        path.write_bytes(data[: len(data) // 2])
        with pytest.raises(ArchiveError, match="is damaged") as caught:
            TantivyIndex(folder).search(EVERYTHING)
        assert "\n" not in caught.value.message
        path.write_bytes(data)


def test_a_missing_file_is_reported(folder: Path) -> None:
    _segments(folder)[0].unlink()
    with pytest.raises(ArchiveError, match="is missing"):
        TantivyIndex(folder).search(EVERYTHING)


def test_a_changed_file_is_found_by_a_full_check(folder: Path) -> None:
    path = _segments(folder)[-1]
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 4
    path.chmod(0o600)
    path.write_bytes(data)
    with pytest.raises(ArchiveError, match="is damaged"):
        TantivyIndex(folder).verify()


def _with_versions(folder: Path, **changed: object) -> None:
    generation = generations.current(folder)
    assert generation is not None
    _, _, content = (generation / generations.MANIFEST).read_bytes().partition(b"\n")
    manifest = json.loads(content)
    manifest["versions"].update(changed)
    content = json.dumps(manifest).encode()
    (generation / generations.MANIFEST).write_bytes(f"{zlib.crc32(content):08x}\n".encode() + content)


def test_an_index_of_another_version_is_as_if_there_were_none(folder: Path) -> None:
    _with_versions(folder, tantivy="tantivy v0.1.0")
    index = TantivyIndex(folder)
    assert index.applied == 0
    assert index.search(EVERYTHING).total == 0
    fill(index, *documents(SCENARIOS / "statements"), sequence=3)
    assert index.search(EVERYTHING).total == 4


def test_an_index_of_a_later_version_is_refused(folder: Path) -> None:
    _with_versions(folder, schema=10_000)
    with pytest.raises(NewerArchive):
        TantivyIndex(folder).search(EVERYTHING)


def test_a_reader_follows_and_an_older_answer_stays(folder: Path) -> None:
    reader, writer = TantivyIndex(folder), TantivyIndex(folder)
    assert reader.search(EVERYTHING).total == 4
    before = reader._current()
    with writer.writer() as batch:
        batch.delete(["b2"])
        batch.commit(3)
    assert before.rows["document"].count(before.rows["document"].has("body")) == 4
    assert reader.search(EVERYTHING).total == 3
    assert reader.applied == 3
    assert reader.expunge() is False


def test_a_second_writer_is_refused(folder: Path) -> None:
    one, other = TantivyIndex(folder), TantivyIndex(folder)
    with one.writer() as first, other.writer() as second:
        first.delete(["x"])
        with pytest.raises(ArchiveLocked):
            second.delete(["x"])


def test_a_closed_index_says_so(folder: Path) -> None:
    index = TantivyIndex(folder)
    index.close()
    with pytest.raises(ValueError, match="closed"):
        index.search(EVERYTHING)


def test_without_the_package_one_line_says_how_to_get_it(tmp_path: Path) -> None:
    program = (
        "import sys; sys.modules['tantivy'] = None\n"
        "from pathlib import Path\n"
        "from searchkit.errors import MissingExtra\n"
        "from searchkit.index import open_index\n"
        "try:\n    open_index('tantivy:', Path(sys.argv[1]))\n"
        "except MissingExtra as error:\n    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "index")], capture_output=True, text=True, check=True
    )
    assert done.stdout == (
        'The engine tantivy is not installed. Install it: pip install "searchkit[tantivy]". '
        "Without it: searchkit rebuild --engine whoosh\n"
    )
