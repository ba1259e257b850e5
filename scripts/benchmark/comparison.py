"""The comparison: every measure at every size."""

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
from benchmark.worker import megabytes
from searchkit.errors import SearchkitError

SCHEMA = "searchkit.bench/1"
MEASURES = ("index", "add", "cold", "warm", "facets", "answers", "statements", "memory", "pages")
_LARGE = 50_000  # from this size on, measures that copy an archive run once
_PACKAGES = ("searchkit", "whoosh3", "numpy", "trafilatura", "PyStemmer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to compare: `sizes` in documents, engines by key, measures.

    `archives` already exist; `keep` is the folder for built indexes (None: temporary). `questions` is per kind.
    """

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


def compare(wanted: Plan) -> dict[str, Any]:
    """Return the figures of a plan as JSON values."""
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
            raise SystemExit(f"{given[documents]} holds {documents:,} documents, which is not one of the sizes.")
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


def measure(stage: Stage, wanted: Plan, *, with_pages: bool) -> dict[str, Any]:
    """Return all measures of one size."""
    keys = [key for key in wanted.keys if not missing(key) and stage.documents <= ENTRANTS[key].most]
    queried = [key for key in keys if ENTRANTS[key].queried]
    own = [key for key in queried if not ENTRANTS[key].shares]
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
    found["disk"] = {key: megabytes(stage.files(key)) * 1000 / stage.documents for key in own}
    if {"warm", "facets", "answers", "statements"} & {*wanted.measures}:
        rivals = stage.open(queried)
        if "warm" in wanted.measures:
            say(f"{stage.documents:,}: queries", end=" ")
            _measure_or_skip(found, "warm", lambda: warm.with_snippets(rivals, questions, rounds))
        if "facets" in wanted.measures:
            say(f"{stage.documents:,}: facets", end=" ")
            _measure_or_skip(found, "facets", lambda: warm.with_facets(rivals, questions, rounds))
        if "answers" in wanted.measures:
            say(f"{stage.documents:,}: complete answers", end=" ")
            _measure_or_skip(found, "answers", lambda: warm.with_both(rivals, questions, rounds))
        if "statements" in wanted.measures:
            say(f"{stage.documents:,}: statements", end=" ")
            queries = statements.choose_queries(stage.statements())
            _measure_or_skip(found, "statements", lambda: statements.measure(rivals, queries, rounds))
        for rival in rivals.values():
            rival.close()
    if "memory" in wanted.measures:
        say(f"{stage.documents:,}: memory")
        questions_file = stage.folder / "questions.json"
        found["memory"] = {key: stage.worker(key, "query", key, stage.files(key), questions_file) for key in own}
    if "pages" in wanted.measures and with_pages:
        say("pages")
        found["pages"] = pages.measure(wanted.pages, stage.corpus(), rounds=min(2, rounds))
    return found


def _measure_or_skip(found: dict[str, Any], measure: str, work: Callable[[], dict[str, Any]]) -> None:
    """Keep the figures of a measure, or report why our engine cannot answer it."""
    try:
        found[measure] = work()
    except SearchkitError as error:
        say(f"\n{measure} left out: {error}")


def say(words: str, *, end: str = "\n") -> None:
    """Print progress to stderr."""
    print(words, end=end, file=sys.stderr, flush=True)


def _documents(archive: Path) -> int:
    from searchkit.archive import Archive

    with Archive.open(archive) as opened:
        return opened.status().documents


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
