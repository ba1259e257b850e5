"""What the client makes of answers that a cluster gives rarely."""

import json

import pytest

from searchkit.errors import TryAgain
from searchkit.index.opensearch.client import Client
from searchkit.index.opensearch.location import Credentials, location
from tests.crawl.web.site import Site


def test_a_primary_that_takes_no_writes_is_busy() -> None:
    """As OpenSearch 3.8 answers after an election interrupted the promotion of a copy."""
    reason = {"type": "retry_on_primary_exception", "reason": "shard is not in primary mode"}
    failure = {"shard": 0, "status": "INTERNAL_SERVER_ERROR", "reason": reason}
    answer = {"_shards": {"total": 4, "successful": 2, "failed": 2, "failures": [failure]}}
    with Site() as site:
        site.page("/news/_refresh", json.dumps(answer), status=500, media_type="application/json")
        client = Client(location(f"opensearch:http://127.0.0.1:{site.port}/news"), Credentials())
        with pytest.raises(TryAgain, match="cannot write to a part of the index: shard is not in primary mode"):
            client.request("GET", "/news/_refresh", patience=0)
        client.close()
