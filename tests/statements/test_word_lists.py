"""The one reader of the shipped lists: cells, parts, values and spellings."""

from importlib import resources

import pytest

from searchkit.statements.word_lists import parts, spellings, split_values


def test_every_part_of_every_list_has_values() -> None:
    folder = resources.files("searchkit.statements").joinpath("data")
    for entry in folder.iterdir():
        if entry.name.endswith(".txt"):
            assert all(parts(entry.name).values()), entry.name


def test_values_and_spellings() -> None:
    assert [split_values(cell) for cell in ("", " ; ", "Korbel", "Korbel; Malt ;Lind")] == [
        (),
        (),
        ("Korbel",),
        ("Korbel", "Malt", "Lind"),
    ]
    assert [spellings(value) for value in ("=", "Ostrava", "A=B = C")] == [(), ("Ostrava",), ("A", "B", "C")]


def test_parts_have_words_or_values_with_spaces() -> None:
    titles, datelines = parts("titles.txt"), parts("datelines.txt")
    assert set(titles) == {"title", "modifiers", "lower"}
    assert "Professor" in titles["title"] and all(word.islower() for word in titles["lower"])
    assert "Kyodo News" in datelines["wires"] and {"OSLO", "ROME"} <= set(datelines["short places"])
    with pytest.raises(FileNotFoundError):
        parts("no_such_list.txt")
