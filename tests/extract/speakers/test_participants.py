"""The participants: who is named, with the roles, affiliations and genders that the text gives them."""

import pytest

from searchkit.extract.packs import pack_for
from searchkit.extract.speakers.participants import Entity, Participants
from tests.extract.scene import BODIES, ENGLISH, PEOPLE, article, named


def read_participants(text: str) -> Participants:
    assert ENGLISH is not None
    return Participants(article(text), named(text, person=PEOPLE, agency=BODIES), ENGLISH)


def lind(text: str) -> Entity:
    return read_participants(text).entities["person:vera-lind"]


@pytest.mark.parametrize(
    ("text", "role", "affiliation"),
    [
        ("HARBOR CITY - Mayor Vera Lind spoke.", "Mayor", None),
        ("Vera Lind, the mayor of the town. The Bus was late.", "mayor", None),
        ("Vera Lind, the mayor of Emden. The Bus was late.", "mayor", "Emden"),
        ("Vera Lind, director of St. Mary Hospital. The Bus was late.", "director", "St. Mary Hospital"),
        ("Former deputy mayor Vera Lind left.", "Former deputy mayor", None),
        ("Then director general Vera Lind left.", "director general", None),
        ("Prime minister Vera Lind left.", "Prime minister", None),
        ("They met on Sunday. Coach Vera Lind left.", "Coach", None),
        ("Then Lt. Governor Vera Lind left.", "Lt. Governor", None),
        ("The Deputy Harbor Secretary Vera Lind left.", "Deputy Harbor Secretary", None),
        ("Harbor Union president Vera Lind left.", "president", "Harbor Union"),
        ("The Ostrava Trade Office spokesperson Vera Lind left.", "spokesperson", "Ostrava Trade Office"),
        ("The co-president Vera Lind left.", "co-president", None),
        ("Vera Lind, spokesperson for the Harbor Union, left.", "spokesperson", "Harbor Union"),
        ("Vera Lind, the Harbor Union president, left.", "president", "Harbor Union"),
        ("Vera Lind, a retired pilot, left.", "retired pilot", None),
        ("Vera Lind (head of the Harbor Union) left.", "head", "Harbor Union"),
        ("Vera Lind — president of the Harbor Union — left.", "president", "Harbor Union"),
        ("Vera Lind, professor of physics at Velebit University, left.", "professor", "physics at Velebit University"),
        ("Vera Lind, director general of the Harbor Union, left.", "director general", "Harbor Union"),
        ("Vera Lind, director of pumps, left.", "director", None),
        ("Vera Lind, Chief Product Officer of data firm Harbor Union, left.", "Chief Product Officer", "Harbor Union"),
        ("It was Vera Lind, a judge. In Moravia people left.", "judge", None),
        ("Vera Lind, the union's chief negotiator, left.", "chief negotiator", None),
        ("The plant manager of the Harbor Union, Vera Lind, left.", "plant manager", "Harbor Union"),
        ("Chairman of the Harbor Union, Vera Lind, left.", "Chairman", "Harbor Union"),
        ("Its chief executive, Vera Lind, left.", "chief executive", None),
        ("It was bought by the owner, Vera Lind said.", None, None),
        ("Vera Lind left.", None, None),
        ("Vera Lind, who is a pilot, left.", None, None),
        ("Vera Lind said the pilot left.", None, None),
        ("The pilot\nVera Lind left.", None, None),
        ("The pilot, Vera Lind left.", None, None),
        ("Vera Lind (28) is a pilot.", None, None),
        ("Vera Lind (pictured), a pilot, left.", None, None),
        ("On Monday Harbor Secretary Vera Lind left.", "Harbor Secretary", None),
    ],
)
def test_roles_before_and_behind_a_name(text: str, role: str | None, affiliation: str | None) -> None:
    assert (lind(text).role, lind(text).affiliation) == (role, affiliation)


@pytest.mark.parametrize(
    ("text", "gender"),
    [
        ("Ms. Vera Lind left.", "female"),
        ("Mr Vera Lind left.", "male"),
        ("Spokeswoman Vera Lind left.", "female"),
        ("Vera Lind, the chairman, left.", "male"),
        ("Vera Lind, the grandmother, left.", "female"),
        ("Vera Lind, a king, left.", "male"),
        ("Vera Lind, a pilot, left.", ""),
        ("Vera Lind lost her hat.", ""),
        ("Vera Lind lost her gloves. Vera Lind found her coat.", "female"),
        ("Vera Lind lost his gloves. Vera Lind found himself.", "male"),
        ("Vera Lind lost his hat. Vera Lind found her coat.", ""),
        ("Mr. Vera Lind lost her hat. Vera Lind found her coat.", "male"),
        ("Vera Lind left long ago. Her hat stayed. Vera Lind came back today. Her coat stayed.", ""),
        ("Vera Lind and Igor Malt lost his hat. Vera Lind met Igor Malt and his dog.", ""),
    ],
)
def test_titles_roles_and_agreeing_pronouns_show_the_gender(text: str, gender: str) -> None:
    assert lind(text).gender == gender


@pytest.mark.parametrize(
    ("text", "opens"),
    [
        ("Then Vera Lind left.", True),
        ("It rained. In Brno, Vera Lind left.", True),
        ("Former harbor chief Vera Lind left.", True),
        ("17:05 Asked about the quay, Vera Lind left.", True),
        ("The crew and the cook, Vera Lind, left.", False),
        ("A friend of Vera Lind left.", False),
        ("Vera Lind's friend left.", False),
        ("The crew has never seen Vera Lind.", False),
    ],
)
def test_what_opens_a_sentence_is_its_subject(text: str, opens: bool) -> None:
    found = read_participants(text)
    assert found.is_subject(found.mentions[0]) is opens


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("Der frühere Minister Igor Malt sprach.", "frühere Minister"),
        ("Der Torwart Igor Malt sprach.", "Torwart"),
        ("Es waren neun Millionen Euro. Werftsprecher Igor Malt sprach.", "Werftsprecher"),
    ],
)
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
