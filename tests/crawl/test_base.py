"""What every source shares."""

import pytest

from searchkit.crawl.base import FileOptions, PartAddresses, is_selected, matches, megabytes
from tests.cases import cases


@pytest.mark.parametrize(("size", "said"), cases(__file__, "test_sizes_for_people"))
def test_sizes_for_people(size: int, said: str) -> None:
    assert megabytes(size) == said


@pytest.mark.parametrize(("include", "exclude", "taken"), cases(__file__, "test_patterns_choose_among_addresses"))
def test_patterns_choose_among_addresses(include: tuple[str, ...], exclude: tuple[str, ...], taken: bool) -> None:
    assert matches("https://ledger.example/2024/harbor/crane.html", include, exclude) is taken


def test_addresses() -> None:
    addresses = PartAddresses("file:///a.mbox")
    assert addresses.of("one@x.example", b"1") == "file:///a.mbox#one@x.example"
    assert addresses.of("one@x.example", b"1") == "file:///a.mbox#one@x.example"
    twin = addresses.of("one@x.example", b"2")
    assert twin.startswith("file:///a.mbox#one@x.example~")
    assert len(twin.partition("~")[2]) == 8
    assert addresses.of("", b"3") == "file:///a.mbox#4e07408562be"
    assert addresses.of("ä b#%\x1b\udcff", b"4") == "file:///a.mbox#%C3%A4%20b%23%25%1B%FF"
    assert len(addresses.of("x" * 5_000, b"5")) < 400
    assert PartAddresses("file:///a.mbox#one").of("b.pdf", b"") == "file:///a.mbox#one!/b.pdf"


def test_patterns_see_every_name() -> None:
    paths = ("a.txt", "/top/a.txt")
    assert is_selected(paths, FileOptions())
    assert is_selected(paths, FileOptions(include=("/top/*",)))
    assert not is_selected(paths, FileOptions(include=("b*",)))
    assert not is_selected(paths, FileOptions(include=("a*",), exclude=("/top/*",)))
