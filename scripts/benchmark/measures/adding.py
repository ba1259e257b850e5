"""Add 100 documents to an existing index: with the command line, and with the engine alone."""

import json
import shutil
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmark import corpus
from benchmark.rivals import ENTRANTS
from benchmark.stage import SEARCHKIT, Stage, python_path
from benchmark.timing import ran


def measure(stage: Stage, keys: Sequence[str], *, rounds: int = 3) -> dict[str, Any]:
    """Return, by engine, `ms` and `cpu_ms` of the engine alone; for ours also `command_ms` and `command_cpu_ms`.

    These are medians of some rounds, each on a fresh copy.
    """
    found: dict[str, list[dict[str, float]]] = {key: [] for key in keys}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(dir=stage.folder) as temporary:
            folder = Path(temporary)
            records = folder / "records.jsonl"
            ours = [key for key in keys if ENTRANTS[key].engine]
            # Ours come first: the others get what ours extracts.
            for key in (*ours, *(key for key in keys if key not in ours)):
                this = _ours(stage, key, folder, records) if key in ours else _other(stage, key, folder, records)
                found[key].append(this)
                shutil.rmtree(folder / key, ignore_errors=True)
    return {
        key: {name: statistics.median(figures[name] for figures in all_) for name in all_[0]}
        for key, all_ in found.items()
    }


def _ours(stage: Stage, key: str, folder: Path, records: Path) -> dict[str, float]:
    engine = ENTRANTS[key].engine
    archive = folder / key
    shutil.copytree(stage.archive(), archive)
    before = _sequence(archive)
    command = ran([*SEARCHKIT, "--archive", archive, "index", stage.extra(), "--json"], environment=python_path())
    summary = json.loads(command.output)
    if summary["added"] != corpus.EXTRA:
        raise SystemExit(f"Only {summary['added']} of {corpus.EXTRA} new documents were added to {stage.archive()}.")
    with records.open("w", encoding="utf-8") as out:
        for document in corpus.documents_of(archive, after=before):
            out.write(json.dumps(corpus.record_of(document)) + "\n")
    shutil.rmtree(archive / engine)
    shutil.copytree(stage.archive() / engine, archive / engine)
    alone = stage.worker(key, "add", key, archive, archive / engine, str(before))
    return {
        "command_ms": command.seconds * 1000,
        "command_cpu_ms": command.cpu * 1000,
        "ms": alone["ms"],
        "cpu_ms": alone["cpu_ms"],
    }


def _other(stage: Stage, key: str, folder: Path, records: Path) -> dict[str, float]:
    shutil.copytree(stage.files(key), folder / key)
    alone = stage.worker(key, "add", key, records, folder / key)
    return {"ms": alone["ms"], "cpu_ms": alone["cpu_ms"]}


def _sequence(archive: Path) -> int:
    from searchkit.store.store import open_store

    store = open_store(archive / "store.sqlite", writable=False)
    sequence = store.sequence
    store.close()
    return sequence
