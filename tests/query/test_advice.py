"""Notes on readings that are right but may not be meant."""

from datetime import date

import pytest

from searchkit.query.fields import Record
from searchkit.query.parser import parse

BINDING = "Different statements may match these conditions; put them in quote:{...} to search for one statement."


def notes(query: str, record: Record = "document") -> tuple[str, ...]:
    return parse(query, today=date(2026, 3, 4), record=record).notes


@pytest.mark.parametrize("query", ["speaker:Korbel about:Meridian", "speaker:Korbel (verb:deny OR said:2022)"])
def test_statement_fields_outside_a_scope(query: str) -> None:
    assert BINDING in notes(query)
    assert BINDING not in notes(f"quote:{{{query}}}")
    assert BINDING not in notes(query, "quote")


@pytest.mark.parametrize("query", ["speaker:Korbel OR about:Meridian", "speaker:Korbel outlet:Post", "speaker:Korbel"])
def test_one_condition_on_statements_needs_no_note(query: str) -> None:
    assert notes(query) == ()


def test_two_values_of_a_field_that_has_one() -> None:
    note = 'A record has only one outlet: to find either, write outlet:="Post" OR outlet:="Star".'
    assert notes('outlet:="Post" outlet:="Star"') == (note,)
    assert notes("lang:en lang:de") == ("A record has only one lang: to find either, write lang:en OR lang:de.",)
    assert notes('entity:="Post" entity:="Star"') == ()
    assert notes('outlet:="Post" outlet:="Post"') == ()
    assert notes("outlet:Ostrava outlet:Post") == ()
