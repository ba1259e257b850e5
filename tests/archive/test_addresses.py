"""Documents by the addresses that users type."""

from pathlib import Path

import pytest

from searchkit.archive.addresses import addresses_of


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("https://harbor.example/a", ("https://harbor.example/a",)),
        ("HTTPS://Harbor.Example/a#top", ("HTTPS://Harbor.Example/a#top", "https://harbor.example/a")),
        ("mailto:x", ("mailto:x", (Path.cwd() / "mailto:x").as_uri())),
        ("a b.txt", ("a b.txt", (Path.cwd() / "a b.txt").as_uri())),
        ("/a/../b.txt", ("/a/../b.txt", "file:///b.txt")),
        ("file:///b.txt", ("file:///b.txt",)),
        ("a\0b", ("a\0b",)),
    ],
)
def test_what_a_name_may_mean(name: str, expected: tuple[str, ...]) -> None:
    assert addresses_of(name) == expected
