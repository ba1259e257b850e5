"""Completing a query."""

from datetime import date

import pytest

from searchkit.cli.completing.language import DATES, completed
from searchkit.query.fields import FIELDS
from searchkit.query.parser import parse

KNOWN = {
    "speaker": ["Xu Guixiang", "Nadia Korbel"],
    "about": ['The "Old" Crane', "back\\slash"],
    "verb": ["deny", "point out"],
    "lang": ["en"],
    "id": ["d1"],
    "saved": ["cranes"],
}


def values(field: str, typed: str) -> list[str]:
    return [one for one in KNOWN.get(field, ()) if one.casefold().startswith(typed.casefold())]


def suggested(query: str, record: str = "document") -> list[str]:
    return list(completed(query, record, values))  # type: ignore[arg-type]  # a Record


@pytest.mark.parametrize(
    ("query", "suggestions"),
    [
        ("spe", ["speaker:"]),
        ("SPE", ["speaker:"]),
        ("-spe", ["-speaker:"]),
        ("Tiandy spe", ["Tiandy speaker:"]),
        ("(a OR spe", ["(a OR speaker:"]),
        ("quote:{spe", ["quote:{speaker:"]),
        ("nosuch", []),
        ("nosuch:", []),
        ("title:cra", []),
        ("exact:", []),
        ("speaker:x", ['speaker:="Xu Guixiang"']),
        ("by:x", ['by:="Xu Guixiang"']),
        ("Speaker:x", ['Speaker:="Xu Guixiang"']),
        ('-speaker:="x', ['-speaker:="Xu Guixiang"']),
        ('speaker:"Xu Gui', ['speaker:="Xu Guixiang"']),
        ("speaker:", ['speaker:="Xu Guixiang"', 'speaker:="Nadia Korbel"']),
        ("speaker:(Xu OR n", ['speaker:(Xu OR ="Nadia Korbel"']),
        ("speaker:(Xu) n", []),
        ('"speaker:x', []),
        ('"two words" speaker:x', ['"two words" speaker:="Xu Guixiang"']),
        ("about:t", ['about:="The \\"Old\\" Crane"']),
        ("about:b", ['about:="back\\\\slash"']),
        ("verb:", ["verb:deny", 'verb:"point out"']),
        ("lang:e", ["lang:en"]),
        ("id:d", ["id:d1"]),
        ("has:spea", ["has:speaker"]),
        ("saved:c", ["saved:cranes"]),
        ("date:last", ["date:last-week", "date:last-month", "date:last-year"]),
        ("date:2022", []),
        ("url:http", []),
    ],
)
def test_suggestions(query: str, suggestions: list[str]) -> None:
    assert suggested(query) == suggestions


def test_nothing_typed_is_any_field() -> None:
    assert {f"{field.name}:" for field in FIELDS} < set(suggested(""))
    assert "body:" in suggested("")
    assert "body:" not in suggested("", "quote")


@pytest.mark.parametrize("query", ["speaker:x", "about:", "verb:", "date:", "has:", "speaker:(Xu OR n", "lang:", "id:"])
def test_what_is_suggested_can_be_read(query: str) -> None:
    for one in suggested(query):
        parse(one + ")" * one.count("("), today=date(2026, 3, 4))


def test_periods_are_those_of_the_language() -> None:
    for point in DATES:
        parse(f"date:{point}", today=date(2026, 3, 4))
