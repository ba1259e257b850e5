"""Names, saved searches and notes of an archive whose store several machines share.

A table next to the store has these files. Each machine has a copy in the folder of its archive, which all code reads
and edits. `sync` fetches what others changed and sends what was changed here since the last time, which
`shared-files.json` describes. Of a file that both changed, that of the others stays, and the one here gets another
name; notes are merged. A link, and a file that cannot be read, is left alone on both sides. After a backup of the
store was restored, a file that only this machine has is sent again.
"""

import errno
import os
import re
from collections.abc import Callable, Container, Iterable, Mapping
from contextlib import ExitStack, closing, suppress
from itertools import count
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from searchkit.archive.databases import Databases
from searchkit.archive.folder import SHARED_FILES, SHARED_FILES_LOCK, UNCONFIRMED, read_json, user_files, write_json
from searchkit.errors import ArchiveError, NewerArchive, SearchkitError
from searchkit.files import open_regular, storage_errors, sync, write_atomically
from searchkit.notes import NOTES
from searchkit.notes import file as notes_file
from searchkit.sqlite import Connection
from searchkit.statements.document import MAX_SEQUENCE, LogPosition
from searchkit.store.lock import exclusive
from searchkit.store.store import SharedDatabase, Store

_VERSION = "searchkit_shared_files"
# The copy on this machine of a file that others changed too.
_MINE = ".mine"
_NAMES = re.compile(
    r"aliases\.toml|notes\.jsonl|unconfirmed\.json|watchlists/[^/]{1,200}\.jsonl|saved/[^/]{1,200}\.toml"
)
_WAIT_SECONDS = 10.0
# The digest of a file and its stamp: time of change, size, inode. Without a stamp, the file is read again.
_Entry = list[str | int]


class _State(Struct, frozen=True):
    """What `shared-files.json` has: the position of the store at the last exchange, and the files on both sides."""

    sequence: Annotated[int, Meta(ge=0, le=MAX_SEQUENCE)] = 0
    mark: str = ""
    files: dict[str, Annotated[_Entry, Meta(min_length=1)]] = {}


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

    def __init__(self, folder: Path, database: SharedDatabase) -> None:
        self._folder = folder
        self._database = database

    def has_changed(self) -> bool:
        """Return whether a file here was changed since the last `sync`, without a request to the server."""
        state = self._state()
        here, unread = self._here(state)
        return _digests(here) != _digests(state.files, unread)

    def sync(self, store: Store) -> tuple[str, ...]:
        """Exchange changes with the other machines; return a note on each file that both changed, and on each that
        cannot be read here, which stays as it is on both sides.

        Errors of both sides; ArchiveLocked if another process does the same for long."""
        state, there = self._state(), self._there()
        here, unread = self._here(state, there)
        reasons = tuple(
            f"{name} is not shared now, it cannot be read: {unread[name]}." for name in unread if unread[name]
        )
        theirs = {name: digest for name, digest in there.items() if name not in unread}
        if theirs == _digests(here) == _digests(state.files, unread):
            return reasons
        with exclusive(self._folder / SHARED_FILES_LOCK, wait=_WAIT_SECONDS), notes_file.locked(self._folder):
            return (*reasons, *self._exchange(store))

    def _exchange(self, store: Store) -> list[str]:
        state, there = self._state(), self._there()
        is_known = self._database.exists() and store.has(LogPosition(state.sequence, state.mark))
        known = state.files if is_known else {}
        before, notes = _digests(known), list[str]()
        entries, unread = self._here(state, there)
        connection: Connection | None = None
        with ExitStack() as stack:
            if _digests(entries) != _digests(known, unread):  # something to send
                connection = stack.enter_context(closing(self._database.connect(writable=True)))
                connection.begin()  # one machine after the other
                there = _listed(connection)
                entries, unread = self._here(state, there)
            here = _digests(entries)
            done = dict[str, str | None](here)
            for name in sorted({*here, *there} - {*unread}):
                ours, theirs, base = here.get(name), there.get(name), before.get(name)
                if ours == theirs:
                    continue
                if ours == base or connection is None:
                    done[name] = self._take(name)
                elif theirs in {base, None} or (name == NOTES and ours and self._merge_notes()):
                    done[name] = self._send(connection, name)
                else:
                    notes.append(self._keep_ours(name))
                    done[name] = self._take(name)
            if connection is not None:
                connection.commit()
        now, _ = self._here(state)
        files = {name: known[name] for name in unread if name in known}
        for name, digest in done.items():
            entry = now.get(name, [""])
            if digest:  # a file that was saved since then has another digest, and counts as changed
                files[name] = entry if entry[0] == digest else [digest]
        position = store.position
        content = _State(sequence=position.sequence, mark=position.mark, files=files)
        write_json(self._folder / SHARED_FILES, {_VERSION: 1, **msgspec.to_builtins(content)})
        return notes

    def _take(self, name: str) -> str | None:
        """Replace a file here by that of the others; return its digest, None if there is none."""
        content = self._fetch(name)
        self._write(name, content)
        return None if content is None else _digest(content)

    def _send(self, connection: Connection, name: str) -> str | None:
        """Replace a file of the others by that here; return its digest, None if there is none."""
        with storage_errors(self._folder / name):
            content = self._read(name)
        connection.execute("DELETE FROM files WHERE name = ?", name)
        if content is None:
            return None
        digest = _digest(content)
        connection.execute("INSERT INTO files (name, digest, content) VALUES (?, ?, ?)", name, digest, content)
        return digest

    def _merge_notes(self) -> bool:
        """Add the notes of the others to those here; return False if either cannot be read."""
        from tempfile import TemporaryDirectory  # few commands merge notes

        with suppress(SearchkitError), TemporaryDirectory() as folder:
            (Path(folder) / NOTES).write_bytes(self._fetch(NOTES) or b"")
            merged, own = dict(notes_file.read(Path(folder))), notes_file.read(self._folder)
            merged |= {note.id: note for note in own.values() if note.id not in merged or note.at > merged[note.id].at}
            notes_file.write(self._folder, notes_file.Notes(merged.values()))
            return True
        return False

    def _keep_ours(self, name: str) -> str:
        """Copy a file here to a free name, because that of the others replaces it; return a note."""
        path = self._folder / name
        with storage_errors(path):
            content = self._read(name)
            if content is None:
                return f"{name} was removed here and changed on another machine: theirs is in use."
            copies = (f"{name}{_MINE}{number if number > 1 else ''}" for number in count(1))
            copy = next(copy for copy in copies if not os.path.lexists(self._folder / copy))
            write_atomically(self._folder / copy, content)
        return f"{name} was changed here and on another machine: theirs is in use, yours is in {copy}."

    # --- the others ---------------------------------------------------------------------------------------------------

    def _there(self) -> dict[str, str]:
        if not self._database.exists():
            return {}
        with closing(self._database.connect(writable=False)) as connection:
            return _listed(connection)

    def _fetch(self, name: str) -> bytes | None:
        with closing(self._database.connect(writable=False)) as connection:
            content: bytes | None = connection.scalar("SELECT content FROM files WHERE name = ?", name)
            return content

    # --- this machine -------------------------------------------------------------------------------------------------

    def _state(self) -> _State:
        """Return the state of the last exchange. If it is damaged, nothing is known, and all files are compared."""
        try:
            return msgspec.convert(read_json(self._folder / SHARED_FILES, _VERSION, 1) or {}, _State)
        except NewerArchive:
            raise
        except (ArchiveError, msgspec.ValidationError):
            return _State()

    def _here(self, state: _State, also: Iterable[str] = ()) -> tuple[dict[str, _Entry], dict[str, str]]:
        """Return the entries of the files here, and the names of those that cannot be read, with the reason.

        A link has no reason: it leads to what only this machine has. A file that looks as at the last time is not read
        again. All of `also` are looked at, too."""
        found, unread = dict[str, _Entry](), dict[str, str]()
        names = {NOTES, UNCONFIRMED, *(name for name, _ in user_files(self._folder)), *state.files, *also}
        for name in sorted(filter(_NAMES.fullmatch, names)):
            try:
                entry = self._entry(name, state.files.get(name, []))
            except OSError as error:
                unread[name] = "" if error.errno == errno.ELOOP else error.strerror or str(error)
            else:
                found |= {name: entry} if entry else {}
        return found, unread

    def _entry(self, name: str, known: _Entry) -> _Entry | None:
        """Return digest and stamp of a file, None if it does not exist. OSError if it cannot be read, or is a link."""
        try:
            status = (self._folder / name).lstat()
        except FileNotFoundError:
            return None
        stamp = [status.st_mtime_ns, status.st_size, status.st_ino]  # of before: a later change is read again
        if known[1:] == stamp:
            return known
        content = self._read(name)
        return None if content is None else [_digest(content), *stamp]

    def _read(self, name: str) -> bytes | None:
        try:
            with open_regular(self._folder / name) as file:
                return file.read()
        except FileNotFoundError:
            return None

    def _write(self, name: str, content: bytes | None) -> None:
        path = self._folder / name
        with storage_errors(path):
            path.parent.mkdir(mode=0o700, exist_ok=True)
            if content is None:
                path.unlink(missing_ok=True)
                sync(path.parent)
            else:
                write_atomically(path, content)


def _listed(connection: Connection) -> dict[str, str]:
    """Return the digests of the files of the others; other names may be a forgery."""
    return {
        name: digest for name, digest in connection.rows("SELECT name, digest FROM files") if _NAMES.fullmatch(name)
    }


def _digests(entries: Mapping[str, _Entry], without: Container[str] = ()) -> dict[str, str]:
    return {name: str(entry[0]) for name, entry in entries.items() if name not in without}


def _digest(content: bytes) -> str:
    from hashlib import sha256  # loads OpenSSL, which a query does not need

    return sha256(content).hexdigest()
