"""Check a SQLite file: its structure, its tables, the checksum of each row, and references between rows; and whether
the annotations of a record match its text.

The file is only read. It may be in any state; text that is not valid UTF-8 is read with lone surrogates.
"""

import re
import sqlite3
import struct
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from searchkit.migrations import Schema
from searchkit.sqlite import ERRORS, open_read_only
from searchkit.statements.document import Document, document_digest
from searchkit.statements.text import Span
from searchkit.store.migrations import STEPS
from searchkit.store.tables import COLUMN, CREATE, FUNCTION, PAGE_BYTES, STORE_VERSION, row_checksum

# The types of values in columns that are declared so.
_TYPES = {"TEXT": "'text'", "INTEGER": "'integer'", "REAL": "'real', 'integer'", "BLOB": "'blob'"}
_OR_NULL = ", 'null'"
# For a damaged page, SQLite reports each of its cells.
MOST_REPORTED = 10
STORE_SCHEMA = Schema(version=STORE_VERSION, create=CREATE, row_checksum=row_checksum, steps=STEPS)
_ORPHANS = re.compile(r"^-- holds (.{1,100})\n([^;]{1,400});", re.MULTILINE)


def faults(path: Path, schema: Schema = STORE_SCHEMA, *, skip_tables: Collection[str] = ()) -> Iterator[str]:
    """Yield what is wrong with the file at `path`, without checking the rows of `skip_tables`."""
    if not path.is_file():
        yield "is not a file" if path.exists() else "is missing"
        return
    if not path.stat().st_size:
        yield "is empty"
        return
    try:
        with closing(open_database(path)) as connection, _empty(schema) as fresh:
            yield from _faults(connection, fresh, schema, skip_tables)
    except ERRORS as error:
        yield f"cannot be read: {one_line_error(error)}"
    yield from log_faults(path.with_name(path.name + "-wal"))


def orphans(path: Path) -> Iterator[str]:
    """Yield the rows of a store that refer to missing rows."""
    try:
        with closing(open_database(path)) as connection:
            yield from orphaned_rows(connection.execute)
    except ERRORS as error:
        yield f"cannot be read: {one_line_error(error)}"


def orphaned_rows(execute: Callable[[str], Iterable[Any]]) -> Iterator[str]:
    """Yield the rows of an open store that refer to missing rows."""
    for what, statement in _ORPHANS.findall(Path(__file__).with_name("orphans.sql").read_text("ascii")):
        for (key,) in execute(f"{statement} LIMIT {MOST_REPORTED}"):
            yield f"holds {what}: {printable(key)}"


def open_database(path: Path) -> sqlite3.Connection:
    """Open a database for reading, whatever its text contains. Errors as `open_read_only`."""
    connection = open_read_only(path)
    connection.text_factory = lambda content: content.decode("utf-8", "surrogateescape")
    return connection


def create_database(path: Path, schema: Schema) -> sqlite3.Connection:
    """Create a database, which is not synced to disk. `path` may be ":memory:"."""
    if str(path) != ":memory:":
        path.touch(mode=0o600)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.create_function(FUNCTION, -1, schema.row_checksum, deterministic=True)
    connection.executescript(
        f"PRAGMA page_size={PAGE_BYTES}; PRAGMA synchronous=OFF; "
        f"BEGIN; {schema.create} PRAGMA user_version={schema.version}; COMMIT;"
    )
    return connection


def _empty(schema: Schema) -> closing[sqlite3.Connection]:
    return closing(create_database(Path(":memory:"), schema))


def tables_of(connection: sqlite3.Connection) -> dict[str, tuple[str, ...]]:
    """Return the columns of each table but the checksum."""
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    return {
        name: tuple(row[1] for row in connection.execute(f"PRAGMA table_xinfo({name})") if row[1] != COLUMN)
        for (name,) in sorted(names)
        if not name.startswith("sqlite_")
    }


def one_line_error(error: Exception) -> str:
    """Return the message of a SQLite error without the text that it could not decode."""
    return str(error).partition(" with text ")[0]


def printable(value: object) -> str:
    """Return a key for a message, with undecodable bytes escaped."""
    return str(value).encode("utf-8", "backslashreplace").decode()[:200]


def key_of(table: str, row: Sequence[Any]) -> str:
    """Return the name of a row for a message."""
    size = 2 if table in {"revisions", "failures"} else 1
    return printable(" ".join(map(printable, row[:size])))


def corrupt_rows(table: str, rows: Iterable[Any], checksum: Callable[..., int]) -> Iterator[str]:
    """Yield the rows of a table, with their checksums as last values, that do not have the right `checksum`."""
    wrong = 0
    for *row, written in rows:
        if checksum(table, *row) != written:
            wrong += 1
            if wrong <= MOST_REPORTED:
                yield f"holds a corrupt row of {table} (checksum mismatch): {key_of(table, row)}"
    if wrong > MOST_REPORTED:
        yield f"holds {wrong - MOST_REPORTED:,} more corrupt rows of {table}"


def _faults(
    connection: sqlite3.Connection, fresh: sqlite3.Connection, schema: Schema, skip_tables: Collection[str]
) -> Iterator[str]:
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version != schema.version:
        yield f"has the unknown version {version}"
    else:
        expected, found = _declared(fresh), _declared(connection)
        for name in sorted(expected.keys() | found.keys()):
            if found.get(name) != expected.get(name):
                yield f"does not have the tables of version {version}: {printable(name)}"
        for (line,) in connection.execute(f"PRAGMA integrity_check({MOST_REPORTED})"):
            if line != "ok":
                yield f"is damaged: {' '.join(printable(line).split()).removeprefix('*** in database main *** ')}"
    for table in sorted((tables_of(fresh).keys() & tables_of(connection).keys()) - set(skip_tables)):
        try:
            yield from corrupt_rows(table, connection.execute(f"SELECT * FROM {table}"), schema.row_checksum)  # noqa: S608 - our own names
        except ERRORS as error:
            yield f"holds rows of {table} that cannot be read: {one_line_error(error)}"


def _declared(connection: sqlite3.Connection) -> dict[str, str]:
    found = connection.execute("SELECT name, coalesce(sql, '') FROM sqlite_master").fetchall()
    return {str(name): str(sql) for name, sql in found if not str(name).startswith("sqlite_stat")}


# --- records ---------------------------------------------------------------------------------------------------------


def is_intact(document: Document) -> bool:
    """Return whether title and text match the document's digest."""
    return document.digest == document_digest(document.title, document.text)


def record_faults(document: Document) -> Iterator[str]:
    """Yield what is wrong with a document."""
    if not is_intact(document):
        yield "its checksum does not match its title and text"
    text = Span(0, len(document.text))
    surfaces = [
        *((mention.span, mention.surface) for mention in document.mentions),
        *((date.span, date.surface) for date in document.dates),
        *((match.span, match.surface) for match in document.matches),
    ]
    for span, surface in surfaces:
        if not text.covers(span) or span.of(document.text) != surface:
            yield f"the text at {span.start} to {span.end} does not match its annotation"
    spans = [*document.paragraphs, *document.terms]
    for quote in document.quotes:
        spans += [
            span for span in (quote.content, quote.cue, quote.attribution, quote.via, quote.speaker.antecedent) if span
        ]
        if not quote.id.startswith(f"{document.id}-"):
            yield f"statement {quote.id} belongs to another document"
    for span in spans:
        if not text.covers(span):
            yield f"an annotation at {span.start} to {span.end} lies outside its text"
    if len({quote.id for quote in document.quotes}) != len(document.quotes):
        yield "two of its statements have the same id"


# --- forged files ----------------------------------------------------------------------------------------------------


def forged_rows(path: Path, schema: Schema = STORE_SCHEMA) -> Iterator[str]:
    """Yield the rows that have values of other types than their columns: we never wrote them.

    Raises one of `ERRORS` if the file cannot be read.
    """
    with _empty(schema) as fresh, closing(open_database(path)) as connection:
        for table in tables_of(fresh).keys() & tables_of(connection).keys():  # a killed run may have left none
            declared = [row[1:4] for row in fresh.execute(f"PRAGMA table_xinfo({table})") if row[1] != COLUMN]
            unfit = [
                f"typeof({name}) NOT IN ({_TYPES[kind]}{'' if is_required else _OR_NULL})"
                f"{f' OR {name} IN (9e999, -9e999)' if kind == 'REAL' else ''}"
                for name, kind, is_required in declared
            ]
            for row in connection.execute(f"SELECT * FROM {table} WHERE {' OR '.join(unfit)}"):  # noqa: S608 - our own names
                yield f"holds a row of {table} with values of the wrong type: {key_of(table, row)}"


# --- the write-ahead log ---------------------------------------------------------------------------------------------

_LOG_HEADER = struct.Struct(">8I")
_FRAME_HEADER = struct.Struct(">6I")


def log_faults(path: Path) -> Iterator[str]:
    """Yield what is wrong with a write-ahead log. SQLite silently stops reading at the first corrupt frame; this finds
    committed transactions from there on."""
    try:
        with path.open("rb") as file:
            header = file.read(_LOG_HEADER.size)
            if len(header) < _LOG_HEADER.size:
                return
            magic, _, size, _, *salts, first, second = _LOG_HEADER.unpack(header)
            words = ">" if magic & 1 else "<"
            sums = _checksum(words, header[:24], 0, 0)
            if magic & ~1 != 0x377F0682 or sums != (first, second):
                yield "has a corrupt log (-wal)"
                return
            broken = False
            while len(frame := file.read(_FRAME_HEADER.size + size)) == _FRAME_HEADER.size + size:
                _, commits, salt, more, first, second = _FRAME_HEADER.unpack_from(frame)
                # Older frames have other salts; a single flipped bit does not make our frame look older.
                if ((salt ^ salts[0]) << 32 | (more ^ salts[1])).bit_count() > 1:
                    break
                if not broken:
                    sums = _checksum(words, frame[_FRAME_HEADER.size :], *_checksum(words, frame[:8], *sums))
                    broken = sums != (first, second) or (salt, more) != tuple(salts)
                if broken and commits:
                    yield "has a log (-wal) in which a committed batch cannot be read"
                    return
    except FileNotFoundError:
        return
    except OSError as error:
        yield f"has a log (-wal) that cannot be read: {error.strerror}"


def _checksum(words: str, content: bytes, first: int, second: int) -> tuple[int, int]:
    """Return SQLite's checksum of its log, over pairs of 32-bit words."""
    for left, right in struct.iter_unpack(f"{words}II", content):
        first = (first + left + second) & 0xFFFFFFFF
        second = (second + right + first) & 0xFFFFFFFF
    return first, second
