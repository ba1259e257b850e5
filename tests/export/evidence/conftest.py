"""A time-stamp authority for the tests of this folder."""

from collections.abc import Iterator

import pytest

from tests.export.evidence.authority import TimestampAuthority


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TimestampAuthority]:
    """An authority on 127.0.0.1."""
    with TimestampAuthority(tmp_path_factory.mktemp("authority")) as started:
        yield started
