"""The steps of migrations.py in PostgreSQL: the tables that change get another name, and their rows are copied."""

import re

from searchkit.errors import ArchiveError
from searchkit.migrations import FORMER, Schema
from searchkit.store.connection import REPAIR_HINT
from searchkit.store.postgres.connection import PostgresConnection
from searchkit.store.postgres.tables import Table, tables_of
from searchkit.store.tables import COLUMN

_INDEX = re.compile(r"CREATE INDEX (\w{1,80})")


def apply_step(connection: PostgresConnection, schema: Schema, number: int) -> None:
    """Make version `number` + 1 in the open transaction. ArchiveError if a row is corrupt."""
    step = schema.steps[number]
    before, after = tables_of(schema.at(number)), tables_of(schema.at(number + 1))
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old == new and name not in step.former:
            continue
        if old is not None:
            _set_aside(connection, old)
        if new is not None:
            connection.rows(new.create())
        if old is not None and new is not None:
            values = step.values.get(name, {})
            names = (*new.names, *(["rowid"] if new.has_rowid else []))
            selected = ", ".join(values.get(column, column) for column in names)
            connection.rows(f"INSERT INTO {name} ({', '.join(names)}) SELECT {selected} FROM {FORMER}{name}")  # noqa: S608 - ours
            if numbered := new.numbered or ("rowid" if new.has_rowid else ""):
                connection.set_last_number(name, numbered, connection.last_number(FORMER + name, numbered))
        if old is not None:
            connection.rows(f"DROP TABLE {FORMER}{name}")
    if step.finish is not None:
        step.finish(connection.rows)


def _set_aside(connection: PostgresConnection, table: Table) -> None:
    """Rename a table without its indexes."""
    faulty = connection.scalar(f"SELECT count(*) FROM {table.name} WHERE {COLUMN} <> {table.checksum()}")  # noqa: S608 - ours
    if faulty:
        raise ArchiveError(f"{faulty:,} rows of the table {table.name} are corrupt.", hint=REPAIR_HINT)
    for index in table.indexes:
        connection.rows(f"DROP INDEX {_INDEX.findall(index)[0]}")
    connection.rows(f"ALTER TABLE {table.name} RENAME TO {FORMER}{table.name}")
