"""Run one engine in a process of its own, to measure its memory and CPU time.

    python -m benchmark.worker build KEY SOURCE FOLDER          index all of SOURCE into a new FOLDER
    python -m benchmark.worker add KEY SOURCE FOLDER            add what SOURCE has to the index in FOLDER
    python -m benchmark.worker query KEY FOLDER QUESTIONS       answer all questions, with snippets and with facets
    python -m benchmark.worker cold KEY FOLDER QUESTION         answer one question
    python -m benchmark.worker serve KEY FOLDER                 answer questions from standard input, one per line

SOURCE is a file of records; for our own engine an archive. Prints figures as one line of JSON. Imports only what the
engine needs, because start-up is measured too.
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

_BATCH = 1_000  # records


def _batches(lines: Iterator[Any]) -> Iterator[list[Any]]:
    while batch := list(islice(lines, _BATCH)):
        yield batch


def megabytes(folder: Path) -> float:
    """Return the size of the files in a folder, each hard link once, without captures of web pages."""
    files = (path for path in folder.rglob("*") if path.is_file() and "captures" not in path.relative_to(folder).parts)
    found = {stat.st_ino: stat.st_size for path in files for stat in (path.stat(),)}
    return sum(found.values()) / 1e6


def _processor() -> float:
    """Return the CPU seconds of this process and its children."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


class _Clock:
    """Measures the time of indexing without the reading of records. Work of other threads always counts."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), _processor()

    def without(self, batches: Iterator[list[Any]]) -> Iterator[list[Any]]:
        """Yield the batches, without counting the time they take to arrive."""
        while True:
            wall, cpu = time.perf_counter(), time.thread_time()
            batch = next(batches, None)
            self._wall += time.perf_counter() - wall
            self._cpu += time.thread_time() - cpu
            if batch is None:
                return
            yield batch

    def figures(self, documents: int, folder: Path) -> dict[str, Any]:
        """Return the figures so far."""
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
    """Index a source and return figures. Our index is written in batches through IndexSync, as in archives."""
    entrant = ENTRANTS[key]
    done = 0
    if entrant.engine:
        from benchmark.corpus import documents_of
        from searchkit.archive.index_sync import IndexSync
        from searchkit.index.base import open_index
        from searchkit.statements.document import LogPosition

        clock = _Clock()
        index = open_index(f"{entrant.engine}:", folder)
        with IndexSync(index) as sync:
            for documents in clock.without(_batches(documents_of(source))):
                done += len(documents)
                sync.put(documents, LogPosition(done))
            sync.commit()
        figures = clock.figures(done, folder)
        index.close()
        return figures | {"mb": megabytes(folder)}
    clock = _Clock()
    rival = opened(key, folder)
    with source.open(encoding="utf-8") as lines:
        for records in clock.without(_batches(map(json.loads, lines))):
            rival.add(records)
            done += len(records)
    rival.commit()
    figures = clock.figures(done, folder)
    rival.close()
    return figures | {"mb": megabytes(folder)}


def add(key: str, source: Path, folder: Path, *, after: int = 0) -> dict[str, Any]:
    """Add to an existing index: open, put, commit. From an archive, add the changes after number `after`."""
    entrant = ENTRANTS[key]
    if entrant.engine:
        from benchmark.corpus import documents_of
        from searchkit.index.base import open_index

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


def query(key: str, folder: Path, questions: Path) -> dict[str, Any]:
    """Answer questions and return the memory used."""
    entrant = ENTRANTS[key]
    rival = opened(key, folder)
    for number, written in enumerate(json.loads(questions.read_text(encoding="utf-8"))):
        question = Question.from_json(written)
        if question.kind in entrant.lacks:
            continue
        rival.find(question)
        if entrant.counts and not (entrant.slow and number % 20):
            rival.count(question)
    peak = own_peak()
    rival.close()
    return peak


def serve(key: str, folder: Path) -> None:
    """Answer questions from standard input: `["find" or "count", question]` per line."""
    rival = opened(key, folder)
    for line in sys.stdin:
        what, written = json.loads(line)
        question = Question.from_json(written)
        given, wall, cpu = timed(partial(getattr(rival, what), question))
        answer = {"total": given.total, "ids": given.ids, "took": [wall, cpu]}
        answer |= {"snippets": given.snippets} if what == "find" else {"facets": given.facets}
        print(json.dumps(answer), flush=True)
    rival.close()


def main(arguments: list[str]) -> None:
    """Run the command in the arguments."""
    what, key, *rest = arguments
    match what:
        case "build":
            print(json.dumps(build(key, Path(rest[0]), Path(rest[1]))))
        case "add":
            print(json.dumps(add(key, Path(rest[0]), Path(rest[1]), after=int(rest[2]) if rest[2:] else 0)))
        case "query":
            print(json.dumps(query(key, Path(rest[0]), Path(rest[1]))))
        case "cold":
            rival = opened(key, Path(rest[0]))
            print(rival.find(Question.from_json(json.loads(rest[1]))).total)
        case "serve":
            serve(key, Path(rest[0]))
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
