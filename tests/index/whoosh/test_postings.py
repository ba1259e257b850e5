"""Test posting lists."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.index.values import within_edits
from searchkit.index.whoosh import pure
from searchkit.index.whoosh.builders import PostingsBuilder, WordLists
from searchkit.index.whoosh.segment_file import SectionFile, SectionWriter, Terms

ROWS: list[WordLists] = [
    [["the", "ferry", "left"], ["the", "harbor"]],
    [],
    [["café"], [], ["ferries", "ferry", "ferry"]],
    [["天"]],
]


def _written(path: Path, rows: list[WordLists], *, positional: bool) -> Terms:
    words = PostingsBuilder()
    for number, passages in enumerate(rows):
        words.add(number, passages)
    with SectionWriter(path) as out:
        (words.save if positional else words.save_stems)(out, "text")
    return Terms(SectionFile(path), "text")


def _rows(terms: Terms, word: str) -> set[int]:
    return set(pure.rows_at(terms, terms.numbers(word)))


def test_words_have_positions(tmp_path: Path) -> None:
    terms = _written(tmp_path / "file", ROWS, positional=True)
    assert list(terms.numbers("the")) == [0, 3]
    assert terms.passage_end(0) == terms.passage_end(2) == 3
    assert _rows(terms, "ferry") == {0, 2}
    assert _rows(terms, "天") == {3}
    assert terms.passage_number(4) == 2
    assert list(pure.beginning(terms, "ferr")) == [1, 6, 7, 8]
    assert terms.close_to("fery", 1) == ["ferry"]
    assert terms.close_to("cafe", 2) == ["café"]


@pytest.mark.parametrize("count", [1, 63, 64, 65, 128, 200])
def test_vocabularies_of_many_sizes(count: int, tmp_path: Path) -> None:
    """After some look-ups words kept in memory say where to look."""
    known = [f"w{number:03}" for number in range(0, 2 * count, 2)]
    terms = _written(tmp_path / "file", [[known]], positional=True)
    for _ in range(2):
        for number, word in enumerate(known):
            assert list(terms.numbers(word)) == [number]
        for strange in ("a", "w", "w001", f"w{2 * count - 1:03}", "z"):
            assert list(terms.numbers(strange)) == []
    assert [len(pure.beginning(terms, prefix)) for prefix in ("w", "w0", "x", "")] == [count, min(count, 50), 0, count]
    assert terms.words() == known


vocabulary = st.lists(st.text("abé", min_size=1, max_size=6), min_size=1, max_size=20, unique=True)


@given(vocabulary, st.text("abé", min_size=1, max_size=6), st.integers(1, 2))
def test_near_spellings_are_all_found(
    tmp_path_factory: pytest.TempPathFactory, known: list[str], word: str, distance: int
) -> None:
    terms = _written(tmp_path_factory.mktemp("near") / "file", [[known]], positional=True)
    assert terms.close_to(word, distance) == sorted(other for other in known if within_edits(word, other, distance))
