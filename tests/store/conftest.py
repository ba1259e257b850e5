"""An empty store in each kind of database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from searchkit.store.store import Store, open_store


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests of a `store` on both databases, except those of its file."""
    if "database" in metafunc.fixturenames:
        kinds = ["sqlite"]
        both = [*kinds, pytest.param("postgres", marks=pytest.mark.cluster)]
        metafunc.parametrize("database", kinds if "path" in metafunc.fixturenames else both)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.sqlite"


@pytest.fixture
def store(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Store]:
    if database == "postgres":
        from searchkit.cluster.postgres.database import PostgresDatabase

        opened = Store(PostgresDatabase(request.getfixturevalue("store_url")).connect(writable=True))
    else:
        opened = open_store(tmp_path / "store.sqlite", writable=True)
    yield opened
    opened.close()
