"""Generations: an index as complete folders, one of which is current.

    CURRENT             the name of the current generation, with a checksum
    gen-00000012/       its files, never changed again, and manifest.json with the size and sha-256 of each
    gen-00000011/       the generation before; both share unchanged files by hard links
    gen-00000013.tmp/   a generation being written; the next writer removes what a dead writer left

A reader resolves CURRENT once and tries again on FileNotFoundError: two commits later the folder is gone. The archive
locks out other writers; a lock on the folder is the last defence.
"""

import errno
import fcntl
import os
import re
import zlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import msgspec
from msgspec import Struct

from searchkit.errors import NewerArchive
from searchkit.files import storage_error, sync, write_atomically, write_synced

CURRENT = "CURRENT"
MANIFEST = "manifest.json"
_NAME = re.compile(r"gen-(\d{8})")
_UNFINISHED = ".tmp"
# The folder of a rebuild; the next writer removes it like any unfinished generation.
REBUILT = f"gen-rebuilt{_UNFINISHED}"
# File systems without hard links, with too few of them, or two file systems.
_NO_LINKS = frozenset({errno.EPERM, errno.EMLINK, errno.EXDEV, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS})
_PRIVATE = 0o600


class DamagedFile(Exception):
    """A file of an index is corrupt."""


class SecondWriter(Exception):
    """Another process is writing to the same index."""


class Manifest(Struct, frozen=True, kw_only=True):
    """The last change of the store in a generation and its mark, the versions that wrote it, the engine's notes, and
    the size and sha-256 of each file."""

    applied: int
    versions: Mapping[str, int | str]
    engine: Mapping[str, Any]
    files: Mapping[str, tuple[int, str]]
    mark: str = ""


def current(folder: Path) -> Path | None:
    """Return the current generation of the index in `folder`, which may be gone by now; None if there is none.
    DamagedFile if CURRENT is corrupt."""
    try:
        pointer = (folder / CURRENT).read_text("ascii")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise DamagedFile(f"{CURRENT} is corrupt (checksum mismatch)") from error
    name = pointer.partition(" ")[0]
    if _NAME.fullmatch(name) is None or pointer != _pointer(name):
        raise DamagedFile(f"{CURRENT} is corrupt (checksum mismatch)")
    return folder / name


def read_manifest(generation: Path) -> Manifest:
    """Return the manifest of a generation. DamagedFile if it is corrupt, FileNotFoundError if it is gone."""
    checksum, _, content = (generation / MANIFEST).read_bytes().partition(b"\n")
    if checksum.decode("latin-1") != _checksum(content):
        raise DamagedFile(f"{MANIFEST} is corrupt (checksum mismatch)")
    return msgspec.json.decode(content, type=Manifest)


def refuse_newer(folder: Path, found: Mapping[str, int | str], ours: Mapping[str, int | str]) -> None:
    """Raise NewerArchive if a newer searchkit wrote the index in `folder`: two versions would rebuild it
    again and again."""
    for name, known in ours.items():
        version = found.get(name)
        if isinstance(version, int) and isinstance(known, int) and version > known:
            raise NewerArchive(
                f"The index {folder} has {name} version {version}; this searchkit supports up to {known}.",
                hint="Upgrade searchkit, or rebuild the index with this version: searchkit rebuild",
            )


def check(generation: Path, *, full: bool) -> None:
    """Raise DamagedFile if a file of the generation is missing or has another size, or if `full`, another checksum."""
    manifest = read_manifest(generation)
    for name, (size, digest) in manifest.files.items():
        path = generation / name
        try:
            found = path.stat().st_size
        except FileNotFoundError:
            raise DamagedFile(f"{name} is missing") from None
        if found != size:
            raise DamagedFile(f"{name} has {found:,} bytes, not {size:,}")
        if full:
            _refuse_changed(path, name, digest)


def mark(pointer: str) -> tuple[int, int] | None:
    """Return a value that changes with the current generation, which the file `pointer` names; None without one."""
    try:
        stat = os.stat(pointer)  # noqa: PTH116  # a Path takes twice as long, and every query asks several times
    except FileNotFoundError:
        return None
    return stat.st_mtime_ns, stat.st_ino


def kept(folder: Path) -> list[Path]:
    """Return the finished generations in `folder`, newest first."""
    found = [path for path in folder.glob("gen-*") if _NAME.fullmatch(path.name)]
    return sorted(found, key=lambda path: path.name, reverse=True)


def point_to(generation: Path) -> None:
    """Make a finished generation the current one, atomically."""
    folder = generation.parent
    write_atomically(folder / CURRENT, _pointer(generation.name).encode("ascii"))


def adopt(folder: Path, built: Path) -> None:
    """Move the current generation of the index in `built` to the index in `folder`, and remove `built`."""
    if not built.exists():  # nothing was indexed
        return
    found = current(built)
    lock = _Lock(folder)
    try:
        if found is not None:
            before = kept(folder)
            target = folder / _next_name(folder)
            found.rename(target)
            sync(folder)
            point_to(target)
            sweep(folder, before[0] if before else None)
        _remove(built)
    finally:
        lock.release()


def sweep(folder: Path, before: Path | None) -> None:
    """Remove every generation except the current one and `before`, and what dead writers left."""
    now = current(folder)
    for path in folder.iterdir():
        if path in (now, before) or path.name == CURRENT:
            continue
        if path.is_dir() and path.name.startswith("gen-"):
            _remove(path)
        elif path.is_file():  # left by a writer that died in `point_to`
            path.unlink(missing_ok=True)


def drop(folder: Path) -> None:
    """Remove the index in `folder`. If that is interrupted, there is no index, and the next writer builds one.

    ArchiveError or StorageFull if the disk fails."""
    if folder.is_dir():
        with suppress(OSError):  # CURRENT is a folder
            (folder / CURRENT).unlink(missing_ok=True)
        try:
            sync(folder)
        except OSError as error:
            raise storage_error(folder, error) from error
        _remove(folder)


def drop_others(folder: Path) -> None:
    """Remove everything but the current generation. SecondWriter if another process writes."""
    if folder.exists():
        lock = _Lock(folder)
        try:
            sweep(folder, None)
            sync(folder)
        finally:
            lock.release()


class NewGeneration:
    """A generation being written in `path`, beginning with all files of `base`. As a context manager, it is removed
    unless it is published. SecondWriter if another process writes.
    """

    def __init__(self, folder: Path, base: Path | None) -> None:
        self._folder = folder
        self._base = base
        self._given: Mapping[str, tuple[int, str]] = {}
        for each in (folder.parent, folder):  # parents=True would ignore the mode
            each.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = _Lock(folder)
        self.path = folder / f"{_next_name(folder)}{_UNFINISHED}"
        try:
            for leftover in folder.glob(f"gen-*{_UNFINISHED}"):
                _remove(leftover)
            self.path.mkdir(mode=0o700)
            if base is not None:
                self._given = read_manifest(base).files
                for name in self._given:
                    (self.path / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                    _link(base / name, self.path / name)
        except BaseException:
            self.close()
            raise

    def verify(self, name: str) -> None:
        """Raise DamagedFile if a file of `base` is corrupt. What is made from a file gets a new checksum, so each file
        is verified before it is merged or left out."""
        _refuse_changed(self.path / name, name, self._given[name][1])

    def publish(
        self, *, applied: int, mark: str = "", versions: Mapping[str, int | str], engine: Mapping[str, Any]
    ) -> None:
        """Sync everything, write the manifest, and make this the current generation."""
        files = {}
        for path in sorted(self.path.rglob("*")):
            name = path.relative_to(self.path).as_posix()
            if path.is_dir():
                sync(path)
            elif self._is_given(path, name):
                files[name] = self._given[name]
            else:
                path.chmod(_PRIVATE)
                sync(path)
                files[name] = (path.stat().st_size, _sha256(path))
        manifest = Manifest(applied=applied, mark=mark, versions=versions, engine=engine, files=files)
        content = msgspec.json.encode(manifest)
        write_synced(self.path / MANIFEST, _checksum(content).encode() + b"\n" + content)
        sync(self.path)
        target = self.path.with_suffix("")
        self.path.rename(target)
        sync(self._folder)
        point_to(target)
        sweep(self._folder, self._base)

    def _is_given(self, path: Path, name: str) -> bool:
        """Return whether the file is unchanged from the base; a rewritten file has another time."""
        if self._base is None or name not in self._given:
            return False
        stat, before = path.stat(), (self._base / name).stat()
        return (stat.st_size, stat.st_mtime_ns) == (before.st_size, before.st_mtime_ns)

    def close(self) -> None:
        _remove(self.path)
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


class _Lock:
    """A lock on the folder itself: it has no file that could be deleted, and ends with its holder."""

    def __init__(self, folder: Path) -> None:
        self._descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._descriptor)
            raise SecondWriter(f"Another process is writing to {folder}.") from error

    def release(self) -> None:
        os.close(self._descriptor)


def _pointer(name: str) -> str:
    return f"{name} {_checksum(name.encode())}\n"


def _next_name(folder: Path) -> str:
    found = kept(folder)
    return f"gen-{int(found[0].name[4:]) + 1 if found else 1:08}"


def _remove(folder: Path) -> None:
    import shutil  # a query does not need it

    shutil.rmtree(folder, ignore_errors=True)


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        import shutil

        shutil.copy2(source, target)
        sync(target)


def _checksum(content: bytes) -> str:
    return f"{zlib.crc32(content):08x}"


def _refuse_changed(path: Path, name: str, digest: str) -> None:
    if _sha256(path) != digest:
        raise DamagedFile(f"{name} is corrupt (checksum mismatch)")


def _sha256(path: Path) -> str:
    import hashlib  # loads OpenSSL, which a query does not need

    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
