"""Test segment files: sections are read back, and damage is detected."""

from array import array
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.index.generations import DamagedFile
from searchkit.index.whoosh.segment_file import SectionFile, SectionWriter

sections = st.dictionaries(st.text(max_size=8), st.lists(st.binary(max_size=20), max_size=4), max_size=6)


@given(sections)
def test_sections_are_read_back(
    tmp_path_factory: pytest.TempPathFactory, given_sections: dict[str, list[bytes]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "sections.arrays"
    with SectionWriter(path) as out:
        for name, parts in given_sections.items():
            out.add(name, parts)
    file = SectionFile(path)
    assert list(file.names()) == list(given_sections)
    assert list(file.ints("a missing section")) == []
    assert {name: bytes(file.view(name)) for name in file.names()} == {
        name: b"".join(parts) for name, parts in given_sections.items()
    }


def test_sections_are_aligned(tmp_path: Path) -> None:
    with SectionWriter(tmp_path / "f") as out:
        out.add("odd", b"abc")
        out.add("small", array("I", [1, 2, 3]), "I")
        out.add("large", [array("Q", [2**40]), array("Q", [7])], "Q")
    file = SectionFile(tmp_path / "f")
    assert file.place("small")[0] % 8 == file.place("large")[0] % 8 == 0
    assert list(file.ints("small")) == [1, 2, 3]
    assert list(file.ints("large")) == [2**40, 7]


def test_section_names_are_unique(tmp_path: Path) -> None:
    with SectionWriter(tmp_path / "f") as out:
        out.add("one", b"x")
        with pytest.raises(ValueError, match="one"):
            out.add("one", b"y")


def test_truncation_and_bit_flips_in_the_directory_are_detected(tmp_path: Path) -> None:
    with SectionWriter(tmp_path / "f") as out:
        out.add("one", b"crates")
        out.add("two", array("I", range(4)))
    whole = (tmp_path / "f").read_bytes()
    for place in range(len(whole)):
        (tmp_path / "f").write_bytes(whole[:place])
        with pytest.raises(DamagedFile):
            SectionFile(tmp_path / "f")
    for place in range(8 + 16, len(whole)):  # behind the two sections and their padding
        body = bytearray(whole)
        body[place] ^= 4
        (tmp_path / "f").write_bytes(body)
        with pytest.raises(DamagedFile):
            SectionFile(tmp_path / "f")
