"""Check the tables of an archive in PostgreSQL: their columns, and the checksum of each row."""

from collections.abc import Collection, Iterator
from contextlib import closing

from searchkit.cluster.postgres.database import PostgresDatabase
from searchkit.cluster.postgres.tables import TYPE_NAMES, Table
from searchkit.store.checking import corrupt_rows, orphaned_rows
from searchkit.store.tables import COLUMN

_COLUMNS = (
    "SELECT column_name, data_type FROM information_schema.columns "
    "WHERE table_schema = current_schema() AND table_name = ?"
)


def faults(database: PostgresDatabase, *, skip_tables: Collection[str] = ()) -> Iterator[str]:
    """Yield what is wrong with the tables, without checking the rows of `skip_tables`."""
    with closing(database.connect(writable=False)) as connection:
        for table in database.tables.values():
            found = dict(connection.rows(_COLUMNS, table.name))
            if found != _declared(table):
                yield f"does not have the tables of version {database.schema.version}: {table.name}"
            elif table.name not in skip_tables:
                names = ", ".join((*table.names, COLUMN))
                rows = connection.stream(f"SELECT {names} FROM {table.name}")  # noqa: S608 - ours
                yield from corrupt_rows(table.name, rows, connection.row_checksum)


def orphans(database: PostgresDatabase) -> Iterator[str]:
    """Yield the rows of a store that refer to missing rows."""
    with closing(database.connect(writable=False)) as connection:
        connection.execute("SET work_mem = '256MB'")  # so that a list of all documents is looked up, not searched
        yield from orphaned_rows(connection.rows)


def _declared(table: Table) -> dict[str, str]:
    columns = {column.name: TYPE_NAMES[column.kind] for column in table.columns}
    return {**columns, COLUMN: "bigint", **({"rowid": "bigint"} if table.has_rowid else {})}
