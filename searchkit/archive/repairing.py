"""Repair a damaged archive: rebuild its derived files, recover intact rows, and list what could not be recovered.

A damaged file is kept next to its replacement, as `NAME.damaged-TIME`.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from itertools import islice
from pathlib import Path

from msgspec import Struct, field

from searchkit.archive import checking, histories_sync
from searchkit.archive.archive import Archive
from searchkit.archive.blocklist import Blocklist
from searchkit.archive.checking import CheckedRecords
from searchkit.archive.databases import databases_of
from searchkit.archive.folder import CAPTURES, FORGOTTEN, FRONTIER, HISTORIES, MARKER, STORE, Finding, write_marker
from searchkit.archive.indexing import Indexing
from searchkit.crawl.web.frontier import Frontier
from searchkit.crawl.web.frontier_database import SCHEMA as FRONTIER_SCHEMA
from searchkit.crawl.web.frontier_database import capture_digests, frontier_database
from searchkit.errors import ArchiveError, SearchkitError
from searchkit.files import storage_errors, sync
from searchkit.index import generations
from searchkit.index.base import SearchRequest, engine_scheme, is_embedded, open_index
from searchkit.notes import NOTES
from searchkit.notes import file as notes_file
from searchkit.query import ast
from searchkit.sqlite import ERRORS
from searchkit.statements.document import document_id
from searchkit.store.base import Progress
from searchkit.store.checking import one_line_error, printable
from searchkit.store.recovery import CopiedRows, LostDocument, copy_rows, recover_store

# More findings would not change what has to be done.
_MOST_FINDINGS = 1_000
_SIDE_FILES = ("-wal", "-shm", "-journal")
_ALL_DOCUMENTS = 10_000_000
# How many lost rows of a table are named.
_MOST_NAMED = 5


class Repaired(Struct, kw_only=True):
    """What was done and what could not be recovered, a line each. Both are empty for an intact archive."""

    done: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


def repair(
    folder: Path,
    *,
    now: datetime,
    dry_run: bool = False,
    wait: float = 0.0,
    more: Callable[[Path], Iterator[Finding]] = lambda _folder: iter(()),
    progress: Progress | None = None,
) -> Repaired:
    """Repair the archive in `folder`; with `dry_run`, only report what would be done. `more` finds damage in files of
    upper layers.

    Raises ArchiveError if there is no archive or its store cannot be read at all, NewerArchive if a later searchkit
    wrote it, ArchiveLocked if another process writes to it for longer than `wait` seconds.
    """
    engine, marker = checking.engine_of(folder)
    repairer = _Repairer(folder, engine, now=now, dry_run=dry_run, progress=progress)
    archive = Archive(folder, engine)
    archive.lock.report = repairer.report.done.append
    with archive, archive.held(wait, migrate=not dry_run):
        with storage_errors(folder):
            if marker is not None:
                repairer.marker(marker)
            repairer.histories()
            repairer.store_and_index(archive)
            repairer.frontier()
            repairer.captures()
            repairer.blocklist()
            repairer.notes()
        for finding in (*checking.names_findings(folder), *checking.erasure_findings(folder), *more(folder)):
            if finding.damage and finding.where != FORGOTTEN:
                line = f"{finding.where} {finding.what} and cannot be repaired. {finding.do}".strip()
                repairer.report.lost.append(line)
    return repairer.report


class _Repairer:
    def __init__(self, folder: Path, engine: str, *, now: datetime, dry_run: bool, progress: Progress | None) -> None:
        self._folder = folder
        self._engine = engine
        self._databases = databases_of(folder)
        self._index_folder = folder / engine_scheme(engine)
        self._at = now.isoformat(timespec="seconds")
        self._now = now.timestamp()
        self._suffix = f".damaged-{now:%Y%m%dT%H%M%S}"
        self._dry_run = dry_run
        self._progress = progress
        self._lost_documents: tuple[LostDocument, ...] = ()
        self.report = Repaired()

    def marker(self, finding: Finding) -> None:
        """Rewrite the marker."""
        self.report.done.append(f"{MARKER} {finding.what}: rewritten with the engine {self._engine}")
        if (self._folder / MARKER).is_dir():
            self._set_aside(self._folder / MARKER)
        if not self._dry_run:
            write_marker(self._folder, self._engine)

    # --- the store and its index -------------------------------------------------------------------------------------

    def store_and_index(self, archive: Archive) -> None:
        """Recover a damaged store and rebuild its index, or only rebuild a damaged index."""
        path = self._folder / STORE
        is_shared = bool(self._databases.shared.store)
        if not is_shared and not os.path.lexists(path):
            raise ArchiveError(
                f"The store {path} is missing and cannot be rebuilt from the other files.",
                hint="Restore a backup: searchkit restore DIR",
            )
        findings = checking.store_findings(
            self._folder, self._engine, full=True, checked=CheckedRecords(), progress=self._progress
        )
        damage = [finding for finding in islice(findings, _MOST_FINDINGS) if finding.damage]
        is_damaged = any(finding.where == STORE for finding in damage)
        if is_shared and is_damaged:
            raise ArchiveError(
                f"{self._databases.store} {damage[0].what}; searchkit does not repair PostgreSQL.",
                hint="Check the disk of the server, and restore a backup into another schema: searchkit restore DIR",
            )
        if is_damaged:
            self._recover_store(archive)
            self._rebuild(archive, f"{self._index_folder.name}: rebuilt from the store")
        elif damage:
            self._rebuild(archive, f"{self._index_folder.name} {damage[0].what}: rebuilt")

    def _recover_store(self, archive: Archive) -> None:
        known, applied = list[str](), 0  # of a damaged index
        with suppress(SearchkitError, OSError), closing(open_index(self._engine, self._index_folder)) as index:
            found = index.search(SearchRequest(query=ast.All(), limit=_ALL_DOCUMENTS, copies=True, sort="newest"))
            known, applied = [hit.id for hit in found.hits], index.applied
        archive.close()
        with _replacement(self._folder / STORE) as new:
            try:
                copied, self._lost_documents = recover_store(
                    self._folder / STORE, new, at=self._at, known=known, last_change=applied, progress=self._progress
                )
            except ERRORS as error:
                raise ArchiveError(
                    f"The store {self._folder / STORE} cannot be read at all: {one_line_error(error)}. "
                    "It was not changed.",
                    hint="Restore a backup: searchkit restore DIR",
                ) from error
            self._report_rows(STORE, copied)
            self.report.lost += [_lost_line(lost) for lost in self._lost_documents]
            self._replace(self._folder / STORE, new)

    def _report_rows(self, name: str, copied: CopiedRows) -> None:
        self.report.done.append(
            f"{name} is damaged: {copied.rows:,} rows recovered; the damaged file is kept as {name}{self._suffix}"
        )
        for table in sorted((copied.corrupt.keys() | copied.incomplete) - {"documents"}):
            keys = copied.corrupt.get(table, [])
            named = [*keys[:_MOST_NAMED], *([f"{len(keys) - _MOST_NAMED:,} more"] if len(keys) > _MOST_NAMED else [])]
            named += ["possibly others"] if table in copied.incomplete else []
            self.report.lost.append(f"{name}: rows of the table {table}: {', '.join(named)}")

    def _rebuild(self, archive: Archive, done: str) -> None:
        self.report.done.append(done)
        if self._dry_run:
            return
        archive.close()
        if os.path.lexists(self._index_folder) and not self._index_folder.is_dir():
            self._index_folder.unlink()
        Indexing(archive).rebuild(progress=self._progress)
        if is_embedded(self._engine):
            generations.sweep(self._index_folder, None)

    def histories(self) -> None:
        """Delete damaged histories, which are derived from the store."""
        for finding in checking.histories_findings(self._folder):
            self.report.done.append(f"{HISTORIES} {finding.what}: deleted; the next question makes it again")
            if (self._folder / HISTORIES).is_dir():
                self._set_aside(self._folder / HISTORIES)
            if not self._dry_run:
                histories_sync.drop(self._folder)

    # --- the crawler -------------------------------------------------------------------------------------------------

    def frontier(self) -> None:
        """Recover the intact rows of a damaged frontier; start a new one if nothing can be read."""
        path = self._folder / FRONTIER
        damage = [finding for finding in checking.frontier_findings(self._folder) if finding.where == FRONTIER]
        if not damage:
            return
        if self._databases.shared.store:
            self.report.lost.append(f"{self._databases.frontier} {damage[0].what} and cannot be repaired.")
            return
        with _replacement(path) as new:
            try:
                copied = copy_rows(path, new, FRONTIER_SCHEMA)
            except ERRORS:
                Frontier(new).close()
                copied = CopiedRows(incomplete={"pages", "fetches"})
            self._report_rows(FRONTIER, copied)
            self._replace(path, new)

    def captures(self) -> None:
        """Set damaged captures aside and fetch their pages again; ingest the captures of lost documents again."""
        damaged = [
            *checking.capture_findings(self._folder),
            *(finding for finding in checking.frontier_findings(self._folder) if finding.where.startswith(CAPTURES)),
        ]
        place, pages = self._databases.frontier, dict[str, str]()
        if damaged:
            self.report.done.append(f"{CAPTURES}: damaged files are kept as *{self._suffix}")
            with suppress(SearchkitError):
                pages = dict(capture_digests(place))
        for finding in damaged:
            page = pages.get(_digest(finding))
            again = f"fetched again: {printable(page)}" if page else "its page is unknown"
            self.report.lost.append(f"{finding.where} {finding.what}; {again}")
        if self._dry_run:
            return
        for finding in damaged:
            self._set_aside(self._databases.captures / finding.where.removeprefix(f"{CAPTURES}/"))
        if (damaged or self._lost_documents) and frontier_database(place).exists():
            lost_addresses = {address for lost in self._lost_documents for address in lost.addresses}
            lost_ids = {lost.id for lost in self._lost_documents}
            with closing(Frontier(place)) as frontier:
                for finding in damaged:
                    frontier.forget_capture(_digest(finding), self._now)
                if lost_ids:
                    frontier.hand_on_again(
                        lambda address: address in lost_addresses or document_id(address) in lost_ids
                    )

    # --- the blocklist -----------------------------------------------------------------------------------------------

    def blocklist(self) -> None:
        """Continue with the readable entries of a damaged blocklist."""
        path = self._folder / FORGOTTEN
        for finding in checking.erasure_findings(self._folder):
            if finding.where == FORGOTTEN:
                kept = Blocklist.recover(self._folder)
                aside = f"; the damaged file is kept as {FORGOTTEN}{self._suffix}" if path.exists() else ""
                self.report.done.append(f"{FORGOTTEN} {finding.what}: started again{aside}")
                some = f", except {len(kept):,} that the list may still match" if len(kept) else ""
                self.report.lost.append(f"{FORGOTTEN}: forgotten documents can be indexed again{some}")
                self._set_aside(path)
                if not self._dry_run:
                    kept.write()

    # --- notes -------------------------------------------------------------------------------------------------------

    def notes(self) -> None:
        """Continue with the readable notes of a damaged file."""
        for finding in checking.notes_findings(self._folder):
            if not finding.damage:
                continue
            with notes_file.locked(self._folder):
                kept = notes_file.recover(self._folder)
                self.report.done.append(
                    f"{NOTES} {finding.what}: readable notes recovered ({len(kept):,}); the damaged file is kept as "
                    f"{NOTES}{self._suffix}"
                )
                self.report.lost.append(f"{NOTES}: possibly some notes on statements")
                self._set_aside(self._folder / NOTES)
                if not self._dry_run:
                    notes_file.write(self._folder, kept)

    # --- files -------------------------------------------------------------------------------------------------------

    def _replace(self, path: Path, new: Path) -> None:
        if not self._dry_run:
            sync(new)
            self._set_aside(path)
            new.replace(path)
            sync(self._folder)

    def _set_aside(self, path: Path) -> None:
        """Rename a damaged file, if it exists, and the side files of a database; do nothing in a dry run."""
        for ending in (*_SIDE_FILES, ""):
            file = path.with_name(path.name + ending)
            if os.path.lexists(file) and not self._dry_run:
                file.rename(path.with_name(f"{path.name}{self._suffix}{ending}"))


@contextmanager
def _replacement(path: Path) -> Iterator[Path]:
    """Yield the path of a new database next to `path`, and remove what is left there at the end."""
    new = path.with_name(f"{path.name}.recovered.tmp")
    try:
        yield new
    finally:
        for ending in ("", *_SIDE_FILES):
            new.with_name(new.name + ending).unlink(missing_ok=True)


def _digest(finding: Finding) -> str:
    return Path(finding.where).name.removesuffix(".gz")


def _lost_line(lost: LostDocument) -> str:
    names = [printable(address) for address in lost.addresses[:3]] or ["address unknown"]
    title = f', "{printable(lost.title)}"' if lost.title else ""
    named = f"document {printable(lost.id)} ({', '.join(names)}{title})"
    if lost.revision:
        return f"last state of {named}, which is now at revision {lost.revision}; it is read again"
    return f"{named}; it is read again if its source still has it"
