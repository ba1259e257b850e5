"""Boilerplate lines, and sentences that resemble them."""

import time
from pathlib import Path

import pytest

from searchkit.parse.html.boilerplate import is_boilerplate


def lines(file: str) -> list[str]:
    return Path(__file__).with_name(file).read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("line", [*lines("boilerplate.txt")])
def test_boilerplate(line: str) -> None:
    assert is_boilerplate(line)


@pytest.mark.parametrize("line", [*lines("sentences.txt"), "", "Seguici, disse il custode, e non voltarti. " * 9])
def test_sentences_stay(line: str) -> None:
    assert not is_boilerplate(line)


@pytest.mark.parametrize("sign", ["follow ", "a", " ", "share on ", "photo by ", "@", "get newsletter ", "- "])
def test_hostile_lines_take_no_time(sign: str) -> None:
    started = time.process_time()
    for _ in range(100):
        is_boilerplate((sign * 300)[:300])
    assert time.process_time() - started < 2
