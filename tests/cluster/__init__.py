"""Real servers for the tests marked `cluster`: PostgreSQL and OpenSearch. `scripts/test --cluster` runs them."""

import os
from typing import NoReturn

import pytest

NOT_TESTED = "NOT TESTED ON A CLUSTER"


def unavailable(what: str) -> NoReturn:
    """Skip a test because a program is missing; in CI, where nothing may be missing, fail."""
    if os.environ.get("CI"):
        pytest.fail(f"{NOT_TESTED}: {what}")
    pytest.skip(f"{NOT_TESTED}: {what}")
