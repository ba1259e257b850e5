"""Every failure of a cluster is one line with the right exit code, and nothing is lost."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from searchkit.archive import Archive
from searchkit.archive.folder import write_marker
from searchkit.errors import TryAgain
from tests.cases import cases
from tests.cluster.front import PASSWORD, USER, Front
from tests.cluster.opensearch import Cluster
from tests.cluster.shared import shared
from tests.conftest import SEEDS
from tests.faults.commands import command

_ARTICLE = SEEDS / "courier-port-seizure.md"
_CREDENTIALS = ("USER", "PASSWORD", "PASSWORD_FILE", "CA_CERTS")


@pytest.fixture(autouse=True)
def no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in _CREDENTIALS:
        monkeypatch.delenv(f"SEARCHKIT_OPENSEARCH_{name}", raising=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An archive with one article, on the embedded engine."""
    archive = tmp_path / "archive"
    assert command("--archive", str(archive), "index", "-q", "--workers", "1", str(_ARTICLE))[0] == 0
    return archive


def refused(folder: Path, *words: str, code: int, what: str) -> None:
    """Run a command that must fail with this code and one line, besides its hint."""
    got, output, messages = command("--archive", str(folder), *words)
    lines = messages.strip().splitlines()
    assert (got, output) == (code, ""), messages
    assert what in lines[0]
    assert len(lines) <= 2, messages
    assert "Traceback" not in messages


@pytest.mark.slow
def test_unreachable(folder: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        engine = f"opensearch:http://127.0.0.1:{closed.getsockname()[1]}/news"
        refused(folder, "rebuild", "--engine", engine, code=75, what="cannot be reached")
    assert command("--archive", str(folder), "query", "port")[0] == 0, "the old index still answers"


@pytest.mark.parametrize(("engine", "what"), cases(__file__, "test_wrong_engines"))
def test_wrong_engines(folder: Path, engine: str, what: str) -> None:
    refused(folder, "rebuild", "--engine", engine, code=2, what=what)


@pytest.fixture
def cluster() -> Cluster:
    """The cluster of one node."""
    return shared(1)


@pytest.fixture
def front(cluster: Cluster, tmp_path: Path) -> Iterator[Front]:
    """A server with TLS and passwords in front of it."""
    running = Front(cluster.urls[0], tmp_path)
    yield running
    running.close()


@pytest.mark.cluster
def test_tls_and_credentials(folder: Path, front: Front, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    engine = f"opensearch:{front.url}/{tmp_path.name.replace('_', '-')}"
    refused(folder, "rebuild", "--engine", engine, code=2, what="TLS")
    monkeypatch.setenv("SEARCHKIT_OPENSEARCH_CA_CERTS", str(front.certificate))
    refused(folder, "rebuild", "--engine", engine, code=2, what="HTTP 401")
    monkeypatch.setenv("SEARCHKIT_OPENSEARCH_USER", USER)
    monkeypatch.setenv("SEARCHKIT_OPENSEARCH_PASSWORD", "wrong-password")
    refused(folder, "rebuild", "--engine", engine, code=2, what="HTTP 401")
    monkeypatch.setenv("SEARCHKIT_OPENSEARCH_PASSWORD", PASSWORD)
    assert command("--archive", str(folder), "rebuild", "--engine", engine)[0] == 0
    assert "courier" in command("--archive", str(folder), "query", "port")[1].lower()
    refused(
        folder, "rebuild", "--engine", f"opensearch:http://{front.url[8:]}/plain", code=75, what="cannot be reached"
    )


@pytest.fixture
def prefix(tmp_path: Path) -> str:
    """A prefix of this test."""
    return f"t-{tmp_path.name.lower().replace('_', '-')}"[:90]


@pytest.fixture
def switched(folder: Path, cluster: Cluster, prefix: str) -> Path:
    """The archive with its index on the cluster."""
    assert command("--archive", str(folder), "rebuild", "--engine", cluster.engine(prefix))[0] == 0
    return folder


def _add(folder: Path, name: str = "courier-scare-quotes.html") -> tuple[str, ...]:
    return ("index", "-q", "--workers", "1", str(SEEDS / name))


@pytest.mark.cluster
def test_read_only_by_the_disk_watermark(switched: Path, cluster: Cluster, prefix: str) -> None:
    block = {"index.blocks.read_only_allow_delete": True}
    cluster.request("PUT", f"/{prefix}-*/_settings", block)
    got, _, messages = command("--archive", str(switched), *_add(switched))
    assert (got, messages.count("lacks disk space")) == (75, 1), messages
    got, output, messages = command("--archive", str(switched), "query", "port")
    assert (got, "courier" in output.lower()) == (0, True), (output, messages)
    cluster.request("PUT", f"/{prefix}-*/_settings", {"index.blocks.read_only_allow_delete": None})
    assert command("--archive", str(switched), "status", "--exit-status")[0] == 1
    assert command("--archive", str(switched), "query", "*")[0] == 0
    assert command("--archive", str(switched), "status", "--exit-status")[0] == 0
    assert command("--archive", str(switched), "check", "--full")[1].startswith("OK; 2 documents")


@pytest.mark.cluster
def test_two_archives_with_one_prefix(switched: Path, cluster: Cluster, prefix: str, tmp_path: Path) -> None:
    other = tmp_path / "other"
    assert command("--archive", str(other), *_add(other))[0] == 0
    refused(other, "rebuild", "--engine", cluster.engine(prefix), code=2, what="belong to another archive")
    assert command("--archive", str(switched), "check", "--full")[0] == 0


@pytest.mark.cluster
@pytest.mark.parametrize("name", ["{}-documents", "{}-documents-000007"])
def test_a_foreign_index_with_the_same_name(folder: Path, cluster: Cluster, prefix: str, name: str) -> None:
    cluster.request("PUT", f"/{name.format(prefix)}")
    refused(folder, "rebuild", "--engine", cluster.engine(prefix), code=2, what="is not one of searchkit")
    assert cluster.request("GET", f"/{name.format(prefix)}/_count")["count"] == 0


@pytest.mark.cluster
def test_mappings_of_other_versions(switched: Path, cluster: Cluster, prefix: str) -> None:
    alias = f"{prefix}-documents"
    (name, mapping), *_ = cluster.request("GET", f"/{alias}/_mapping").items()
    notes = mapping["mappings"]["_meta"]["searchkit"]
    for change, code, what in ((1, 3, "supports up to"), (-1, 0, "")):
        versions = {**notes["versions"], "schema": notes["versions"]["schema"] + change}
        cluster.request("PUT", f"/{name}/_mapping", {"_meta": {"searchkit": {**notes, "versions": versions}}})
        if code:
            refused(switched, "query", "port", code=code, what=what)
        else:
            assert command("--archive", str(switched), "query", "port")[0] == 0, "an older index is rebuilt"
    assert [*cluster.request("GET", f"/{alias}/_mapping")] == [f"{prefix}-documents-000002"]


@pytest.mark.cluster
@pytest.mark.parametrize("removed", ["documents", "statements"])
def test_an_index_that_is_removed_during_a_commit(switched: Path, cluster: Cluster, prefix: str, removed: str) -> None:
    with Archive.open(switched) as archive, archive.index.writer() as writer:
        writer.put(filter(None, map(archive.get, archive.store().ids())))
        cluster.request("DELETE", f"/{prefix}-{removed}-*")
        with pytest.raises(TryAgain, match="was removed, or is being rebuilt"):
            writer.commit(1)
    got, output, messages = command("--archive", str(switched), "query", "port")
    assert (got, "courier" in output.lower(), messages.count("was rebuilt from the store")) == (0, True, 1)
    assert command("--archive", str(switched), "check", "--full")[1].startswith("OK; 1 document")


@pytest.mark.cluster
def test_a_cluster_that_allows_no_new_indexes(switched: Path, cluster: Cluster) -> None:
    try:
        cluster.request("PUT", "/_cluster/settings", {"persistent": {"cluster.blocks.create_index": True}})
        refused(switched, "rebuild", code=75, what="allows no new indexes")
    finally:
        cluster.request("PUT", "/_cluster/settings", {"persistent": {"cluster.blocks.create_index": None}})
    assert "courier" in command("--archive", str(switched), "query", "port")[1].lower()


@pytest.mark.slow
def test_status_without_the_cluster(folder: Path, prefix: str) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        write_marker(folder, f"opensearch:http://127.0.0.1:{closed.getsockname()[1]}/{prefix}")
        got, output, messages = command("--archive", str(folder), "status")
        assert (got, messages.count("cannot be reached")) == (75, 1)
        assert "documents     1\n" in output
        assert "index         does not answer\n" in output
        assert json.loads(command("--archive", str(folder), "status", "--json")[1])["indexed"] is None
