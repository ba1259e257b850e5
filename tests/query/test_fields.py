"""The table of fields, which engines and the parser are built from."""

import pytest

from searchkit.query.fields import DOCUMENT, FIELDS, NAMES, TEXT_FIELDS, find


@pytest.mark.parametrize(
    ("written", "name"), [("speaker", "speaker"), ("BY", "speaker"), ("Published", "date"), ("language", "lang")]
)
def test_fields_are_found_by_name_and_alias_in_any_case(written: str, name: str) -> None:
    field = find(written)
    assert field is not None
    assert field.name == name


@pytest.mark.parametrize("written", ["", "speker", "entity.", "entity.ship", "speaker ", "saved", "exact"])
def test_others_are_none(written: str) -> None:
    assert find(written) is None


def test_every_name_finds_its_own_field() -> None:
    for field in FIELDS:
        for name in (field.name, *field.aliases):
            assert find(name) is field
    listed = [name for field in FIELDS for name in (field.name, *field.aliases)]
    assert list(NAMES) == sorted(listed)
    assert len(set(listed)) == len(listed)


def test_the_table_is_consistent() -> None:
    assert all(name.replace(".", "").isalpha() and name == name.casefold() for name in NAMES)
    assert {"text", "title", "body", "quote"} == TEXT_FIELDS
    assert not any(field.facet for field in FIELDS if field.kind == "text")
    assert {field.name for field in FIELDS if field.records == DOCUMENT} == {"body"}
    assert all(field.describes for field in FIELDS)
