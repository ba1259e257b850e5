"""Private files that survive a crash, the errors of a folder that cannot be written, and data files of this package."""

import errno
import json
import os
import re
import stat
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BufferedReader, FileIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_args, get_origin

import msgspec
from msgspec.structs import fields as struct_fields

from searchkit.errors import ArchiveError, ConfigError, StorageFull, did_you_mean

if TYPE_CHECKING:
    import sqlite3

T = TypeVar("T", bound=msgspec.Struct)

UNFINISHED = ".tmp"
_DEEP_KEY = re.compile(r"(?<![\w\"'-])(?:[\w\"'-]{1,100}+[ \t]{0,8}+\.[ \t]{0,8}+){32}")
# Where msgspec found a mistake in a table.
_AT = re.compile(r" - at `\$\.(\w{1,60})")
_MAX_QUOTED = 60
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


@contextmanager
def storage_errors(path: Path, *, hint_end: str = ".") -> Iterator[None]:
    """Raise an OSError of the block as `storage_error`."""
    try:
        yield
    except OSError as error:
        raise storage_error(path, error, hint_end=hint_end) from error


def parse_json(written: str | bytes) -> Any:
    """Parse JSON. Raises ValueError with the reason for what is not JSON or nests too deep."""
    try:
        return json.loads(written)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def read_toml(content: bytes, place: str) -> dict[str, Any]:
    """Parse the TOML file `place`, which people write. ConfigError for what is not UTF-8, not TOML or nests too deep.

    The standard library takes memory quadratic in the parts of a key: 279 MB for a key of 16 kB.
    """
    import tomllib  # most runs have no file

    try:
        written = content.decode("utf-8-sig")
        table = None if _DEEP_KEY.search(written) else tomllib.loads(written)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ConfigError(f"{place} is not UTF-8, from line {line} on.", hint="Save it as UTF-8.") from error
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        hint = 'Put texts in quotation marks: "Xu".' if "Invalid value" in reason else "Fix it in an editor."
        raise ConfigError(f"{place} is not valid TOML: {reason}.", hint=hint) from error
    if table is None:
        raise ConfigError(f"{place} is not valid TOML: a key has too many parts.", hint="Fix it in an editor.")
    return table


def read_table(table: Mapping[str, Any], kind: type[T], place: str) -> T:
    """Return a table of a TOML file as a Struct; a text stands for a list of one text.

    ConfigError for a mistake. It begins with `place`, and says what to write: `extra={"write": ...}` in the Meta of a
    field, or what its type says."""
    known = {field.encode_name: field.type for field in struct_fields(kind)}
    for key in table:
        if key not in known:
            hint = f"Keys: {', '.join(known)}."
            raise ConfigError(f'{place}: unknown key "{quoted(key)}".{did_you_mean(key, known)}', hint=hint)
    stated = {key: [value] if isinstance(value, str) and is_list(known[key]) else value for key, value in table.items()}
    try:
        return msgspec.convert(stated, kind)
    except msgspec.ValidationError as error:
        at = _AT.search(str(error))
        key = at[1] if at else str(error).split("`")[1]
        problem = f"is {quoted(repr(table[key]))}" if at else "is missing"
        raise ConfigError(f"{place}: {key} {problem}.", hint=what_to_write(known[key])) from None


def quoted(text: str) -> str:
    """Return what somebody wrote as a message shows it: in one short line."""
    text = repr(text[: _MAX_QUOTED + 1])[1:-1]
    return text if len(text) <= _MAX_QUOTED else f"{text[:_MAX_QUOTED]}..."


def is_list(kind: Any) -> bool:
    """Return whether values of this type are lists."""
    return get_origin(get_args(kind)[0] if get_origin(kind) is Annotated else kind) is tuple


def what_to_write(kind: Any) -> str:
    """Return what to write for a value of this type."""
    from msgspec import inspect  # only a mistake needs it

    info = inspect.type_info(kind)
    if isinstance(info, inspect.Metadata):
        if info.extra:
            return str(info.extra["write"])
        info = info.type
    if isinstance(info, inspect.UnionType):
        info = next(part for part in info.types if not isinstance(part, inspect.NoneType))
    match info:
        case inspect.LiteralType():
            return f"Write one of: {', '.join(filter(None, map(str, info.values)))}."
        case inspect.IntType() | inspect.FloatType():
            return f"Write a number from {info.ge:g} to {info.le:,g}."
        case inspect.VarTupleType():
            return 'Write a list: ["...", "..."].'
    return "Write it in quotation marks."


def shipped_text(package: str, name: str) -> str:
    """Return the data file `name` that is installed with a package."""
    from importlib import resources  # loads tempfile and zipfile, which a query does not need

    return resources.files(package).joinpath(name).read_text(encoding="utf-8")


def shipped_sections(package: str, name: str) -> dict[str, str]:
    """Return the parts of a data file by the `[section]` above them."""
    parts = re.split(r"^\[([\w-]{1,20})\].{0,100}\n", shipped_text(package, name), flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def sql_script(module: str, name: str) -> str:
    """Return the script of SQL `name` beside the file of a module, without comments. Every command opens the store, and
    importlib.resources would take longer than that."""
    return re.sub(r"(?:^--.{1,200}\n)+", "\n", Path(module).with_name(name).read_text("ascii"), flags=re.MULTILINE)


def disk_usage(folder: Path) -> int:
    """Return the size of all files in a folder; a file with several names counts once."""
    sizes = {stat.st_ino: stat.st_size for path in folder.rglob("*") if path.is_file() for stat in (path.stat(),)}
    return sum(sizes.values())
