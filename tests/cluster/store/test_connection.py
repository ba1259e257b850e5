"""Concurrent writers, and failures of the server: each is one line, and nothing is half written."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from searchkit.cluster.postgres import connection as pg_connection
from searchkit.cluster.postgres import database as pg_database
from searchkit.cluster.postgres.database import PostgresDatabase
from searchkit.errors import ArchiveError, ConfigError, SearchkitError, TryAgain
from searchkit.store.store import Store
from tests.cluster.postgres import PostgresServer
from tests.samples import document, present

pytestmark = pytest.mark.cluster


def _store(url: str, *, writable: bool = True) -> Store:
    return Store(PostgresDatabase(url).connect(writable=writable))


def _put(store: Store, name: str) -> None:
    made = document(uri=f"test:{name}")
    store.put(made, resource=made.uri, digest="d")


@pytest.fixture
def own_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[PostgresServer]:
    """A server that the test may stop."""
    server = PostgresServer(max_connections="8", superuser_reserved_connections="0")
    monkeypatch.setenv("PGPASSWORD", server.password)
    yield server
    server.close()


_WRITER = """
import random, sys, time
from searchkit.cluster.postgres.database import PostgresDatabase
connection = PostgresDatabase(sys.argv[1]).connect(writable=True)
chance = random.Random(int(sys.argv[2]))
written = 0
while written < int(sys.argv[3]):
    batch = chance.randint(1, 40)
    for number in range(batch):
        values = (f"{sys.argv[2]}-{written + number}", "put", "", "")
        connection.insert_row("INSERT INTO changes (document, kind, at, mark) VALUES (?, ?, ?, ?)", *values)
    if chance.random() < 0.2:
        connection.rollback()
        continue
    time.sleep(chance.random() / 200)
    connection.commit()
    written += batch
"""


@pytest.mark.slow
def test_readers_never_skip_a_late_commit(store_url: str) -> None:
    """Four processes write 10,000 changes, with pauses and rollbacks; two readers follow the log by its numbers."""
    with closing(PostgresDatabase(store_url).connect(writable=True)):
        pass
    command = [sys.executable, "-c", _WRITER, store_url]
    writers = [subprocess.Popen([*command, str(number), "2500"]) for number in range(4)]
    logs: list[list[tuple[int, str]]] = [[], []]

    def follow(log: list[tuple[int, str]]) -> None:
        with closing(PostgresDatabase(store_url).connect(writable=False)) as reader:
            last, running = 0, True
            while running:
                running = any(writer.poll() is None for writer in writers)
                statement = "SELECT sequence, document FROM changes WHERE sequence > ? ORDER BY sequence"
                log += reader.execute(statement, last).fetchall()
                last = log[-1][0] if log else 0

    readers = [threading.Thread(target=follow, args=(log,)) for log in logs]
    for reader in readers:
        reader.start()
    for thread in readers:
        thread.join()
    assert [writer.wait() for writer in writers] == [0] * 4
    with closing(PostgresDatabase(store_url).connect(writable=False)) as connection:
        written = connection.execute("SELECT sequence, document FROM changes ORDER BY sequence").fetchall()
    assert len(written) >= 10_000
    assert logs == [written, written]


def test_a_reader_sees_committed_changes_only(store_url: str) -> None:
    with closing(_store(store_url)) as writer, closing(_store(store_url, writable=False)) as reader:
        _put(writer, "a")
        assert (writer.sequence, reader.sequence) == (1, 0)
        writer.commit()
        assert reader.sequence == 1
        assert reader.get(document(uri="test:a").id) == writer.get(document(uri="test:a").id)
        with pytest.raises(ArchiveError, match="was opened for reading"):
            reader.delete(document(uri="test:a").id, "")


def test_a_server_that_stops_during_a_commit(own_server: PostgresServer) -> None:
    url = own_server.url(own_server.create_database())
    with closing(_store(url)) as writer, closing(_store(url, writable=False)) as reader:
        _put(writer, "kept")
        writer.commit()
        _put(writer, "lost")
        own_server.stop()
        for change in (writer.commit, lambda: _put(writer, "later"), writer.commit):
            with pytest.raises(TryAgain, match=r"was interrupted|cannot be reached") as raised:
                change()
            assert "\n" not in raised.value.message
        with pytest.raises(TryAgain, match="cannot be reached"):
            _store(url)
        own_server.start()
        assert [reader.get(found) is not None for found in reader.ids()] == [True], "a reader connects again"
    with closing(_store(url)) as store:
        assert list(store.ids()) == [document(uri="test:kept").id]
        assert store.sequence == 1


def test_no_free_connection(own_server: PostgresServer) -> None:
    url = own_server.url(own_server.create_database())
    with closing(_store(url)):
        pass
    taken = [own_server.connect() for _ in range(8)]
    with pytest.raises(TryAgain, match="has no free connection"):
        _store(url)
    for connection in taken:
        connection.close()


@pytest.mark.parametrize(
    ("change", "kind", "reason"),
    [
        (lambda url: url.replace("searchkit@", "stranger@"), ConfigError, "refuses the user or the password"),
        (lambda url: url + "x", ConfigError, "has no such database"),
        (lambda _url: "postgresql://127.0.0.1:1/news", TryAgain, "cannot be reached"),
        (lambda url: url.replace("127.0.0.1", "no.such.invalid"), TryAgain, "cannot be reached"),
        (lambda url: f"{url}?sslmode=require", ConfigError, "cannot be trusted"),
    ],
)
def test_wrong_addresses(store_url: str, change: object, kind: type[SearchkitError], reason: str) -> None:
    assert callable(change)
    with pytest.raises(kind, match=reason) as raised:
        _store(change(store_url))
    assert "\n" not in raised.value.message


def test_a_wrong_password(store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", "guessed")
    with pytest.raises(ConfigError, match="refuses the user or the password") as raised:
        _store(store_url)
    assert "guessed" not in str(raised.value)
    monkeypatch.delenv("PGPASSWORD")
    with pytest.raises(ConfigError, match="refuses the user or the password"):
        _store(store_url)


def test_an_older_server_and_a_wrong_clock(store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(pg_connection, "MIN_SERVER", 99)
        with pytest.raises(ArchiveError, match="searchkit needs 99 or later"):
            _store(store_url)
    monkeypatch.setattr(pg_database, "MAX_SKEW_SECONDS", -1)
    with pytest.raises(TryAgain, match=r"The clock of this machine is 0 seconds (ahead of|behind)"):
        _store(store_url)


def test_foreign_tables_and_other_versions(store_url: str, postgres: PostgresServer) -> None:
    database = store_url.rpartition("/")[2]
    with closing(postgres.connect(database)) as admin:
        admin.execute("CREATE SCHEMA desk")
        admin.execute("CREATE TABLE desk.invoices (id int)")
        with pytest.raises(ArchiveError, match='a table of another program, "invoices"'):
            _store(f"{store_url}?schema=desk")
        with pytest.raises(ArchiveError, match="does not exist yet"):
            _store(store_url, writable=False)
        _store(store_url).close()
        for version, reason in ((99, "supports up to"), (1, "an earlier searchkit")):
            admin.execute("UPDATE searchkit.properties SET value = %s", [str(version)])
            with pytest.raises(ArchiveError, match=reason):
                _store(store_url)


def test_archives_share_a_database(store_url: str) -> None:
    with closing(_store(store_url)) as first, closing(_store(f"{store_url}?schema=second")) as second:
        _put(first, "a")
        _put(second, "b")
        first.commit()
        second.commit()
        assert (list(first.ids()), list(second.ids())) == ([document(uri="test:a").id], [document(uri="test:b").id])


def test_one_writer_holds_the_lock(store_url: str) -> None:
    database = PostgresDatabase(store_url)
    with database.locked(called="searchkit update"):
        with pytest.raises(TryAgain, match=rf"process {os.getpid()} on .{{1,63}} since 20"), database.locked():
            pass
        with PostgresDatabase(f"{store_url}?schema=second").locked():
            pass
    with database.locked():
        pass


def test_the_lock_of_a_killed_process_is_free(store_url: str) -> None:
    hold = (
        "import sys, time\nfrom searchkit.cluster.postgres.database import PostgresDatabase\n"
        "with PostgresDatabase(sys.argv[1]).locked():\n    print('held', flush=True)\n    time.sleep(60)\n"
    )
    holder = subprocess.Popen([sys.executable, "-c", hold, store_url], stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    with pytest.raises(TryAgain, match=f"process {holder.pid} "), PostgresDatabase(store_url).locked():
        pass
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    holder.stdout.close()
    with PostgresDatabase(store_url).locked(wait=5):
        pass


def test_a_writer_whose_lock_ended_commits_nothing(store_url: str, postgres: PostgresServer) -> None:
    """As after a pause or a broken network: another process has the lock by then."""
    database = PostgresDatabase(store_url)
    with database.locked(), closing(Store(database.connect(writable=True))) as writer:
        _put(writer, "a")
        writer.commit()
        _put(writer, "late")
        with closing(postgres.connect(store_url.rpartition("/")[2])) as admin:
            admin.execute("SELECT pg_terminate_backend(%s)", [database._lock_holder])
            with PostgresDatabase(store_url).locked(wait=5):
                with pytest.raises(TryAgain, match="the lock of this process ended"):
                    writer.commit()
                assert list(writer.ids()) == [document(uri="test:a").id]


def test_a_user_who_may_only_read(store_url: str, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(_store(store_url)) as store, closing(postgres.connect(store_url.rpartition("/")[2])) as admin:
        _put(store, "a")
        store.commit()
        admin.execute(f"CREATE ROLE reader LOGIN PASSWORD '{postgres.password}'")
        admin.execute("GRANT USAGE ON SCHEMA searchkit TO reader")
        admin.execute("GRANT SELECT ON ALL TABLES IN SCHEMA searchkit TO reader")
    url = store_url.replace("searchkit@", "reader@")
    with closing(_store(url, writable=False)) as store:
        assert store.get(document(uri="test:a").id) is not None
        assert store.alerts.known("a", ["r"]) == set()
        assert list(store.claiming(["https://a.example"])) == []
    with closing(_store(url)) as store, pytest.raises(ArchiveError, match="refuses this user"):
        _put(store, "b")


def test_rows_changed_by_other_means_are_detected(store_url: str, postgres: PostgresServer) -> None:
    with closing(_store(store_url)) as store, closing(postgres.connect(store_url.rpartition("/")[2])) as admin:
        _put(store, "a")
        store.commit()
        admin.execute("ALTER TABLE searchkit.documents ALTER checksum DROP EXPRESSION")
        admin.execute("UPDATE searchkit.documents SET extractor = 'x' || extractor")
        with pytest.raises(ArchiveError, match="is corrupt"):
            store.get(document(uri="test:a").id)


def test_values_that_postgresql_does_not_store(store_url: str) -> None:
    with closing(_store(store_url)) as store:
        made = document(uri="test:nul", title="a\0b", source="x\0y")
        store.put(made, resource="test:\0/\udcff", digest="d")
        store.commit()
        found = present(store.get(made.id))
        assert found.title == "a\0b"
        assert store.known("test:\0/\udcff") is not None
