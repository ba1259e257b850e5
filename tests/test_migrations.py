"""Steps from one version of a database to the next, in both databases."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from searchkit.errors import ArchiveError, OlderArchive
from searchkit.migrations import Run, Schema, Step, migrate_file
from searchkit.store.checking import create_database
from searchkit.store.tables import row_checksum
from tests.cases import cases

CHECKSUM = "checksum INTEGER NOT NULL GENERATED ALWAYS AS (row_checksum('{}', {})) STORED"
EVENTS = f"""CREATE TABLE events (
    number INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, {CHECKSUM.format("events", "number, name")}
)"""
EVENTS_WITH_LENGTH = f"""CREATE TABLE events (
    number INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, length INTEGER NOT NULL DEFAULT 0,
    {CHECKSUM.format("events", "number, name, length")}
)"""
PLACES = f"CREATE TABLE places (name TEXT NOT NULL, {CHECKSUM.format('places', 'name')}, PRIMARY KEY (name))"
OWNERS = f"CREATE TABLE owners (name TEXT NOT NULL, {CHECKSUM.format('owners', 'name')}, PRIMARY KEY (name))"
OLD_INDEX, NEW_INDEX = "CREATE INDEX events_name ON events (name)", "CREATE INDEX events_name ON events (name, length)"
LENGTH_INDEX = "CREATE INDEX events_length ON events (length)"


def name_owner(run: Run) -> None:
    for number, name in run("SELECT number, name FROM events ORDER BY number"):
        run("INSERT INTO owners (name) VALUES (?)", f"{number} {name}")


STEPS = {
    1: Step(
        former={"events": EVENTS, "events_name": OLD_INDEX, "events_length": ""},
        values={"events": {"length": "length(name)"}},
    ),
    2: Step(former={"places": PLACES, "owners": ""}, finish=name_owner),
}
SCHEMA = Schema(
    version=3,
    create=";\n".join((EVENTS_WITH_LENGTH, NEW_INDEX, LENGTH_INDEX, OWNERS, "")),
    row_checksum=row_checksum,
    steps=STEPS,
)
FILLED = ("INSERT INTO events (name) VALUES ('quay')", "INSERT INTO events (name) VALUES ('ferry')")
DELETED = "DELETE FROM events WHERE number = 2"
EXPECTED = {"events": [(1, "quay", 4), (3, "crane", 0)], "owners": [("1 quay",)]}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "made.sqlite"
    with closing(create_database(path, SCHEMA.at(1))) as connection:
        for statement in (*FILLED, DELETED, "INSERT INTO places (name) VALUES ('Selden')"):
            connection.execute(statement)
    return path


def script(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        return {sql for (sql,) in connection.execute("SELECT sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")}


def rows(path: Path) -> dict[str, Any]:
    with closing(sqlite3.connect(path)) as connection:
        connection.create_function("row_checksum", -1, row_checksum, deterministic=True)
        connection.execute("INSERT INTO events (name) VALUES ('crane')")
        events = connection.execute("SELECT number, name, length FROM events ORDER BY number").fetchall()
        return {"events": events, "owners": connection.execute("SELECT name FROM owners").fetchall()}


def test_each_earlier_schema_follows_from_the_steps() -> None:
    assert SCHEMA.at(3).create == "".join(f"{s};\n" for s in (EVENTS_WITH_LENGTH, NEW_INDEX, LENGTH_INDEX, OWNERS))
    assert SCHEMA.at(1).create == "".join(f"{s};\n" for s in (EVENTS, OLD_INDEX, PLACES))


def test_a_file_is_migrated_through_all_versions(file: Path) -> None:
    assert migrate_file(file, SCHEMA, called="The file") == 1
    assert script(file) == {EVENTS_WITH_LENGTH, NEW_INDEX, LENGTH_INDEX, OWNERS}
    assert rows(file) == EXPECTED
    assert migrate_file(file, SCHEMA, called="The file") == 0


def test_a_corrupt_row_is_not_given_a_correct_checksum(file: Path) -> None:
    content = file.read_bytes()
    assert content.count(b"quay") == 2  # the row, and the index
    file.write_bytes(content.replace(b"quay", b"quax"))
    before = file.read_bytes()
    with pytest.raises(ArchiveError, match=r"1 rows of events are corrupt.*Restore a backup"):
        migrate_file(file, SCHEMA, called="The file")
    assert file.read_bytes() == before


@pytest.mark.parametrize(("statement", "reason"), cases(__file__, "test_foreign_parts_are_refused"))
def test_foreign_parts_are_refused(file: Path, statement: str, reason: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(statement)
    with pytest.raises(ArchiveError, match=reason):
        migrate_file(file, SCHEMA, called="The file")


def test_a_version_without_steps_is_refused(file: Path) -> None:
    later = Schema(version=3, create=SCHEMA.create, row_checksum=row_checksum, steps={2: STEPS[2]})
    with pytest.raises(OlderArchive, match=r"has version 1, from which no migration exists \(from 2 on\)"):
        migrate_file(file, later, called="The file")


@pytest.mark.parametrize("content", [None, b"", b"not a database"])
def test_what_cannot_be_read_is_left_to_whoever_opens_it(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "other.sqlite"
    if content is not None:
        path.write_bytes(content)
    assert migrate_file(path, SCHEMA, called="The file") == 0
    assert (path.read_bytes() if path.exists() else None) == content


@pytest.mark.cluster
def test_tables_in_postgresql_are_migrated(store_url: str) -> None:
    from searchkit.cluster.postgres.database import PostgresDatabase

    with closing(PostgresDatabase(store_url, schema=SCHEMA.at(1)).connect(writable=True)) as connection:
        for statement in (*FILLED, DELETED, "INSERT INTO places (name) VALUES ('Selden')"):
            connection.execute(statement)
        connection.commit()
    database = PostgresDatabase(store_url, schema=SCHEMA)
    with pytest.raises(OlderArchive, match="index --outdated"):
        database.exists()
    with database.locked():
        assert database.migrate() == 1
        assert database.migrate() == 0
    with closing(database.connect(writable=True)) as connection:
        connection.insert_row("INSERT INTO events (name) VALUES (?)", "crane")
        assert connection.rows("SELECT number, name, length FROM events ORDER BY number") == EXPECTED["events"]
        assert connection.rows("SELECT name FROM owners") == EXPECTED["owners"]
        assert connection.scalar("SELECT to_regclass('places')") is None
        checksums = "SELECT number, name, length, checksum FROM events"
        for *values, checksum in connection.rows(checksums):
            assert connection.row_checksum("events", *values) == checksum
        indexes = connection.column("SELECT indexname FROM pg_indexes WHERE tablename = 'events' ORDER BY 1")
        assert indexes[:2] == ["events_length", "events_name"]
