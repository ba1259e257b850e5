"""Names, saved searches and notes of an archive whose store several machines share.

A table next to the store has these files. Each machine has a copy in the folder of its archive, which all code reads
and edits. `sync` fetches what others changed and sends what was changed here since the last time, which
`shared-files.json` describes. Of a file that both changed, that of the others stays, and the one here gets another
name; notes are merged. After a backup of the store was restored, a file that only this machine has is sent again.
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from searchkit.archive.databases import Databases
from searchkit.archive.folder import SHARED_FILES, SHARED_FILES_LOCK, UNCONFIRMED, read_json, user_files, write_json
from searchkit.document import LogPosition
from searchkit.errors import SearchkitError
from searchkit.files import open_regular, storage_error, sync, write_atomically
from searchkit.notes import NOTES
from searchkit.notes import file as notes_file
from searchkit.store.lock import exclusive
from searchkit.store.store import Store

if TYPE_CHECKING:  # an extra
    from searchkit.store.postgres.database import PostgresDatabase

_VERSION = "searchkit_shared_files"
# The copy on this machine of a file that others changed too.
_MINE = ".mine"
_NAMES = re.compile(
    r"aliases\.toml|notes\.jsonl|unconfirmed\.json|watchlists/[^/]{1,200}\.jsonl|saved/[^/]{1,200}\.toml"
)
_WAIT_SECONDS = 10.0


def exchange(
    folder: Path,
    databases: Databases,
    store: Callable[[], Store],
    report: Callable[[str], None],
    *,
    is_end: bool = False,
) -> None:
    """Exchange the files of the archive in `folder` with other machines, if its store is shared; report conflicts.

    At the end of a command (`is_end`), do so only if a file here was changed. Before, a failure is only reported,
    and commands that need the store report that it cannot be opened. Errors as `SharedFiles.sync`."""
    if databases.files is None or not os.access(folder, os.W_OK):
        return
    files = SharedFiles(folder, databases.files)
    try:
        if (is_end and not files.has_changed()) or not databases.has_store():
            return
        opened = store()
    except SearchkitError:
        if is_end:
            raise
        return
    try:
        notes = files.sync(opened)
    except SearchkitError as error:
        if is_end:
            raise
        notes = (f"Files of other machines were not read. {error.message}",)
    for note in notes:
        report(note)


class SharedFiles:
    """The files of the archive in `folder` that a `database` has for all machines."""

    def __init__(self, folder: Path, database: "PostgresDatabase") -> None:
        self._folder = folder
        self._database = database

    def has_changed(self) -> bool:
        """Return whether a file here was changed since the last `sync`, without a request to the server."""
        return self._here() != _digests(self._state())

    def sync(self, store: Store) -> tuple[str, ...]:
        """Exchange changes with the other machines; return a note on each file that both changed.

        Errors of both sides; ArchiveLocked if another process does the same for long."""
        if self._there() == self._here() == _digests(self._state()):
            return ()
        with exclusive(self._folder / SHARED_FILES_LOCK, wait=_WAIT_SECONDS), notes_file.locked(self._folder):
            return self._exchange(store)

    def _exchange(self, store: Store) -> tuple[str, ...]:
        state, here, there = self._state(), self._here(), self._there()
        is_known = self._database.exists() and store.has(LogPosition(state.get("sequence", 0), state.get("mark", "")))
        before = _digests(state) if is_known else {}
        notes = []
        names = sorted(name for name in {*here, *there} if not (self._folder / name).is_symlink())
        changed = [name for name in names if here.get(name) != there.get(name)]
        if all(here.get(name) == before.get(name) for name in changed):
            for name in changed:
                self._write(name, self._fetch(name))
        else:
            with closing(self._database.connect(writable=True)) as connection:
                connection.begin()  # one machine after the other
                there = dict(connection.rows("SELECT name, digest FROM files"))
                for name in sorted({*names, *there}):
                    ours, theirs, known = here.get(name), there.get(name), before.get(name)
                    if ours not in {theirs, known}:
                        if ours and theirs not in {known, None}:
                            notes += self._merge(name)
                        content = self._read(name)
                        connection.execute("DELETE FROM files WHERE name = ?", name)
                        if content is not None:
                            insert = "INSERT INTO files (name, digest, content) VALUES (?, ?, ?)"
                            connection.execute(insert, name, _digest(content), content)
                    elif ours != theirs:
                        self._write(name, self._fetch(name))
                connection.commit()
        position = store.position
        files = {name: [digest, *self._stamp(name)] for name, digest in self._here().items()}
        done = {"sequence": position.sequence, "mark": position.mark, "files": files}
        write_json(self._folder / SHARED_FILES, {_VERSION: 1, **done})
        return tuple(notes)

    def _merge(self, name: str) -> list[str]:
        """Make one file of that of the others and the one here; return a note unless both are in it."""
        ours, theirs = self._read(name), self._fetch(name)
        if name == NOTES:
            with suppress(SearchkitError):
                own = notes_file.read(self._folder)
                self._write(name, theirs)
                merged = dict(notes_file.read(self._folder))
                merged |= {
                    note.id: note for note in own.values() if note.id not in merged or note.at > merged[note.id].at
                }
                notes_file.write(self._folder, notes_file.Notes(merged.values()))
                return []
        self._write(name + _MINE, ours)
        self._write(name, theirs)
        return [f"{name} was changed here and on another machine: theirs is in use, yours is in {name}{_MINE}."]

    # --- the others ---------------------------------------------------------------------------------------------------

    def _there(self) -> dict[str, str]:
        if not self._database.exists():
            return {}
        with closing(self._database.connect(writable=False)) as connection:
            rows = connection.rows("SELECT name, digest FROM files")
            return {name: digest for name, digest in rows if _NAMES.fullmatch(name)}

    def _fetch(self, name: str) -> bytes | None:
        with closing(self._database.connect(writable=False)) as connection:
            content: bytes | None = connection.scalar("SELECT content FROM files WHERE name = ?", name)
            return content

    # --- this machine -------------------------------------------------------------------------------------------------

    def _state(self) -> Mapping[str, Any]:
        return read_json(self._folder / SHARED_FILES, _VERSION, 1) or {}

    def _here(self) -> dict[str, str]:
        """Return the digests of the files here; one that looks as at the last time is not read again."""
        known, found = self._state().get("files", {}), {}
        for name in self._names():
            digest, *stamp = known.get(name, [""])
            if digest and stamp == self._stamp(name):
                found[name] = digest
            elif (content := self._read(name)) is not None:
                found[name] = _digest(content)
        return found

    def _names(self) -> Iterator[str]:
        yield from (NOTES, UNCONFIRMED)
        yield from (name for name, _ in user_files(self._folder) if _NAMES.fullmatch(name))

    def _stamp(self, name: str) -> list[int]:
        try:
            status = (self._folder / name).lstat()
        except OSError:
            return []
        return [status.st_mtime_ns, status.st_size, status.st_ino]

    def _read(self, name: str) -> bytes | None:
        try:
            with open_regular(self._folder / name) as file:
                return file.read()
        except OSError:
            return None

    def _write(self, name: str, content: bytes | None) -> None:
        path = self._folder / name
        try:
            path.parent.mkdir(mode=0o700, exist_ok=True)
            if content is None:
                path.unlink(missing_ok=True)
                sync(path.parent)
            else:
                write_atomically(path, content)
        except OSError as error:
            raise storage_error(path, error) from error


def _digests(state: Mapping[str, Any]) -> dict[str, str]:
    return {name: digest for name, (digest, *_) in state.get("files", {}).items()}


def _digest(content: bytes) -> str:
    from hashlib import sha256  # loads OpenSSL, which a query does not need

    return sha256(content).hexdigest()
