"""Archives, backups and evidence of earlier commits (tests/earlier/), opened by this version."""

import json
import shutil
import sqlite3
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from searchkit.archive import Archive
from searchkit.archive.folder import FRONTIER, STORE, write_shared
from searchkit.archive.index_sync import MISSING
from searchkit.cli import run
from searchkit.crawl.web.frontier_database import SCHEMA
from searchkit.errors import ArchiveError
from searchkit.migrations import statements_of
from searchkit.store.base import Shared
from searchkit.store.checking import STORE_SCHEMA, faults
from searchkit.store.near_duplicates import sketch
from searchkit.store.store import open_store
from searchkit.store.tables import row_crc
from tests.cases import cases
from tests.samples import present

pytestmark = pytest.mark.slow
EARLIER = Path(__file__).resolve().parents[1] / "earlier"
COMMITS = ("708dc657", "40e3899d")
MIGRATED = f"note: The archive was migrated: the store from version 6 to {STORE_SCHEMA.version}."
# Keys that have had other names since (CHANGELOG.md).
RENAMED = {
    **dict.fromkeys(("hits", "names", "sources", "saved", "alerts", "notes", "watchlists", "entries"), "items"),
    "quotes": "statements",
    "uri": "url",
    "canonical_url": "claimed_url",
    "digest": "sha256",
    "raw_digest": "raw_sha256",
    "copies": "duplicates",
}
RENAMED_VALUES = {"searchkit.quotes/1": "searchkit.statements/1", "quotes": "statements"}
# What is not the same in another folder, at another time.
VOLATILE = {"seconds", "bytes", "archive", "due", "due_at", "outdated"}
# What is not listed any more.
REMOVED = {"scripts", "weak_names", "rebuilt", "canonical_conflicts"}


@pytest.fixture(params=COMMITS)
def earlier(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an archive that an earlier commit made."""
    return unpacked(request.param, tmp_path, monkeypatch)


@pytest.fixture
def oldest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return unpacked(COMMITS[0], tmp_path, monkeypatch)


def unpacked(commit: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(folder)
    with tarfile.open(EARLIER / f"{commit}.tar.xz") as packed:
        packed.extractall(folder, filter="data")
    return folder


def searchkit(*words: str) -> int:
    with pytest.raises(SystemExit) as left:
        run(words)
    return left.value.code if isinstance(left.value.code, int) else 0


def migrate(folder: Path) -> list[str]:
    lines: list[str] = []
    with Archive.open(folder) as archive:
        archive.lock.report = lines.append
        with archive.held():
            pass
    return lines


def version_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def rows(path: Path) -> dict[str, Any]:
    """Return the rows of a database by table, without checksums."""
    with closing(sqlite3.connect(path)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = {}
        for name in names:
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({name})")]
            read = connection.execute(f"SELECT {', '.join(columns)} FROM {name}")  # noqa: S608 - ours
            found[name] = [dict(zip(columns, row, strict=True)) for row in read]
        return found


def differences(old: Any, new: Any, where: str = "") -> Iterator[str]:
    """Yield where a value lacks what an earlier searchkit printed; new keys and watchlist matches are allowed."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in old.keys() - VOLATILE - REMOVED:
            name = "duplicate_group" if isinstance(old[key], str) and key == "copies" else RENAMED.get(key, key)
            yield from differences(old[key], new.get(key, new.get(name, "no such key")), f"{where}.{key}")
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for number, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from differences(before, after, f"{where}[{number}]")
    elif (RENAMED_VALUES.get(old, old) if isinstance(old, str) else old) != new and (old or ".matches" not in where):
        yield f"{where}: {old!r} is now {new!r}"


def test_every_row_of_an_earlier_archive_stays(earlier: Path) -> None:
    before = {name: rows(earlier / "archive" / name) for name in (STORE, FRONTIER)}
    migrate(earlier / "archive")
    after = {name: rows(earlier / "archive" / name) for name in (STORE, FRONTIER)}
    for name, tables in before.items():
        for table in tables.keys() - {"sketches", "sketch_hashes"}:  # another test compares these
            columns = {column for row in tables[table] for column in row}
            kept = [{column: row[column] for column in columns} for row in after[name][table]]
            assert kept == tables[table], table


def test_alerts_go_on_where_they_were(earlier: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert searchkit("index", "--outdated") == 0
    assert searchkit("alerts", "run") == 0
    assert capsys.readouterr().out.splitlines()[-1] == "1 alert: 0 new"
    with closing(sqlite3.connect(earlier / "archive" / STORE)) as connection:
        found = "SELECT count(*) FROM alerts JOIN changes USING (sequence, mark)"
        assert connection.execute(found).fetchone() == (1,)
    (earlier / "new.txt").write_text('The new crane\n\nIvo Marek said: "The new crane is red, as I wanted it."\n')
    assert searchkit("index", "new.txt") == 0
    assert searchkit("alerts", "run") == 0
    assert "1 alert: 1 new" in capsys.readouterr().out.splitlines()


def test_what_earlier_commands_print_stays(earlier: Path, capsys: pytest.CaptureFixture[str]) -> None:
    migrate(earlier / "archive")
    with Archive.open(earlier / "archive") as archive:
        archive.refresh()
    expected = json.loads((earlier / "expected.json").read_text())
    found = {}
    for command in expected:
        searchkit(*command.replace("--copies", "--duplicates").split())
        found[command] = json.loads(capsys.readouterr().out)
    assert [*differences(expected, found)] == []


def test_sketches_are_those_that_this_version_makes(earlier: Path) -> None:
    migrate(earlier / "archive")
    with closing(open_store(earlier / "archive" / STORE, writable=False)) as store:
        for document_id in store.ids():
            document = present(store.get(document_id))
            made = sketch(document)
            assert store.groups.of(document_id) == made
            numbers = store.connection.column(
                "SELECT hash FROM sketch_hashes JOIN facts USING (sketch) WHERE document = ?", document_id
            )
            assert sorted(numbers) == sorted(made.looked_up())


def test_migrated_tables_are_those_of_this_version(oldest: Path) -> None:
    migrate(oldest / "archive")
    with closing(sqlite3.connect(oldest / "archive" / STORE)) as connection:
        made = {sql for (sql,) in connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")}
    assert made - {"CREATE TABLE sqlite_sequence(name,seq)"} == {
        statement.strip() for statement in statements_of(STORE_SCHEMA.create).values()
    }
    assert [*faults(oldest / "archive" / STORE)] == []


@pytest.mark.parametrize("command", ["query boat", "quotes *", "show {id}", "status", "check", "export *", "cite {id}"])
def test_commands_that_read_say_what_to_run(oldest: Path, command: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = (oldest / "archive" / STORE).read_bytes()
    assert searchkit(*command.format(id="ff7e57268d5f").split()) == 3
    message, hint = capsys.readouterr().err.splitlines()
    assert "was made by an earlier searchkit (version 6" in message
    assert hint == "  Migrate the archive: searchkit index --outdated"
    assert (oldest / "archive" / STORE).read_bytes() == before


def test_the_next_run_migrates_and_annotates_again(oldest: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert searchkit("index", "--outdated") == 0
    done = capsys.readouterr()
    assert done.err.splitlines() == [MIGRATED, f"note: {MISSING}"]
    assert "7 documents re-annotated" in done.out
    assert searchkit("statements", "mark:checked", "--fields", "text", "--csv") == 0
    assert "We have no money left" in capsys.readouterr().out
    assert searchkit("check", "--full") == 0
    assert searchkit("index", "articles") == 4
    assert "1 skipped" in capsys.readouterr().out  # the forgotten text


def test_an_index_of_the_earlier_store_is_rebuilt_by_the_run_that_migrates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    unpacked(COMMITS[1], tmp_path, monkeypatch)
    assert searchkit("index", "--outdated") == 0
    migrated, rebuilt = capsys.readouterr().err.splitlines()
    assert migrated.startswith("note: The archive was migrated: the store from version 8 to ")
    assert "rebuilt from the store" in rebuilt
    assert searchkit("check") == 0
    assert capsys.readouterr().out == "OK\n"


@pytest.mark.parametrize("command", ["rebuild", "alerts run", "forget ff7e57268d5f", "index articles"])
def test_every_command_that_writes_migrates(oldest: Path, command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert searchkit(*command.split()) in {0, 4}
    assert capsys.readouterr().err.splitlines().count(MIGRATED) == 1
    assert searchkit("query", "boats") == 0


def test_a_dry_run_changes_nothing(oldest: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (oldest / "archive" / STORE).read_bytes()
    for command in ("repair -n", "forget -n ff7e57268d5f"):
        assert searchkit(*command.split()) == 3
        assert "Migrate the archive" in capsys.readouterr().err
    assert (oldest / "archive" / STORE).read_bytes() == before
    assert searchkit("repair") == 0
    assert capsys.readouterr().out.startswith(MIGRATED.replace("note:", "repaired:") + "\n")


def test_a_backup_of_an_earlier_archive_is_restored(earlier: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(earlier / "archive")
    is_oldest = version_of(earlier / "backup/files" / STORE) == 6
    assert searchkit("restore", "backup") == 0
    assert (MIGRATED in capsys.readouterr().err) == is_oldest
    assert searchkit("check", "--full") == 0
    assert "4 captures read" in capsys.readouterr().out
    assert searchkit("index", "articles") == 4
    assert "1 skipped" in capsys.readouterr().out


@pytest.mark.parametrize("sketch", [b"", b"short", "text", 7])
def test_a_forged_sketch_is_damage(oldest: Path, sketch: object) -> None:
    with closing(sqlite3.connect(oldest / "archive" / STORE)) as connection:
        connection.create_function("row_checksum", -1, row_crc, deterministic=True)
        connection.execute("UPDATE sketches SET sketch = ?", (sketch,))
        connection.commit()
    with pytest.raises(ArchiveError, match="cannot be read"):
        migrate(oldest / "archive")
    assert version_of(oldest / "archive" / STORE) == 6


def test_an_earlier_archive_is_backed_up_as_it_is(oldest: Path) -> None:
    assert searchkit("backup", "copy") == 0
    shutil.rmtree(oldest / "archive")
    assert searchkit("restore", "copy") == 0
    assert searchkit("check", "--full") == 0


@pytest.mark.cluster
def test_a_store_in_postgresql_is_migrated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from searchkit.cluster.postgres.copying import copy_from_files
    from searchkit.cluster.postgres.database import PostgresDatabase

    archive = unpacked("40e3899d", tmp_path, monkeypatch) / "archive"
    frontier = PostgresDatabase(store_url, name="frontier", schema=SCHEMA, ordered=False)
    earlier_store = PostgresDatabase(store_url, schema=STORE_SCHEMA.at(8))
    copy_from_files({archive / STORE: earlier_store, archive / FRONTIER: frontier})
    write_shared(archive, Shared(store=store_url))
    before = rows(archive / STORE)
    (archive / STORE).unlink()
    assert searchkit("query", "boats") == 3
    assert "Migrate the archive: searchkit index --outdated" in capsys.readouterr().err
    assert searchkit("index", "--outdated") == 0
    assert "migrated: the store from version 8 to" in capsys.readouterr().err
    assert searchkit("check", "--full") == 0
    with closing(open_store(PostgresDatabase(store_url), writable=False)) as store:
        for table in ("revisions", "alert_records", "crashing_resources", "failures"):
            columns = ", ".join(before[table][0])
            found = store.connection.rows(f"SELECT {columns} FROM {table}")  # noqa: S608 - ours
            assert sorted(found) == sorted(tuple(row.values()) for row in before[table])


KILLED = """
import os, sqlite3, sys
from contextlib import closing
from pathlib import Path
import searchkit.migrations as migrations
from searchkit.store.base import Shared
from searchkit.store.checking import STORE_SCHEMA

# A child for each statement of the migration, which is killed before it.
apply, last = migrations._apply, 0
def counted(connection, schema, number):
    def step(_statement):
        global last
        last += 1
        if last > wanted:
            os.kill(os.getpid(), 9)
    connection.set_trace_callback(step)
    apply(connection, schema, number)
migrations._apply = counted
for wanted in range(1000):
    child = os.fork()
    if not child:
        migrations.migrate_file(Path(sys.argv[1]), STORE_SCHEMA, called="The store")
        os._exit(0)
    if os.waitpid(child, 0)[1] == 0:
        break
    with closing(sqlite3.connect(sys.argv[1])) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (6,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
print(wanted)
"""


def test_a_killed_migration_leaves_the_earlier_archive(oldest: Path) -> None:
    store, untouched = oldest / "archive" / STORE, rows(oldest / "archive" / STORE)
    done = subprocess.run([sys.executable, "-c", KILLED, str(store)], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert int(done.stdout) > 30
    assert rows(store)["documents"] == untouched["documents"]
    assert version_of(store) == STORE_SCHEMA.version
    assert [*faults(store)] == []


def test_earlier_evidence_is_verified(earlier: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert searchkit("verify", "--no-archive", "statements.evidence") == 0
    assert searchkit("index", "--outdated") == 0
    assert searchkit("verify", "statements.evidence") == 4  # the ferry is gone from its folder
    assert "10 statements: 9 same (4 with remarks), 0 moved, 0 changed, 1 gone" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("old", "new", "reason"), cases(__file__, "test_changed_evidence_of_the_first_form_is_detected")
)
def test_changed_evidence_of_the_first_form_is_detected(
    oldest: Path, old: str, new: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = oldest / "statements.evidence"
    path.write_text(path.read_text().replace(old, new, 1))
    assert searchkit("verify", "--no-archive", "statements.evidence") == 4
    assert reason in capsys.readouterr().out
