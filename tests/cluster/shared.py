"""The OpenSearch clusters that all tests of a run share: each is started by the first test that needs it."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from tests.cluster import unavailable
from tests.cluster.opensearch import CannotStart, Cluster


def shared(nodes: int) -> Cluster:
    """Return a running cluster with so many nodes. Skip the test if this machine cannot run one; in CI, fail it."""
    started = _started(nodes)
    if isinstance(started, str):
        unavailable(started)
    return started


@cache
def _started(nodes: int) -> Cluster | str:
    """Return the cluster, or why it cannot start."""
    folder = Path(tempfile.mkdtemp(prefix="searchkit-cluster-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    try:
        cluster = Cluster(folder, nodes)
        atexit.register(cluster.stop)
        cluster.start(*range(nodes))
        cluster.wait()
    except CannotStart as error:
        return f"OpenSearch: {error}"
    return cluster
