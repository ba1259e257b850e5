import pytest

from searchkit.statements.name_table import NameTable, is_acronym, name_table, without_legal_words
from searchkit.statements.text import name_key
from tests.cases import cases
from tests.limits import processor_time_below

NAMES = cases(__file__, "test_names_of_the_table")


def _table(*names: str) -> NameTable:
    return name_table(
        ((name_key(name), number) for number, name in enumerate(names)), (name_key(n) for n in names if is_acronym(n))
    )


def _found(text: str) -> list[str]:
    return [place.span.of(text) for place in _table(*NAMES).find(text)]


@pytest.mark.parametrize(("text", "found"), cases(__file__, "test_names_are_found_where_they_are_written_as_names"))
def test_names_are_found_where_they_are_written_as_names(text: str, found: tuple[str, ...]) -> None:
    assert tuple(_found(text)) == found


def test_one_name_of_many_entries() -> None:
    table = name_table([("a b", 1), ("a b", 1), ("a b", 2), ("a b", 2), ("a b", 5), ("c", 7)])
    assert table.get("a b") == (1, 2, 5)
    assert table.get("c") == (7,)
    assert table.get("a") == ()


def test_legal_words_go_but_never_all() -> None:
    assert without_legal_words("tovo steel co ltd") == "tovo steel"
    assert without_legal_words("ltd co") == "ltd"


def test_odd_text_takes_time_in_proportion() -> None:
    table = _table(*NAMES, " ".join(["A"] * 16))
    for text in ("A " * 100_000, "a" * 500_000, "A.B." * 50_000, "Velmar" * 50_000, "\ud800 " * 50_000, "—" * 200_000):
        with processor_time_below(5):
            list(table.find(text))
