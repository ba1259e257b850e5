"""A dump of the store is restored while others write: every index notices, is rebuilt, and says so."""

import os
import secrets
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from searchkit.archive import Archive
from searchkit.archive.checking import findings
from searchkit.archive.index_sync import OTHER_STATE
from searchkit.cluster.postgres.database import PostgresDatabase
from searchkit.errors import SearchkitError
from searchkit.index.base import SearchRequest
from searchkit.query import ast
from searchkit.store.base import Shared
from searchkit.store.store import open_store
from tests.cluster.postgres import PostgresServer, programs, wait_until
from tests.cluster.shared import shared
from tests.samples import document, present

pytestmark = [pytest.mark.cluster, pytest.mark.slow]
NOW = datetime(2026, 3, 5, 6, 7, 8, tzinfo=UTC)


class Desk:
    """A store in a server, and a worker that adds documents to it all the time."""

    def __init__(self, server: PostgresServer, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.database = server.create_database()
        self.written = 0
        self._stopped = threading.Event()
        self._pause = threading.Lock()
        self._thread = threading.Thread(target=self._work)

    @property
    def url(self) -> str:
        return self.server.url(self.database)

    def put(self, count: int) -> None:
        with closing(open_store(PostgresDatabase(self.url), writable=True)) as store:
            for _ in range(count):
                self.written += 1
                made = document(f"Ferry {self.written} of {secrets.token_hex(4)} left.", uri=f"file:///{self.written}")
                store.put(made, resource=made.uri, digest="d")
                store.commit()

    def sequence(self) -> int:
        with closing(open_store(PostgresDatabase(self.url), writable=False)) as store:
            return store.sequence

    def _work(self) -> None:
        while not self._stopped.is_set():
            with self._pause, suppress(SearchkitError):  # interrupted by the restore
                self.put(1)

    def start(self) -> None:
        self._thread.start()

    def wait(self, count: int) -> None:
        """Wait until the worker has written so many documents more."""
        after = self.written + count
        wait_until(lambda: self.written >= after, 60)

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def run(self, program: str, *words: str) -> None:
        """Run a program of PostgreSQL on the database, again if the worker was in its way."""
        found = present(programs())
        place = {"PGHOST": "127.0.0.1", "PGPORT": str(self.server.port), "PGUSER": "searchkit"}
        environment = {**os.environ, **place, "PGPASSWORD": self.server.password}
        for _ in range(20):
            done = subprocess.run(
                [found / program, *words], env=environment, capture_output=True, text=True, check=False
            )
            if "deadlock detected" not in done.stderr:
                break
        assert done.returncode == 0, done.stderr

    def sql(self, *statements: str) -> None:
        with closing(self.server.connect()) as connection:
            for statement in statements:
                connection.execute(statement)

    def dump(self, *words: str) -> None:
        self.run("pg_dump", "-f", str(self.folder / "dump"), *words, self.database)


def clean_script(desk: Desk) -> Callable[[], None]:
    desk.dump("--clean", "--if-exists")
    return lambda: desk.run("psql", "-qX1", "-v", "ON_ERROR_STOP=1", "-f", str(desk.folder / "dump"), desk.database)


def clean_archive(desk: Desk) -> Callable[[], None]:
    desk.dump("-Fc")
    return lambda: desk.run("pg_restore", "-c1", "--if-exists", "-d", desk.database, str(desk.folder / "dump"))


def schema_dropped(desk: Desk) -> Callable[[], None]:
    desk.dump()

    def restore() -> None:
        drop = "DROP SCHEMA searchkit CASCADE"
        desk.run("psql", "-qX1", "-v", "ON_ERROR_STOP=1", "-c", drop, "-f", str(desk.folder / "dump"), desk.database)

    return restore


def database_dropped(desk: Desk) -> Callable[[], None]:
    desk.dump("-Fc")

    def restore() -> None:
        with desk._pause:  # otherwise the worker makes new tables first
            desk.sql(
                f"DROP DATABASE {desk.database} WITH (FORCE)", f"CREATE DATABASE {desk.database} TEMPLATE template0"
            )
            desk.run("pg_restore", "-d", desk.database, str(desk.folder / "dump"))

    return restore


def from_template(desk: Desk) -> Callable[[], None]:
    with desk._pause:
        desk.sql(f"CREATE DATABASE {desk.database}_kept TEMPLATE {desk.database}")

    def restore() -> None:
        with desk._pause:
            desk.sql(
                f"DROP DATABASE {desk.database} WITH (FORCE)",
                f"ALTER DATABASE {desk.database}_kept RENAME TO {desk.database}",
            )

    return restore


def rows_only(desk: Desk) -> Callable[[], None]:
    desk.dump("--data-only", "-n", "searchkit")

    def restore() -> None:
        empty = (
            "DO $$ BEGIN EXECUTE (SELECT 'TRUNCATE ' || string_agg(format('searchkit.%I', tablename), ', ') "
            "FROM pg_tables WHERE schemaname = 'searchkit'); END $$"
        )
        desk.run("psql", "-qX1", "-v", "ON_ERROR_STOP=1", "-c", empty, "-f", str(desk.folder / "dump"), desk.database)

    return restore


def files_of_the_server(desk: Desk) -> Callable[[], None]:
    data, kept = desk.server.folder / "data", desk.server.folder / "kept"
    desk.server.stop("fast")
    subprocess.run(["cp", "-a", data, kept], check=True)
    desk.server.start()

    def restore() -> None:
        desk.server.stop("fast")
        shutil.rmtree(data)
        kept.rename(data)
        desk.server.start()

    return restore


def as_many_changes(desk: Desk) -> Callable[[], None]:
    """The worker has written as many changes as were lost before anyone looks."""
    restore, before = clean_archive(desk), desk.sequence

    def restore_and_write() -> None:
        lost = before()
        restore()
        with desk._pause:
            desk.put(max(lost - before(), 0))

    return restore_and_write


def twice(desk: Desk) -> Callable[[], None]:
    restore = clean_script(desk)

    def again() -> None:
        restore()
        desk.put(3)
        restore()

    return again


def to_another_database(desk: Desk) -> Callable[[], None]:
    """The settings name the new address."""
    desk.dump("-Fc")

    def restore() -> None:
        other = desk.server.create_database()
        desk.run("pg_restore", "-d", other, str(desk.folder / "dump"))
        desk.database = other

    return restore


WAYS = (
    *(clean_script, clean_archive, schema_dropped, database_dropped, from_template, rows_only, files_of_the_server),
    *(as_many_changes, twice, to_another_database),
)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    server = PostgresServer()
    monkeypatch.setenv("PGPASSWORD", server.password)
    made = Desk(server, tmp_path)
    try:
        yield made
    finally:
        made.stop()
        server.close()


def found(archive: Archive) -> set[str]:
    request = SearchRequest(query=ast.All(), limit=10_000, copies=True)
    return {hit.id for hit in archive.search(request).hits}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("engine", ["whoosh", "opensearch"])
def test_a_dump_is_restored(desk: Desk, way: Callable[[Desk], Callable[[], None]], engine: str) -> None:
    place = "whoosh:" if engine == "whoosh" else shared(1).engine(f"d-{secrets.token_hex(4)}")
    desk.put(5)
    folders = [desk.folder / name for name in ("one", "two")]
    for folder in folders:
        with Archive.create(folder, engine=place, shared=Shared(store=desk.url)) as archive:
            archive.refresh()
            archive.refresh_histories()
    desk.start()
    restore = way(desk)
    desk.wait(8)
    for folder in folders:
        with Archive.open(folder) as archive:
            archive.refresh()
            archive.refresh_histories()
    time.sleep(0.05)
    restore()
    desk.wait(3)
    desk.stop()
    for number, folder in enumerate(folders):
        with Archive.open(folder, shared=Shared(store=desk.url)) as archive:
            is_repaired = engine == "opensearch" and number > 0  # both machines have one index
            assert archive.status().other_store != is_repaired
            notices = [finding.what for finding in findings(folder, full=False)]
            assert "was made from another state of the store" in notices
            assert archive.refresh() == (() if is_repaired else (OTHER_STATE,))
            assert found(archive) == set(archive.store().ids()) != set()
            archive.take_notes()
            archive.refresh_histories()
            assert archive.take_notes() == (OTHER_STATE,)
            assert archive.refresh() == ()
        # The documents of tests have other checksums.
        assert [finding for finding in findings(folder, full=True) if finding.where != "store.sqlite"] == []


def test_the_address_changes(desk: Desk) -> None:
    """The same store by another name; another store is refused."""
    desk.put(2)
    folder = desk.folder / "one"
    with Archive.create(folder, shared=Shared(store=desk.url)) as archive:
        archive.refresh()
    moved = desk.url.replace("127.0.0.1", "localhost") + "?sslmode=prefer"
    for url in (moved, desk.url, moved):
        with Archive.open(folder, shared=Shared(store=url)) as archive:
            assert archive.databases.shared.store == url
            assert archive.refresh() == ()
            assert len(found(archive)) == 2
    assert f'"store":"{moved}"' in (folder / "archive.json").read_text()
    other = desk.server.url(desk.server.create_database())
    with closing(open_store(PostgresDatabase(other), writable=True)):
        pass
    with pytest.raises(SearchkitError, match="has its store at"):
        Archive.open(folder, shared=Shared(store=other))
    desk.start()
