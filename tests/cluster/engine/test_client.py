"""What the client makes of answers that a cluster gives rarely."""

import json
from pathlib import Path
from typing import Any

import pytest

from searchkit.cluster.opensearch.client import Client, Credentials, location
from searchkit.cluster.opensearch.records import INDEX_NAMES, VERSIONS
from searchkit.cluster.opensearch.searcher import OpenSearchIndex
from searchkit.cluster.opensearch.snapshot import KEEP_ALIVE
from searchkit.cluster.opensearch.state import make_owner
from searchkit.errors import TryAgain
from tests.crawl.web.site import Site


def test_a_primary_that_takes_no_writes_is_busy() -> None:
    """As OpenSearch 3.8 answers after an election interrupted the promotion of a copy."""
    reason = {"type": "retry_on_primary_exception", "reason": "shard is not in primary mode"}
    failure = {"shard": 0, "status": "INTERNAL_SERVER_ERROR", "reason": reason}
    answer = {"_shards": {"total": 4, "successful": 2, "failed": 2, "failures": [failure]}}
    _is_busy(answer, "cannot write to a part of the index: shard is not in primary mode")


def test_a_node_that_just_died_is_busy() -> None:
    cause = {"type": "node_not_connected_exception", "reason": "[n0] Node not connected"}
    error = {"root_cause": [cause], "type": "search_phase_execution_exception", "reason": "all shards failed"}
    _is_busy({"error": error, "status": 500}, "is busy: all shards failed")


def _is_busy(answer: dict[str, Any], message: str) -> None:
    with Site() as site:
        site.page("/news/_refresh", json.dumps(answer), status=500, media_type="application/json")
        client = Client(location(f"opensearch:http://127.0.0.1:{site.port}/news"), Credentials())
        with pytest.raises(TryAgain, match=message):
            client.request("GET", "/news/_refresh", patience=0)
        client.close()


@pytest.mark.slow
def test_a_query_waits_while_a_node_names_an_index_that_was_removed(tmp_path: Path) -> None:
    meta = {"searchkit": {"owner": make_owner(tmp_path), "versions": dict(VERSIONS), "applied": 1}}
    names = {record: f"news-{name}-000001" for record, name in INDEX_NAMES.items()}
    error = {"error": {"type": "index_not_found_exception", "reason": "no such index"}, "status": 404}
    point = f"/{names['document']}/_search/point_in_time?keep_alive={KEEP_ALIVE}&preference=_local"
    with Site() as site:
        found = json.dumps({name: {"mappings": {"_meta": meta}} for name in names.values()})
        both = "/news-documents,news-statements/_mapping?ignore_unavailable=true&allow_no_indices=true"
        site.page(both, found, etag=False, modified=False)
        site.page(point, json.dumps(error), status=404)
        index = OpenSearchIndex(tmp_path, uri=f"opensearch:http://127.0.0.1:{site.port}/news")
        with pytest.raises(TryAgain, match="was removed, or is being rebuilt"):
            index.days("date", "document")
        index.close()
        attempts = [request.at for request in site.received(point)]
    assert len(attempts) > 2
    assert attempts[-1] - attempts[0] > 0.5
