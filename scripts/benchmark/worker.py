"""One engine alone in a process, so that its memory and its threads are its own.

    python -m benchmark.worker build KEY SOURCE FOLDER          index all of SOURCE into a new FOLDER
    python -m benchmark.worker add KEY SOURCE FOLDER            add what SOURCE has to the index in FOLDER
    python -m benchmark.worker ask KEY FOLDER QUESTIONS         answer all questions, with snippets and with facets
    python -m benchmark.worker cold KEY FOLDER QUESTION         answer one
    python -m benchmark.worker serve KEY FOLDER                 answer questions that come in, line by line

SOURCE is a file of records; for our own engines an archive. Prints figures as one line of JSON. Imports nothing that
the engine does not need: a start is measured as well.
"""

import json
import resource
import sys
import time
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from benchmark.questions import Question
from benchmark.rivals import ENTRANTS, opened
from benchmark.timing import own_peak, timed

# Records are read so many at a time, outside of what is timed.
_AT_ONCE = 1_000


def _batches(lines: Iterator[Any]) -> Iterator[list[Any]]:
    while batch := list(islice(lines, _AT_ONCE)):
        yield batch


def megabytes(folder: Path) -> float:
    """What the files of a folder take; one that has several names is counted once."""
    found = {stat.st_ino: stat.st_size for path in folder.rglob("*") if path.is_file() for stat in (path.stat(),)}
    return sum(found.values()) / 1e6


def _processor() -> float:
    """Seconds of the processor that this process and those it has started took."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


class _Clock:
    """Counts the time of indexing, not that of reading records. What other threads do meanwhile counts always."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), _processor()

    def without(self, batches: Iterator[list[Any]]) -> Iterator[list[Any]]:
        """The batches; the time they take to come is left out."""
        while True:
            wall, cpu = time.perf_counter(), time.thread_time()
            batch = next(batches, None)
            self._wall += time.perf_counter() - wall
            self._cpu += time.thread_time() - cpu
            if batch is None:
                return
            yield batch

    def told(self, documents: int, folder: Path) -> dict[str, Any]:
        """The figures so far."""
        seconds, cpu = time.perf_counter() - self._wall, _processor() - self._cpu
        return {
            "documents": documents,
            "seconds": seconds,
            "cpu_seconds": cpu,
            "per_second": documents / seconds,
            "per_cpu_second": documents / cpu,
            "mb": megabytes(folder),
            "peak_mb": own_peak()["peak_mb"],
        }


def build(key: str, source: Path, folder: Path) -> dict[str, Any]:
    """Index a source; figures. Ours is written as archives write it: in batches, through an IndexSync."""
    entrant = ENTRANTS[key]
    done = 0
    if entrant.engine:
        from benchmark.corpus import documents_of
        from searchkit.archive.index_sync import IndexSync
        from searchkit.index import open_index

        clock = _Clock()
        index = open_index(f"{entrant.engine}:", folder)
        with IndexSync(index) as sync:
            for documents in clock.without(_batches(documents_of(source))):
                done += len(documents)
                sync.put(documents, done)
            sync.commit()
        told = clock.told(done, folder)
        index.close()
        return told | {"mb": megabytes(folder)}
    clock = _Clock()
    rival = opened(key, folder)
    with source.open(encoding="utf-8") as lines:
        for records in clock.without(_batches(map(json.loads, lines))):
            rival.add(records)
            done += len(records)
    rival.commit()
    told = clock.told(done, folder)
    rival.close()
    return told | {"mb": megabytes(folder)}


def add(key: str, source: Path, folder: Path, *, after: int = 0) -> dict[str, Any]:
    """Add to an index that is there: open, put, commit. Of an archive, what came after change number `after`."""
    entrant = ENTRANTS[key]
    if entrant.engine:
        from benchmark.corpus import documents_of
        from searchkit.index import open_index

        documents = list(documents_of(source, after=after))

        def put() -> None:
            index = open_index(f"{entrant.engine}:", folder)
            with index.writer() as writer:
                writer.put(documents)
                writer.commit(after + len(documents))
            index.close()
    else:
        with source.open(encoding="utf-8") as lines:
            documents = [json.loads(line) for line in lines]

        def put() -> None:
            rival = opened(key, folder)
            rival.add(documents)
            rival.commit()
            rival.close()

    _, wall, cpu = timed(put)
    return {"documents": len(documents), "ms": wall, "cpu_ms": cpu}


def ask(key: str, folder: Path, questions: Path) -> dict[str, Any]:
    """Answer questions, and tell the memory that it took."""
    entrant = ENTRANTS[key]
    rival = opened(key, folder)
    for number, written in enumerate(json.loads(questions.read_text(encoding="utf-8"))):
        question = Question.from_json(written)
        if question.kind in entrant.lacks:
            continue
        rival.find(question)
        if entrant.counts and not (entrant.slow and number % 20):
            rival.count(question)
    told = own_peak()
    rival.close()
    return told


def serve(key: str, folder: Path) -> None:
    """Answer what comes in: `["find" or "count", question]` a line."""
    rival = opened(key, folder)
    for line in sys.stdin:
        what, written = json.loads(line)
        question = Question.from_json(written)
        given, wall, cpu = timed(partial(getattr(rival, what), question))
        told = {"total": given.total, "ids": given.ids, "took": [wall, cpu]}
        told |= {"snippets": given.snippets} if what == "find" else {"facets": given.facets}
        print(json.dumps(told), flush=True)
    rival.close()


def main(arguments: list[str]) -> None:
    """Do what the arguments say."""
    what, key, *rest = arguments
    match what:
        case "build":
            print(json.dumps(build(key, Path(rest[0]), Path(rest[1]))))
        case "add":
            print(json.dumps(add(key, Path(rest[0]), Path(rest[1]), after=int(rest[2]) if rest[2:] else 0)))
        case "ask":
            print(json.dumps(ask(key, Path(rest[0]), Path(rest[1]))))
        case "cold":
            rival = opened(key, Path(rest[0]))
            print(rival.find(Question.from_json(json.loads(rest[1]))).total)
        case "serve":
            serve(key, Path(rest[0]))
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
