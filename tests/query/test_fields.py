"""The table of fields, which engines and the parser are built from."""

import pytest

from searchkit.query.fields import BOTH, DOCUMENT, ENTITY_KINDS, FIELDS, TEXT_FIELDS, find, names


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("speaker", "speaker"),
        ("by", "speaker"),
        ("BY", "speaker"),
        ("target", "about"),
        ("Published", "date"),
        ("language", "lang"),
        ("entity.company", "entity.company"),
    ],
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
    assert list(names()) == sorted(listed)
    assert len(set(listed)) == len(listed)


def test_names_can_be_written_before_a_colon() -> None:
    assert all(name.replace(".", "").isalpha() and name == name.casefold() for name in names())


def test_every_kind_of_entity_has_a_field() -> None:
    for kind in ENTITY_KINDS:
        field = find(f"entity.{kind}")
        assert field is not None
        assert (field.kind, field.facet, field.multi) == ("name", True, True)


def test_text_is_not_counted_and_has_no_facet() -> None:
    assert {"text", "title", "body", "quote"} == TEXT_FIELDS
    assert not any(field.facet for field in FIELDS if field.kind == "text")


def test_only_the_body_is_closed_to_statements() -> None:
    assert {field.name for field in FIELDS if field.records == DOCUMENT} == {"body"}
    assert all(field.records == BOTH for field in FIELDS if field.name != "body")


def test_every_field_says_what_it_is() -> None:
    assert all(field.describes for field in FIELDS)
