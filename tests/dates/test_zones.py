"""Zone abbreviations by country."""

from datetime import datetime, timedelta

import pytest

from searchkit.dates.zones import zone_of


@pytest.mark.parametrize(
    ("abbreviation", "country", "hours"),
    [
        ("UTC", "", 0),
        ("gmt", "DE", 0),
        ("CST", "US", -6),
        ("CST", "TW", 8),
        ("BST", "GB", 1),
        ("BST", "BD", 6),
        ("MESZ", "AT", 2),
        ("CEST", "se", 2),
        ("IST", "IL", 2),
        ("AEDT", "AU", 11),
        ("CST", "", None),
        ("CST", "DE", None),
        ("EST", "XX", None),
        ("", "US", None),
        ("LMT", "US", None),
    ],
)
def test_zones(abbreviation: str, country: str, hours: float | None) -> None:
    zone = zone_of(abbreviation, country)
    offset = None if zone is None else zone.utcoffset(datetime(2022, 1, 1))
    assert offset == (None if hours is None else timedelta(hours=hours))
