"""A second writer learns who holds the lock; readers next to a writer never see an error."""

import json
import random
import subprocess
import sys
from pathlib import Path
from threading import Event, Thread

from searchkit.archive import Archive
from searchkit.archive.indexing import Indexing
from searchkit.index.whoosh.searcher import WhooshIndex
from tests.cli.harbor import archive_of_the_harbor
from tests.faults.commands import EVERYTHING, ROOT, Report, command
from tests.index.records import fill
from tests.index.whoosh.test_writer import numbered

# Reads an index again and again until its standard input ends; prints how often.
READER = """
import sys, select
from pathlib import Path
from searchkit.index.whoosh.searcher import WhooshIndex
from tests.faults.commands import EVERYTHING
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


def python(code: str, *arguments: str) -> subprocess.Popen[str]:
    """Start a Python process that can import tests; wait for its first line."""
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", code, *arguments]
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, cwd=ROOT)
    assert process.stdout is not None
    process.stdout.readline()
    return process


def swaps(folder: Path, count: int, readers: int) -> Report:
    """Swap the generation of an index `count` times next to processes that read it. Each state has the documents 0 to
    n, so that a mixture of two would show."""
    index = WhooshIndex(folder)
    fill(index, numbered(0), sequence=1)
    processes = [python(READER, str(folder)) for _ in range(readers)]
    size = 1
    for number in range(1, count + 1):
        with index.writer() as writer:
            if size < 12:
                writer.put([numbered(size)])
                size += 1
            else:
                writer.delete(f"n{place:04}" for place in range(4, size))
                size = 4
            writer.commit(number + 1)
    index.close()
    report = Report()
    for process in processes:
        output, errors = process.communicate("\n")
        report.seen["reads"] += int(output or 0)
        report.wrong += [errors[-300:]] if errors else []
    return report


def test_readers_during_swaps(tmp_path: Path) -> None:
    report = swaps(tmp_path / "index", 60, 1)
    assert report.wrong == []
    assert report.seen["reads"] > 10


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
                Indexing(writer).rebuild()
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
    with python(holds, str(folder)) as first:
        words = (["index", str(tmp_path / "a.txt")], ["rebuild"], ["index", "--prune", str(tmp_path)])
        code, output, message = command("--archive", str(folder), *random.choice(words))
        assert (code, output) == (75, "")
        assert f"process {first.pid} on " in message
        assert command("--archive", str(folder), "query", "cranes", "--json")[0] == 0  # readers need no lock
        first.kill()
    # The lock died with its holder, though the file still names it.
    assert json.loads((folder / "lock").read_text())["pid"] == first.pid
    assert command("--archive", str(folder), "index", "-q", str(tmp_path / "a.txt"))[0] == 0
