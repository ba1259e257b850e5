"""A damaged archive made whole again, and what is lost with it named.

takes:    the folder of an archive in any state, under its lock
gives:    an archive that `searchkit check --full` finds sound; what was done; what is lost
does not: guess: a row whose seal does not hold is lost, however likely its content looks
traps:    the damaged store is kept beside the new one, `store.sqlite.damaged-TIME`, and holds all that it held
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from datetime import datetime
from itertools import islice
from pathlib import Path

from msgspec import Struct, field

from searchkit.archive import checking
from searchkit.archive.archive import Archive
from searchkit.archive.checking import CAPTURES, FRONTIER, Finding, Progress
from searchkit.archive.erasure.blocklist import Blocklist
from searchkit.archive.folder import FORGOTTEN, MARKER, STORE, folder_error, write_marker
from searchkit.archive.record_validation import is_whole, record_faults
from searchkit.document import document_id
from searchkit.errors import ArchiveError, SearchkitError
from searchkit.index import engine_scheme, generations, open_index
from searchkit.index.base import SearchRequest
from searchkit.query import ast
from searchkit.store.checking import printable
from searchkit.store.connection import ERRORS
from searchkit.store.mending import Lost, mend
from searchkit.store.salvaging import Salvaged, no_hints, salvage

# More findings than this tell nothing new about what has to be done.
_LOOKED_AT = 1_000
_SIDE_FILES = ("-wal", "-shm", "-journal")
_EVERY = 10_000_000
# Of other rows than documents so many are named of each kind.
_NAMED = 5
# What reading a generation may raise, in any state of its files.
_UNREADABLE = (generations.DamagedFile, OSError, ValueError, KeyError, TypeError, AttributeError)
# What rows of a table are, where they cannot be made anew from others.
_ROWS: Mapping[str, str] = {
    "revisions": "old revisions",
    "resources": "what was known of addresses, which are read anew",
    "held": "which files hold what",
    "failed": "what could not be read, which is told again",
    "deadly": "what ended its readers, which is counted anew",
    "runs": "when sources were asked",
    "described": "how sources were described",
    "alerts": "how far alerts had come: each begins anew",
    "alert_records": "what alerts have found: it may be told again",
    "alert_deliveries": "what alerts are still to tell",
    "alert_runs": "when alerts found something",
    "pages": "what was known of pages, which are found and asked for anew",
    "fetches": "when captures were fetched",
    "hosts": "when hosts may be asked again",
    "robots": "robots.txt as it was fetched",
}
# Made of the documents again.
_MADE_ANEW = frozenset({"documents", "changes", "facts", "sketches", "sketch_hashes", "sketch_pairs"})


class Repaired(Struct, kw_only=True):
    """What was done, and what is lost or could not be mended; a line each. Neither for a sound archive."""

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
    """Mend the archive in `folder`; with `dry_run` say what would be done, and change nothing. `more` finds what the
    rooms above keep in the archive.

    ArchiveError when there is no archive, or nothing to mend it from; NewerArchive when a later searchkit wrote it,
    ArchiveLocked when another process writes to it for longer than `wait` seconds.
    """
    engine, marker = checking.engine_of(folder)
    repairing = _Repairing(folder, engine, now=now, dry_run=dry_run, progress=progress)
    with Archive(folder, engine) as archive, archive.held(wait):
        try:
            if marker is not None:
                repairing.marker(marker)
            repairing.store_and_index(archive)
            repairing.frontier()
            repairing.captures()
            repairing.forgotten()
        except OSError as error:
            raise folder_error(folder, error) from error
        kept = (*checking.names_findings(folder), *checking.erasure_findings(folder, full=False))
        for finding in (*kept, *more(folder)):
            if finding.damage and finding.where != FORGOTTEN:
                repairing.found.lost.append(
                    f"{finding.where} {finding.what}, and cannot be mended. {finding.do}".strip()
                )
    return repairing.found


class _Repairing:
    def __init__(self, folder: Path, engine: str, *, now: datetime, dry_run: bool, progress: Progress | None) -> None:
        self._folder = folder
        self._engine = engine
        self._at = now.isoformat(timespec="seconds")
        self._now = now.timestamp()
        self._mark = f".damaged-{now:%Y%m%dT%H%M%S}"
        self._dry_run = dry_run
        self._progress = progress
        # Addresses of documents that are lost: what was fetched of them is taken in again.
        self._lost_documents: tuple[Lost, ...] = ()
        self.found = Repaired()

    def marker(self, finding: Finding) -> None:
        """Write the marker anew."""
        self.found.done.append(f"{MARKER} {finding.what}: written anew, with the engine {self._engine}")
        if not self._dry_run:
            path = self._folder / MARKER
            if path.is_dir():
                self._put_aside(path)
            write_marker(self._folder, self._engine)

    # --- the store and its index -------------------------------------------------------------------------------------

    def store_and_index(self, archive: Archive) -> None:
        """Mend the store, then the index, which is made from it."""
        path = self._folder / STORE
        if not os.path.lexists(path):
            raise ArchiveError(
                f"The store {path} is missing, and nothing can be made from the rest.",
                hint="Restore a backup: searchkit restore DIR",
            )
        looked = checking.store_findings(self._folder, self._engine, full=True, progress=self._progress)
        found = [finding for finding in islice(looked, _LOOKED_AT) if finding.damage]
        if any(finding.where == STORE for finding in found):
            self._salvage_store(archive)
            self._rebuild(archive)
        elif found:
            self._mend_index(archive, found)

    def _salvage_store(self, archive: Archive) -> None:
        path, new = self._folder / STORE, self._folder / f"{STORE}.salvaged.tmp"
        ids, applied = self._indexed()
        archive.close()
        addresses = self._fetched()
        try:
            salvaged = salvage(path, new)
            self._lost_documents = mend(
                new,
                self._at,
                known=ids,
                least=applied,
                is_whole=is_whole,
                is_sound=lambda document: not any(record_faults(document)),
                progress=self._progress,
            )
            kept = f"{salvaged.rows:,} rows saved" if salvaged.rows else "nothing in it can be read"
            self.found.done.append(f"{STORE} is damaged: {kept}; the damaged file stays as {STORE}{self._mark}")
            self._name_rows(STORE, salvaged)
            for lost in self._lost_documents:
                self._name_document(lost, addresses)
            if not self._dry_run:
                _sync(new)
                self._put_aside(path)
                new.replace(path)
                _sync(self._folder)
        finally:
            for ending in ("", *_SIDE_FILES):
                new.with_name(new.name + ending).unlink(missing_ok=True)

    def _indexed(self) -> tuple[list[str], int]:
        """The documents that the index knows, and the last change it has; nothing when it is damaged too."""
        with suppress(SearchkitError, OSError):
            index = open_index(self._engine, self._folder / engine_scheme(self._engine))
            try:
                found = index.search(SearchRequest(query=ast.All(), limit=_EVERY, copies=True, sort="newest"))
                return [hit.id for hit in found.hits], index.applied
            finally:
                index.close()
        return [], 0

    def _name_rows(self, where: str, salvaged: Salvaged) -> None:
        for table in sorted({*salvaged.lost, *salvaged.torn} - _MADE_ANEW):
            keys = salvaged.lost.get(table, [])
            what = _ROWS.get(table, table)
            if not keys:
                self.found.lost.append(f"{where}: maybe some of {what}")
                continue
            more = f" and {len(keys) - _NAMED:,} more" if len(keys) > _NAMED else ""
            maybe = ", maybe others" if table in salvaged.torn else ""
            self.found.lost.append(f"{where}: {what}: {', '.join(keys[:_NAMED])}{more}{maybe}")

    def _name_document(self, lost: Lost, addresses: Mapping[str, str]) -> None:
        found = lost.addresses or ((addresses[lost.id],) if lost.id in addresses else ())
        names = [printable(address) for address in found[:3]] or ["its address is not known"]
        title = f', "{printable(lost.title)}"' if lost.title else ""
        named = f"document {printable(lost.id)} ({', '.join(names)}{title})"
        self.found.lost.append(
            f"the last state of {named}: it stands as in revision {lost.revision}, until it is read again"
            if lost.revision
            else f"{named}, until it is read again"
        )

    def _mend_index(self, archive: Archive, found: list[Finding]) -> None:
        """The generation before, if it is whole, or else a new index."""
        archive.close()
        place = engine_scheme(self._engine)
        folder = self._folder / place
        what = found[0].what
        for before in self._earlier(folder):
            self.found.done.append(f"{place} {what}: back to {before.name}, and on from there")
            if self._dry_run:
                return
            generations.point_to(before)
            archive.catch_up(progress=self._progress)
            generations.sweep(folder, None)
            archive.close()
            looked = checking.store_findings(self._folder, self._engine, full=True)
            if not any(finding.damage for finding in looked):
                return
            self.found.done.pop()
            what = "has no generation that is whole"
        self.found.done.append(f"{place} {what}: made anew")
        self._rebuild(archive, told=True)

    def _earlier(self, folder: Path) -> Iterator[Path]:
        """The last whole generation before the current one, if that is not whole itself; the store has gone on from it.
        An index whose files are whole and that is not what the store is has none."""
        with suppress(*_UNREADABLE):
            current = generations.current(folder)
            if current is not None:
                generations.check(current, full=True)
                return
        try:
            kept = generations.kept(folder)
        except OSError:
            return
        for generation in kept:
            with suppress(*_UNREADABLE):
                generations.check(generation, full=True)
                yield generation
                return

    def _rebuild(self, archive: Archive, *, told: bool = False) -> None:
        place = engine_scheme(self._engine)
        if not told:
            self.found.done.append(f"{place}: made anew from the store")
        if self._dry_run:
            return
        folder = self._folder / place
        if os.path.lexists(folder) and not folder.is_dir():
            folder.unlink()
        archive.rebuild(progress=self._progress)
        if folder.is_dir():
            generations.sweep(folder, None)

    # --- the crawler's memory ----------------------------------------------------------------------------------------

    def frontier(self) -> None:
        """Save what is whole of the frontier."""
        path, new = self._folder / FRONTIER, self._folder / f"{FRONTIER}.salvaged.tmp"
        if not any(finding.where == FRONTIER for finding in checking.frontier_findings(self._folder)):
            return
        try:
            salvaged = salvage(path, new, form=checking.frontier_form(), hints=no_hints)
            self.found.done.append(
                f"{FRONTIER} is damaged: {salvaged.rows:,} rows saved; the damaged file stays as {FRONTIER}{self._mark}"
            )
            self._name_rows(FRONTIER, salvaged)
            if not self._dry_run:
                _sync(new)
                self._put_aside(path)
                new.replace(path)
                _sync(self._folder)
        finally:
            for ending in ("", *_SIDE_FILES):
                new.with_name(new.name + ending).unlink(missing_ok=True)

    def _fetched(self) -> dict[str, str]:
        """The addresses that the frontier knows, by the id that a document from there has."""
        from searchkit.crawl.web.frontier import addresses

        found: dict[str, str] = {}
        with suppress(*ERRORS):
            for address in addresses(self._folder / FRONTIER):
                found[document_id(address)] = address
        return found

    def captures(self) -> None:
        """Put damaged captures aside, and have their pages asked for anew; hand on again what lost documents were made
        of."""
        found = [
            *checking.capture_findings(self._folder),
            *(one for one in checking.frontier_findings(self._folder) if one.where.startswith(CAPTURES)),
        ]
        pages = self._pages() if found else {}
        for finding in found:
            page = pages.get(_digest(finding))
            asked = f"asked for anew: {printable(page)}" if page else "no page is known for it"
            self.found.lost.append(f"{finding.where} {finding.what}; {asked}")
        if found:
            self.found.done.append(f"{CAPTURES}: what is damaged is put aside as *{self._mark}")
        if self._dry_run:
            return
        for finding in found:
            path = self._folder / finding.where
            if os.path.lexists(path):
                self._put_aside(path)
        if (found or self._lost_documents) and (self._folder / FRONTIER).exists():
            self._ask_anew([_digest(finding) for finding in found])

    def _pages(self) -> dict[str, str]:
        from searchkit.crawl.web.frontier import capture_digests

        path = self._folder / FRONTIER
        with suppress(*ERRORS):
            return dict(capture_digests(path)) if path.exists() else {}
        return {}

    def _ask_anew(self, digests: list[str]) -> None:
        from searchkit.crawl.web.frontier import Frontier

        addresses = {address for lost in self._lost_documents for address in lost.addresses}
        ids = {lost.id for lost in self._lost_documents}
        with closing(Frontier(self._folder / FRONTIER)) as frontier:
            for digest in digests:
                frontier.forget_capture(digest, self._now)
            if ids:
                frontier.hand_on_again(lambda address: address in addresses or document_id(address) in ids)

    # --- what was forgotten ------------------------------------------------------------------------------------------

    def forgotten(self) -> None:
        """Go on without what is lost of the list of what was forgotten: what can be read of it is kept."""
        path = self._folder / FORGOTTEN
        for finding in checking.erasure_findings(self._folder, full=False):
            if finding.where != FORGOTTEN:
                continue
            kept = Blocklist.recover(self._folder)
            there = path.exists()
            aside = f"; the damaged file stays as {FORGOTTEN}{self._mark}" if there else ""
            self.found.done.append(f"{FORGOTTEN} {finding.what}: begun anew{aside}")
            some = f", but for {len(kept):,} that the list may still know" if len(kept) else ""
            self.found.lost.append(f"{FORGOTTEN}: what was to be kept out: it comes back when a run meets it{some}")
            if not self._dry_run:
                if there:
                    self._put_aside(path)
                kept.write()

    # --- files -------------------------------------------------------------------------------------------------------

    def _put_aside(self, path: Path) -> None:
        """Give a damaged file another name, with what SQLite keeps beside it."""
        for ending in _SIDE_FILES:
            beside = path.with_name(path.name + ending)
            if beside.exists():
                beside.rename(path.with_name(f"{path.name}{self._mark}{ending}"))
        path.rename(path.with_name(path.name + self._mark))


def _digest(finding: Finding) -> str:
    return Path(finding.where).name.removesuffix(".gz")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
