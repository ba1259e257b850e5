"""`searchkit forget` killed at random: the next run finishes it, and no byte of the documents is left."""

import random
from pathlib import Path

import pytest

from tests.faults.forgetting import forgets

pytestmark = pytest.mark.slow


def test_killed_erasures(tmp_path: Path) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")  # noqa: T201 - shown when it fails, to try the same again
    done = forgets(tmp_path, 2, seed=seed)
    assert done.wrong == []
    assert done.killed >= 2
