"""Migrations: how a database that an earlier searchkit made becomes one of this version.

A database has a version, the script that creates its tables, and a step for each earlier version that this searchkit
migrates. CONTRIBUTING.md ("How to change a stored format") says how to add a step.
"""

import re
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any

from msgspec import Struct

from searchkit.errors import OlderArchive, SearchkitError, from_sqlite, interruptible
from searchkit.files import harden

Run = Callable[..., list[Any]]
"""Runs a statement with its values, and returns its rows."""

_NAME = re.compile(r"\s{0,200}CREATE (?:UNIQUE )?(?:TABLE|INDEX) (\w{1,80})")
_CHECKSUM = re.compile(r"(\w{1,80}) INTEGER NOT NULL GENERATED ALWAYS AS \((.{1,9000})\) STORED")
RESTORE_HINT = "Restore a backup, or repair it with the searchkit that made it."
# The name of a table while its rows are copied.
FORMER = "former_"


class Step(Struct, frozen=True, kw_only=True):
    """How to make the next version of a database.

    `former` has, by name, the statement that created each table or index in the earlier version if the next version
    has another one, or none; it is empty if the earlier version did not have it. `values` has, by table and column, the
    SQL of values that are not copied, as SQLite and PostgreSQL read it. `finish` does what SQL cannot.
    `row_checksum` is that of the earlier version, if it differs."""

    former: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]] = MappingProxyType({})
    finish: Callable[[Run], None] | None = None
    row_checksum: Callable[..., int] | None = None


class Schema(Struct, frozen=True, kw_only=True):
    """What a database must be: its version, the script that creates its tables, how the checksum of a row follows from
    its table and values, and the steps by the version from which they lead to the next."""

    version: int
    create: str
    row_checksum: Callable[..., int]
    steps: Mapping[int, Step] = MappingProxyType({})

    def at(self, version: int) -> "Schema":
        """Return the schema of an earlier version."""
        statements = statements_of(self.create)
        for number in sorted((number for number in self.steps if number >= version), reverse=True):
            statements |= self.steps[number].former
        create = "".join(f"{statement.strip()};\n" for statement in statements.values() if statement)
        return Schema(version=version, create=create, row_checksum=self.row_checksum)


def statements_of(create: str) -> dict[str, str]:
    """Return the statements of a script by the names of the tables and indexes that they create."""
    return {found[1]: found.string for found in map(_NAME.match, create.split(";")) if found}


def migrate_file(path: Path, schema: Schema, *, called: str) -> int:
    """Migrate a SQLite file in one transaction; return the version that it had, 0 if there was nothing to do.

    Only under the archive's lock. Raises ArchiveError for a damaged file, OlderArchive for a version without migration,
    StorageFull for a full disk; then the file is as before."""
    version = _version(path)
    if not 0 < version < schema.version:
        return 0  # whoever opens it reports a later version
    refuse_unknown(f"{called} {path}", version, schema)
    try:
        with closing(sqlite3.connect(path, timeout=10.0, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous=FULL")
            harden(connection, schema.at(version).create)
            connection.execute("BEGIN IMMEDIATE")
            for number in range(version, schema.version):
                _apply(connection, schema, number)
            connection.execute(f"PRAGMA user_version={schema.version}")
            connection.execute("COMMIT")
    except (sqlite3.Error, UnicodeError) as error:
        raise _translated(error, path, called) from error
    return version


def _version(path: Path) -> int:
    """Return the version of a file; 0 if there is none, or if it cannot be read, which whoever opens it reports."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as opened:
        return int(opened.execute("PRAGMA user_version").fetchone()[0])
    return 0


def refuse_unknown(what: str, version: int, schema: Schema) -> None:
    """Raise OlderArchive if no steps lead from an earlier version to that of the schema."""
    if missing := set(range(version, schema.version)) - schema.steps.keys():
        raise OlderArchive(
            f"{what} has version {version}, from which no migration exists (from {max(missing) + 1} on).",
            hint="Index your sources again into a new folder, or use the searchkit that made it.",
        )


def _translated(error: Exception, path: Path, called: str) -> SearchkitError:
    return from_sqlite(
        error, path, called=called, kind=f"searchkit {called}", kept="committed", repair_hint=RESTORE_HINT
    )


def _apply(connection: sqlite3.Connection, schema: Schema, number: int) -> None:
    """Make version `number` + 1: the tables that change get another name, and their rows are copied."""
    step, after = schema.steps[number], statements_of(schema.at(number + 1).create)

    def run(statement: str, *values: object) -> list[Any]:
        return connection.execute(statement, values).fetchall()

    def create(kind: str) -> None:
        existing = {name for (name,) in run("SELECT name FROM sqlite_master")}
        for name, statement in after.items():
            if name not in existing and statement.lstrip().startswith(kind):
                run(statement)

    _set_checksum(connection, step.row_checksum or schema.row_checksum)
    tables = [name for name, statement in step.former.items() if statement.lstrip().startswith("CREATE TABLE")]
    for name, statement in step.former.items():
        if name in tables:
            _verify(run, name, statement)
            run(f"ALTER TABLE {name} RENAME TO {FORMER}{name}")
        elif statement:
            run(f"DROP INDEX {name}")
    _set_checksum(connection, schema.row_checksum)
    create("CREATE TABLE")
    for name in tables:
        if name in after:
            _copy(run, name, step.values.get(name, {}))
        run(f"DROP TABLE {FORMER}{name}")
    create("CREATE")
    if step.finish is not None:
        step.finish(run)


def _set_checksum(connection: sqlite3.Connection, function: Callable[..., int]) -> None:
    connection.create_function("row_checksum", -1, interruptible(function), deterministic=True)


def _verify(run: Run, table: str, statement: str) -> None:
    """Raise DatabaseError if a row is corrupt: the copy would have a correct checksum."""
    found = _CHECKSUM.search(statement)
    if found:
        ((count,),) = run(f"SELECT count(*) FROM {table} WHERE {found[1]} IS NOT ({found[2]})")  # noqa: S608 - ours
        if count:
            raise sqlite3.DatabaseError(f"{count:,} rows of {table} are corrupt")


def _copy(run: Run, table: str, values: Mapping[str, str]) -> None:
    """Copy the rows of a table, in their order, and the last number that it has given to a row."""
    columns = [row[1] for row in run(f"PRAGMA table_info({table})")]
    selected = ", ".join(values.get(column, column) for column in columns)
    run(f"INSERT INTO {table} ({', '.join(columns)}) SELECT {selected} FROM {FORMER}{table}")  # noqa: S608 - ours
    if run("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'"):
        run("DELETE FROM sqlite_sequence WHERE name = ?", table)
        run("UPDATE sqlite_sequence SET name = ? WHERE name = ?", table, FORMER + table)
