"""What a writer (writer.py) has acknowledged, and whether an archive still has it.

Unacknowledged batches may be in the archive or not, but never in part.
"""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from msgspec import Struct, field

from searchkit.archive import Archive
from searchkit.document import document_id
from searchkit.errors import SearchkitError
from searchkit.index.base import SearchRequest
from searchkit.index.generations import CURRENT, kept
from searchkit.ingest import IngestOptions
from searchkit.query import ast
from searchkit.query.fields import Record
from tests.faults.writer import NOW, SLOTS, TOGETHER, address, resources, word
from tests.index.records import verify

_ALL = 100_000
# A slot that no writer uses: put by whoever checks, to see that the next writer needs no help.
_NEXT = SLOTS
_NEXT_VERSIONS = 1_000_000


class Model(Struct):
    """What must be in the archive, and what may be. `pages` are addresses in the order in which a feed lists them."""

    articles: Path
    pages: list[str] = field(default_factory=list)
    version: int = 1
    acknowledged: int = 0
    doing: str = "starting"
    _safe: dict[int, int] = field(default_factory=dict)
    _begun: dict[int, set[int]] = field(default_factory=dict)
    _files: dict[str, bool | None] = field(default_factory=dict)  # None: being taken in or removed
    _pages: int = 0
    _since: set[int] = field(default_factory=set)
    _wrong: list[str] = field(default_factory=list)
    _checks: int = 0

    def hear(self, lines: list[bytes]) -> None:
        """Take in whole lines of a writer."""
        for line in lines:
            match json.loads(line):
                case ["ready"]:
                    self.doing = "between"
                case ["begin", what, *about]:
                    self.doing = what
                    self._began(what, about)
                case ["done", what, *about]:
                    self.doing = "between"
                    self._did(what, about)
                case reported:
                    self._wrong.append(f"the writer said {reported}")

    def _began(self, what: str, about: list[object]) -> None:
        match what, about:
            case "put", [int(slot), int(version)]:
                self._begun.setdefault(slot, set()).add(version)
                self.version = max(self.version, version + 1)
            case "file", [str(name)]:
                self._files[name] = None
                self.version = max(self.version, int(Path(name).stem) + 1)
            case "drop", [str(name)]:
                self._files[name] = None

    def _did(self, what: str, about: list[object]) -> None:
        self.acknowledged += what in {"put", "file", "drop", "update"}
        match what, about:
            case "put", [int(slot), int(version)]:
                self._safe[slot] = version
                self._begun[slot] = {one for one in self._begun[slot] if one > version}
                self._since.add(slot)
            case ("file" | "drop") as which, [str(name)]:
                self._files[name] = which == "file"
            case "update", [int(pages)]:
                self._pages = pages

    def wrong(self, folder: Path, *, settle: bool = True) -> list[str]:
        """What is wrong with the archive in `folder`. With `settle`, it is written to as the next run would, and what
        was begun is from then on what it was found to be."""
        wrong, self._wrong = self._wrong, []
        if not folder.exists() or not (folder / "store.sqlite").exists():
            # Killed before there was anything.
            wrong += ["the archive is gone"] if self._safe or self._pages else []
            return wrong
        try:
            with Archive.create(folder) as archive:
                self._write_next(archive, folder, wrong)
                self._look(archive, wrong, settle=settle)
            wrong += _unsound(folder)
        except (SearchkitError, OSError) as error:
            wrong.append(f"{type(error).__name__}: {error}")
        self._since = set()
        return wrong

    def _write_next(self, archive: Archive, folder: Path, wrong: list[str]) -> None:
        """The next run: it finds the lock free, mends what is to be mended, and sweeps."""
        options = IngestOptions(workers=1, batch_size=TOGETHER)
        self._checks += 1
        found = resources(_NEXT, _NEXT_VERSIONS + self._checks)
        for _ in archive.ingest(found, options=options, now=NOW):
            pass
        notes = archive.catch_up()
        wrong += [f"note: {note}" for note in notes]
        status = archive.status()
        if status.applied != status.sequence:
            wrong.append(f"the index has {status.applied} of {status.sequence} changes")
        generations = {path.name for path in kept(folder / "whoosh")}
        left = {path.name for path in (folder / "whoosh").iterdir()} - generations - {CURRENT}
        left |= {path.name for path in folder.iterdir() if path.suffix == ".tmp"}
        if left or len(generations) > 2:
            wrong.append(f"left over: {sorted(left)}, generations: {sorted(generations)}")

    def _look(self, archive: Archive, wrong: list[str], *, settle: bool) -> None:
        status = archive.status()
        for slot in range(SLOTS):
            self._look_at_slot(archive, slot, wrong, settle=settle)
        for name, is_there in list(self._files.items()):
            found = archive.at((self.articles / name).as_uri())
            if is_there is not None and (found is not None) != is_there:
                wrong.append(f"{name} is {'missing' if is_there else 'still there'}")
            if settle and is_there is None:
                # What was being removed is marked as gone by the next run, and removed by that after.
                self._files.pop(name)
        for page in self.pages[: self._pages]:
            wrong += [] if archive.get(document_id(page)) else [f"{page} is missing"]
        records: tuple[Record, Record] = ("document", "quote")
        found_ids = {
            record: {
                hit.id: hit.document
                for hit in archive.search(SearchRequest(query=ast.All(), record=record, limit=_ALL, copies=True)).hits
            }
            for record in records
        }
        if status.counts.documents != len(found_ids["document"]) or status.counts.statements != len(found_ids["quote"]):
            wrong.append(f"store {status.counts}, found {[len(ids) for ids in found_ids.values()]}")
        statements: dict[str, str] = {}
        for found_id in found_ids["document"]:
            document = archive.get(found_id)
            if document is None:
                wrong.append(f"{found_id} is found and is not there")
                continue
            statements |= {quote.id: document.id for quote in document.quotes}
            wrong += [f"{quote.id} has no words" for quote in document.quotes if not document.text[_slice(quote)]]
        if statements != found_ids["quote"]:
            wrong.append("statements found are not those that documents have")

    def _look_at_slot(self, archive: Archive, slot: int, wrong: list[str], *, settle: bool) -> None:
        stored = [archive.get(document_id(address(slot, number))) for number in range(TOGETHER)]
        versions = {int((document.title or "").split()[-1]) if document else 0 for document in stored}
        safe, begun = self._safe.get(slot, 0), self._begun.get(slot, set())
        if len(versions) != 1:
            wrong.append(f"slot {slot} has half a batch: {versions}")
            return
        (version,) = versions
        if version != safe and version not in begun:
            wrong.append(f"slot {slot} has version {version}, not {safe} or one of {begun}")
        if version and (version != safe or slot in self._since):
            query = ast.Term(text=word(version))
            found = archive.search(SearchRequest(query=query, copies=True)).total
            if found != TOGETHER:
                wrong.append(f"of slot {slot} {found} are found")
        if settle:
            self._begun[slot] = set()
            if version:
                self._safe[slot] = version
            else:
                self._safe.pop(slot, None)


def _slice(quote: object) -> slice:
    content = quote.content  # type: ignore[attr-defined]  # any Quote
    return slice(content.start, content.end)


def _unsound(folder: Path) -> list[str]:
    """What the databases and the index say of themselves."""
    wrong = []
    for name in ("store.sqlite", "frontier.sqlite"):
        if (folder / name).exists():
            with closing(sqlite3.connect(folder / name)) as connection:
                (reported,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
                wrong += [] if reported == "ok" else [f"{name}: {reported}"]
    verify(folder / "whoosh")
    return wrong
