"""One size of the comparison: its documents, its archive, and the files of every other engine.

Everything is in one folder together with its figures, so that an interrupted run can continue.
"""

import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmark import corpus
from benchmark.questions import Question, Survey, chosen, listed
from benchmark.rivals import ENTRANTS, opened, python_of
from benchmark.rivals.base import Rival
from benchmark.rivals.remote import Remote
from benchmark.timing import printed, ran

SEARCHKIT = [sys.executable, "-m", "searchkit"]
SCRIPTS = Path(__file__).resolve().parents[1]


def python_path() -> dict[str, str]:
    """Return the environment in which workers find this package and this checkout."""
    return {"PYTHONPATH": os.pathsep.join([str(SCRIPTS), str(SCRIPTS.parent)])}


@dataclass(frozen=True, kw_only=True)
class Stage:
    """`documents` documents in `folder`. `given` is an existing archive of them. With `before`, a smaller stage, the
    archive grows from a copy of that stage's archive."""

    folder: Path
    documents: int
    given: Path | None = None
    mixed: bool = False
    before: "Stage | None" = None

    def cached(self, name: str, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Return the figures of some work, from an earlier run if possible."""
        path = self.folder / "figures" / f"{name}.json"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(work()), encoding="utf-8")
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return found

    def corpus(self) -> Path:
        """Return the documents as JSON Lines; also creates `extra`."""
        path = self.folder / "documents.jsonl"
        if not path.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            whole = self.folder / "corpus.jsonl"
            corpus.make(whole, self.documents + corpus.EXTRA, mixed=self.mixed)
            corpus.copy_lines(whole, self.folder / "extra.jsonl", first=self.documents, count=corpus.EXTRA)
            corpus.copy_lines(whole, path, first=0, count=self.documents)
            whole.unlink()
        return path

    def extra(self) -> Path:
        """Return a file of additional documents."""
        self.corpus()
        return self.folder / "extra.jsonl"

    def records(self) -> Path:
        """Return the records that other engines index, as JSON Lines; also creates `statements.json`."""
        path = self.folder / "records.jsonl"
        if not path.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            corpus.dump(self.archive(), path, self.folder / "statements.json")
        return path

    def statements(self) -> Path:
        """Return a file with a sample of the statements."""
        self.records()
        return self.folder / "statements.json"

    def questions(self, each: int) -> list[Question]:
        """Return the questions, `each` per kind, and write them to questions.json."""
        survey = Survey.of(corpus.read(self.records()))
        newswire = corpus.NEWSWIRE / "queries.json"
        usual = newswire.exists() and not self.mixed
        found = listed(newswire, survey, each=each) if usual else chosen(survey, each=each)
        (self.folder / "questions.json").write_text(json.dumps([question.to_json() for question in found]))
        return found

    def archive(self) -> Path:
        """Return the archive of the documents, made with the command line."""
        self.end_to_end()
        return self.given or self.folder / "archive"

    def end_to_end(self) -> dict[str, Any] | None:
        """Run `searchkit index` on the (new) documents, and again without changes; None for a given archive."""
        if self.given is not None:
            return None

        def index() -> dict[str, Any]:
            folder = self.folder / "archive"
            shutil.rmtree(folder, ignore_errors=True)
            documents = self.corpus()
            if self.before is not None:
                shutil.copytree(self.before.archive(), folder)
                documents = self.folder / "rest.jsonl"
                first = self.before.documents
                corpus.copy_lines(self.corpus(), documents, first=first, count=self.documents - first)
            command: list[str | Path] = [*SEARCHKIT, "--archive", folder, "index", documents, "--json"]
            run = ran(command, environment=python_path())
            summary = json.loads(run.output)
            again = ran(command, environment=python_path())
            return {
                "documents": summary["added"],
                "seconds": run.seconds,
                "cpu_seconds": run.cpu,
                "per_second": summary["added"] / run.seconds,
                "per_cpu_second": summary["added"] / run.cpu,
                "peak_mb": run.peak_mb,
                "again_seconds": again.seconds,
            }

        return self.cached("end-to-end", index)

    def index(self, key: str) -> dict[str, Any]:
        """Measure the engine alone on finished records: speed, size, memory."""
        entrant = ENTRANTS[key]
        source = self.archive() if entrant.engine else self.records()

        def build() -> dict[str, Any]:
            folder = self.folder / key
            shutil.rmtree(folder, ignore_errors=True)
            built: dict[str, Any] = self.worker(key, "build", key, source, folder)
            return built

        return self.cached(f"index-{key}", build)

    def worker(self, key: str, *arguments: str | Path) -> Any:
        """Return what a worker of this entrant prints."""
        return printed([python_of(key), "-m", "benchmark.worker", *arguments], environment=python_path())

    def files(self, key: str) -> Path:
        """Return the filled folder of an entrant."""
        entrant = ENTRANTS[key]
        if entrant.engine:
            return self.archive()
        self.index(entrant.shares or key)
        return self.folder / (entrant.shares or key)

    def open(self, keys: Sequence[str]) -> Mapping[str, Rival]:
        """Open entrants for questions."""
        return {
            key: Remote(key, self.files(key)) if ENTRANTS[key].system else opened(key, self.files(key)) for key in keys
        }
