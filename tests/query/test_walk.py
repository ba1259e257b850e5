"""Clauses, conditions that select values, and notes on a tree."""

from datetime import date

import pytest

from searchkit.query import ast
from searchkit.query.fields import Record
from searchkit.query.parser import parse
from searchkit.query.scanner import SavedQuery
from searchkit.query.walk import Clause, alternatives, clauses, split_selection
from tests.cases import cases


def found(query: str, record: Record = "document") -> list[Clause]:
    return list(clauses(parse(query, today=date(2026, 3, 4), record=record).tree, record))


def test_clauses_know_field_record_and_what_they_are_part_of() -> None:
    words, speaker, other, about, day = found(
        "a -speaker:(Korbel OR -Havel) quote:{about:x -(date:2022)} *", "document"
    )
    assert (words.field, str(words.node), words.record, words.excludes) == ("text", "a", "document", False)
    assert [str(clause.node) for clause in (speaker, other)] == ["speaker:Korbel", "speaker:Havel"]
    assert [clause.excludes for clause in (speaker, other)] == [True, False]
    assert (about.record, str(about.query), about.kind) == ("quote", "about:x AND NOT date:2022", "name")
    assert (str(day.node), day.record, day.excludes) == ("date:2022", "quote", True)
    assert str(words.query).startswith("a AND NOT speaker:")


def test_everything_has_no_clause() -> None:
    assert found("*") == []
    assert [str(clause.with_value(clause.value)) for clause in found("speaker:*", "quote")] == ["speaker:*"]


# --- conditions that select values of a facet -------------------------------------------------------------------------

KEPT = {
    "korbel": SavedQuery(query="speaker:Korbel", record="quote"),
    "havel-on-cranes": SavedQuery(query="cranes speaker:Havel", record="quote"),
    "cranes": SavedQuery(query="cranes OR ferries", record="quote"),
}


def _read(query: str) -> ast.Node:
    return parse(query, today=date(2026, 3, 4), record="quote" if "saved:" in query else "document", saved=KEPT).tree


@pytest.mark.parametrize(
    ("query", "rest", "chosen"),
    [
        ("cranes", "cranes", []),
        ("speaker:Korbel", "*", ["speaker:Korbel"]),
        ("cranes speaker:Korbel", "cranes", ["speaker:Korbel"]),
        ("by:Korbel cranes about:Velmar", "cranes AND about:Velmar", ["speaker:Korbel"]),
        ("speaker:Korbel speaker:Havel", "*", ["speaker:Korbel", "speaker:Havel"]),
        ("speaker:Korbel OR speaker:Havel", "*", ["speaker:Korbel OR speaker:Havel"]),
        ("cranes AND (speaker:Korbel OR by:Havel)", "cranes", ["speaker:Korbel OR speaker:Havel"]),
        ("speaker:(Korbel OR Havel)", "*", ["speaker:(Korbel OR Havel)"]),
        ("speaker:(Korbel AND Havel)", "*", ["speaker:Korbel", "speaker:Havel"]),
        ("speaker:Korbel OR cranes", "speaker:Korbel OR cranes", []),
        ("speaker:Korbel OR about:Velmar", "speaker:Korbel OR about:Velmar", []),
        ("-speaker:Korbel", "NOT speaker:Korbel", []),
        ("speaker:(Korbel NOT Havel)", "speaker:(Korbel AND NOT Havel)", []),
        ("speaker:*", "speaker:*", []),
        ("quote:{speaker:Korbel}", "quote:{speaker:Korbel}", []),
        ("saved:cranes", "saved:cranes", []),
        ("saved:korbel", "*", ["speaker:Korbel"]),
        ("saved:cranes saved:havel-on-cranes", "saved:cranes AND cranes", ["speaker:Havel"]),
        ("saved:korbel OR speaker:Havel", "*", ["speaker:Korbel OR speaker:Havel"]),
        ("-saved:korbel", "NOT saved:korbel", []),
    ],
)
def test_what_chooses_speakers(query: str, rest: str, chosen: list[str]) -> None:
    left, conditions = split_selection(_read(query), "speaker")
    assert (str(left), list(map(str, conditions))) == (rest, chosen)


def test_alternatives() -> None:
    _, (choice,) = split_selection(_read('speaker:(Korbel OR "Petr Havel") OR speaker:Ana'), "speaker")
    assert list(map(str, alternatives(choice))) == ["speaker:Korbel", 'speaker:"Petr Havel"', "speaker:Ana"]
    assert list(map(str, alternatives(_read("speaker:(Korbel AND Havel)")))) == ["speaker:(Korbel AND Havel)"]
    with pytest.raises(ValueError, match="not a selection"):
        alternatives(_read("cranes"))


# --- notes ------------------------------------------------------------------------------------------------------------

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


@pytest.mark.parametrize(("query", "noted"), cases(__file__, "test_a_pronoun_may_be_meant_as_the_country"))
def test_a_pronoun_may_be_meant_as_the_country(query: str, noted: bool) -> None:
    assert ('"us" finds the pronoun. For the country, write US or U.S.' in notes(query)) is noted
