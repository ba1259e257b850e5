"""Nodes that die, and indexes that are swapped under readers. `scripts/faults nodes 10` is the long version."""

import threading
from pathlib import Path

import pytest

from searchkit.index.base import Index
from searchkit.index.opensearch.searcher import OpenSearchIndex
from tests.cluster.shared import shared
from tests.faults.nodes import node_kills
from tests.index.records import fill
from tests.index.test_operations import editions, state_of

pytestmark = pytest.mark.cluster


def test_kills_lose_and_duplicate_nothing(tmp_path: Path) -> None:
    report = node_kills(tmp_path, 1, seed=1)
    assert not report.wrong
    assert report.seen["alerts reported once"] == 2


def test_readers_see_complete_states_while_indexes_are_swapped(tmp_path: Path) -> None:
    uri = shared(3).engine("swaps")
    index = OpenSearchIndex(tmp_path, uri=uri)
    fill(index, *editions(1), sequence=1)
    stop = threading.Event()
    seen: list[int] = []
    errors: list[BaseException] = []

    def read() -> None:
        reader = OpenSearchIndex(tmp_path, uri=uri)
        try:
            while not stop.is_set():
                seen.append(state_of(reader))
        except BaseException as error:  # noqa: BLE001  # the test reports it
            errors.append(error)
        reader.close()

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for state in range(2, 6):

        def write(new: Index, state: int = state) -> None:
            fill(new, *editions(state), sequence=state)

        index.replace(write)
    stop.set()
    for reader in readers:
        reader.join()
    index.close()
    assert not errors
    assert max(seen) >= 4
    assert len(seen) > 4
