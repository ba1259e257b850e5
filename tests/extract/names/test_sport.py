"""Teams in score lines, and what is none."""

import pytest

from searchkit.extract.names import finding as names
from searchkit.extract.names.sport import teams
from tests.cases import cases
from tests.extract.scene import article


def found(text: str) -> list[str]:
    return [span.of(text) for span in teams(text)]


@pytest.mark.parametrize(("text", "wanted"), cases(__file__, "test_teams_of_score_lines"))
def test_teams_of_score_lines(text: str, wanted: tuple[str, ...]) -> None:
    assert tuple(found(text)) == wanted


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
