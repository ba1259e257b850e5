"""Backups: everything in an archive that cannot be regenerated.

    backup.json     version, time, and (size, sha-256) of every file below
    files/          the databases, each in one consistent state, and all other files except the index

Settings name programs and hosts, and a searchkit.toml of the user is trusted. So `restore` gives those of a backup
another name.

A store in PostgreSQL is copied into the same files, so a backup does not depend on where the store was or will be.

No lock is needed, because a backup sees one state of a database. Captures are copied after the databases, so
that none of those that the databases name is missing.
"""

import errno
import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from itertools import chain
from pathlib import Path, PurePosixPath
from types import MappingProxyType

import msgspec

from searchkit.archive import folder as archive_folder
from searchkit.archive.checking import forgeries
from searchkit.archive.databases import Databases, databases_of
from searchkit.archive.shared_files import exchange
from searchkit.config import FILE_NAME
from searchkit.crawl.web.frontier_database import opened
from searchkit.errors import ArchiveError, NewerArchive, OtherVersion, UsageError
from searchkit.files import UNFINISHED, open_regular, private, storage_error, storage_errors, sync, write_synced
from searchkit.index.base import engine_names, engine_scheme
from searchkit.notes import NOTES_LOCK
from searchkit.notes.file import read as read_notes
from searchkit.store.base import Progress, Shared
from searchkit.store.checking import orphans
from searchkit.store.store import open_store

MANIFEST = "backup.json"
FILES = "files"
BACKUP_VERSION = 1
_DATABASE = ".sqlite"
# The side files of a database are part of its backup already.
_SIDE_FILES = ("-wal", "-shm", "-journal")
_CHUNK = 1 << 20
RESTORED = ".restored"


def back_up(
    archive: Path,
    target: Path,
    *,
    now: datetime,
    report: Callable[[str], None] = lambda _line: None,
    progress: Progress | None = None,
) -> int:
    """Write a backup of an archive into the folder `target`; return its number of files. `report` gets a line on each
    file that another machine changed too.

    Every file is read back and compared, and the databases are checked. Raises UsageError if `target` is not empty or
    lies in the archive, ArchiveError for a damaged database or a folder that cannot be written, StorageFull for a full
    disk. Then nothing is left behind.
    """
    if target.resolve().is_relative_to(archive.resolve()):
        raise UsageError(
            f"{target} lies inside the archive.", hint="Name a folder elsewhere, preferably on another disk."
        )
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError(f"{target} already exists and is not empty.", hint="Name a new folder for each backup.")
    with _new_folder(target) as unfinished:
        (unfinished / FILES).mkdir(mode=0o700)
        files = _copied(archive, unfinished / FILES, report, progress)
        os.sync()
        _check(unfinished / FILES, files)
        # A copy of a database has no other digest to compare with than its own, which is read back here.
        for copy in (unfinished / FILES).rglob(f"*{_DATABASE}"):
            files[copy.relative_to(unfinished / FILES).as_posix()] = _size_and_digest(copy)
        manifest = {
            "searchkit_backup": BACKUP_VERSION,
            "archive": str(archive.resolve()),
            "at": now.isoformat(timespec="seconds"),
            "files": files,
        }
        write_synced(unfinished / MANIFEST, (json.dumps(manifest, indent=1, ensure_ascii=True) + "\n").encode())
        sync(unfinished)
    return len(files)


def restore(
    backup: Path,
    archive: Path,
    *,
    instead: Mapping[str, bytes] = MappingProxyType({}),
    shared: Shared | None = None,
    turn_off: Callable[[Path], None] = lambda _folder: None,
    progress: Progress | None = None,
) -> tuple[int, tuple[str, ...]]:
    """Restore a backup into the folder `archive`, which must be missing or empty; return the number of files, and a
    note if a backup of an earlier version was migrated.

    `instead` replaces the content of files, by name; `shared` says where store and captures go, if not into the folder.
    `turn_off` turns off the alerts in a folder; it is called before the archive exists.
    Raises ArchiveError if `backup` is not a complete backup, NewerArchive if a later searchkit wrote it, ConfigError if
    it names an unknown engine; then nothing is written.
    """
    files = _intact_files(backup, archive)
    databases, notes, copied = Databases(archive, shared or Shared()), tuple[str, ...](), False
    try:
        with _new_folder(archive) as unfinished:
            _restore_files(backup / FILES, unfinished, files, databases, instead=instead, progress=progress)
            turn_off(unfinished)
            os.sync()
            skipped = {name for name in files if _place(name, databases)} | {*instead, archive_folder.UNCONFIRMED}
            _check(unfinished, {_restored_name(name): files[name] for name in files.keys() - skipped})
            notes = Databases(unfinished, Shared()).migrate()
            _refuse_damaged(unfinished, backup / FILES)
            if shared is not None:
                archive_folder.write_shared(unfinished, shared)
            if copied := databases.copy_from(unfinished):
                if (unfinished / archive_folder.FORGOTTEN).exists():
                    databases.write_text(
                        archive_folder.FORGOTTEN, (unfinished / archive_folder.FORGOTTEN).read_text(encoding="utf-8")
                    )
                for name in (archive_folder.STORE, archive_folder.FRONTIER):
                    (unfinished / name).unlink(missing_ok=True)
    except BaseException:
        if copied:
            databases.drop_shared()
        raise
    return len(files), notes


def _intact_files(backup: Path, archive: Path) -> dict[str, tuple[int, str]]:
    """Return the files of a backup, as `read`. Errors as `restore`; UsageError if there is an archive already."""
    files = read(backup)
    size = sum(size for size, _ in files.values())
    if size > shutil.disk_usage(next(place for place in archive.absolute().parents if place.exists())).free:
        raise storage_error(archive, OSError(errno.ENOSPC, ""))
    _check(backup / FILES, files)
    # A later version may have made the archive.
    engine = archive_folder.read_marker(backup / FILES)
    if engine is None:
        raise ArchiveError(
            f"{backup} is not a backup of an archive: it has no {archive_folder.MARKER}.", hint="Use another backup."
        )
    engine_scheme(engine)
    if archive.exists() and any(archive.iterdir()):
        archive_folder.refuse_foreign(archive)
        raise UsageError(
            f"{archive} already holds an archive.", hint="Restore into a new folder, or move this one away first."
        )
    return files


def _refuse_damaged(folder: Path, backup: Path) -> None:
    """Raise ArchiveError if the databases in `folder`, which come from `backup`, are damaged or forged.

    Raises NewerArchive for those of a later version, and for such notes; damaged notes are restored, `searchkit check`
    reports them."""
    try:
        if (folder / archive_folder.STORE).exists():
            open_store(folder / archive_folder.STORE, writable=False).close()
        if (folder / archive_folder.FRONTIER).exists():
            with opened(folder / archive_folder.FRONTIER):
                pass
    except ArchiveError as error:  # `searchkit repair` cannot act on a backup
        hint = error.hint if isinstance(error, NewerArchive) else "Use another backup."
        raise type(error)(error.message.replace(str(folder), str(backup)), hint=hint) from error
    if (folder / archive_folder.STORE).exists():
        for fault in orphans(folder / archive_folder.STORE):
            raise ArchiveError(f"{backup / archive_folder.STORE} {fault}.", hint="Use another backup.")
    for name, fault in forgeries(folder):
        raise ArchiveError(f"{backup / name} {fault}.", hint="searchkit never wrote this. Use another backup.")
    try:
        read_notes(folder)
    except OtherVersion:
        raise
    except ArchiveError:
        pass


def _restore_files(
    source: Path,
    unfinished: Path,
    files: Mapping[str, tuple[int, str]],
    databases: Databases,
    *,
    instead: Mapping[str, bytes],
    progress: Progress | None,
) -> None:
    for done, name in enumerate(files, 1):
        target = _place(name, databases)
        if target is None:
            _copy(source / name, unfinished / _restored_name(name))
        elif not target.exists() or _size_and_digest(target) != files[name]:
            _replace(source / name, target)
        if progress is not None:
            progress(done, len(files))
    for name, content in instead.items():
        (unfinished / name).unlink(missing_ok=True)
        write_synced(unfinished / name, content)


def _place(name: str, databases: Databases) -> Path | None:
    """Return the path of a capture outside the folder of the archive; None for every other file."""
    folder, _, path = name.partition("/")
    return databases.captures / path if databases.shared.captures and folder == archive_folder.CAPTURES else None


def _replace(source: Path, target: Path) -> None:
    temporary = target.with_name(f".{target.name}.{os.urandom(8).hex()}")
    try:
        _copy(source, temporary)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def _restored_name(name: str) -> str:
    return name + RESTORED if PurePosixPath(name).name.lower().startswith(FILE_NAME) else name


@contextmanager
def _new_folder(target: Path) -> Iterator[Path]:
    """Yield a new private folder that becomes `target` (missing or empty) at the end of the block; after an error,
    nothing is left behind. OSError is raised as ArchiveError or StorageFull."""
    unfinished = target.with_name(target.name + UNFINISHED)
    with storage_errors(target):
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.parent.mkdir(parents=True, exist_ok=True)
        unfinished.mkdir(mode=0o700)
        try:
            yield unfinished
            if target.exists():
                target.rmdir()
            unfinished.rename(target)
            sync(target.parent)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise


def read(backup: Path) -> dict[str, tuple[int, str]]:
    """Return size and sha-256 of the files of a backup, by name. ArchiveError if it is not a backup, NewerArchive if a
    later searchkit made it."""
    damaged = ArchiveError(f"{backup / MANIFEST} is damaged.", hint="Use another backup.")
    manifest = archive_folder.read_json(
        backup / MANIFEST, "searchkit_backup", BACKUP_VERSION, called=f"The backup {backup}", hint=damaged.hint
    )
    if manifest is None:
        raise ArchiveError(f"{backup} is not a backup: it has no {MANIFEST}.")
    try:
        files = msgspec.convert(manifest.get("files"), dict[str, tuple[int, str]])
    except msgspec.ValidationError as error:
        raise damaged from error
    for name in files:
        if not _is_backed_up(name):
            raise ArchiveError(
                f"{backup / MANIFEST} names a file that no backup has: {name!r}.", hint="Use another backup."
            )
    return files


_NOT_BACKED_UP = frozenset(
    {
        archive_folder.LOCK,
        NOTES_LOCK,
        archive_folder.HISTORIES,
        archive_folder.HISTORIES_CHECKSUMS,
        archive_folder.SHARED_FILES,
        archive_folder.SHARED_FILES_LOCK,
    }  # of one machine, or derived
)


def _is_backed_up(name: str) -> bool:
    """Return whether `name` is the path of a file within an archive that a backup has."""
    path = PurePosixPath(name)
    is_plain = name == path.as_posix() and "\0" not in name and not path.is_absolute() and ".." not in path.parts
    is_side_file = any(name.endswith(_DATABASE + ending) for ending in _SIDE_FILES)
    return (
        is_plain
        and name != "."
        and path.parts[0] not in _NOT_BACKED_UP | engine_names()
        and not is_side_file
        and path.suffix != UNFINISHED
    )


def _copied(
    archive: Path, target: Path, report: Callable[[str], None], progress: Progress | None
) -> dict[str, tuple[int, str]]:
    databases = databases_of(archive)
    if databases.shared.store:
        with closing(databases.open_store(writable=False)) as store:
            exchange(archive, databases, lambda: store, report)
    databases.copy_to(target)
    names = sorted(_names(archive, databases), key=lambda name: (not name.endswith(_DATABASE), name))
    files = {}
    for done, name in enumerate(names, 1):
        source, copy = _place(name, databases) or archive / name, target / name
        try:
            if name.endswith(_DATABASE):
                _copy_database(source, copy)
            else:
                files[name] = _copy(source.resolve(), copy)  # the target of a link: searchkit reads links in saved/
        except FileNotFoundError:  # removed since it was listed, for example by an erasure
            copy.unlink(missing_ok=True)
        if progress is not None:
            progress(done, len(names))
    if databases.shared != Shared():
        archive_folder.write_shared(target, Shared())
        shared = databases.read_text(archive_folder.FORGOTTEN)
        if shared is not None:  # it may be newer than that in the folder of this machine
            (target / archive_folder.FORGOTTEN).unlink(missing_ok=True)
            write_synced(target / archive_folder.FORGOTTEN, shared.encode())
            archive_folder.note_forgetting(target)
        for name in (archive_folder.MARKER, archive_folder.FORGOTTEN):
            if (target / name).exists():
                files[name] = _size_and_digest(target / name)
    return files


def _names(archive: Path, databases: Databases) -> Iterator[str]:
    if databases.shared.captures:
        for path in databases.captures.rglob("*.gz"):
            if path.is_file():
                yield f"{archive_folder.CAPTURES}/{path.relative_to(databases.captures).as_posix()}"
    # Links in the folder itself lead to what users keep elsewhere, such as captures on another disk.
    places = (archive, *(path for path in archive.iterdir() if path.is_symlink() and path.name not in engine_names()))
    for folder, subfolders, files in chain.from_iterable(map(os.walk, places)):
        if Path(folder) == archive:
            subfolders[:] = [name for name in subfolders if name not in engine_names()]
        for name in files:
            path = Path(folder) / name
            within = path.relative_to(archive).as_posix()
            is_elsewhere = _place(within, databases) is not None or (
                databases.shared.store and within in {archive_folder.STORE, archive_folder.FRONTIER}
            )
            if _is_backed_up(within) and path.is_file() and not is_elsewhere:
                yield within


def _make_parents(path: Path) -> None:
    """Create the folders of a file for the owner alone; `parents=True` would make all but the last world-readable."""
    for folder in reversed(path.parents):
        if not folder.exists():
            folder.mkdir(mode=0o700)


def _copy(source: Path, target: Path) -> tuple[int, str]:
    _make_parents(target)
    digest, size = hashlib.sha256(), 0
    with open_regular(source) as read_from, open(target, "xb", opener=private) as write_to:
        while chunk := read_from.read(_CHUNK):
            digest.update(chunk)
            size += write_to.write(chunk)
    return size, digest.hexdigest()


def _copy_database(source: Path, target: Path) -> None:
    _make_parents(target)
    try:
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as read_from,
            closing(sqlite3.connect(target)) as write_to,
        ):
            read_from.backup(write_to)
            write_to.execute("PRAGMA journal_mode=DELETE")
            (result,) = write_to.execute("PRAGMA integrity_check(1)").fetchone()
    except (sqlite3.Error, UnicodeError) as error:
        if getattr(error, "sqlite_errorname", "") == "SQLITE_FULL":
            raise storage_error(target.parent, OSError(errno.ENOSPC, "")) from error
        raise ArchiveError(f"{source} cannot be read: {error}.", hint="Find the damage: searchkit check") from error
    faults = chain(() if result == "ok" else (result,), orphans(target) if source.name == archive_folder.STORE else ())
    for fault in faults:
        raise ArchiveError(f"{source} is damaged: {fault}.", hint="Find the damage: searchkit check --full")
    target.chmod(0o600)


def _check(folder: Path, files: dict[str, tuple[int, str]]) -> None:
    """Raise ArchiveError if a file does not match its size and checksum."""
    for name, (size, digest) in files.items():
        path = folder / name
        links = [place for place in (folder, *map(folder.joinpath, PurePosixPath(name).parents)) if place.is_symlink()]
        if links:
            raise ArchiveError(f"{links[0]} is a link; a backup has none.", hint="Use another backup.")
        try:
            matches = _size_and_digest(path) == (size, digest)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise ArchiveError(f"{path} cannot be read: {reason}.", hint="Use another backup.") from error
        if not matches:
            raise ArchiveError(f"{path} is corrupt (checksum mismatch).", hint="Use another backup.")


def _size_and_digest(path: Path) -> tuple[int, str]:
    with open_regular(path) as file:
        return os.fstat(file.fileno()).st_size, hashlib.file_digest(file, "sha256").hexdigest()
