"""Who is who: short forms and the full names they stand for, through the names of whole texts."""

import pytest

from searchkit.statements.names import finding as names
from tests.cases import cases
from tests.statements.scene import article


def linked(text: str) -> list[tuple[str, str, str]]:
    """Surface, id and rule of every mention."""
    return [(mention.surface, mention.entity_id, mention.rule) for mention in names.find(article(text))]


@pytest.mark.parametrize(("text", "last"), cases(__file__, "test_each_short_form_finds_its_name"))
def test_each_short_form_finds_its_name(text: str, last: tuple[str, str, str]) -> None:
    assert linked(text)[-1] == last


def test_the_latest_full_name_before_it_wins() -> None:
    text = "James Korbel met Anna Korbel. Then Korbel left. Then James Korbel met us. Then Korbel came."
    found = [entity for surface, entity, _ in linked(text) if surface == "Korbel"]
    assert found == ["person:anna-korbel", "person:james-korbel"]
