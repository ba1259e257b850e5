"""Archives of later versions: refused with a line that names both versions, and left as they are to the byte."""

import json
import sqlite3
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from searchkit.archive import Archive
from searchkit.archive.backup import BACKUP_VERSION
from searchkit.archive.erasure.blocklist import FORGOTTEN_VERSION
from searchkit.archive.folder import ARCHIVE_VERSION
from searchkit.crawl.web.frontier import Frontier
from searchkit.crawl.web.tables import FRONTIER_VERSION
from searchkit.document import RECORD_VERSION
from searchkit.index.generations import current
from searchkit.index.rows import SCHEMA_VERSION
from searchkit.index.whoosh.storage import FORMAT_VERSION
from searchkit.store.row_checksums import seal
from searchkit.store.tables import STORE_VERSION
from tests.cli.harbor import archive_of_the_harbor

pytestmark = pytest.mark.slow

Run = Callable[..., int]
ARTICLE = '{"uri": "https://ledger.example.org/new", "text": "The gates were painted."}\n'


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    archive_of_the_harbor(folder).close()
    Frontier(folder / "frontier.sqlite").close()
    (folder / "runs.jsonl").touch()
    (tmp_path / "new.jsonl").write_text(ARTICLE)
    return folder


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        # SQLite's readers leave empty files beside a database.
        if path.is_file() and path.name != "lock" and not path.name.endswith(("-shm", "-wal"))
    }


def raise_version(path: Path, version: int) -> None:
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {version}")
    connection.close()


def of_later_archive(folder: Path) -> str:
    (folder / "archive.json").write_text(json.dumps({"searchkit": ARCHIVE_VERSION + 1, "engines": ["a", "b"]}))
    return f"The archive {folder} has version {ARCHIVE_VERSION + 1}; this searchkit reads up to {ARCHIVE_VERSION}."


def of_later_store(folder: Path) -> str:
    raise_version(folder / "store.sqlite", STORE_VERSION + 1)
    path = folder / "store.sqlite"
    return f"The store {path} has version {STORE_VERSION + 1}; this searchkit reads up to {STORE_VERSION}."


def of_later_index(folder: Path, name: str = "schema", ours: int = SCHEMA_VERSION) -> str:
    generation = current(folder / "whoosh")
    assert generation is not None
    path = generation / "manifest.json"
    manifest = json.loads(path.read_bytes().partition(b"\n")[2])
    manifest["versions"][name] = ours + 1
    written = json.dumps(manifest).encode()
    path.write_bytes(f"{zlib.crc32(written):08x}\n".encode() + written)
    return f"The index {folder / 'whoosh'} has {name} version {ours + 1}; this searchkit reads up to {ours}."


def of_later_index_form(folder: Path) -> str:
    return of_later_index(folder, "form", FORMAT_VERSION)


def of_later_records(folder: Path) -> str:
    path = folder / "store.sqlite"
    with sqlite3.connect(path) as connection:
        connection.create_function("seal", -1, seal, deterministic=True)
        connection.execute(
            "UPDATE documents SET record = json_set(record, '$.record_version', ?)", (RECORD_VERSION + 1,)
        )
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return f" has version {RECORD_VERSION + 1}; this searchkit reads up to {RECORD_VERSION}."


def of_later_list_of_forgotten(folder: Path) -> str:
    path = folder / "forgotten.json"
    path.write_text(json.dumps({"searchkit_forgotten": FORGOTTEN_VERSION + 1, "sieve": "ab"}))
    return f"{path} has version {FORGOTTEN_VERSION + 1}; this searchkit reads up to {FORGOTTEN_VERSION}."


WHOLE = [of_later_archive, of_later_store, of_later_index, of_later_index_form]
READERS = [("query", "cranes"), ("quotes",), ("export",), ("status",), ("entities",)]
WRITERS = [("index", "new.jsonl"), ("index", "--outdated"), ("forget", "https://ledger.example.org/cranes")]


@pytest.mark.parametrize("words", [*READERS, *WRITERS], ids=lambda words: "-".join(words)[:20])
@pytest.mark.parametrize("later", WHOLE)
def test_no_command_reads_it_or_writes_to_it(
    archive: Path,
    searchkit: Run,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    later: Callable[[Path], str],
    words: tuple[str, ...],
) -> None:
    monkeypatch.chdir(archive.parent)
    raise_extractor(archive)
    told = later(archive)
    before = content(archive)
    assert searchkit(archive, *words) == 3
    printed = capsys.readouterr()
    assert printed.err.startswith(f"searchkit: {told}\n  Upgrade searchkit")
    assert printed.err.count("\n") == 2
    assert content(archive) == before


@pytest.mark.parametrize("words", [("query", "cranes"), ("export",), ("index", "--outdated"), ("rebuild",)])
def test_records_of_a_later_version(
    archive: Path, searchkit: Run, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    told = of_later_records(archive)
    if words[-1] == "--outdated":
        raise_extractor(archive)
    before = content(archive)
    assert searchkit(archive, *words) == 3
    assert f"{told}\n  Upgrade searchkit.\n" in capsys.readouterr().err
    assert content(archive)["store.sqlite"] == before["store.sqlite"]


def raise_extractor(folder: Path) -> None:
    with sqlite3.connect(folder / "store.sqlite") as connection:
        connection.create_function("seal", -1, seal, deterministic=True)
        connection.execute("UPDATE documents SET extractor = '99'")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def test_a_later_list_of_what_was_forgotten_lets_nothing_in(
    archive: Path, searchkit: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    told = of_later_list_of_forgotten(archive)
    before = content(archive)
    for words in (("index", str(archive.parent / "new.jsonl")), ("forget", "https://ledger.example.org/cranes")):
        assert searchkit(archive, *words) == 3
        assert told in capsys.readouterr().err
        assert content(archive) == before
    assert searchkit(archive, "query", "cranes") == 0


def test_a_later_frontier(archive: Path, searchkit: Run, capsys: pytest.CaptureFixture[str]) -> None:
    path = archive / "frontier.sqlite"
    raise_version(path, FRONTIER_VERSION + 1)
    told = f"{path} has version {FRONTIER_VERSION + 1}; this searchkit reads up to {FRONTIER_VERSION}."
    before = content(archive)
    for words in (("index", "https://ledger.example.org/new"), ("forget", "https://ledger.example.org/cranes")):
        assert searchkit(archive, *words) == 3
        assert told in capsys.readouterr().err
        assert content(archive) == before


def test_a_later_backup(archive: Path, searchkit: Run, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    backup, again = tmp_path / "backup", tmp_path / "again"
    assert searchkit(archive, "backup", str(backup)) == 0
    made = backup / "backup.json"
    made.write_text(json.dumps({"searchkit_backup": BACKUP_VERSION + 1, "volumes": []}))
    capsys.readouterr()
    assert searchkit(again, "restore", str(backup)) == 3
    told = f"The backup {backup} has version {BACKUP_VERSION + 1}; this searchkit reads up to {BACKUP_VERSION}."
    assert capsys.readouterr().err == f"searchkit: {told}\n  Upgrade searchkit.\n"
    assert not again.exists()


def test_whoever_asks_for_it_gets_an_index_of_this_version(archive: Path, searchkit: Run) -> None:
    of_later_index(archive)
    assert searchkit(archive, "rebuild", "--workers", "1") == 0
    with Archive.open(archive) as opened:
        assert opened.status().indexed["document"] == 3
