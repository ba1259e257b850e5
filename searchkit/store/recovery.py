"""Copy the intact rows of a damaged database into a new one, and complete a store that lacks rows.

A row whose checksum does not match is lost, however plausible it looks. A table with unreadable pages is read from both
ends, so that only what lies between two damaged places is lost.
"""

import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from searchkit.errors import ArchiveError
from searchkit.migrations import Schema
from searchkit.sqlite import ERRORS, sql_text
from searchkit.statements.document import Document
from searchkit.store import checking
from searchkit.store.base import Progress
from searchkit.store.near_duplicates import CopyGroups, sketch_or_exact
from searchkit.store.store import Store, open_store
from searchkit.store.tables import COLUMN

# Tables that `recover_store` fills from the documents.
_DERIVED = frozenset({"changes", "facts", "sketches", "sketch_hashes", "sketch_pairs"})
# A damaged key may claim to be far away.
_LARGEST_GAP = 1_000_000
_DELETED = (
    "SELECT document FROM (SELECT document, kind, max(sequence) FROM changes GROUP BY document) WHERE kind = 'delete'"
)


class CopiedRows(Struct, kw_only=True):
    """How many rows were copied, the keys of corrupt rows by table, and the tables of which other rows were
    unreadable."""

    rows: int = 0
    corrupt: dict[str, list[str]] = field(default_factory=dict)
    incomplete: set[str] = field(default_factory=set)


class LostDocument(Struct, frozen=True, kw_only=True):
    """A document whose last state is lost. `revision` is the earlier revision that replaces it, 0 if there is none;
    then its addresses are forgotten, so that it is indexed again when they are read."""

    id: str
    addresses: tuple[str, ...]
    title: str
    revision: int


def copy_rows(damaged: Path, target: Path, schema: Schema, *, skip_tables: Collection[str] = ()) -> CopiedRows:
    """Copy the intact rows of `damaged`, except those of `skip_tables`, into a new database at `target`.

    Raises sqlite3.Error or UnicodeError if `damaged` cannot be opened at all or `target` cannot be written.
    """
    done = CopiedRows()
    target.unlink(missing_ok=True)
    with closing(checking.open_database(damaged)) as source, closing(checking.create_database(target, schema)) as into:
        into.execute("BEGIN")
        tables = checking.tables_of(into)
        for table in tables.keys() - set(skip_tables):
            _copy_table(source, into, table, tables[table], schema, done)
        into.execute("COMMIT")
    return done


def _named_documents(damaged: Path, known: Iterable[str]) -> set[str]:
    """Return the ids of the documents that are `known` or that a damaged store names, except those it has deleted."""
    found = set(known)
    with closing(checking.open_database(damaged)) as source:
        for table in ("facts", "resources", "revisions"):
            with suppress(*ERRORS):
                found.update(str(document) for (document,) in source.execute(f"SELECT document FROM {table}"))  # noqa: S608 - our own names
        with suppress(*ERRORS):
            found.difference_update(document for (document,) in source.execute(_DELETED))
    return found - {""}


def recover_store(
    damaged: Path, target: Path, *, at: str, known: Iterable[str], last_change: int, progress: Progress | None = None
) -> tuple[CopiedRows, tuple[LostDocument, ...]]:
    """Make a consistent store at `target` from the intact rows of `damaged`.

    `known` are ids of documents that the store contained and `last_change` a number that its changes reached, as the
    index knows them. A document whose annotations do not match its text becomes outdated. `at` is the time (ISO 8601
    UTC). Errors as `copy_rows`, ArchiveError if the new store cannot be written.
    """
    copied = copy_rows(damaged, target, checking.STORE_SCHEMA, skip_tables=_DERIVED)
    with closing(open_store(target, writable=True)) as store:
        lost = _complete_documents(store, _named_documents(damaged, known), last_change, at)
        _complete_resources(store)
        groups, ids = CopyGroups(store.connection), list(store.ids())
        for done, document_id in enumerate(ids, 1):
            document = store.get(document_id)
            if document is not None:
                groups.place(document_id, sketch_or_exact(document)[0])
            if progress is not None:
                progress(done, len(ids))
        store.connection.execute(
            "DELETE FROM alert_deliveries WHERE (alert, record, change) NOT IN "
            "(SELECT alert, record, change FROM alert_records)"
        )
        store.connection.execute(
            "INSERT INTO alert_runs (id, at, notes) SELECT DISTINCT run, ?, '[]' FROM alert_records "
            "WHERE run > 0 AND run NOT IN (SELECT id FROM alert_runs)",
            at,
        )
        store.commit()
    return copied, lost


def _complete_documents(store: Store, known: set[str], last_change: int, at: str) -> tuple[LostDocument, ...]:
    """Remove documents that cannot be read; give the others their facts and changes."""
    connection = store.connection
    for document_id in list(store.ids()):
        document = _read(store.get, document_id)
        if document is None:
            connection.execute("DELETE FROM documents WHERE id = ?", document_id)
            known.add(document_id)
            continue
        if any(checking.record_faults(document)):
            connection.execute("UPDATE documents SET extractor = '0' || extractor WHERE id = ?", document_id)
        store.note_facts(document)
    connection.execute(
        "INSERT INTO changes (sequence, document, kind, at, mark) "
        "SELECT sequence, id, 'put', ?, hex(randomblob(8)) FROM documents",
        at,
    )
    # New changes have numbers after all earlier ones, because alerts remember how far they have come.
    for table in ("changes", "alerts"):
        last_change = max(last_change, connection.scalar(f"SELECT max(sequence) FROM {table}") or 0)  # noqa: S608 - our own names
    connection.execute("DELETE FROM sqlite_sequence WHERE name = 'changes'")
    connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('changes', ?)", last_change)
    return tuple(_revert(store, document_id, at) for document_id in sorted(known - {*store.ids()}))


def _revert(store: Store, document_id: str, at: str) -> LostDocument:
    """Go back to the last intact revision of a document, or remove what is left of it."""
    connection = store.connection
    addresses = tuple(connection.column("SELECT uri FROM resources WHERE document = ?", document_id))
    for number in sorted(store.revision_numbers(document_id), reverse=True):
        earlier = _read(store.past, document_id, number)
        connection.execute("DELETE FROM revisions WHERE document = ? AND revision = ?", document_id, number)
        if earlier is not None:
            store.write(replace(earlier, revision=number), at)
            # With an empty digest, the next run reads the resource again.
            connection.execute("UPDATE resources SET digest = '' WHERE document = ?", document_id)
            addresses = addresses or (earlier.uri,)
            return LostDocument(id=document_id, addresses=addresses, title=earlier.title or "", revision=number)
    store.delete(document_id, at)
    return LostDocument(id=document_id, addresses=addresses, title="", revision=0)


def _read(get: Callable[..., Document | None], *key: object) -> Document | None:
    """Return what `get` reads; None if it cannot be read, or if its text does not match its digest."""
    with suppress(ArchiveError):
        document = get(*key)
        return document if document is not None and checking.is_intact(document) else None
    return None


def _complete_resources(store: Store) -> None:
    """Give documents without a resource the one that their record names, and mark documents as gone."""
    connection = store.connection
    for document_id in connection.column("SELECT id FROM documents WHERE id NOT IN (SELECT document FROM resources)"):
        document = store.get(document_id)
        if document is not None:
            connection.execute(
                "INSERT OR IGNORE INTO resources (uri, digest, document, seen_at, source, fetched_at) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                *(sql_text(document.uri), document.raw_digest, document_id),
                *(document.last_seen, document.source, document.fetched_at),
            )
    connection.execute(
        "UPDATE facts SET gone_at = (SELECT max(gone_at) FROM resources WHERE resources.document = facts.document) "
        "WHERE document IN (SELECT document FROM resources GROUP BY document HAVING min(gone_at) <> '')"
    )


def _copy_table(
    source: sqlite3.Connection,
    into: sqlite3.Connection,
    table: str,
    columns: tuple[str, ...],
    schema: Schema,
    done: CopiedRows,
) -> None:
    (declared,) = into.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    keys = [row[1] for row in sorted(into.execute(f"PRAGMA table_info({table})"), key=lambda row: row[5]) if row[5]]
    by_number = not declared.endswith("WITHOUT ROWID")
    # The frontier's rows keep their numbers, which are the order in which pages were found.
    names = ("rowid", *columns) if by_number and "INTEGER PRIMARY KEY" not in declared else columns
    insert = f"INSERT OR IGNORE INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"  # noqa: S608 - our own names
    corrupt: dict[str, None] = {}
    kept: set[str] = set()
    for number, *row, checksum in _rows(source, table, columns, ["rowid"] if by_number else keys, done):
        key = checking.key_of(table, row)
        if schema.row_checksum(table, *row) != checksum:
            corrupt[key] = None
            continue
        kept.add(key)
        done.rows += into.execute(insert, row if len(names) == len(row) else (number, *row)).rowcount
    if missing := [key for key in corrupt if key not in kept]:
        done.corrupt[table] = missing


def _rows(
    source: sqlite3.Connection, table: str, columns: tuple[str, ...], keys: list[str], done: CopiedRows
) -> Iterator[list[Any]]:
    """Yield every row that can be read, some twice: its first key, its columns, its checksum."""
    select = f"SELECT {keys[0]}, {', '.join(columns)}, {COLUMN} FROM {table} NOT INDEXED"  # noqa: S608 - our own names
    ends: list[Any] = []
    for direction in ("", " DESC"):
        last = None
        try:
            for row in source.execute(f"{select} ORDER BY {', '.join(key + direction for key in keys)}"):
                yield row
                last = row[0]
        except ERRORS:
            ends.append(last)
        else:
            return
    done.incomplete.add(table)
    first, last = ends
    if keys == ["rowid"] and isinstance(first, int) and isinstance(last, int):
        for number in range(first + 1, min(last, first + _LARGEST_GAP)):
            with suppress(*ERRORS):
                yield from source.execute(f"{select} WHERE rowid = ?", (number,)).fetchall()
