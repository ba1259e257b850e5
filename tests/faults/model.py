"""What a writer (writer.py) has acknowledged, and whether an archive, its backups and its alerts still have it.

Unacknowledged batches may be in the archive or not, but never in part.
"""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from msgspec import Struct, field

from searchkit.alerts.atom import MAX_ENTRIES
from searchkit.archive import Archive
from searchkit.archive.backup import restore
from searchkit.archive.folder import FORGETTING
from searchkit.errors import SearchkitError
from searchkit.index.base import SearchRequest
from searchkit.index.generations import CURRENT, kept
from searchkit.query import ast
from searchkit.query.fields import BOTH
from searchkit.statements.document import document_id
from tests.faults.commands import command
from tests.faults.writer import BACKUPS, RESTORED, SLOTS, TOGETHER, address, put, word
from tests.index.records import verify

_ALL = 100_000
_ACKNOWLEDGED = {"put", "file", "drop", "forget", "update", "backup", "restore"}
# A slot that no writer uses: each check writes it.
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
    _files: dict[str, bool | None] = field(default_factory=dict)  # None: being indexed or removed
    _pages: int = 0
    _since: set[int] = field(default_factory=set)
    _backups: dict[int, dict[int, int]] = field(default_factory=dict)  # the slots when they were begun
    _complete: set[str] = field(default_factory=set)
    _wrong: list[str] = field(default_factory=list)
    _events: list[str] = field(default_factory=list)
    _checks: int = 0

    def read(self, lines: list[bytes]) -> None:
        """Record what a writer reports."""
        for line in lines:
            self._events.append(" ".join(map(str, json.loads(line))))
            match json.loads(line):
                case ["begin", str(action), *_] as reported:
                    self.doing = action
                case ["ready" | "done", *_] as reported:
                    self.doing = "between"
                case reported:
                    self._wrong.append(f"the writer reported {reported}")
            self.acknowledged += reported[0] == "done" and reported[1] in _ACKNOWLEDGED
            match reported:
                case ["begin", "put", slot, version]:
                    self._begun.setdefault(slot, set()).add(version)
                    self.version = max(self.version, version + 1)
                case ["begin", "file", name]:
                    self._files[name] = None
                    self.version = max(self.version, int(Path(name).stem) + 1)
                case ["begin", "drop" | "forget", name]:
                    self._files[name] = None
                case ["begin", "backup", number]:
                    self._backups, self._complete = {number: dict(self._safe)}, set()
                    self.version = max(self.version, number + 1)
                case ["done", "backup", number]:
                    self._complete.add(f"{BACKUPS}/{number}")
                case ["done", "restore", number]:
                    self._complete.add(f"{RESTORED}/{number}")
                case ["done", "put", slot, version]:
                    self._safe[slot] = version
                    self._begun[slot] = {other for other in self._begun[slot] if other > version}
                    self._since.add(slot)
                case ["done", "file" | "drop" | "forget" as action, name]:
                    self._files[name] = action == "file"
                case ["done", "update", pages]:
                    self._pages = pages

    def wrong(self, folder: Path, *, settle: bool = True) -> list[str]:
        """Write to the archive in `folder` as the next run would; return what is wrong with it. `settle` takes the
        unacknowledged changes that are in it as acknowledged from then on."""
        wrong, self._wrong = self._wrong, []
        self._events.append(f"checked {self._checks}")
        if not folder.exists() or not (folder / "store.sqlite").exists():
            # Killed before there was anything.
            wrong += ["the archive is gone"] if self._safe or self._pages else []
            return wrong
        wrong += self._finish_forgetting(folder)
        try:
            wrong += self._look_at_backups(folder.parent, settle=settle)
            with Archive.create(folder) as archive:
                self._write_next(archive, folder, wrong)
                self._look(archive, wrong, settle=settle)
            wrong += _unsound(folder) + _lost_alerts(folder)
        except (SearchkitError, OSError) as error:
            wrong.append(f"{type(error).__name__}: {error}")
        self._since = set()
        return wrong

    def _finish_forgetting(self, folder: Path) -> list[str]:
        if not (folder / FORGETTING).exists():
            return []
        code, output, messages = command("--archive", str(folder), "forget")
        return [f"forget ended with {code}: {output}{messages}"] if code not in {0, 4} else []

    def _look_at_backups(self, folder: Path, *, settle: bool) -> list[str]:
        """Restore each complete backup, and compare it and each restored archive with what they must have."""
        wrong = [f"{name} is missing" for name in self._complete if not (folder / name).exists()]
        for number, slots in self._backups.items():
            for place in (folder / BACKUPS / str(number), folder / RESTORED / str(number)):
                if not place.exists():  # unfinished
                    continue
                again = place
                if place.parent.name == BACKUPS:
                    again = folder / RESTORED / f"{number} again"
                    restore(place, again)
                with Archive.create(again) as archive:
                    archive.catch_up()
                    found = {slot: _versions(archive, slot) for slot in range(SLOTS)}
                    wrong += [
                        f"{place.name} has slot {slot} in {versions}, not {slots.get(slot, 0)}"
                        for slot, versions in found.items()
                        if versions != {slots.get(slot, 0)}
                    ]
        if settle:
            shutil.rmtree(folder / BACKUPS, ignore_errors=True)
            shutil.rmtree(folder / RESTORED, ignore_errors=True)
            self._backups, self._complete = {}, set()
        return wrong

    def _write_next(self, archive: Archive, folder: Path, wrong: list[str]) -> None:
        """Write as the next run would: it finds the lock free, repairs the index, and removes what is left over."""
        self._checks += 1
        list(put(archive, (_NEXT, _NEXT_VERSIONS + self._checks)))
        wrong += [f"note: {note}" for note in archive.catch_up()]
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
                wrong.append(f"{name} is {'missing' if is_there else 'still there'}: {self._history(name)}")
            if settle and is_there is None:
                # What was being removed is marked as gone by the next run, and removed by that after.
                self._files.pop(name)
        for page in self.pages[: self._pages]:
            wrong += [] if archive.get(document_id(page)) else [f"{page} is missing"]
        found_ids: dict[str, dict[str, str]] = {}
        for record in BOTH:
            request = SearchRequest(query=ast.All(), record=record, limit=_ALL, copies=True)
            found_ids[record] = {hit.id: hit.document for hit in archive.search(request).hits}
        counts = (status.documents, status.statements)
        if counts != (len(found_ids["document"]), len(found_ids["quote"])):
            wrong.append(f"store {counts}, found {[len(ids) for ids in found_ids.values()]}")
        statements: dict[str, str] = {}
        for found_id in found_ids["document"]:
            document = archive.get(found_id)
            if document is None:
                wrong.append(f"{found_id} is found and is not there")
                continue
            statements |= {quote.id: document.id for quote in document.quotes}
            wrong += [f"{quote.id} has no words" for quote in document.quotes if not quote.content.of(document.text)]
        if statements != found_ids["quote"]:
            wrong.append("statements found are not those that documents have")

    def _history(self, name: str) -> str:
        """Return what happened since the first report on a file, without what is done to slots."""
        first = next(number for number, event in enumerate(self._events) if event.endswith(name))
        return ", ".join(event for event in self._events[first:] if " put " not in event)

    def _look_at_slot(self, archive: Archive, slot: int, wrong: list[str], *, settle: bool) -> None:
        versions = _versions(archive, slot)
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


def _versions(archive: Archive, slot: int) -> set[int]:
    """Return the versions that the documents of a slot have; 0 for a missing document."""
    stored = [archive.get(document_id(address(slot, number))) for number in range(TOGETHER)]
    return {int((document.title or "").split()[-1]) if document else 0 for document in stored}


def _lost_alerts(folder: Path) -> list[str]:
    """Run the alerts; return which items are missing."""
    code, output, messages = command("--archive", str(folder), "alerts", "run", "-q")
    wrong = [f"alerts ended with {code}: {output}{messages}"] if code else []
    with closing(sqlite3.connect(folder / "store.sqlite")) as connection:
        rows = connection.execute("SELECT sink, record, accepted_at FROM alert_deliveries").fetchall()
    wrong += [f"{sink} has not received {record}" for sink, record, accepted in rows if not accepted]
    feed = folder / "alerts.xml"
    entries = feed.read_text(encoding="utf-8").count("<entry>") if feed.exists() else 0
    if entries < min(MAX_ENTRIES, len(rows)):
        wrong.append(f"the feed has {entries} of {len(rows)} items")
    return wrong


def _unsound(folder: Path) -> list[str]:
    """Return the damage that the databases and the index report."""
    wrong = []
    for name in ("store.sqlite", "frontier.sqlite"):
        if (folder / name).exists():
            with closing(sqlite3.connect(folder / name)) as connection:
                (reported,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
                wrong += [] if reported == "ok" else [f"{name}: {reported}"]
    verify(folder / "whoosh")
    return wrong
