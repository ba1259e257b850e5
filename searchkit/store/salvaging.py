"""What is whole in a damaged database, put into a new one.

takes:    a database that may be damaged anywhere, its first page too; what its rows may be called
gives:    a new file with every row that can be read and whose seal holds; the keys of the rows that are lost
does not: make up for what is lost (mending.py does), change the damaged file
traps:    around pages that cannot be read a table is read from both ends; what lies between is tried key by key
"""

import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from operator import itemgetter
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from searchkit.store.checking import STORE, Form, columns, key_of, made, needed, new, opened, tables, version
from searchkit.store.connection import ERRORS

# Where numbers are the keys, so many between two that are known are tried.
_NUMBERS_TRIED = 100_000
_HEADER = 100
_INTERIOR = 5

Row = tuple[Any, ...]
Hints = Callable[[sqlite3.Connection], Mapping[str, Iterable[str]]]
"""Called with a damaged database: by table, what the first column of its key may be in its rows."""


class Salvaged(Struct, kw_only=True):
    """How many rows were put into the new file, and by table the keys of those that are known to be lost; `torn` are
    the tables of which more may be lost."""

    rows: int = 0
    lost: dict[str, list[str]] = field(default_factory=dict)
    torn: set[str] = field(default_factory=set)


def store_hints(connection: sqlite3.Connection) -> Mapping[str, Iterable[str]]:
    """Ids of documents and addresses, wherever a store speaks of them."""
    documents = _every(
        connection,
        *("SELECT id FROM documents", "SELECT document FROM facts", "SELECT document FROM resources"),
        *("SELECT document FROM revisions", "SELECT document FROM changes", "SELECT document FROM alert_records"),
    )
    addresses = _every(connection, "SELECT uri FROM resources", "SELECT uri FROM held", "SELECT uri FROM failed")
    return {
        **dict.fromkeys(("documents", "facts", "revisions"), documents),
        **dict.fromkeys(("resources", "held", "failed"), addresses),
    }


def no_hints(connection: sqlite3.Connection) -> Mapping[str, Iterable[str]]:
    """Nothing is known."""
    del connection
    return {}


def salvage(damaged: Path, target: Path, *, form: Form = STORE, hints: Hints = store_hints) -> Salvaged:
    """Put what is whole of `damaged` into a new database at `target`, of the same version. OSError or sqlite3.Error
    when `target` cannot be written."""
    done = Salvaged()
    target.unlink(missing_ok=True)
    with closing(_source(damaged, target.with_name(target.name + ".copy"), form)) as source:
        number = _version(source, form)
        with closing(new(form, number, target)) as into:
            into.execute("BEGIN")
            known = hints(source)
            every = tables(made(form, number), into)
            if not source.execute("PRAGMA database_list").fetchone()[2]:
                done.torn.update(every)
            for table in every:
                _copy(source, into, table, form if number >= form.sealed_since else None, known.get(table, ()), done)
            into.execute("COMMIT")
    target.with_name(target.name + ".copy").unlink(missing_ok=True)
    return done


def _copy(
    source: sqlite3.Connection,
    into: sqlite3.Connection,
    table: str,
    sealed: Form | None,
    hints: Iterable[str],
    done: Salvaged,
) -> None:
    names = columns(into, table)
    values = ", ".join("?" * len(names))
    statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({values})"  # noqa: S608 - names of our own tables
    lost: dict[str, None] = {}
    kept: set[str] = set()
    places = [(str(row[1]), int(row[5])) for row in into.execute(f"PRAGMA table_xinfo({table})")]
    keys = [name for name, place in sorted(places, key=itemgetter(1)) if place]
    selected = [*names, "seal"] if sealed else names
    for row in _rows(source, _Table(name=table, columns=selected, keys=keys), hints, lost, done):
        content = row[: len(names)]
        name = key_of(table, content)
        if name in kept:
            continue
        if sealed is not None and sealed.seal(table, *content) != row[-1]:
            lost[name] = None
            continue
        try:
            into.execute(statement, content)
        except (UnicodeEncodeError, sqlite3.IntegrityError, sqlite3.DataError):  # of a version without seals
            lost[name] = None
        else:
            done.rows += 1
            kept.add(name)
    missing = [key for key in lost if key not in kept]
    if missing:
        done.lost[table] = missing


class _Table(Struct, frozen=True, kw_only=True):
    name: str
    columns: Sequence[str]
    keys: Sequence[str]

    def select(self, condition: str = "", *, names: Sequence[str] = (), backward: bool = False) -> str:
        order = ", ".join(f"{key} DESC" if backward else key for key in self.keys)
        what = ", ".join(names or self.columns)
        return f"SELECT {what} FROM {self.name} {condition} ORDER BY {order}"  # noqa: S608 - names of our own tables

    def key(self, row: Row) -> Row:
        return tuple(row[self.columns.index(key)] for key in self.keys)

    def beyond(self, sign: str) -> str:
        return f"WHERE ({', '.join(self.keys)}) {sign} ({', '.join('?' * len(self.keys))})"


def _rows(
    source: sqlite3.Connection, table: _Table, hints: Iterable[str], lost: dict[str, None], done: Salvaged
) -> Iterator[Row]:
    """Every row that can be read; some several times."""
    ends: list[Row | None] = []
    for backward in (False, True):
        last: Row | None = None
        begun: set[Row] = set()
        while True:
            condition = table.beyond("<" if backward else ">") if last else ""
            try:
                for row in source.execute(table.select(condition, backward=backward), last or ()):
                    yield row
                    last = table.key(row)
            except ERRORS:
                following = _next_key(source, table, condition, last, backward=backward)
                # In a damaged tree what comes next may be what was there before.
                if following is None or following in begun:
                    break
                begun.add(following)
                last = following  # the row has a key, and more of it cannot be read
                lost[key_of(table.name, following)] = None
            else:
                return
        ends.append(last)
    done.torn.add(table.name)
    yield from _between(source, table, hints, ends[0], ends[1], lost)
    with suppress(*ERRORS):  # rows that are kept by number are whole where the index of their keys is not
        yield from source.execute(f"SELECT {', '.join(table.columns)} FROM {table.name} NOT INDEXED")  # noqa: S608 - as above


def _next_key(
    source: sqlite3.Connection, table: _Table, condition: str, last: Row | None, *, backward: bool
) -> Row | None:
    try:
        statement = f"{table.select(condition, names=table.keys, backward=backward)} LIMIT 1"
        found = source.execute(statement, last or ()).fetchone()
    except ERRORS:
        return None
    return tuple(found) if found else None


def _between(
    source: sqlite3.Connection,
    table: _Table,
    hints: Iterable[str],
    first: Row | None,
    last: Row | None,
    lost: dict[str, None],
) -> Iterator[Row]:
    """The rows that can be found by key between two that can be read."""
    tried: Iterable[Any] = hints
    if not hints and first and last and isinstance(first[0], int) and isinstance(last[0], int):
        tried = range(first[0] + 1, min(last[0], first[0] + _NUMBERS_TRIED))
    for key in tried:
        try:
            yield from source.execute(table.select(f"WHERE {table.keys[0]} = ?"), (key,)).fetchall()
        except ERRORS:
            lost[key_of(table.name, (key,))] = None


def _every(connection: sqlite3.Connection, *statements: str) -> list[str]:
    """The first column of what can be read of all `statements`, each value once."""
    found: dict[str, None] = {}
    for statement in statements:
        with suppress(*ERRORS):
            for (value,) in connection.execute(statement):
                found[str(value)] = None
    return list(found)


# --- a database that does not open -----------------------------------------------------------------------------------


def _source(damaged: Path, copy: Path, form: Form) -> sqlite3.Connection:
    """The damaged database, or a copy of it with a sound header, or with the table of tables that new ones have."""
    number = len(form.steps)
    for pages in (None, False, True):
        if pages is not None:
            try:
                _grafted(damaged, copy, form, whole=pages)
            except (OSError, *ERRORS):
                continue
        try:
            connection = opened(damaged if pages is None else copy)
        except ERRORS:
            continue
        try:
            number = _version(connection, form)
            expected = needed(form, number)
            found = dict(connection.execute("SELECT name, coalesce(sql, '') FROM sqlite_master").fetchall())
            if all(found.get(name) == sql for name, sql in expected.items()):
                connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
                return connection
        except ERRORS:
            pass
        connection.close()
    copy.unlink(missing_ok=True)
    try:
        connection = opened(damaged)
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except ERRORS:
        return new(form, number, Path(":memory:"))  # nothing of it can be read: one without a file stands for it
    return connection


def _version(connection: sqlite3.Connection, form: Form) -> int:
    """The version whose tables a database has; what it claims, when that is one, else the newest."""
    names = {str(name) for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    newest, claimed = len(form.steps), version(connection)
    claimed = claimed if 0 < claimed <= newest else newest
    fitting = (number for number in (claimed, *range(newest, 0, -1)) if needed(form, number).keys() <= names)
    return next(fitting, claimed)


def _grafted(damaged: Path, copy: Path, form: Form, *, whole: bool) -> None:
    """Copy a database, with the header of a new one of the newest version, or all pages of its table of tables."""
    fresh = copy.with_name(copy.name + ".fresh")
    fresh.unlink(missing_ok=True)
    try:
        with closing(new(form, len(form.steps), fresh)) as made_new:
            made_new.executescript(form.beside)
            size = int(made_new.execute("PRAGMA page_size").fetchone()[0])
        content = fresh.read_bytes()
    finally:
        fresh.unlink(missing_ok=True)
    shutil.copyfile(damaged, copy)
    pages = copy.stat().st_size // size
    with copy.open("r+b") as file:
        file.write(content[: size if whole else _HEADER])
        for page in _children(content, size) if whole else ():
            file.seek((page - 1) * size)
            file.write(content[(page - 1) * size : page * size])
        file.seek(28)
        file.write(pages.to_bytes(4))
        # No free pages are known; none are needed for reading.
        file.seek(32)
        file.write(bytes(8))


def _children(content: bytes, size: int) -> Iterator[int]:
    """The pages below the first: the table of tables has one level of them at most."""
    first = content[:size]
    if first[_HEADER] != _INTERIOR:
        return
    for number in range(int.from_bytes(first[_HEADER + 3 : _HEADER + 5])):
        place = _HEADER + 12 + 2 * number
        cell = int.from_bytes(first[place : place + 2])
        yield int.from_bytes(first[cell : cell + 4])
    yield int.from_bytes(first[_HEADER + 8 : _HEADER + 12])
