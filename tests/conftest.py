"""Options of the test run."""

import pytest
from hypothesis import settings

# A slow machine is no fault: time is measured in scripts/bench.
settings.register_profile("searchkit", deadline=None)
settings.load_profile("searchkit")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="Write what is printed now as what is expected.")


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Whether expected output is to be written instead of compared."""
    return bool(request.config.getoption("--update-golden"))
