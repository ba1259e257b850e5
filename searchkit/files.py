"""Private files that survive a crash, the errors of a folder that cannot be written, and data files of this package."""

import errno
import json
import os
import re
import stat
import sys
from io import BufferedReader, FileIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from searchkit.errors import ArchiveError, StorageFull

if TYPE_CHECKING:
    import sqlite3

UNFINISHED = ".tmp"
_DEEP_KEY = re.compile(r"(?<![\w\"'-])(?:[\w\"'-]{1,100}+[ \t]{0,8}+\.[ \t]{0,8}+){32}")
# What SQLite itself adds to a schema. A forged trigger may have a reserved name too.
_OF_SQLITE = ("CREATE TABLE sqlite_sequence(name,seq)", "CREATE TABLE sqlite_stat1(tbl,idx,stat)")
# A limit on the size of files counts as a full disk.
NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def private(path: str, flags: int) -> int:
    """Open a file that only its owner can read, whatever the umask; an opener for `open`."""
    return os.open(path, flags, 0o600)


def open_regular(path: Path) -> BufferedReader:
    """Open a regular file for reading. OSError for anything else: a link, a FIFO that never ends, a device."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a regular file")
    return BufferedReader(FileIO(descriptor))


def harden(connection: "sqlite3.Connection", script: str) -> None:
    """Make SQLite distrust the content of a file, which may be forged.

    Raises sqlite3.DatabaseError if the file has tables, views or triggers other than those that `script` creates:
    SQLite would run them.
    """
    if sys.version_info >= (3, 12):
        import sqlite3

        connection.setconfig(sqlite3.SQLITE_DBCONFIG_DEFENSIVE, True)
    connection.execute("PRAGMA cell_size_check=ON")
    ours = {*_OF_SQLITE, *(statement.strip() for statement in script.split(";"))}
    for name, made in connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"):
        if made not in ours:
            from sqlite3 import DatabaseError

            raise DatabaseError(f"{name} is not part of it")


def sync(path: Path) -> None:
    """Sync a file or folder to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_synced(path: Path, content: bytes) -> None:
    """Write a private file and sync its content; its name lasts once its folder is synced."""
    with open(path, "wb", opener=private) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def write_atomically(path: Path, content: bytes) -> None:
    """Write a private file so that after a crash it is complete or unchanged. It is on disk when this returns. OSError
    if it fails."""
    temporary = path.with_name(path.name + UNFINISHED)
    try:
        write_synced(temporary, content)
        temporary.replace(path)
        sync(path.parent)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def storage_error(path: Path, error: OSError, *, hint_end: str = ".") -> ArchiveError | StorageFull:
    """Return the error to raise when a file or folder cannot be used; `hint_end` ends the hint for a full disk."""
    if error.errno in NO_SPACE:
        return StorageFull(f"No space left for {path}.", hint=f"Free some space and run the command again{hint_end}")
    return ArchiveError(f"{path} cannot be used: {error.strerror or error}.", hint="Check its permissions.")


def parse_json(written: str | bytes) -> Any:
    """Parse JSON. Raises ValueError with the reason for what is not JSON or nests too deep."""
    try:
        return json.loads(written)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def parse_toml(written: str) -> dict[str, Any]:
    """Parse TOML. Raises ValueError with the reason for what is not TOML or nests too deep.

    The standard library takes memory quadratic in the parts of a key: 279 MB for a key of 16 kB.
    """
    import tomllib  # most runs have no file

    if _DEEP_KEY.search(written):
        raise ValueError("a key has too many parts")
    try:
        return tomllib.loads(written)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def shipped_text(package: str, name: str) -> str:
    """Return the data file `name` that is installed with a package."""
    from importlib import resources  # loads tempfile and zipfile, which a query does not need

    return resources.files(package).joinpath(name).read_text(encoding="utf-8")


def shipped_sections(package: str, name: str) -> dict[str, str]:
    """Return the parts of a data file by the `[section]` above them."""
    parts = re.split(r"^\[([\w-]{1,20})\].{0,100}\n", shipped_text(package, name), flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def disk_usage(folder: Path) -> int:
    """Return the size of all files in a folder; a file with several names counts once."""
    sizes = {stat.st_ino: stat.st_size for path in folder.rglob("*") if path.is_file() for stat in (path.stat(),)}
    return sum(sizes.values())
