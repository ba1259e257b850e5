"""What every source shares."""

import hashlib
from datetime import UTC, datetime

import pytest

from searchkit.crawl.base import MEGABYTE, FileOptions, digest_address, matches, megabytes, new_resource

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
def test_sizes_as_a_person_says_them(size: int, said: str) -> None:
    assert megabytes(size) == said


def test_a_resource_knows_its_bytes() -> None:
    made = new_resource("test:1", b"Cranes", media_type="text/plain", now=NOW)
    assert made.digest == hashlib.sha256(b"Cranes").hexdigest()
    assert (made.uri, made.body, made.media_type, made.fetched_at) == ("test:1", b"Cranes", "text/plain", NOW)
    assert new_resource("test:1", b"Crane", media_type="text/plain", now=NOW).digest != made.digest


def test_bytes_without_a_name_are_named_by_themselves() -> None:
    assert digest_address(b"Cranes") == "stdin:" + hashlib.sha256(b"Cranes").hexdigest()[:12]
    assert digest_address(b"Cranes") != digest_address(b"Cranes ")


def test_a_line_may_not_be_larger_than_a_file() -> None:
    assert 0 < FileOptions().max_line_bytes <= FileOptions().max_bytes


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
