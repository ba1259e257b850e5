"""Claims of workers: one owner each, and no commit of a worker whose lease is over."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from searchkit.cluster.postgres import claims
from searchkit.cluster.postgres.connection import PostgresConnection
from searchkit.cluster.postgres.database import PostgresDatabase
from searchkit.crawl.web.frontier import Frontier
from searchkit.crawl.web.frontier_database import SCHEMA
from searchkit.crawl.web.pages import Lead
from searchkit.errors import ArchiveLocked, TryAgain
from searchkit.store.store import Store
from tests.samples import document

pytestmark = pytest.mark.cluster
_LEASE = 0.3
Connect = Callable[[int], PostgresConnection]


@pytest.fixture
def connect(store_url: str) -> Iterator[Connect]:
    """Opens the claims as a worker, or as nobody (0)."""
    opened: list[PostgresConnection] = []

    def opening(worker: int = 0) -> PostgresConnection:
        database = PostgresDatabase(store_url, name="claims", schema=claims.CLAIMS_SCHEMA, ordered=False, worker=worker)
        opened.append(database.connect(writable=True))
        return opened[-1]

    yield opening
    for connection in opened:
        connection.close()


def _register(connection: PostgresConnection, name: str, *, lease: float = 60.0, version: str = "1") -> int:
    return claims.register(connection, name, version=version, names="", lease=lease)


def _fetched(store_url: str, count: int) -> list[str]:
    """Record fetched pages; return their addresses."""
    urls = [f"https://ledger.example/{number}" for number in range(count)]
    place = PostgresDatabase(store_url, name="frontier", schema=SCHEMA, ordered=False)
    with closing(Frontier(place)) as frontier:
        for url in urls:
            frontier.add(Lead(url=url, priority=1), source="ledger", now=1.0, may_be_due=lambda _page: True)
            frontier.connection.rows("UPDATE pages SET state = 'fetched' WHERE url = ?", url)
    return urls


def _store(store_url: str, worker: int) -> Store:
    return Store(PostgresDatabase(store_url, worker=worker).connect(writable=True))


def _put(store: Store, uri: str) -> None:
    made = document(uri=uri)
    store.put(made, resource=made.uri, digest="d")


def test_a_claim_has_one_owner(connect: Connect) -> None:
    nobody = connect(0)
    one, two = (_register(nobody, name) for name in ("one", "two"))
    first, second = connect(one), connect(two)
    assert claims.claim(first, one, "host", ["a", "b"]) == {"a", "b"}
    first.commit()
    assert claims.claim(second, two, "host", ["b", "c"]) == {"c"}
    second.commit()
    claims.release(first, one, "host", ["b"])
    first.commit()
    assert claims.claim(second, two, "host", ["a", "b"]) == {"b"}
    second.commit()
    claims.leave(nobody, one)
    assert claims.claim(second, two, "host", ["a"]) == {"a"}


def test_pages_are_read_once(store_url: str, connect: Connect) -> None:
    nobody = connect(0)
    urls = _fetched(store_url, 20)
    workers = [_register(nobody, f"worker {number}") for number in range(4)]
    found: list[str] = []

    def read(worker: int) -> None:
        connection = connect(worker)
        while taken := claims.claim_pages(connection, worker, 3):
            found.extend(taken)

    threads = [threading.Thread(target=read, args=(worker,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == sorted(urls)
    assert (report := claims.report(nobody)).claimed == report.unread == 20


def test_the_late_commit_of_a_silent_worker_is_refused(store_url: str, connect: Connect) -> None:
    nobody = connect(0)
    urls = _fetched(store_url, 3)
    silent, other = _register(nobody, "silent", lease=_LEASE), _register(nobody, "other")
    assert claims.claim_pages(connect(silent), silent, 10).keys() == set(urls)
    with closing(_store(store_url, silent)) as store:
        _put(store, "test:late")
        time.sleep(_LEASE)
        claims.renew(nobody, other, lease=60, doing="", pages=0, rate=0)
        assert claims.claim_pages(connect(other), other, 10) == dict.fromkeys(urls, 1)
        with pytest.raises(TryAgain, match="silent for too long"):
            store.commit()
        assert list(store.ids()) == []
    assert not claims.renew(nobody, silent, lease=60, doing="", pages=0, rate=0)
    assert not claims.claim_pages(connect(silent), silent, 10)


def test_a_worker_that_is_committing_is_not_removed(store_url: str, connect: Connect) -> None:
    _fetched(store_url, 0)
    nobody = connect(0)
    slow = _register(nobody, "slow", lease=_LEASE)
    connection = connect(slow)
    claims.claim(connection, slow, "source", ["ledger"])
    assert connection.scalar("SELECT 1 FROM workers WHERE number = ? FOR KEY SHARE", slow)  # as a commit begins
    time.sleep(_LEASE)
    other = _register(nobody, "other")
    claims.renew(nobody, other, lease=60, doing="", pages=0, rate=0)
    connection.commit()
    assert claims.report(nobody).sources == {"ledger": ""}


def test_a_page_that_ends_workers_is_read_alone(store_url: str, connect: Connect) -> None:
    nobody = connect(0)
    urls = _fetched(store_url, 2)
    for tries in range(claims.SUSPECT_TRIES):
        worker = _register(nobody, "doomed", lease=0.05)
        assert claims.claim_pages(connect(worker), worker, 10) == dict.fromkeys(urls, tries)
        time.sleep(0.05)
        claims.renew(nobody, 0, lease=60, doing="", pages=0, rate=0)
    worker = _register(nobody, "next")
    connection = connect(worker)
    assert not claims.claim_pages(connection, worker, 10)
    alone = claims.claim_suspect(connection, worker)
    assert list(alone.values()) == [claims.SUSPECT_TRIES]
    assert claims.claim_suspect(connection, worker).keys() == set(urls) - alone.keys()
    assert not claims.claim_suspect(connection, worker)


@pytest.mark.parametrize(
    ("version", "names", "reason"), [("2", "", "another version"), ("1", "other", "other sources")]
)
def test_workers_that_differ(connect: Connect, version: str, names: str, reason: str) -> None:
    nobody = connect(0)
    first = _register(nobody, "first")
    with pytest.raises(TryAgain, match=reason):
        claims.register(nobody, "second", version=version, names=names, lease=60)
    claims.leave(nobody, first)
    assert claims.register(nobody, "second", version=version, names=names, lease=60)


def test_runs_and_workers(store_url: str, connect: Connect) -> None:
    nobody, database = connect(0), PostgresDatabase(store_url)
    worker = _register(nobody, "process 7 on desk")
    with closing(_store(store_url, worker)) as store:
        with database.locked():
            with pytest.raises(ArchiveLocked, match="Another process is writing"):
                _register(nobody, "late")
            with pytest.raises(ArchiveLocked, match="process 7 on desk fetches pages"):
                claims.refuse_workers(nobody)
            waits = threading.Thread(target=_put, args=(store, "test:one"))
            waits.start()
            waits.join(0.3)
            assert waits.is_alive(), "a worker waits for a run"
        waits.join()
    with closing(_store(store_url, worker)) as store:
        _put(store, "test:two")
        lock = threading.Thread(target=_commit_later, args=(store,))
        lock.start()
        with database.locked(), closing(database.connect(writable=False)) as reader:  # waits for the worker to commit
            assert reader.scalar("SELECT count(*) FROM documents") == 1
        lock.join()
    claims.leave(nobody, worker)
    claims.refuse_workers(nobody)


def _commit_later(store: Store) -> None:
    time.sleep(0.5)
    store.commit()
