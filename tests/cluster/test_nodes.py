"""Nodes that die and return, indexes that are swapped under readers, and writes that come late.

`scripts/faults nodes 10` is the long version of the first test.
"""

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from searchkit.cluster.opensearch.client import Client, Credentials, location
from searchkit.cluster.opensearch.searcher import OpenSearchIndex
from searchkit.cluster.opensearch.state import Indexes
from searchkit.cluster.opensearch.writer import Action, Sender, actions_of, encoded
from searchkit.index.base import Index
from tests.cluster.opensearch import Cluster, running
from tests.cluster.shared import shared
from tests.conftest import SEEDS
from tests.faults.commands import command, searchkit
from tests.faults.nodes import node_kills
from tests.index.records import fill
from tests.index.test_operations import editions, state_of

pytestmark = pytest.mark.cluster
_PREFIX = "news"
_FIRST, _SECOND = "courier-port-seizure.md", "courier-scare-quotes.html"


def test_kills_lose_and_duplicate_nothing(tmp_path: Path) -> None:
    report = node_kills(tmp_path, 1, seed=1)
    assert not report.wrong
    assert report.seen["alerts reported once"] == 2


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """Three nodes to kill."""
    with running(tmp_path / "cluster") as started:
        yield started


@pytest.fixture
def folder(cluster: Cluster, tmp_path: Path) -> Path:
    """An archive with one article, on the cluster."""
    archive = tmp_path / "archive"
    assert _add(archive, _FIRST)[0] == 0
    assert command("--archive", str(archive), "rebuild", "--engine", cluster.engine(_PREFIX))[0] == 0
    cluster.wait()
    return archive


def _add(folder: Path, name: str) -> tuple[int, str, str]:
    return command("--archive", str(folder), "index", "-q", "--workers", "1", str(SEEDS / name))


def _found(folder: Path) -> object:
    """Return the ids of all documents and statements, and facets of both, without scores and times."""
    found = []
    for name in ("query", "statements"):
        words = (name, "*", "--json", "--sort", "oldest", "--limit", "100", "--facet", "speaker", "--facet", "date")
        code, output, messages = command("--archive", str(folder), *words)
        assert code == 0, messages
        answer = json.loads(output)
        found.append(([hit["id"] for hit in answer["items"]], answer["total"], answer["facets"]))
    return found


def _nodes(cluster: Cluster, record: str, role: str = "pr") -> list[int]:
    """Return the numbers of the nodes that hold the primary (p) or the replica (r) of an index."""
    shards = cluster.request("GET", f"/_cat/shards/{_PREFIX}-{record}?format=json")
    return [int(shard["node"][1:]) for shard in shards if shard["prirep"] in role and shard["state"] == "STARTED"]


def _refused(folder: Path, *words: str, what: str) -> None:
    """Run a command that must ask to try again, in one line and a hint."""
    code, output, messages = command("--archive", str(folder), *words)
    lines = messages.strip().splitlines()
    assert (code, output) == (75, ""), messages
    assert what in lines[0], messages
    assert len(lines) <= 2, messages


@pytest.mark.slow
def test_a_replica_that_returns_has_what_it_missed(cluster: Cluster, folder: Path) -> None:
    (lost,) = _nodes(cluster, "documents", "r")
    cluster.kill(lost)
    assert _add(folder, _SECOND)[0] == 0, "the other copy takes the write"
    found = _found(folder)
    cluster.start(lost)
    cluster.wait()
    (primary,) = _nodes(cluster, "documents", "p")
    cluster.kill(primary)
    cluster.wait(status="yellow")
    assert _found(folder) == found
    assert command("--archive", str(folder), "check", "--full")[1].startswith("OK; 2 documents")


@pytest.mark.slow
def test_a_cluster_without_its_copies_is_red(cluster: Cluster, folder: Path) -> None:
    found = _found(folder)
    lost = _nodes(cluster, "documents")
    assert len(lost) == 2
    for number in lost:
        cluster.kill(number)
    _refused(folder, "query", "port", what="cluster")
    _refused(folder, "index", "-q", "--workers", "1", str(SEEDS / _SECOND), what="cluster")
    _refused(folder, "rebuild", what="cluster")
    cluster.start(*lost)
    cluster.wait_or_restart()
    assert command("--archive", str(folder), "query", "*")[0] == 0
    assert _add(folder, _SECOND)[0] == 0
    assert len(_found(folder)[0][0]) == len(found[0][0]) + 1  # type: ignore[index]
    assert command("--archive", str(folder), "check", "--full")[1].startswith("OK; 2 documents")


@pytest.mark.slow
def test_an_index_without_copies_is_red_when_its_node_dies(cluster: Cluster, folder: Path) -> None:
    found = _found(folder)
    cluster.request(
        "PUT", f"/{_PREFIX}-*/_settings", {"index": {"auto_expand_replicas": False, "number_of_replicas": 0}}
    )
    cluster.wait()
    (lost,) = _nodes(cluster, "documents", "p")
    cluster.kill(lost)
    cluster.wait(status="red")
    _refused(folder, "query", "port", what="red")
    _refused(folder, "index", "-q", "--workers", "1", str(SEEDS / _SECOND), what="red")
    cluster.start(lost)
    cluster.wait()
    assert _found(folder)[0][0][:1] == found[0][0]  # type: ignore[index]


def test_a_late_write_of_an_older_revision_changes_nothing(tmp_path: Path) -> None:
    uri = shared(3).engine("late")
    index = OpenSearchIndex(tmp_path, uri=uri)
    fill(index, *editions(1), sequence=3)
    fill(index, *editions(2), sequence=5)
    with index.writer() as writer:
        writer.delete(["e4"])
        writer.commit(6)
    client = Client(location(uri), Credentials())
    indexes = Indexes(client, tmp_path)
    names = indexes.current().names
    late = [action for document in editions(1) for action in actions_of(document)]
    late += [Action(action.record, action.id, action.owner) for action in late]
    sender = Sender(client)
    for action in late:
        sender.add(encoded(action, names[action.record], 4))
    sender.finish()
    indexes.refresh(indexes.current())
    assert index.counts() == {"document": 4, "quote": 4}
    assert state_of(OpenSearchIndex(tmp_path, uri=uri), 4) == 2
    index.close()
    client.close()


def test_a_large_new_index_has_a_copy_when_readers_see_it(tmp_path: Path) -> None:
    cluster, prefix = shared(3), "first"
    index = OpenSearchIndex(tmp_path, uri=cluster.engine(prefix))
    fill(index, *editions(1, 300), sequence=1)
    assert index.counts() == {"document": 300, "quote": 300}
    for record in ("documents", "statements"):
        shards = cluster.request("GET", f"/_cat/shards/{prefix}-{record}?format=json")
        assert sorted((shard["prirep"], shard["state"]) for shard in shards) == [("p", "STARTED"), ("r", "STARTED")]
    index.close()


def test_readers_see_complete_states_while_indexes_are_swapped(tmp_path: Path) -> None:
    uri = shared(3).engine("swaps")
    index = OpenSearchIndex(tmp_path, uri=uri)
    fill(index, *editions(1), sequence=1)
    seen: list[int] = []

    def read(is_over: threading.Event) -> None:
        reader = OpenSearchIndex(tmp_path, uri=uri)
        while not is_over.is_set():
            seen.append(state_of(reader))
        reader.close()

    with _reading(read):
        for state in range(2, 6):

            def write(new: Index, state: int = state) -> None:
                fill(new, *editions(state), sequence=state)

            index.replace(write)
    index.close()
    assert max(seen) >= 4
    assert len(seen) > 4


@pytest.mark.slow
@pytest.mark.parametrize("switches", [False, True])
def test_queries_are_answered_while_the_index_is_rebuilt(switches: bool, tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    assert _add(folder, _FIRST)[0] == 0
    engine = shared(3).engine(f"rebuilt-{switches}".lower())
    assert command("--archive", str(folder), "rebuild", "--engine", engine)[0] == 0
    answers: list[tuple[int, str]] = []

    def read(is_over: threading.Event) -> None:
        while not is_over.is_set():
            done = searchkit("--archive", str(folder), "query", "port", "--json", cwd=tmp_path)
            answers.append((done.returncode, done.stderr if done.returncode else str(json.loads(done.stdout)["total"])))

    with _reading(read):
        for chosen in ("whoosh", engine, "whoosh", engine) if switches else (engine, engine, engine):
            code, _, messages = command("--archive", str(folder), "rebuild", "--engine", chosen)
            assert code == 0, messages
    refused = [message for code, message in answers if (code, message) != (0, "1")]
    assert len(answers) - len(refused) > 2
    assert all(switches and "was removed" in message and message.count("\n") == 2 for message in refused), refused


@contextmanager
def _reading(read: Callable[[threading.Event], None]) -> Iterator[None]:
    """Let two threads read during the block; raise the first error of one at its end."""
    is_over = threading.Event()
    with ThreadPoolExecutor(2) as threads:
        readers = [threads.submit(read, is_over) for _ in range(2)]
        try:
            yield
        finally:
            is_over.set()
        for reader in readers:
            reader.result()
