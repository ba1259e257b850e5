"""What is copied, that it is read again, and what becomes of a backup that is not whole."""

import hashlib
import json
import os
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from searchkit.archive import Archive
from searchkit.archive.backup import FILES, MANIFEST, back_up, read, restore
from searchkit.crawl.web.frontier import Frontier
from searchkit.crawl.web.frontier_database import addresses_known, forget_pages
from searchkit.errors import ArchiveError, ConfigError, NewerArchive, UsageError
from searchkit.index.base import SearchRequest
from searchkit.query import ast
from tests.cases import cases
from tests.cli.harbor import archive_of_the_harbor

NOW = datetime(2026, 3, 5, 6, 7, 8, tzinfo=UTC)


def essence(folder: Path) -> list[object]:
    """What an archive answers."""
    with Archive.open(folder) as archive:
        found = [archive.search(SearchRequest(query=ast.All(), record=record)) for record in ("document", "quote")]
        return [*([hit.id for hit in result.hits] for result in found), archive.status().sequence]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    archive_of_the_harbor(folder).close()
    (folder / "aliases.toml").write_text('[[hide]]\nname = "Vell"\n')
    (folder / "captures" / "ab").mkdir(parents=True)
    (folder / "captures" / "ab" / "abcd.gz").write_bytes(b"bytes of a page")
    (folder / "captures" / "ab" / "abce.tmp").write_bytes(b"half of")
    (folder / "runs.jsonl").write_text('{"ok": true}\n')
    return folder


def test_everything_but_the_index_comes_back(archive: Path, tmp_path: Path) -> None:
    expected = essence(archive)
    assert back_up(archive, tmp_path / "saved" / "monday", now=NOW) == 5
    backup = tmp_path / "saved" / "monday"
    assert set(read(backup)) == {"archive.json", "store.sqlite", "aliases.toml", "runs.jsonl", "captures/ab/abcd.gz"}
    made = json.loads((backup / MANIFEST).read_text())
    assert (made["archive"], made["at"]) == (str(archive), "2026-03-05T06:07:08+00:00")
    assert not any(path.stat().st_mode & 0o077 for path in (backup, *backup.rglob("*")))
    seen: list[tuple[int, int]] = []
    assert restore(backup, tmp_path / "again", progress=lambda done, total: seen.append((done, total)))[0] == 5
    assert seen[-1] == (5, 5)
    assert essence(tmp_path / "again") == expected
    assert (tmp_path / "again" / "captures" / "ab" / "abcd.gz").read_bytes() == b"bytes of a page"
    assert not list(tmp_path.rglob("*.tmp")) or list(tmp_path.rglob("*.tmp")) == [
        archive / "captures" / "ab" / "abce.tmp"
    ]


def test_a_backup_during_writing_is_one_state(archive: Path, tmp_path: Path) -> None:
    """Pairs of rows are committed together all the while; no backup holds half a pair."""
    database = archive / "frontier.sqlite"
    with sqlite3.connect(database) as made:
        made.execute("PRAGMA journal_mode=WAL")
        made.execute("CREATE TABLE pairs (number INTEGER)")
    made.close()
    done = threading.Event()

    def write() -> None:
        connection = sqlite3.connect(database, timeout=30)
        for number in range(100_000):
            with connection:
                connection.executemany("INSERT INTO pairs VALUES (?)", [(number,), (number,)])
            if done.is_set():
                break
        connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            back_up(archive, tmp_path / f"backup{number}", now=NOW)
    finally:
        done.set()
        writer.join()
    for number in range(5):
        copy = sqlite3.connect(tmp_path / f"backup{number}" / FILES / "frontier.sqlite")
        assert copy.execute("SELECT count(*) % 2, count(*) - 2 * count(DISTINCT number) FROM pairs").fetchone() == (
            0,
            0,
        )
        copy.close()


def test_invalid_backup_folders(archive: Path, tmp_path: Path) -> None:
    for place in (archive, archive / "backup", tmp_path):
        with pytest.raises(UsageError):
            back_up(archive, place, now=NOW)
    (tmp_path / "empty").mkdir()
    back_up(archive, tmp_path / "empty", now=NOW)
    with pytest.raises(UsageError, match="not empty"):
        back_up(archive, tmp_path / "empty", now=NOW)


def test_a_damaged_database_is_not_backed_up(archive: Path, tmp_path: Path) -> None:
    store = archive / "store.sqlite"
    body = bytearray(store.read_bytes())
    body[4096 * 2 : 4096 * 3] = b"x" * 4096
    store.write_bytes(body)
    with pytest.raises(ArchiveError):
        back_up(archive, tmp_path / "backup", now=NOW)
    assert not (tmp_path / "backup").exists()
    assert not (tmp_path / "backup.tmp").exists()


@pytest.mark.parametrize("damage", ["flip", "cut", "missing"])
def test_a_damaged_backup_is_not_restored(archive: Path, tmp_path: Path, damage: str) -> None:
    backup = tmp_path / "backup"
    back_up(archive, backup, now=NOW)
    path = backup / FILES / "runs.jsonl"
    whole = path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(whole[:-1] if damage == "cut" else bytes([whole[0] ^ 1]) + whole[1:])
    with pytest.raises(ArchiveError):
        restore(backup, tmp_path / "again")
    assert not (tmp_path / "again").exists()


@pytest.mark.parametrize(
    "made", [*cases(__file__, "test_foreign_backups"), '{"searchkit_backup": 1, "files": ' + "[" * 100_000]
)
def test_foreign_backups(tmp_path: Path, made: str) -> None:
    (tmp_path / MANIFEST).write_text(made)
    with pytest.raises(ArchiveError):
        restore(tmp_path, tmp_path / "again")
    with pytest.raises(ArchiveError, match="is not a backup"):
        restore(tmp_path / "missing", tmp_path / "again")


@pytest.mark.parametrize("planted", ["pipe", "link", "device", "linked folder", "pipe as manifest"])
def test_only_regular_files_are_restored(archive: Path, tmp_path: Path, planted: str) -> None:
    backup, secret = tmp_path / "backup", tmp_path / "secret"
    back_up(archive, backup, now=NOW)
    path = backup / (MANIFEST if planted == "pipe as manifest" else f"{FILES}/runs.jsonl")
    path.rename(secret)
    if planted == "linked folder":
        secret.rename(path)
        (backup / FILES).rename(secret)
        (backup / FILES).symlink_to(secret)
    elif planted.startswith("pipe"):
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero" if planted == "device" else secret)
    with pytest.raises(ArchiveError):
        restore(backup, tmp_path / "again")
    assert not (tmp_path / "again").exists()


@pytest.mark.parametrize("database", ["store.sqlite", "frontier.sqlite"])
@pytest.mark.parametrize("planted", cases(__file__, "test_databases_with_foreign_parts_are_refused"))
def test_databases_with_foreign_parts_are_refused(archive: Path, tmp_path: Path, database: str, planted: str) -> None:
    Frontier(archive / "frontier.sqlite").close()
    backup = tmp_path / "backup"
    with closing(sqlite3.connect(archive / database)) as connection:
        connection.execute(planted.format(table="resources" if database == "store.sqlite" else "pages"))
    back_up(archive, backup, now=NOW)
    with pytest.raises(ArchiveError, match="evil is not part of it"):
        restore(backup, tmp_path / "again")
    assert not (tmp_path / "again").exists()


def test_a_frontier_that_a_kill_left_without_tables_is_no_damage(archive: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(archive / "frontier.sqlite")) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
    assert set(addresses_known(archive / "frontier.sqlite")) == set()
    forget_pages(archive / "frontier.sqlite", ["https://ledger.example/a"], [])
    back_up(archive, tmp_path / "backup", now=NOW)
    restore(tmp_path / "backup", tmp_path / "again")
    assert essence(tmp_path / "again") == essence(archive)


def test_a_trigger_with_a_reserved_name_is_refused(archive: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(archive / "store.sqlite")) as connection, connection:
        connection.execute("CREATE TRIGGER evil AFTER INSERT ON changes BEGIN DELETE FROM changes; END")
        connection.execute("PRAGMA writable_schema=ON")
        connection.execute(
            "UPDATE sqlite_master SET name = 'sqlite_evil', sql = replace(sql, 'evil', 'sqlite_evil')"
            " WHERE name = 'evil'"
        )
    back_up(archive, tmp_path / "backup", now=NOW)
    with pytest.raises(ArchiveError, match="sqlite_evil is not part of it"):
        restore(tmp_path / "backup", tmp_path / "again")


@pytest.mark.parametrize("marker", ['{"searchkit": 1, "engine": "os:system"}', '{"searchkit": 1, "engine": []}', ""])
def test_a_backup_without_a_known_engine_is_refused(archive: Path, tmp_path: Path, marker: str) -> None:
    (archive / "archive.json").unlink()
    if marker:
        (archive / "archive.json").write_text(marker)
    back_up(archive, tmp_path / "backup", now=NOW)
    with pytest.raises((ArchiveError, ConfigError)):
        restore(tmp_path / "backup", tmp_path / "again")
    assert not (tmp_path / "again").exists()


def test_restore_overwrites_nothing(archive: Path, tmp_path: Path) -> None:
    back_up(archive, tmp_path / "backup", now=NOW)
    with pytest.raises(UsageError, match="already holds an archive"):
        restore(tmp_path / "backup", archive)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letter.txt").write_text("mine")
    with pytest.raises(ArchiveError, match="not a searchkit archive"):
        restore(tmp_path / "backup", tmp_path / "other")
    (tmp_path / "empty").mkdir()
    restore(tmp_path / "backup", tmp_path / "empty")
    assert essence(tmp_path / "empty") == essence(archive)


def test_a_backup_of_a_newer_archive_is_not_restored(archive: Path, tmp_path: Path) -> None:
    with sqlite3.connect(archive / "store.sqlite") as store:
        store.execute("PRAGMA user_version=99")
    store.close()
    back_up(archive, tmp_path / "backup", now=NOW)
    for _ in range(2):
        with pytest.raises(NewerArchive, match="version 99"):
            restore(tmp_path / "backup", tmp_path / "again")
        assert not (tmp_path / "again").exists()


def test_settings_of_a_backup_are_restored_under_another_name(archive: Path, tmp_path: Path) -> None:
    for name in ("searchkit.toml", "captures/searchkit.toml", "searchkit.toml.restored"):
        (archive / name).write_text(f'sendmail = "/{name}"\n')
    back_up(archive, tmp_path / "backup", now=NOW)
    restore(tmp_path / "backup", tmp_path / "again")
    found = {
        str(path.relative_to(tmp_path / "again")): path.read_text() for path in (tmp_path / "again").rglob("*.toml*")
    }
    assert {name: text for name, text in found.items() if "aliases" not in name} == {
        "searchkit.toml.restored": 'sendmail = "/searchkit.toml"\n',
        "captures/searchkit.toml.restored": 'sendmail = "/captures/searchkit.toml"\n',
        "searchkit.toml.restored.restored": 'sendmail = "/searchkit.toml.restored"\n',
    }


@pytest.mark.parametrize("table", ["changes", "facts"])
def test_a_store_without_the_rows_of_its_documents_is_not_restored(archive: Path, tmp_path: Path, table: str) -> None:
    """The index follows the changes, and a search reads the facts: without them, documents would be in no answer."""
    back_up(archive, tmp_path / "backup", now=NOW)
    for store in (archive / "store.sqlite", tmp_path / "backup" / FILES / "store.sqlite"):
        with closing(sqlite3.connect(store)) as connection:
            connection.execute(f"DELETE FROM {table}")  # noqa: S608 - ours
            connection.commit()
    _replace(tmp_path / "backup", "store.sqlite", (tmp_path / "backup" / FILES / "store.sqlite").read_bytes())
    with pytest.raises(ArchiveError, match="holds a document"):
        restore(tmp_path / "backup", tmp_path / "again")
    assert not (tmp_path / "again").exists()
    with pytest.raises(ArchiveError, match="holds a document"):
        back_up(archive, tmp_path / "second", now=NOW)


@pytest.mark.parametrize("name", ["store.sqlite", "frontier.sqlite"])
def test_a_damaged_database_of_a_backup_has_a_hint_that_helps(archive: Path, tmp_path: Path, name: str) -> None:
    back_up(archive, tmp_path / "backup", now=NOW)
    _replace(tmp_path / "backup", name, b"no database" * 1_000)
    with pytest.raises(ArchiveError) as raised:
        restore(tmp_path / "backup", tmp_path / "again")
    assert raised.value.hint == "Use another backup."


def _replace(backup: Path, name: str, content: bytes) -> None:
    (backup / FILES / name).write_bytes(content)
    manifest = backup / MANIFEST
    listed = json.loads(manifest.read_text())
    listed["files"][name] = [len(content), hashlib.sha256(content).hexdigest()]
    manifest.write_text(json.dumps(listed))


def test_links_are_copied_as_what_they_lead_to(archive: Path, tmp_path: Path) -> None:
    (archive / "captures").rename(tmp_path / "disk")
    (archive / "captures").symlink_to(tmp_path / "disk")
    (tmp_path / "mine.toml").write_text("syntax = 1\n")
    (archive / "saved").mkdir()
    for name, target in (("mine.toml", tmp_path / "mine.toml"), ("lost.toml", "nowhere"), ("loop", archive / "saved")):
        (archive / "saved" / name).symlink_to(target)
    back_up(archive, tmp_path / "backup", now=NOW)
    assert {"captures/ab/abcd.gz", "saved/mine.toml"} <= set(found := read(tmp_path / "backup"))
    assert not [name for name in found if "lost" in name or "loop" in name]
    restore(tmp_path / "backup", tmp_path / "again")
    assert (tmp_path / "again/saved/mine.toml").read_text() == "syntax = 1\n"
    assert not (tmp_path / "again/saved/mine.toml").is_symlink()


@pytest.mark.parametrize("name", [".", "", "./", "a/.", ".."])
def test_a_name_of_a_folder_is_refused(archive: Path, tmp_path: Path, name: str) -> None:
    back_up(archive, tmp_path / "backup", now=NOW)
    manifest = tmp_path / "backup" / MANIFEST
    content = json.loads(manifest.read_text())
    content["files"][name] = [0, "0" * 64]
    manifest.write_text(json.dumps(content))
    with pytest.raises(ArchiveError, match="names a file that no backup has"):
        restore(tmp_path / "backup", tmp_path / "again")
