"""No measure on the pages written for the project falls below its floor; the pages keep their promises."""

import re

import pytest

from tests.eval import floors, pages


@pytest.fixture(scope="module")
def scores() -> dict[str, float]:
    return pages.measure()[0]


def test_every_floor_is_held(scores: dict[str, float]) -> None:
    assert floors.broken(floors.load(pages.FLOORS), scores) == []


def test_every_measure_has_a_floor(scores: dict[str, float]) -> None:
    assert floors.load(pages.FLOORS).keys() == scores.keys()


def test_every_page_is_listed_and_there() -> None:
    assert sorted(page.file for page in pages.listed()) == sorted(path.name for path in pages.FOLDER.iterdir())


def test_every_host_is_invented() -> None:
    for path in pages.FOLDER.iterdir():
        for host in re.findall(rb"https?://([\w.-]{1,200})", path.read_bytes()):
            known = {b"schema.org", b"ogp.me", b"www.w3.org", b"cdn.ampproject.org"}  # the names of vocabularies
            assert host in known or host.endswith(b".example"), (path.name, host)


def test_overlap_counts_runs_of_four_words() -> None:
    assert pages.overlap("a b c d e", "a b c d e") == (1.0, 1.0)
    assert pages.overlap("a b c d e", "a b c d") == (1.0, 0.5)
    assert pages.overlap("a b c d", "x y z w") == (0.0, 0.0)
