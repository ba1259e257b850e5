"""Files that a later version wrote are refused with a clear message and left unchanged."""

import json
import shutil
import sqlite3
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from searchkit.archive.backup import BACKUP_VERSION
from searchkit.archive.blocklist import FORGOTTEN_VERSION
from searchkit.archive.folder import ARCHIVE_VERSION
from searchkit.cli import run
from searchkit.crawl.web.frontier import Frontier
from searchkit.crawl.web.frontier_database import FRONTIER_VERSION
from searchkit.index.base import SCHEMA_VERSION
from searchkit.index.generations import current
from searchkit.statements.document import RECORD_VERSION
from searchkit.store.tables import STORE_VERSION
from tests.archive.damage import change_rows
from tests.cli.harbor import archive_of_the_harbor
from tests.samples import present

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("newer") / "archive"
    archive_of_the_harbor(folder).close()
    Frontier(folder / "frontier.sqlite").close()
    (folder / "runs.jsonl").touch()
    (folder.parent / "new.jsonl").write_text('{"uri": "https://ledger.example.org/new", "text": "Painted gates."}\n')
    return folder


def searchkit(archive: Path, *words: str) -> int:
    with pytest.raises(SystemExit) as left:
        run(["--archive", str(archive), *words])
    return left.value.code if isinstance(left.value.code, int) else 0


def set_version(path: Path, version: int) -> str:
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {version}")
    connection.close()
    return f"{path} has version {version}; this searchkit supports up to {version - 1}."


def newer_archive(folder: Path) -> str:
    (folder / "archive.json").write_text(json.dumps({"searchkit": ARCHIVE_VERSION + 1, "engines": ["a", "b"]}))
    return f"The archive {folder} has version {ARCHIVE_VERSION + 1}; this searchkit supports up to {ARCHIVE_VERSION}."


def newer_store(folder: Path) -> str:
    return f"The store {set_version(folder / 'store.sqlite', STORE_VERSION + 1)}"


@pytest.mark.parametrize("command", ["query", "index", "check", "repair", "status"])
def test_a_store_that_cannot_be_migrated_is_refused_and_stays_unchanged(
    archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    folder = Path(shutil.copytree(archive, tmp_path / "archive"))
    set_version(folder / "store.sqlite", 5)
    before = (folder / "store.sqlite").read_bytes()
    words = {"query": ["cranes"], "index": [str(archive.parent / "new.jsonl")]}
    assert searchkit(folder, command, *words.get(command, ())) == 3
    hint = "Index your sources again into a new folder" if command in {"index", "repair"} else "index --outdated"
    assert hint in capsys.readouterr().err
    assert (folder / "store.sqlite").read_bytes() == before


def newer_records(folder: Path) -> str:
    newer = f"CAST(x'{RECORD_VERSION + 1:02x}' || substr(record, 2) AS BLOB)"
    change_rows(folder / "store.sqlite", f"UPDATE documents SET record = {newer}")  # noqa: S608 - ours
    return f" has version {RECORD_VERSION + 1}; this searchkit supports up to {RECORD_VERSION}."


def newer_index(folder: Path) -> str:
    generation = present(current(folder / "whoosh"))
    path = generation / "manifest.json"
    manifest = json.loads(path.read_bytes().partition(b"\n")[2])
    manifest["versions"]["schema"] = SCHEMA_VERSION + 1
    written = json.dumps(manifest).encode()
    path.write_bytes(f"{zlib.crc32(written):08x}\n".encode() + written)
    return f"schema version {SCHEMA_VERSION + 1}; this searchkit supports up to {SCHEMA_VERSION}."


def newer_blocklist(folder: Path) -> str:
    path = folder / "forgotten.json"
    path.write_text(json.dumps({"searchkit_forgotten": FORGOTTEN_VERSION + 1, "sieve": "ab"}))
    return f"{path} has version {FORGOTTEN_VERSION + 1}; this searchkit supports up to {FORGOTTEN_VERSION}."


def newer_frontier(folder: Path) -> str:
    return set_version(folder / "frontier.sqlite", FRONTIER_VERSION + 1)


QUERY, FORGET, INDEX = ("query", "cranes"), ("forget", "https://ledger.example.org/cranes"), ("index", "new.jsonl")


@pytest.mark.parametrize(
    ("make_newer", "commands"),
    [
        (newer_archive, (QUERY, INDEX, FORGET)),
        (newer_store, (QUERY, INDEX, FORGET)),
        (newer_index, (QUERY, INDEX, FORGET)),
        (newer_records, (("export",), FORGET)),
        (newer_blocklist, (INDEX, FORGET)),
        (newer_frontier, (("index", "https://ledger.example.org/new"), FORGET)),
    ],
)
def test_a_newer_file_is_refused_and_stays_unchanged(
    archive: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    make_newer: Callable[[Path], str],
    commands: tuple[tuple[str, ...], ...],
) -> None:
    folder = Path(shutil.copytree(archive, tmp_path / "archive"))
    monkeypatch.chdir(archive.parent)
    message = make_newer(folder)

    def content() -> dict[str, bytes]:
        names = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "lock")
        return {str(path): path.read_bytes() for path in names if not path.name.endswith(("-shm", "-wal"))}

    before = content()
    for words in commands:
        assert searchkit(folder, *words) == 3
        printed = capsys.readouterr().err
        assert f"{message}\n  Upgrade searchkit" in printed
        assert content() == before


def test_a_newer_backup_is_refused(archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    backup = tmp_path / "backup"
    assert searchkit(archive, "backup", str(backup)) == 0
    (backup / "backup.json").write_text(json.dumps({"searchkit_backup": BACKUP_VERSION + 1, "volumes": []}))
    capsys.readouterr()
    assert searchkit(tmp_path / "again", "restore", str(backup)) == 3
    message = f"The backup {backup} has version {BACKUP_VERSION + 1}; this searchkit supports up to {BACKUP_VERSION}."
    assert capsys.readouterr().err == f"searchkit: {message}\n  Upgrade searchkit.\n"
    assert not (tmp_path / "again").exists()
