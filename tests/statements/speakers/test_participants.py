"""The participants: who is named, with the roles, affiliations and genders that the text gives them."""

import pytest

from searchkit.statements.packs import pack_for
from searchkit.statements.speakers.participants import Entity, Participants
from tests.cases import cases
from tests.statements.scene import BODIES, ENGLISH, PEOPLE, article, named


def read_participants(text: str) -> Participants:
    assert ENGLISH is not None
    return Participants(article(text), named(text, person=PEOPLE, agency=BODIES), ENGLISH)


def lind(text: str) -> Entity:
    return read_participants(text).entities["person:vera-lind"]


@pytest.mark.parametrize(("text", "role", "affiliation"), cases(__file__, "test_roles_before_and_behind_a_name"))
def test_roles_before_and_behind_a_name(text: str, role: str | None, affiliation: str | None) -> None:
    assert (lind(text).role, lind(text).affiliation) == (role, affiliation)


@pytest.mark.parametrize(("text", "gender"), cases(__file__, "test_titles_roles_and_agreeing_pronouns_show_the_gender"))
def test_titles_roles_and_agreeing_pronouns_show_the_gender(text: str, gender: str) -> None:
    assert lind(text).gender == gender


@pytest.mark.parametrize(("text", "opens"), cases(__file__, "test_what_opens_a_sentence_is_its_subject"))
def test_what_opens_a_sentence_is_its_subject(text: str, opens: bool) -> None:
    found = read_participants(text)
    assert found.is_subject(found.mentions[0]) is opens


@pytest.mark.parametrize(("text", "role"), cases(__file__, "test_german_roles"))
def test_german_roles(text: str, role: str) -> None:
    pack = pack_for("de")
    assert pack is not None
    found = Participants(article(text, language="de"), named(text, person=PEOPLE), pack)
    assert found.entities["person:igor-malt"].role == role


def test_an_entity_gathers_its_mentions_and_roles() -> None:
    text = "The pilot Lind left. Vera Lind, head of the Harbor Union, came back. Lind stayed. Vera Lind slept."
    person = lind(text)
    assert [span.of(text) for span in person.spans] == ["Lind", "Vera Lind", "Lind", "Vera Lind"]
    assert person.full == person.spans[1]
    assert (person.role, person.nouns, person.affiliation) == ("pilot", {"pilot", "head"}, "Harbor Union")


def test_a_surname_finds_its_only_bearer_whatever_the_case() -> None:
    found = read_participants("Vera Lind met Igor Malt.")
    bearer = found.by_surname("LIND")
    assert bearer is not None and bearer.name == "Vera Lind"
    assert (found.by_surname("VERA"), found.by_surname("")) == (None, None)
    text = "Vera Lind met Olaf Lind."
    assert ENGLISH is not None
    two = Participants(article(text), named(text, person="Vera Lind; Olaf Lind"), ENGLISH)
    assert two.by_surname("LIND") is None
