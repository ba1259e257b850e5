"""One size of the comparison: its documents, the archives that hold them, and the files of every other engine.

All of it stands in one folder, with the figures of what was built beside it, so that a run that was stopped goes on
where it was, and engines can be asked again without being filled again.
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
    """The environment in which workers find this package and this checkout's searchkit."""
    return {"PYTHONPATH": os.pathsep.join([str(SCRIPTS), str(SCRIPTS.parent)])}


@dataclass(frozen=True, kw_only=True)
class Stage:
    """`documents` documents in `folder`. `given` is an archive of them that is there already; with `before`, a
    smaller stage, its archive grows out of a copy of that one's."""

    folder: Path
    documents: int
    given: Path | None = None
    mixed: bool = False
    before: "Stage | None" = None

    def remembered(self, name: str, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """The figures of some work, which is done only when it was not done yet."""
        path = self.folder / "figures" / f"{name}.json"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(work()), encoding="utf-8")
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return found

    # --- documents ---------------------------------------------------------------------------------------------------

    def corpus(self) -> Path:
        """The documents as JSON Lines. Made with `extra`, some more of the same kind."""
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
        """Documents that are not among the others."""
        self.corpus()
        return self.folder / "extra.jsonl"

    def records(self) -> Path:
        """What other engines index, as JSON Lines; `statements.json` beside it."""
        path = self.folder / "records.jsonl"
        if not path.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            corpus.dump(self.archive("whoosh"), path, self.folder / "statements.json")
        return path

    def statements(self) -> Path:
        """A sample of the statements."""
        self.records()
        return self.folder / "statements.json"

    def questions(self, each: int) -> list[Question]:
        """What is asked, so many questions of each kind; a file of it stands beside the records."""
        survey = Survey.of(corpus.read(self.records()))
        newswire = corpus.NEWSWIRE / "queries.json"
        usual = newswire.exists() and not self.mixed
        found = listed(newswire, survey, each=each) if usual else chosen(survey, each=each)
        (self.folder / "questions.json").write_text(json.dumps([question.to_json() for question in found]))
        return found

    # --- what was built ----------------------------------------------------------------------------------------------

    def archive(self, engine: str) -> Path:
        """An archive of the documents on an engine; made by the command line, end to end."""
        if engine == "whoosh":
            self.end_to_end()
            return self.given or self.folder / "archive"
        folder = self.folder / f"archive-{engine}"

        def switch() -> dict[str, Any]:
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(self.archive("whoosh"), folder)
            one = ran([*SEARCHKIT, "--archive", folder, "rebuild", "--engine", engine], environment=python_path())
            return {"seconds": one.seconds, "cpu_seconds": one.cpu, "peak_mb": one.peak_mb}

        self.remembered(f"switch-{engine}", switch)
        return folder

    def end_to_end(self) -> dict[str, Any] | None:
        """`searchkit index` of the documents (of those that are new, when the archive grows): store, extraction and
        index; memory of all processes; then the same again, when nothing has changed. None when the archive was there
        already."""
        if self.given is not None:
            return None

        def index() -> dict[str, Any]:
            folder = self.folder / "archive"
            shutil.rmtree(folder, ignore_errors=True)
            documents = self.corpus()
            if self.before is not None:
                shutil.copytree(self.before.archive("whoosh"), folder)
                documents = self.folder / "rest.jsonl"
                first = self.before.documents
                corpus.copy_lines(self.corpus(), documents, first=first, count=self.documents - first)
            command: list[str | Path] = [*SEARCHKIT, "--archive", folder, "index", documents, "--json"]
            one = ran(command, environment=python_path())
            told = json.loads(one.output)
            again = ran(command, environment=python_path())
            return {
                "documents": told["added"],
                "seconds": one.seconds,
                "cpu_seconds": one.cpu,
                "per_second": told["added"] / one.seconds,
                "per_cpu_second": told["added"] / one.cpu,
                "peak_mb": one.peak_mb,
                "again_seconds": again.seconds,
            }

        return self.remembered("end-to-end", index)

    def index(self, key: str) -> dict[str, Any]:
        """The engine alone, given ready records: how fast, how large, how much memory."""
        entrant = ENTRANTS[key]
        source = self.archive("whoosh") if entrant.engine else self.records()

        def build() -> dict[str, Any]:
            folder = self.folder / key
            shutil.rmtree(folder, ignore_errors=True)
            built: dict[str, Any] = self.worker(key, "build", key, source, folder)
            return built

        return self.remembered(f"index-{key}", build)

    def worker(self, key: str, *arguments: str | Path) -> Any:
        """What a worker of this entrant prints."""
        return printed([python_of(key), "-m", "benchmark.worker", *arguments], environment=python_path())

    def files(self, key: str) -> Path:
        """The folder with which an entrant is opened; filled."""
        entrant = ENTRANTS[key]
        if entrant.engine:
            return self.archive(entrant.engine)
        self.index(entrant.shares or key)
        return self.folder / (entrant.shares or key)

    def open(self, keys: Sequence[str]) -> Mapping[str, Rival]:
        """Entrants, open for questions."""
        return {
            key: Remote(key, self.files(key)) if ENTRANTS[key].system else opened(key, self.files(key)) for key in keys
        }
