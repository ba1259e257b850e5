"""The one reader of the shipped lists: cells, parts, values and spellings."""

from importlib import resources

import pytest

from searchkit.extract.word_lists import parts, rows, spellings, split_values


@pytest.mark.parametrize(
    ("cell", "values"),
    [("", ()), (" ; ", ()), ("Korbel", ("Korbel",)), ("Korbel; Malt ;Lind", ("Korbel", "Malt", "Lind"))],
)
def test_values_are_parted_by_semicolons_and_stripped(cell: str, values: tuple[str, ...]) -> None:
    assert split_values(cell) == values


@pytest.mark.parametrize(
    ("value", "forms"),
    [("Ostrava", ("Ostrava",)), ("Ostrava = Ostrau", ("Ostrava", "Ostrau")), ("A=B = C", ("A", "B", "C")), ("=", ())],
)
def test_the_usual_spelling_comes_first(value: str, forms: tuple[str, ...]) -> None:
    assert spellings(value) == forms


@pytest.mark.parametrize("width", [1, 4, 9])
def test_rows_have_the_width_that_was_asked_for(width: int) -> None:
    read = rows("countries.txt", width)
    assert read
    assert {len(row) for row in read} == {width}
    assert not any(row[0].startswith("#") or not row[0] for row in read)


def test_cells_missing_at_the_end_are_empty() -> None:
    assert all(row[8] == "" for row in rows("countries.txt", 9))


def test_a_line_with_semicolons_keeps_the_blanks_inside_its_values() -> None:
    read = parts("datelines.txt")
    assert "Kyodo News" in read["wires"]
    assert {"OSLO", "ROME"} <= set(read["short places"])
    assert not any(" " in place for place in read["short places"])


def test_parts_do_not_leak_into_each_other() -> None:
    read = parts("titles.txt")
    assert set(read) == {"title", "modifiers", "lower"}
    assert "Professor" in read["title"]
    assert all(word.islower() for word in read["lower"])
    assert all(values for values in read.values())


def test_a_list_that_is_not_shipped_is_a_fault() -> None:
    with pytest.raises(FileNotFoundError):
        parts("no_such_list.txt")


def test_every_part_of_every_list_has_values() -> None:
    folder = resources.files("searchkit.extract").joinpath("data")
    for entry in folder.iterdir():
        if entry.name.endswith(".txt"):
            assert all(parts(entry.name).values()), entry.name
