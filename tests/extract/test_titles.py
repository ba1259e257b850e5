"""Titles before invented names: their extent, role and gender."""

import pytest

from searchkit.document import Mention
from searchkit.extract import titles
from searchkit.text import Span


def before(text: str, name: str) -> titles.Title | None:
    start = text.index(name)
    mention = Mention(
        span=Span(start, start + len(name)),
        surface=name,
        name=name,
        entity_id="person:x",
        kind="person",
        rule="by-hand",
        confidence=1.0,
    )
    return titles.titles_before(text, mention)


@pytest.mark.parametrize(
    ("text", "role", "gender"),
    [
        ("Then Commerce Secretary Jana Velebit left.", "Commerce Secretary", None),
        ("Then Deputy Commerce Secretary Jana Velebit left.", "Deputy Commerce Secretary", None),
        ("Then Secretary of State Jana Velebit left.", "Secretary of State", None),
        ("Then Mr. Velebit left.", None, "male"),
        ("Then Ms Velebit left.", None, "female"),
        ("Then spokeswoman Jana Velebit left.", "spokeswoman", "female"),
        ("Then former president Jana Velebit left.", "former president", None),
        ("Then Queen Jana Velebit left.", "Queen", "female"),
        ("Then Lt. Gov. Jana Velebit left.", "Lt. Gov.", None),
        ("Then Prime Minister Jana Velebit left.", "Prime Minister", None),
    ],
)
def test_title(text: str, role: str | None, gender: str | None) -> None:
    found = before(text, "Jana Velebit" if "Jana" in text else "Velebit")
    assert found is not None
    assert (found.role, found.gender) == (role, gender)
    assert role is None or found.span.of(text) == role


@pytest.mark.parametrize(
    "text", ["Velebit", "Then Velebit left.", "The minister, Velebit", "  Velebit", "Mr.\nVelebit"]
)
def test_no_title(text: str) -> None:
    assert before(text, "Velebit") is None


def test_gender_hint() -> None:
    text = "Mrs. Velebit"
    mention = Mention(
        span=Span(5, 12),
        surface="Velebit",
        name="Velebit",
        entity_id="person:velebit",
        kind="person",
        rule="x",
        confidence=1.0,
    )
    assert titles.gender_hint(text, mention) == "female"
    assert titles.gender_hint("????? Velebit", mention) is None
