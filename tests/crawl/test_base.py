"""What every source shares."""

from datetime import UTC, datetime

import pytest

from searchkit.crawl.base import MEGABYTE, matches, megabytes

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (0, "0 bytes"),
        (1023, "1023 bytes"),
        (1024, "1 kB"),
        (10_240, "10 kB"),
        (MEGABYTE - 1, "1024 kB"),
        (MEGABYTE, "1 MB"),
        (20 * MEGABYTE, "20 MB"),
        (20 * MEGABYTE + 300_000, "20.3 MB"),
        (200 * MEGABYTE + 1, "200 MB"),
    ],
)
def test_sizes_for_people(size: int, said: str) -> None:
    assert megabytes(size) == said


@pytest.mark.parametrize(
    ("include", "exclude", "taken"),
    [
        ((), (), True),
        (("*/2024/*",), (), True),
        (("*/2023/*", "*.html"), (), True),
        (("*/2023/*",), (), False),
        ((), ("*/harbor/*",), False),
        (("*.html",), ("*/2024/*",), False),
    ],
)
def test_patterns_choose_among_addresses(include: tuple[str, ...], exclude: tuple[str, ...], taken: bool) -> None:
    assert matches("https://ledger.example/2024/harbor/crane.html", include, exclude) is taken
