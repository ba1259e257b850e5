"""Conditions that choose values of one field."""

from datetime import date

import pytest

from searchkit.query import ast
from searchkit.query.parser import parse
from searchkit.query.saved import SavedQuery
from searchkit.query.walk import alternatives, split_selection

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
