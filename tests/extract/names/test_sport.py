"""Teams in score lines, and what is none."""

import pytest

from searchkit.extract.names import finding as names
from searchkit.extract.names.sport import teams
from tests.extract.scene import article


def found(text: str) -> list[str]:
    return [span.of(text) for span in teams(text)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Ostrin 2 Veldora 1\nMaltburg 0 Korbel 0 (halftime 0-0)", ["Ostrin", "Veldora", "Maltburg", "Korbel"]),
        ("Ostrin City 14 9 3 2 30\n2. Veldora (Z) 14 8 3 3 29", ["Ostrin City", "Veldora (Z)"]),
        ("OSTRIN AT VELDORA\nMaltburg v Korbel", ["OSTRIN", "Maltburg", "Korbel"]),
        ("OSTRIN 77 55 .583 -\nVELDORA 70 60 .538 6", ["OSTRIN", "VELDORA"]),
        ("Ostrin 2 Veldora 1", []),
        ("It was 2 in Ostrin, and 1 in Veldora.\nKorbel left.", []),
        ("June 12 13 14\nSales 12 13 14\nProfit 12 13 14", []),
        ("", []),
    ],
)
def test_teams_of_score_lines(text: str, wanted: list[str]) -> None:
    assert found(text) == wanted


def test_city_in_a_table_is_its_team_but_a_country_is_not() -> None:
    text = "Results:\nOstrava 2 Brno 1\nPrague 1 Norway 1\nThey met in Ostrava."
    kinds = [(mention.surface, mention.kind) for mention in names.find(article(text))]
    assert kinds == [
        ("Ostrava", "organisation"),
        ("Brno", "organisation"),
        ("Prague", "organisation"),
        ("Norway", "place"),
        ("Ostrava", "place"),
    ]


def test_player_in_a_table_stays_a_person() -> None:
    text = "Jana Velebit 12 3 45 1\nIgor Malt 10 2 30 2"
    assert {mention.kind for mention in names.find(article(text))} == {"person"}
