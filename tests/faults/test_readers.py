"""A second writer learns who holds the lock; readers next to a writer never see an error."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from threading import Event, Thread

import pytest

from searchkit.archive import Archive
from searchkit.index.base import SearchRequest
from searchkit.index.whoosh.searcher import WhooshIndex
from searchkit.query import ast
from tests.cli.harbor import archive_of_the_harbor
from tests.faults.flipping import command
from tests.faults.killing import ROOT
from tests.index.records import fill
from tests.index.whoosh.test_writer import numbered

pytestmark = pytest.mark.slow

EVERYTHING = SearchRequest(query=ast.All(), limit=1000, copies=True)
# Reads an index again and again until its standard input ends; says how often, and what went wrong.
READER = """
import sys, select
from pathlib import Path
from searchkit.index.whoosh.searcher import WhooshIndex
from tests.faults.test_readers import EVERYTHING
from tests.index.records import verify
index, reads = WhooshIndex(Path(sys.argv[1])), 0
print("ready", flush=True)
while not select.select([sys.stdin], [], [], 0)[0]:
    if reads % 3 == 2:
        index.close()
        index = WhooshIndex(Path(sys.argv[1]))
    if reads % 50 == 49:
        verify(Path(sys.argv[1]))
    found = {hit.id for hit in index.search(EVERYTHING).hits}
    assert found == {f"n{number:04}" for number in range(len(found))}, found
    reads += 1
print(reads)
"""


def swaps(folder: Path, count: int, readers: int) -> tuple[int, list[str]]:
    """Swap the generation of an index `count` times beside so many processes that read it; how many reads there were,
    and what went wrong. Each state has the documents 0 to n, so that a mixture of two would show."""
    index = WhooshIndex(folder)
    fill(index, numbered(0), sequence=1)
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", READER, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        for _ in range(readers)
    ]
    for process in processes:
        assert process.stdout is not None
        process.stdout.readline()
    here = {0}
    for number in range(1, count + 1):
        with index.writer() as writer:
            if len(here) < 12:
                here.add(len(here))
                writer.put([numbered(max(here))])
            else:
                writer.delete(f"n{one:04}" for one in here if one > 3)
                here = {0, 1, 2, 3}
            writer.commit(number + 1)
    index.close()
    reported = [process.communicate("\n") for process in processes]
    wrong = [complaint[-300:] for _, complaint in reported if complaint]
    return sum(int(out or 0) for out, _ in reported), wrong


def test_readers_during_swaps(tmp_path: Path) -> None:
    reads, wrong = swaps(tmp_path / "index", 60, 1)
    assert wrong == []
    assert reads > 10


def test_readers_of_an_archive_during_rebuilds(tmp_path: Path) -> None:
    """During a rebuild, queries are answered from the old or the new index."""
    folder = tmp_path / "archive"
    archive_of_the_harbor(folder).close()
    done, wrong, totals = Event(), list[str](), set[int]()

    def read() -> None:
        while not done.is_set():
            try:
                with Archive.open(folder) as archive:
                    totals.add(archive.search(EVERYTHING).total)
            except Exception as error:  # noqa: BLE001 - whatever it is, it should not be
                wrong.append(repr(error))

    reader = Thread(target=read)
    reader.start()
    try:
        with Archive.open(folder) as writer:
            for _ in range(12):
                writer.rebuild()
    finally:
        done.set()
        reader.join()
    assert wrong == []
    assert totals == {3}


def test_the_second_writer_learns_who_is_first(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    archive_of_the_harbor(folder).close()
    (tmp_path / "a.txt").write_text("The port of Velmar counted its crates again, which took the whole day.\n")
    holds = (
        "import sys; from pathlib import Path; from searchkit.store.lock import exclusive\n"
        "with exclusive(Path(sys.argv[1]) / 'lock'): print(flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holds, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as first:
        assert first.stdout is not None
        first.stdout.readline()
        words = (["index", str(tmp_path / "a.txt")], ["rebuild"], ["index", "--prune", str(tmp_path)])
        chosen = random.choice(words)
        code, out, complaint = command("--archive", str(folder), *chosen)
        assert (code, out) == (75, "")
        assert f"process {first.pid} on " in complaint
        assert command("--archive", str(folder), "query", "cranes", "--json")[0] == 0  # readers do not mind
        first.kill()
    # The lock died with its holder, though the file still names it.
    assert json.loads((folder / "lock").read_text())["pid"] == first.pid
    assert command("--archive", str(folder), "index", "-q", str(tmp_path / "a.txt"))[0] == 0
