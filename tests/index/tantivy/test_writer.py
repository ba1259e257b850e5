"""Batches that are cut short: by a kill, and by a disk that is full."""

import json
import subprocess
import sys
import time
from pathlib import Path

from searchkit.index import generations
from searchkit.index.base import SearchRequest
from searchkit.index.tantivy.searcher import TantivyIndex
from searchkit.query import ast
from tests.index.records import document, fill

EVERYTHING = SearchRequest(query=ast.All())
# Batch after batch of ten documents; each line tells of one that is committed.
_WRITES = """
import sys
from pathlib import Path
from searchkit.index.tantivy.searcher import TantivyIndex
from tests.index.records import document, fill
index = TantivyIndex(Path(sys.argv[1]))
for number in range(1, 1000):
    made = [document({"id": f"d{number}-{k}", "text": "ferry " * 50}) for k in range(10)]
    fill(index, *made, sequence=number)
    print(number, flush=True)
"""
# The same with files of at most so many bytes; the error is told, and what the index is then.
_FILLS = """
import resource, sys
from pathlib import Path
from searchkit.errors import StorageFull
from searchkit.index.tantivy.searcher import TantivyIndex
from tests.index.records import document, fill
index = TantivyIndex(Path(sys.argv[1]))
fill(index, document({"id": "first", "text": "quay"}), sequence=1)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    fill(index, *[document({"id": f"d{k}", "text": " ".join(f"w{k}x{n}" for n in range(50))}) for k in range(400)],
         sequence=2)
except StorageFull as error:
    print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(index.applied, index.counts()["document"])
fill(index, document({"id": "last", "text": "quay"}), sequence=3)
print(index.applied, index.counts()["document"])
"""


def test_a_kill_leaves_the_last_batch_that_was_committed(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    for kill in range(3):
        with subprocess.Popen([sys.executable, "-c", _WRITES, folder], stdout=subprocess.PIPE, text=True) as running:
            assert running.stdout is not None
            told = int(running.stdout.readline())
            time.sleep(0.02 * kill)  # into some step of the next batch, whichever that is
            running.kill()
            rest = running.stdout.read().split()
        told = int(rest[-1]) if rest else told
        index = TantivyIndex(folder)
        index.verify()
        # The batch after the last one told may be whole as well.
        assert index.applied in {told, told + 1}
        known = max(index.applied, 1)
        assert index.search(EVERYTHING).total >= known * 10
        fill(index, document({"id": "more", "text": "ferry"}), sequence=index.applied)
        assert not list(folder.glob("*.tmp"))
        index.close()


def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    for number, limit in enumerate((100, 4_000, 30_000)):
        folder = tmp_path / str(number)
        done = subprocess.run(
            [sys.executable, "-c", _FILLS, folder, str(limit)], capture_output=True, text=True, check=True
        )
        told, after, then = done.stdout.splitlines()
        assert told == f"No space is left for {folder}. Free some and try again."
        assert (after, then) == ("1 1", "3 2")


def test_a_batch_adds_files_and_keeps_those_there(tmp_path: Path) -> None:
    index = TantivyIndex(tmp_path / "index")
    fill(index, document({"id": "a", "text": "ferry"}), sequence=1)
    first = generations.current(index.folder)
    fill(index, document({"id": "b", "text": "quay"}), sequence=2)
    second = generations.current(index.folder)
    assert first is not None
    assert second is not None
    shared = [path.name for path in first.rglob("*.idx") if (second / path.relative_to(first)).exists()]
    assert shared
    assert all((second / "documents" / name).stat().st_nlink == 2 for name in shared if "documents" in name)
    assert {path.stat().st_mode & 0o077 for path in second.rglob("*")} == {0}


def test_one_document_put_several_times_in_one_batch_and_the_next_stands_there_once(tmp_path: Path) -> None:
    index = TantivyIndex(tmp_path / "index")
    said = [{"words": "We sail", "speaker": "Ana Korbel"}]
    names = [{"surface": "Ana Korbel", "name": "Ana Korbel", "kind": "person"}]
    for sequence in (1, 2):
        again = [
            document({"id": "d", "text": f"We sail at {k}, said Ana Korbel.", "names": names, "quotes": said})
            for k in range(3)
        ]
        fill(index, *again, document({"id": "e", "text": "quay"}), sequence=sequence)
        assert index.counts() == {"document": 2, "quote": 1}
    with index.writer() as writer:
        writer.delete(["d", "nobody"])
        writer.commit(3)
    assert index.counts() == {"document": 1, "quote": 0}


def test_what_was_merged_leaves_no_files(tmp_path: Path) -> None:
    index = TantivyIndex(tmp_path / "index")
    for sequence in range(1, 12):
        fill(index, document({"id": f"d{sequence}", "text": "quay"}), sequence=sequence)
        (generation,) = generations.kept(index.folder)[:1]
        segments = json.loads((generation / "documents" / "meta.json").read_text())["segments"]
        assert len([*(generation / "documents").glob("*.store")]) == len(segments) < 9
