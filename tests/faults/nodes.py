"""Kill nodes of an OpenSearch cluster with -9 while an index is written, and look at what is left.

In each round, one node dies at a random moment of a commit or of a rebuild. What failed is done again, as the next
command does, and the node comes back. Then every document must be there once, in its last state.
"""

import random
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from msgspec.structs import replace

from searchkit.archive.indexing import Indexing
from searchkit.cluster.opensearch.searcher import OpenSearchIndex
from searchkit.errors import SearchkitError, TryAgain
from searchkit.index.base import FacetRequest, Index, SearchRequest
from searchkit.index.rows import source_checksum
from searchkit.query import ast
from searchkit.query.fields import Record
from searchkit.statements.document import Document
from tests.alerts.newsroom import Newsroom, story
from tests.cluster.opensearch import Cluster, running
from tests.faults.commands import Report
from tests.index.records import fill
from tests.index.test_operations import editions

_DOCUMENTS, _BATCH = 1_500, 300
_EVERY = SearchRequest(query=ast.All(), limit=10_000, sort="oldest", facets=(FacetRequest(field="outlet", size=10),))
_PREFIX = "kills"
_ATTEMPTS = 20


class _Nodes:
    """A cluster with an index in it, whose documents are all in the same state."""

    def __init__(self, cluster: Cluster, folder: Path, report: Report, seed: int) -> None:
        self.cluster = cluster
        self.report = report
        self.random = random.Random(seed)
        self._folder = folder
        self._uri = cluster.engine(_PREFIX)
        self.index = OpenSearchIndex(folder, uri=self._uri)
        self.state = 1
        fill(self.index, *editions(1, _DOCUMENTS), sequence=1)
        self.seconds = 1.0

    def commit(self) -> None:
        """Write all documents in the next state in one commit."""
        fill(self.index, *editions(self.state + 1, _DOCUMENTS), sequence=self.state + 1)

    def rebuild(self) -> None:
        """Write a new index with all documents in the next state, in several commits, and swap it in."""
        documents = editions(self.state + 1, _DOCUMENTS)

        def write(new: Index) -> None:
            for start in range(0, _DOCUMENTS, _BATCH):
                fill(new, *documents[start : start + _BATCH], sequence=self.state + 1)

        self.index.replace(write)

    def round(self, name: str, act: Callable[[], None], with_node_down: Callable[[], None]) -> None:
        """Kill a node during the act, do the act again until it succeeds, restart the node, and compare."""
        victim = self.random.randrange(self.cluster.count)
        killer = threading.Timer(self.random.uniform(0.0, self.seconds), self.cluster.kill, [victim])
        started = time.monotonic()
        killer.start()
        acknowledged = self._attempt(name, act)
        self.seconds = 0.5 * self.seconds + 0.5 * (time.monotonic() - started if acknowledged else self.seconds)
        self.report.seen["killed during the act"] += killer.is_alive() is False
        killer.join()
        if acknowledged:
            self.report.add(name, self._answers("with a node down", self.state + 1))
        for _ in range(_ATTEMPTS):
            if acknowledged:
                break
            time.sleep(0.5)
            acknowledged = self._attempt(name, act)
        if not acknowledged:
            self.report.add(name, ["never succeeded"])
        self.state += 1
        self._attempt(name, with_node_down)
        self.cluster.start(victim)
        self.report.seen["another node restarted"] += self.cluster.wait_or_restart()
        self.report.add(name, self._answers("with all nodes", self.state))
        self.report.add(name, self._differences())

    def _attempt(self, name: str, act: Callable[[], None]) -> bool:
        try:
            act()
        except SearchkitError as error:
            self.report.seen["reported in one line"] += 1
            if not isinstance(error, TryAgain) or "\n" in error.message:
                self.report.add(name, [f"wrong error: {type(error).__name__}: {error}"])
            return False
        return True

    def _answers(self, when: str, state: int) -> list[str]:
        """Return what is wrong with the answers."""
        for _ in range(_ATTEMPTS):
            try:
                found = [self.index.search(replace(_EVERY, record=record)) for record in ("document", "quote")]
            except TryAgain:
                time.sleep(0.5)
                continue
            wrong = []
            for result in found:
                shown = {value.value: value.count for value in result.facets[0].counts}
                if (shown, result.total) != ({f"Gazette {state}": _DOCUMENTS}, _DOCUMENTS):
                    wrong.append(f"{when}: {result.total} hits of {shown} instead of state {state}")
                ids = {hit.id for hit in result.hits}
                if len(ids) != len(result.hits) or len(ids) != _DOCUMENTS:
                    wrong.append(f"{when}: {len(result.hits)} hits, {len(ids)} different ones")
            return wrong
        return [f"{when}: no answer"]

    def _differences(self) -> list[str]:
        documents: list[Document] = editions(self.state, _DOCUMENTS)
        sources = {document.id: source_checksum(document) for document in documents}
        expected = {quote.id: sources[document.id] for document in documents for quote in document.statements}
        wrong = []
        wanted_by_record: dict[Record, dict[str, str]] = {"document": sources, "quote": expected}
        for record, wanted in wanted_by_record.items():
            found = self.index.source_checksums([*sources], record)
            wrong += [known for known in found.keys() | wanted.keys() if found.get(known) != wanted.get(known)]
        return wrong[:5]


def node_kills(folder: Path, count: int, seed: int) -> Report:
    """Kill a node `count` times during a commit, and `count` times during a rebuild. In each round, an article is
    indexed and an alert runs while the node is down, and again afterwards."""
    report = Report()
    with running(folder / "cluster") as cluster, Newsroom(folder) as newsroom:
        nodes = _Nodes(cluster, folder / "index", report, seed)
        newsroom.alert("port", "speaker:Korbel", "stdout")
        newsroom.publish("first", story("We will close the bridge"))
        Indexing(newsroom.archive).rebuild(engine=cluster.engine("alerts"))
        newsroom.run()
        for number in range(2 * count):
            name, act = ("commit", nodes.commit) if number < count else ("rebuild", nodes.rebuild)
            said = f"No crane number {number} will be moved"
            printed: list[str] = []
            newsroom.now = datetime.now(UTC)

            def alerted(said: str = said, printed: list[str] = printed, number: int = number) -> None:
                newsroom.publish(f"more{number}", story(said), published="")
                newsroom.run()
                printed += newsroom.printed

            nodes.round(f"{name} {number}", act, alerted)
            for _ in range(2):
                alerted()
            times = "".join(printed).count(said)
            report.seen["alerts reported once"] += times == 1
            report.add(name, [] if times == 1 else [f"alert {number} reported {times} times"])
            report.seen[f"kills during a {name}"] += 1
        nodes.index.close()
    return report
