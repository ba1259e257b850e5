"""Whether a file of SQLite is what was written: its form, its tables, the seal of each row, what rows say of others.

takes:    the file of a store, or of another database whose rows have seals; it is read only
gives:    what is wrong, a line each, in any state of the file
does not: read records (the archive does), mend
traps:    rows are read as they lie there, text that is no UTF-8 any more as well
"""

import sqlite3
import struct
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from searchkit.store.connection import ERRORS, NO_SHARED_MEMORY
from searchkit.store.row_checksums import COLUMN, FUNCTION, seal
from searchkit.store.tables import INDEXES, MAY_LACK, SEALED_SINCE, STEPS

# Of a page that is gone SQLite tells something about each of its cells.
_TOLD = 10
_BUSY_SECONDS = 10.0


class Form(Struct, frozen=True, kw_only=True):
    """What a database is meant to be: the steps that make its tables, what may be there beside them, what may be
    missing in which version, and how the seal of a row comes from its table and values."""

    steps: Sequence[str]
    beside: str = ""
    may_lack: Mapping[int, Collection[str]] = field(default_factory=dict)
    sealed_since: int = 1
    seal: Callable[..., int] = seal


STORE = Form(steps=STEPS, beside=INDEXES, may_lack=MAY_LACK, sealed_since=SEALED_SINCE)

# What each row needs elsewhere: what is wrong with those that this finds, by their first column.
_ORPHANS = {
    "facts of a document that is not there": (
        "SELECT document FROM facts WHERE NOT EXISTS (SELECT 1 FROM documents WHERE id = document)"
    ),
    "a document without facts": ("SELECT id FROM documents WHERE NOT EXISTS (SELECT 1 FROM facts WHERE document = id)"),
    "revisions of a document that is not there": (
        "SELECT DISTINCT document FROM revisions WHERE NOT EXISTS (SELECT 1 FROM documents WHERE id = document)"
    ),
    "an address of a document that is not there": (
        "SELECT uri FROM resources WHERE NOT EXISTS (SELECT 1 FROM documents WHERE id = document)"
    ),
    "a document that the changes do not know as it is": (
        "SELECT id FROM documents WHERE NOT EXISTS (SELECT 1 FROM changes WHERE changes.sequence = documents.sequence "
        "AND document = id AND kind = 'put')"
    ),
    "a document whose last change is that it was removed": (
        "SELECT document FROM (SELECT document, kind, max(sequence) FROM changes GROUP BY document) "
        "WHERE kind = 'delete' AND EXISTS (SELECT 1 FROM documents WHERE id = document)"
    ),
    "a change of a document that is not there": (
        "SELECT document FROM (SELECT document, kind, max(sequence) FROM changes GROUP BY document) "
        "WHERE kind = 'put' AND NOT EXISTS (SELECT 1 FROM documents WHERE id = document)"
    ),
    "a document whose sketch is not there": (
        "SELECT document FROM facts WHERE sketch IS NOT NULL "
        "AND NOT EXISTS (SELECT 1 FROM sketches WHERE id = facts.sketch)"
    ),
    "a sketch of no document": (
        "SELECT id FROM sketches WHERE NOT EXISTS (SELECT 1 FROM facts WHERE facts.sketch = sketches.id)"
    ),
    "hashes of a sketch that is not there": (
        "SELECT DISTINCT sketch FROM sketch_hashes "
        "WHERE NOT EXISTS (SELECT 1 FROM sketches WHERE id = sketch_hashes.sketch)"
    ),
    "half a pair of copies": (
        "SELECT sketch FROM sketch_pairs AS one WHERE NOT EXISTS "
        "(SELECT 1 FROM sketch_pairs AS two WHERE two.sketch = one.other AND two.other = one.sketch) "
        "OR NOT EXISTS (SELECT 1 FROM sketches WHERE id = one.sketch)"
    ),
    "a group of copies without its first": (
        "SELECT DISTINCT copies FROM facts AS one WHERE copies <> '' AND NOT EXISTS "
        "(SELECT 1 FROM facts AS two WHERE two.document = one.copies AND two.copies = one.copies)"
    ),
    "what is to be told of a record that no alert has found": (
        "SELECT record FROM alert_deliveries WHERE NOT EXISTS (SELECT 1 FROM alert_records "
        "WHERE alert_records.alert = alert_deliveries.alert AND alert_records.record = alert_deliveries.record "
        "AND alert_records.change = alert_deliveries.change)"
    ),
    "a record found by a run that is not there": (
        "SELECT record FROM alert_records WHERE run > 0 AND NOT EXISTS (SELECT 1 FROM alert_runs WHERE id = run)"
    ),
}


def faults(path: Path, form: Form = STORE, *, but: Collection[str] = ()) -> Iterator[str]:
    """What is wrong with the file at `path`; the seals of the tables `but` are not looked at."""
    if not path.is_file():
        yield "is missing" if not path.exists() else "is no file"
        return
    if not path.stat().st_size:
        yield "is empty"
        return
    try:
        with closing(opened(path)) as connection:
            yield from _form_faults(connection, form)
            yield from _seal_faults(connection, form, but)
    except ERRORS as error:
        yield f"cannot be read: {told(error)}"
    yield from log_faults(path.with_name(path.name + "-wal"))


def orphans(path: Path) -> Iterator[str]:
    """The rows of a store that speak of others which are not there."""
    try:
        with closing(opened(path)) as connection:
            if version(connection) < SEALED_SINCE:
                return
            for what, statement in _ORPHANS.items():
                for (key,) in connection.execute(f"{statement} LIMIT {_TOLD}"):
                    yield f"holds {what}: {printable(key)}"
    except ERRORS as error:
        yield f"cannot be read: {told(error)}"


def opened(path: Path) -> sqlite3.Connection:
    """The database for reading. Bytes of a text that are no UTF-8 become lone surrogates."""
    address = path.absolute().as_uri()
    connection = sqlite3.connect(f"{address}?mode=ro", uri=True, timeout=_BUSY_SECONDS, isolation_level=None)
    try:
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except ERRORS as error:
        connection.close()
        log = path.with_name(f"{path.name}-wal")
        newest_in_log = log.exists() and log.stat().st_size > 0
        if getattr(error, "sqlite_errorname", "") not in NO_SHARED_MEMORY or newest_in_log:
            raise
        # In a folder we may not write to, what WAL needs cannot be made: read the file as it lies there.
        connection = sqlite3.connect(f"{address}?immutable=1", uri=True, isolation_level=None)
    connection.text_factory = lambda content: content.decode("utf-8", "surrogateescape")
    return connection


def version(connection: sqlite3.Connection) -> int:
    """The version of its tables that a database claims."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def made(form: Form, number: int) -> dict[str, str]:
    """The SQL of each table and index of a new database of this version, by name."""
    with closing(new(form, number, Path(":memory:"))) as connection:
        return _declared(connection)


def needed(form: Form, number: int) -> dict[str, str]:
    """Of what `made` gives that which every database of this version has."""
    return {name: sql for name, sql in made(form, number).items() if name not in form.may_lack.get(number, ())}


def new(form: Form, number: int, path: Path) -> sqlite3.Connection:
    """A new database of this version at `path`, which may be ":memory:"."""
    if str(path) != ":memory:":
        path.touch(mode=0o600)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.create_function(FUNCTION, -1, form.seal, deterministic=True)
    steps = "".join(form.steps[:number])
    # Whoever wants the file to last syncs it.
    connection.executescript(f"PRAGMA synchronous=OFF; BEGIN; {steps} PRAGMA user_version={number}; COMMIT;")
    return connection


def _declared(connection: sqlite3.Connection) -> dict[str, str]:
    found = connection.execute("SELECT name, coalesce(sql, '') FROM sqlite_master").fetchall()
    return {str(name): str(sql) for name, sql in found if not str(name).startswith("sqlite_stat")}


def columns(connection: sqlite3.Connection, table: str) -> list[str]:
    """The columns of a table that are written, in order: all but the seal."""
    return [row[1] for row in connection.execute(f"PRAGMA table_xinfo({table})") if row[1] != COLUMN]


def tables(declared: Collection[str], connection: sqlite3.Connection) -> list[str]:
    """The tables of ours among what is `declared`."""
    found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    return sorted(name for (name,) in found if name in declared and not name.startswith("sqlite_"))


def told(error: Exception) -> str:
    """An error of SQLite in a line, without the text that it could not read."""
    return str(error).partition(" with text ")[0]


def printable(value: object) -> str:
    """A key in a line; bytes that are no text are escaped."""
    return str(value).encode("utf-8", "backslashreplace").decode()[:200]


def _form_faults(connection: sqlite3.Connection, form: Form) -> Iterator[str]:
    number = version(connection)
    if not 0 < number <= len(form.steps):
        yield f"says that it is of version {number}, which is unknown"
        return
    expected = needed(form, number)
    with closing(new(form, number, Path(":memory:"))) as fresh:
        fresh.executescript(form.beside)
        allowed = _declared(fresh)
    found = _declared(connection)
    for name in sorted(allowed.keys() | found.keys()):
        if found.get(name) != allowed.get(name) and (name in found or name in expected):
            yield f"has not the tables of its version {number}: {printable(name)}"
    for (line,) in connection.execute(f"PRAGMA integrity_check({_TOLD})"):
        if line != "ok":
            yield f"is damaged: {' '.join(printable(line).split()).removeprefix('*** in database main *** ')}"


def _seal_faults(connection: sqlite3.Connection, form: Form, but: Collection[str]) -> Iterator[str]:
    number = version(connection)
    if not form.sealed_since <= number <= len(form.steps):
        return
    for table in tables(made(form, number), connection):
        if table in but:
            continue
        wrong = 0
        try:
            for *row, sealed in connection.execute(f"SELECT * FROM {table}"):  # noqa: S608 - our own names
                if form.seal(table, *row) != sealed:
                    wrong += 1
                    if wrong <= _TOLD:
                        yield f"holds a row of {table} that is not as it was written: {key_of(table, row)}"
        except ERRORS as error:
            yield f"holds rows of {table} that cannot be read: {told(error)}"
        if wrong > _TOLD:
            yield f"holds {wrong - _TOLD:,} more rows of {table} that are not as they were written"


def key_of(table: str, row: Sequence[Any]) -> str:
    """What a row is called in a line."""
    return printable(" ".join(map(printable, row[: 2 if table in {"revisions", "held", "failed"} else 1])))


# --- the log of what was committed last -----------------------------------------------------------------------------

_LOG_HEADER = struct.Struct(">8I")
_FRAME_HEADER = struct.Struct(">6I")


def log_faults(path: Path) -> Iterator[str]:
    """SQLite ends its reading of a write-ahead log at the first frame that is not as it was written, and says nothing:
    this tells whether a transaction that was committed stands behind that."""
    try:
        with path.open("rb") as file:
            header = file.read(_LOG_HEADER.size)
            if len(header) < _LOG_HEADER.size:
                return
            magic, _, size, _, *salts, first, second = _LOG_HEADER.unpack(header)
            words = ">" if magic & 1 else "<"
            sums = _checksum(words, header[:24], 0, 0)
            if magic & ~1 != 0x377F0682 or sums != (first, second):
                yield "has a log (-wal) that is not as it was written"
                return
            broken = False
            while len(frame := file.read(_FRAME_HEADER.size + size)) == _FRAME_HEADER.size + size:
                _, commits, salt, more, first, second = _FRAME_HEADER.unpack_from(frame)
                # Older frames, which are written over, have other salts; a flipped bit makes no others of these.
                if ((salt ^ salts[0]) << 32 | (more ^ salts[1])).bit_count() > 1:
                    break
                if not broken:
                    sums = _checksum(words, frame[_FRAME_HEADER.size :], *_checksum(words, frame[:8], *sums))
                    broken = sums != (first, second) or (salt, more) != tuple(salts)
                if broken and commits:
                    yield "has a log (-wal) in which a batch that was committed cannot be read"
                    return
    except FileNotFoundError:
        return
    except OSError as error:
        yield f"has a log (-wal) that cannot be read: {error.strerror}"


def _checksum(words: str, content: bytes, first: int, second: int) -> tuple[int, int]:
    """SQLite's checksum of its log, over pairs of 32-bit words."""
    for one, two in struct.iter_unpack(f"{words}II", content):
        first = (first + one + second) & 0xFFFFFFFF
        second = (second + two + first) & 0xFFFFFFFF
    return first, second
