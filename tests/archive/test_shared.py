"""An archive that several machines share: the store in PostgreSQL, the captures in another folder."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from searchkit.archive import Archive
from searchkit.archive.backup import FILES, back_up, restore
from searchkit.archive.blocklist import Blocklist
from searchkit.archive.checking import findings
from searchkit.archive.databases import databases_of
from searchkit.archive.erasure import find_targets, forget, make_plan
from searchkit.cluster.postgres.copying import digest_of_file
from searchkit.cluster.postgres.database import PostgresDatabase
from searchkit.cluster.postgres.tables import tables_of
from searchkit.crawl.web.frontier_database import SCHEMA as FRONTIER_SCHEMA
from searchkit.crawl.web.frontier_database import addresses_known
from searchkit.errors import ArchiveLocked, ConfigError, TryAgain, UsageError
from searchkit.index.base import SearchRequest
from searchkit.query import ast
from searchkit.statements.document import document_id
from searchkit.store.base import Shared
from searchkit.store.checking import STORE_SCHEMA
from searchkit.store.store import open_store
from tests.archive.damage import PAGE, archive_of_everything
from tests.cli.harbor import archive_of_the_harbor
from tests.cluster.postgres import PostgresServer
from tests.samples import document
from tests.store.test_tables import fill

pytestmark = pytest.mark.cluster
NOW = datetime(2026, 3, 5, 6, 7, 8, tzinfo=UTC)


def _digests(folder: Path) -> list[str]:
    """The digests of all rows of the files in a folder."""
    return [
        digest_of_file(folder / "store.sqlite", tables_of(STORE_SCHEMA)),
        digest_of_file(folder / "frontier.sqlite", tables_of(FRONTIER_SCHEMA)),
    ]


def _hits(archive: Archive) -> list[str]:
    """What an archive answers to "everything"."""
    return [hit.id for hit in archive.search(SearchRequest(query=ast.All(), record="quote", limit=100)).hits]


@pytest.fixture
def shared(store_url: str, tmp_path: Path) -> Shared:
    return Shared(store=store_url, captures=str(tmp_path / "captures"))


@pytest.fixture
def first(intact: Path, shared: Shared, tmp_path: Path) -> Iterator[Archive]:
    """An archive with something of every kind, on the first machine."""
    back_up(intact, tmp_path / "given", now=NOW)
    restore(tmp_path / "given", tmp_path / "first", shared=shared)
    with Archive.open(tmp_path / "first") as archive:
        archive.catch_up()
        yield archive


def test_an_archive_moves_there_and_back(intact: Path, first: Archive, shared: Shared, tmp_path: Path) -> None:
    assert not list(first.folder.glob("*.sqlite"))
    assert not (first.folder / "captures").exists()
    with Archive.open(intact) as before:
        assert _hits(first) == _hits(before)
        assert first.store().counts("") == before.store().counts("")
    assert list(findings(first.folder, full=True)) == []
    back_up(first.folder, tmp_path / "taken", now=NOW)
    restore(tmp_path / "taken", tmp_path / "back")
    assert _digests(tmp_path / "back") == _digests(tmp_path / "given" / FILES) == _digests(tmp_path / "taken" / FILES)
    assert databases_of(tmp_path / "back").shared == Shared()
    assert list(findings(tmp_path / "back", full=True))[1:] == []
    captures = [{path.name for path in folder.rglob("*.gz")} for folder in (intact, tmp_path / "back")]
    assert captures[0] == captures[1] == {path.name for path in Path(shared.captures).rglob("*.gz")}


def test_every_table_is_copied(store_url: str, tmp_path: Path) -> None:
    """Also texts that PostgreSQL cannot hold, and the number of the last change, even if that was removed."""
    fill(tmp_path / "store.sqlite")
    with closing(open_store(tmp_path / "store.sqlite", writable=True)) as store:
        store.connection.execute("DELETE FROM changes WHERE sequence = (SELECT max(sequence) FROM changes)")
        last = store.sequence
        store.commit()
    Archive.create(tmp_path / "there", shared=Shared(store=store_url)).close()
    databases = databases_of(tmp_path / "there")
    assert databases.copy_from(tmp_path)
    with closing(databases.open_store(writable=True)) as copy:
        made = document(uri="file:///new.txt")
        copy.put(made, resource=made.uri, digest="d")
        assert copy.sequence == last + 2
    (tmp_path / "again").mkdir()
    databases.copy_to(tmp_path / "again")
    before, after = (
        digest_of_file(tmp_path / name / "store.sqlite", tables_of(STORE_SCHEMA)) for name in (".", "again")
    )
    assert before == after


def test_nothing_is_restored_over_an_archive(first: Archive, shared: Shared, tmp_path: Path) -> None:
    hits = _hits(first)
    with pytest.raises(UsageError, match="exists already"):
        restore(tmp_path / "given", tmp_path / "second", shared=shared)
    assert not (tmp_path / "second").exists()
    assert _hits(first) == hits


def test_a_server_that_stops_leaves_nothing_half_restored(
    intact: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = PostgresServer()
    monkeypatch.setenv("PGPASSWORD", server.password)
    url = server.url(server.create_database())
    back_up(intact, tmp_path / "given", now=NOW)
    restored: list[int] = []

    def stop(done: int, total: int) -> None:
        restored.append(done)
        if done == total:
            server.stop()

    with pytest.raises(TryAgain, match="cannot be reached"):
        restore(tmp_path / "given", tmp_path / "there", shared=Shared(store=url), progress=stop)
    assert restored
    assert not (tmp_path / "there").exists()
    server.start()
    PostgresDatabase(url).connect(writable=True).close()  # it stopped after the tables were made
    restore(tmp_path / "given", tmp_path / "there", shared=Shared(store=url))
    server.close()


def test_another_machine_follows(first: Archive, shared: Shared, tmp_path: Path) -> None:
    with Archive.open(tmp_path / "second", shared=shared) as second:
        assert _hits(second) == _hits(first) != []
        assert second.refresh_histories().position == first.store().position
        with first.changing() as store:
            store.delete(document_id(PAGE), NOW.isoformat())
            store.commit()
            second.catch_up()  # while the first one writes
            assert second.get(document_id(PAGE)) is None
            with pytest.raises(ArchiveLocked, match="is being written by process"), second.held():
                pass
        first.catch_up()
        assert _hits(second) == _hits(first) != []
        assert second.refresh_histories().position == first.store().position


def test_the_folder_is_made_for_a_store_that_exists(shared: Shared, tmp_path: Path) -> None:
    with pytest.raises(Exception, match="There is no archive"):
        Archive.open(tmp_path / "second", shared=shared)
    assert not (tmp_path / "second").exists()


def test_settings_that_contradict_the_archive(first: Archive, shared: Shared, tmp_path: Path) -> None:
    for other in (Shared(store=f"{shared.store}?schema=other"), Shared(captures="/elsewhere")):
        with pytest.raises(ConfigError, match="but the setting"):
            Archive.open(first.folder, shared=other)
    archive_of_the_harbor(tmp_path / "own").close()
    with pytest.raises(ConfigError, match="has its store in its folder"):
        Archive.create(tmp_path / "own", shared=Shared(store=f"{shared.store}?schema=other"))


def test_forgetting(first: Archive, shared: Shared, tmp_path: Path) -> None:
    page = document_id(PAGE)
    with first.held():
        targets, _ = find_targets(first, [page], copies=False)
        erased = forget(first, make_plan(first, targets), now=NOW)
    assert erased.documents == 1
    assert first.get(page) is None
    assert PAGE not in set(addresses_known(first.databases.frontier))
    assert len(list(Path(shared.captures).rglob("*.gz"))) == 1
    assert list(findings(first.folder, full=True)) == []
    with Archive.open(tmp_path / "second", shared=shared) as second:
        assert PAGE in Blocklist.load(second.folder), "no machine indexes it again"
        back_up(second.folder, tmp_path / "later", now=NOW)
    restore(tmp_path / "later", tmp_path / "third", shared=Shared(store=f"{shared.store}?schema=third"))
    for folder in (tmp_path / "later" / FILES, tmp_path / "third"):
        assert PAGE in Blocklist.load(folder)


def test_damage_in_the_database_is_found(first: Archive, postgres: PostgresServer) -> None:
    database = str(first.databases.shared.store).rpartition("/")[2]
    with closing(postgres.connect(database)) as admin:
        admin.execute("DELETE FROM searchkit.facts WHERE document = %s", [document_id(PAGE)])
        admin.execute("ALTER TABLE searchkit.resources ALTER checksum DROP EXPRESSION")
        admin.execute("UPDATE searchkit.resources SET seen_at = 'x' WHERE uri = %s", [PAGE])
        admin.execute("ALTER TABLE searchkit.pages ALTER checksum DROP EXPRESSION")
        admin.execute("UPDATE searchkit.pages SET status = 7 WHERE url = %s", [PAGE])
        admin.execute("ALTER TABLE searchkit.runs DROP COLUMN not_read CASCADE")
    found = [f"{finding.where} {finding.what}" for finding in findings(first.folder, full=True) if finding.damage]
    assert any("corrupt row of resources" in line for line in found)
    assert any("a document without facts" in line for line in found)
    assert any("corrupt row of pages" in line for line in found)
    assert any("does not have the tables of version" in line and "runs" in line for line in found)


def test_two_writers_take_turns(first: Archive, shared: Shared, tmp_path: Path) -> None:
    done: list[str] = []

    def write() -> None:
        with Archive.open(tmp_path / "second", shared=shared) as second, second.held(20), second.changing() as store:
            done.append("second")
            made = document(uri="test:second")
            store.put(made, resource=made.uri, digest="d")
            store.commit()

    with first.held():
        thread = threading.Thread(target=write)
        thread.start()
        with first.changing() as store:
            made = document(uri="test:first")
            store.put(made, resource=made.uri, digest="d")
            store.commit()
        done.append("first")
    thread.join()
    assert done == ["first", "second"]
    assert {document(uri=f"test:{name}").id for name in done} <= set(first.store().ids())


def test_a_lost_store_is_not_made_again(first: Archive, postgres: PostgresServer) -> None:
    PostgresDatabase(first.databases.shared.store).drop()
    with Archive.open(first.folder) as again, pytest.raises(Exception, match="but the index shows"), again.changing():
        pass


def test_captures_alone_may_be_shared(tmp_path: Path) -> None:
    archive_of_everything(tmp_path / "own")
    shutil.move(tmp_path / "own" / "captures", tmp_path / "elsewhere")
    back_up(tmp_path / "own", tmp_path / "backup", now=NOW)
    restore(tmp_path / "backup", tmp_path / "other", shared=Shared(captures=str(tmp_path / "elsewhere")))
    assert list(findings(tmp_path / "other", full=True))[1:] == []
