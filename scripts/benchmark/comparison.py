"""The whole comparison: every measure at every size, remembered while it runs."""

import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from benchmark import corpus
from benchmark.measures import adding, cold, pages, statements, warm
from benchmark.rivals import ENTRANTS, missing
from benchmark.stage import Stage
from searchkit.errors import SearchkitError

SCHEMA = "searchkit.bench/1"
MEASURES = ("index", "add", "cold", "warm", "facets", "statements", "memory", "pages")
# From this size on, one round of what copies an archive is enough.
_LARGE = 50_000
_PACKAGES = ("searchkit", "whoosh3", "numpy", "trafilatura", "PyStemmer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to compare: `sizes` in documents, engines by key (all by default), measures; with archives that are there
    already, and the folder for all that is built (None: for this run alone). `questions` of each kind are asked, in so
    many `rounds`."""

    sizes: tuple[int, ...]
    keys: tuple[str, ...] = tuple(ENTRANTS)
    measures: tuple[str, ...] = MEASURES
    archives: tuple[Path, ...] = ()
    keep: Path | None = None
    mixed: bool = False
    pages: int = 1_000
    grown: bool = False
    questions: int = 20
    rounds: int = 3


def compare(wanted: Wanted) -> dict[str, Any]:
    """The figures of everything wanted, as plain values."""
    figures: dict[str, Any] = {
        "schema": SCHEMA,
        "date": datetime.now(UTC).date().isoformat(),
        "machine": {"cores": os.cpu_count(), "system": platform.system(), "python": platform.python_version()},
        "versions": dict(_versions()),
        "corpus": "mixed from seeds" if wanted.mixed else "newswire",
        "left_out": [reason for key in wanted.keys if (reason := missing(key))],
        "stages": {},
    }
    for reason in figures["left_out"]:
        say(f"left out: {reason}")
    with _folder(wanted.keep) as folder:
        before = None
        given = {_documents(archive): archive for archive in wanted.archives}
        for documents in given.keys() - {*wanted.sizes}:
            raise SystemExit(f"{given[documents]} holds {documents:,} documents, which is none of the sizes.")
        for documents in sorted(wanted.sizes):
            stage = Stage(
                folder=folder / str(documents),
                documents=documents,
                given=given.get(documents),
                mixed=wanted.mixed,
                before=before if wanted.grown else None,
            )
            figures["stages"][str(documents)] = measure(stage, wanted, with_pages=documents == min(wanted.sizes))
            before = stage
    return figures


def measure(stage: Stage, wanted: Wanted, *, with_pages: bool) -> dict[str, Any]:
    """All measures of one size."""
    keys = [key for key in wanted.keys if not missing(key) and stage.documents <= ENTRANTS[key].most]
    asked = [key for key in keys if ENTRANTS[key].asked]
    own = [key for key in asked if not ENTRANTS[key].shares]
    found: dict[str, Any] = {}
    questions = stage.questions(wanted.questions)
    rounds = wanted.rounds
    if (end := stage.end_to_end()) is not None:
        found["end_to_end"] = end
    if "index" in wanted.measures:
        found["index"] = {}
        for key in keys:
            if not ENTRANTS[key].shares:
                say(f"{stage.documents:,}: indexing, {ENTRANTS[key].title}")
                found["index"][key] = stage.index(key)
    if "add" in wanted.measures:
        say(f"{stage.documents:,}: adding {corpus.EXTRA}")
        movable = [key for key in own if ENTRANTS[key].movable]
        found["add"] = adding.measure(stage, movable, rounds=1 if stage.documents >= _LARGE else rounds)
    if "cold" in wanted.measures:
        say(f"{stage.documents:,}: cold")
        found["cold"] = cold.measure(stage, own, rounds=5 * rounds)
    if {"warm", "facets", "statements"} & {*wanted.measures}:
        rivals = stage.open(asked)
        if "warm" in wanted.measures:
            say(f"{stage.documents:,}: queries", end=" ")
            _noted(found, "warm", lambda: warm.with_snippets(rivals, questions, rounds))
        if "facets" in wanted.measures:
            say(f"{stage.documents:,}: facets", end=" ")
            _noted(found, "facets", lambda: warm.with_facets(rivals, questions, rounds))
        if "statements" in wanted.measures:
            say(f"{stage.documents:,}: statements", end=" ")
            asked_for = statements.asked_of(stage.statements())
            _noted(found, "statements", lambda: statements.measure(rivals, asked_for, rounds))
        for rival in rivals.values():
            rival.close()
    if "memory" in wanted.measures:
        say(f"{stage.documents:,}: memory")
        asking = stage.folder / "questions.json"
        found["memory"] = {key: stage.worker(key, "ask", key, stage.files(key), asking) for key in own}
    if "pages" in wanted.measures and with_pages:
        say("pages")
        found["pages"] = pages.measure(wanted.pages, stage.corpus(), rounds=min(2, rounds))
    return found


def _noted(found: dict[str, Any], measure: str, work: Callable[[], dict[str, Any]]) -> None:
    """Keep the figures of a measure. One that an engine of ours cannot answer is told, and the rest goes on."""
    try:
        found[measure] = work()
    except SearchkitError as error:
        say(f"\n{measure} left out: {error}")


def say(words: str, *, end: str = "\n") -> None:
    """Tell whoever waits what is being done."""
    print(words, end=end, file=sys.stderr, flush=True)


def _documents(archive: Path) -> int:
    from searchkit.archive import Archive

    with Archive.open(archive) as opened:
        return opened.status().counts.documents


def _versions() -> Iterator[tuple[str, str]]:
    import sqlite3

    yield "sqlite", sqlite3.sqlite_version
    for name in _PACKAGES:
        try:
            yield name, metadata.version(name)
        except metadata.PackageNotFoundError:
            continue


@contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept.resolve()
        return
    with tempfile.TemporaryDirectory() as temporary:
        yield Path(temporary)
