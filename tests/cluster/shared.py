"""The OpenSearch clusters that all tests of a run share: each is started by the first test that needs it."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from tests.cluster import unavailable
from tests.cluster.opensearch import CannotStart, Cluster


@cache
def shared(nodes: int) -> Cluster:
    """Return a running cluster with so many nodes. Skip the test if this machine cannot run one; in CI, fail it."""
    folder = Path(tempfile.mkdtemp(prefix="searchkit-cluster-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    try:
        cluster = Cluster(folder, nodes)
        atexit.register(cluster.stop)
        cluster.start(*range(nodes))
        cluster.wait()
    except CannotStart as error:
        unavailable(f"OpenSearch: {error}")
    return cluster
