import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.errors import ConfigError
from searchkit.names.aliases import KINDS, Aliases, read
from searchkit.names.folder import example
from tests.cases import cases

ENTITY = '[[entity]]\nname = "Nadia Korbel"\nkind = "person"\naliases = ["N. Korbel"]\n'


def _read(text: str) -> Aliases:
    return read(text.encode(), "aliases.toml")


def _complaint(text: str) -> str:
    with pytest.raises(ConfigError) as raised:
        _read(text)
    assert raised.value.hint
    assert "\n" not in raised.value.message
    return str(raised.value)


def test_what_is_very_long_is_refused_at_once_and_in_short() -> None:
    long = "x" * 1_000_000
    for table in (
        f'name = "{long}"\nkind = "person"',
        f'name = "M"\nkind = "{long}"',
        f'name = "M"\n{long} = "person"',
    ):
        assert len(_complaint(f"[[entity]]\n{table}\n")) < 400
    assert len(_complaint(f"[[{long}]]\n")) < 400
    _complaint('[[entity]]\nname = "a\\nb"\nkind = "x\\ny"\n')


def test_an_entity_with_its_names() -> None:
    (korbel,) = _read(ENTITY + 'id = "korbel-1"\ncountry = "cz"\nnote = "signs in full"').entities
    assert korbel.names == ("Nadia Korbel", "N. Korbel")
    assert (korbel.entity_id, korbel.country, korbel.note) == ("person:korbel-1", "cz", "signs in full")


def test_the_id_comes_from_the_name_or_from_the_shipped_list() -> None:
    assert _read(ENTITY).entities[0].entity_id == "person:nadia-korbel"
    bureau = '[[entity]]\nname = "Bureau of Industry and Security"\nkind = "agency"\n'
    assert _read(bureau).entities[0].entity_id == "agency:us-bis"


def test_names_are_normalized_as_documents_are() -> None:
    (korbel,) = _read(ENTITY.replace("Korbel", "Kor\\u200bbe\\u0301l")).entities
    assert (korbel.name, korbel.kind, korbel.names) == ("Nadia Korbél", "person", ("Nadia Korbél", "N. Korbél"))


def test_two_tables_of_one_name_are_one() -> None:
    (korbel,) = _read(ENTITY + ENTITY.replace("N. Korbel", "Nadezhda Korbel")).entities
    assert korbel.names == ("Nadia Korbel", "N. Korbel", "Nadezhda Korbel")
    (named,) = _read(ENTITY.replace("aliases", 'id = "k"\naliases') + ENTITY).entities
    assert named.entity_id == "person:k"


def test_splits_and_hides_with_their_scope() -> None:
    tables = _read(
        ENTITY
        + '[[split]]\nname = ["Korbel", "K."]\nbecomes = "Nadia Korbel"\noutlet = "Harbor Ledger"\n'
        + '[[split]]\nname = "Tiandy"\nbecomes = "Tiandy Boats"\nkind = "company"\ndocuments = ["ac46cbe9ee9d"]\n'
        + '[[hide]]\nname = "Read More"\nkind = "other"\n'
    )
    first, second = tables.splits
    assert first.becomes is tables.entities[0]
    assert (first.names, first.scope.outlet) == (("Korbel", "K."), "Harbor Ledger")
    assert (second.becomes.entity_id, second.scope.documents) == ("company:tiandy-boats", frozenset({"ac46cbe9ee9d"}))
    assert (tables.hides[0].names, tables.hides[0].kind) == (("Read More",), "other")


def test_the_example_says_nothing_and_everything_in_it_can_be_used() -> None:
    assert _read(example()) == Aliases()
    lines = [line.removeprefix("# ") for line in example().splitlines() if "=" in line or "[[" in line]
    tables = _read("\n".join(lines))
    assert [len(tables) for tables in (tables.entities, tables.splits, tables.hides)] == [1, 1, 1]
    assert all(kind in example() for kind in KINDS)


@pytest.mark.parametrize(
    ("text", "expected"), [*cases(__file__, "test_errors_name_their_place"), ("a = " + "[" * 5000, "not valid TOML")]
)
def test_errors_name_their_place(text: str, expected: str) -> None:
    complaint = _complaint(text)
    assert expected in complaint
    assert complaint.startswith("aliases.toml")


def test_an_encoding_error_names_its_line() -> None:
    with pytest.raises(ConfigError, match="not UTF-8, from line 2 on"):
        read("# hello\n[[hide]] # é".encode("latin-1"), "aliases.toml")
    assert read(b"\xef\xbb\xbf" + ENTITY.encode(), "aliases.toml").entities


@given(st.recursive(st.text(max_size=5) | st.integers(), lambda inner: st.lists(inner, max_size=3), max_leaves=5))
def test_no_value_is_trouble(value: object) -> None:
    written = json.dumps(value)
    for key in ("name", "kind", "aliases", "id", "becomes", "documents", "outlet"):
        for table in ("entity", "split", "hide"):
            opening = f"[[{table}]]\n" if key == "name" else f'[[{table}]]\nname = "A B"\n'
            with contextlib.suppress(ConfigError):
                _read(opening + f"{key} = {written}")


@pytest.mark.parametrize("narrower", ['kind = "place"', 'outlet = "Harbor Ledger"', 'documents = ["ac46cbe9ee9d"]'])
def test_an_entity_may_be_hidden_in_some_places_or_as_another_kind(narrower: str) -> None:
    tables = read(f'[[entity]]\nname = "Vell"\nkind = "person"\n[[hide]]\nname = "Vell"\n{narrower}'.encode(), "a")
    assert len(tables.hides) == 1
