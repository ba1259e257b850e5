"""Seeds for tests that act at random."""

import random

import pytest


@pytest.fixture
def seed() -> int:
    """Return a new seed. pytest shows it when the test fails, so that the same run can be repeated."""
    chosen = random.randrange(10**6)
    print(f"seed {chosen}")  # noqa: T201
    return chosen
