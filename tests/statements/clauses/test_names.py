"""Names in German and French: people by title, role, given name or speech; bodies by heads; never a mere noun."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from searchkit.statements.names import finding as names
from searchkit.statements.text import normalize
from tests.cases import cases
from tests.statements.scene import article


def named(text: str, language: str = "de") -> list[tuple[str, str, str]]:
    """Surface, kind and canonical name of each mention."""
    return [(one.surface, one.kind, one.name) for one in names.find(article(text, language=language))]


def people(text: str, language: str = "de") -> list[str]:
    """The canonical names of the people mentioned."""
    return [name for _, kind, name in named(text, language) if kind == "person"]


@pytest.mark.parametrize(("text", "name"), cases(__file__, "test_german_people"))
def test_german_people(text: str, name: str) -> None:
    assert people(text) == [name]


@pytest.mark.parametrize(("text", "name"), cases(__file__, "test_french_people"))
def test_french_people(text: str, name: str) -> None:
    assert people(text, "fr")[:1] == [name]


@pytest.mark.parametrize("text", cases(__file__, "test_german_nouns_are_no_people"))
def test_german_nouns_are_no_people(text: str) -> None:
    assert people(text) == []


@pytest.mark.parametrize("text", cases(__file__, "test_french_capitals_are_no_people"))
def test_french_capitals_are_no_people(text: str) -> None:
    assert people(text, "fr") == []


def test_a_namesake_is_another_person() -> None:
    text = "Der Leiter Detlef Hasselmoor schwieg. Marlieske Hasselmoor kam. Hasselmoor ging. Koch Emil Hasselmoor aß."
    assert people(text) == ["Detlef Hasselmoor", "Marlieske Hasselmoor", "Detlef Hasselmoor", "Emil Hasselmoor"]


def test_the_particle_of_a_surname_may_open_a_sentence() -> None:
    assert people("Der Trainer Marco van Bastholt kam. Van Bastholt schwieg.") == ["Marco van Bastholt"] * 2


def test_an_article_may_open_a_french_surname() -> None:
    text = "Le propriétaire, Armand Le Guelvin, est venu. Selon M. Le Guelvin, tout va. Le Guelvin sourit."
    assert people(text, "fr") == ["Armand Le Guelvin"] * 3


def test_titles_of_learning_are_no_names() -> None:
    assert people("Gutachterin Prof. Dr. Hedwig Osterlund kam.") == ["Hedwig Osterlund"]


def test_the_word_for_a_station_is_no_part_of_its_name() -> None:
    assert named("Der Sender Steppenwoge meldet das.") == [("Steppenwoge", "organisation", "Steppenwoge")]


def test_a_family_name_may_come_first() -> None:
    assert people("Der Sprecher Xu Guiming kam. Xu sagte, das sei falsch.") == ["Xu Guiming", "Xu Guiming"]


@pytest.mark.parametrize(("text", "kind", "name"), cases(__file__, "test_german_bodies_and_places"))
def test_german_bodies_and_places(text: str, kind: str, name: str) -> None:
    assert [(one, called) for _, one, called in named(text)] == [(kind, name)]


@pytest.mark.parametrize(("text", "kind", "name"), cases(__file__, "test_french_bodies_and_places"))
def test_french_bodies_and_places(text: str, kind: str, name: str) -> None:
    assert [(one, called) for _, one, called in named(text, "fr")] == [(kind, name)]


def test_the_short_form_of_a_body_is_the_body() -> None:
    text = "Das Grenzzollamt Elbtal prüft. Nach Auskunft des Grenzzollamts dauert es."
    assert {called for _, _, called in named(text)} == {"Grenzzollamt Elbtal"}


@pytest.mark.parametrize(
    "text", ["Die Polizei kam.", "Das Gericht tagt.", "La commission siège.", "Ein Verband klagt."]
)
def test_a_head_alone_names_no_body(text: str) -> None:
    assert named(text) == []
    assert named(text, "fr") == []


_PIECES = st.sampled_from(
    [
        *"Frau Sprecher Wiebke Sturmholt GmbH & , . ministerium Amt für M. Office de l' du Xu A. USA ( „ Ä".split(),
        *("sagte", "von der", "\n", "le maire", "\ud800", "Frankreichs"),
    ]
)


@example(pieces=["M.", "Frau", "Office", "de", "Frau"], joint=" ", language="fr")
@given(pieces=st.lists(_PIECES, max_size=30), joint=st.sampled_from([" ", ""]), language=st.sampled_from(["de", "fr"]))
def test_odd_text_never_raises_and_names_do_not_overlap(pieces: list[str], joint: str, language: str) -> None:
    text = normalize(joint.join(pieces))
    end = 0
    for mention in names.find(article(text, language=language)):
        assert mention.surface == mention.span.of(text)
        assert mention.span.start >= end
        end = mention.span.end
