"""Zone abbreviations by country."""

from datetime import datetime, timedelta

import pytest

from searchkit.dates.zones import zone_of
from tests.cases import cases


@pytest.mark.parametrize(("abbreviation", "country", "hours"), cases(__file__, "test_zones"))
def test_zones(abbreviation: str, country: str, hours: float | None) -> None:
    zone = zone_of(abbreviation, country)
    offset = None if zone is None else zone.utcoffset(datetime(2022, 1, 1))
    assert offset == (None if hours is None else timedelta(hours=hours))
