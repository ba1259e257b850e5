"""An archive with its index on a cluster of three nodes answers as with the embedded one, also after changes."""

import json
import shutil
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from searchkit.archive import Archive
from searchkit.archive.indexing import Indexing
from tests.alerts.newsroom import Newsroom, story
from tests.cluster.opensearch import Cluster
from tests.cluster.shared import shared
from tests.conftest import SEEDS
from tests.faults.commands import command

pytestmark = pytest.mark.cluster
_QUESTIONS = (
    ("query", "Tiandy", "--facet", "speaker", "--facet", "date"),
    ("query", "quote:{act:deny}", "--sort", "newest"),
    ("query", 'exact:"did not"', "--sort", "newest"),
    ("statements", "speaker:Xu", "--facet", "about", "--sort", "newest"),
    ("statements", "export* AND -kind:direct", "--sort", "oldest"),
    ("entities",),
)


def answers(folder: Path) -> list[object]:
    """Return the answers to some questions, without what depends on the time and the rank."""
    found = []
    for words in _QUESTIONS:
        code, output, messages = command("--archive", str(folder), *words, "--json")
        assert code == 0, messages
        answer = json.loads(output)
        answer.pop("seconds", None)
        for hit in answer.get("items", ()):
            hit.pop("score", None)
        # Ranks differ between engines.
        if isinstance(answer.get("items"), list):
            answer["items"].sort(key=lambda hit: str(hit.get("id")))
        found.append(answer)
    return found


@pytest.fixture
def cluster() -> Cluster:
    """The cluster of three nodes."""
    return shared(3)


def test_there_and_back(cluster: Cluster, tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    sources = tmp_path / "sources"
    shutil.copytree(SEEDS, sources)
    run = partial(command, "--archive", str(folder))
    assert run("index", "-q", "--workers", "1", str(sources))[0] == 0
    embedded = answers(folder)
    engine = cluster.engine("there-and-back")
    assert run("rebuild", "--engine", engine)[0] == 0
    assert not (folder / "whoosh").exists()
    with Archive.open(folder) as opened:
        assert opened.status().engine == engine
        assert opened.status().bytes.index > 100_000
        assert opened.status().applied == opened.status().sequence
    on_cluster = answers(folder)
    for ours, theirs in zip(on_cluster, embedded, strict=True):
        assert ours == theirs
    # Changes of the sources.
    (sources / "courier-port-seizure.md").unlink()
    article = sources / "civicrecord-report-as-source.md"
    article.write_text(article.read_text("utf-8").replace("the", "thee", 3), "utf-8")
    assert run("index", "-q", "--workers", "1", "--prune", "--yes", str(sources))[0] == 0
    assert run("check", "--full")[1].startswith("OK")
    gone = json.loads(run("query", "Tiandy", "--json")[1])["items"][0]["id"]
    assert run("forget", "--yes", gone)[0] == 0
    assert gone not in run("query", "Tiandy", "--json")[1]
    assert run("check", "--full")[1].startswith("OK")
    changed = answers(folder)
    assert run("rebuild", "--engine", "whoosh")[0] == 0
    for ours, theirs in zip(changed, answers(folder), strict=True):
        assert ours == theirs
    assert cluster.request("GET", "/there-and-back-*/_mapping") == {}


def test_check_finds_drift(cluster: Cluster, tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    assert command("--archive", str(folder), "index", "-q", "--workers", "1", str(SEEDS))[0] == 0
    assert command("--archive", str(folder), "rebuild", "--engine", cluster.engine("drift"))[0] == 0
    body = {"size": 1, "docvalue_fields": ["document"], "query": {"match_all": {}}}
    (hit,) = cluster.request("POST", "/drift-statements/_search", body)["hits"]["hits"]
    routing = hit["fields"]["document"][0]
    cluster.request("DELETE", f"/drift-statements/_doc/{hit['_id']}?routing={routing}&refresh=true")
    code, output, _ = command("--archive", str(folder), "check", "--full")
    assert (code, output.count("lacks statement")) == (3, 1), output
    assert command("--archive", str(folder), "repair")[0] == 0
    assert command("--archive", str(folder), "check", "--full")[1].startswith("OK")


def test_alerts_report_each_match_once(cluster: Cluster, tmp_path: Path) -> None:
    with Newsroom(tmp_path) as newsroom:
        newsroom.publish("one", story("We will close the bridge"))
        newsroom.alert("port", "speaker:Korbel", "stdout")
        Indexing(newsroom.archive).rebuild(engine=cluster.engine("alerts"))
        folder = newsroom.archive.folder
        reported = [command("--archive", str(folder), "alerts", "run", "-q")[1]]
        for number in range(3):
            newsroom.now = datetime.now(UTC)
            newsroom.publish(f"more{number}", story(f"No crane number {number} will be moved"), published="")
            reported += [command("--archive", str(folder), "alerts", "run", "-q")[1] for _ in range(2)]
    assert reported[0] == ""
    for number in range(3):
        assert "".join(reported).count(f"No crane number {number} will be moved") == 1
