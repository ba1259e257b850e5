import pytest

from searchkit.statements.annotation import annotate
from searchkit.statements.document import Speaker
from searchkit.statements.quotes import finding as quotes
from searchkit.statements.speakers import resolving as speakers
from searchkit.statements.speakers.participants import read_participants
from searchkit.statements.speakers.referents import RejectedCandidate
from tests.cases import cases
from tests.statements.scene import article, named, who


def resolved(text: str, *, language: str = "en", **kinds: str) -> list[Speaker]:
    """The speakers of the statements in `text`."""
    scene, mentions = article(text, language=language), named(text, **kinds)
    return list(speakers.resolve(quotes.find(scene, mentions).statements, read_participants(scene, mentions)))


INTRODUCED = "Nadia Korbel, spokesperson for the Ostrava Trade Office, said the quay is closed. "


@pytest.mark.parametrize(("text", "last"), cases(__file__, "test_each_way_to_name_a_speaker"))
def test_each_way_to_name_a_speaker(text: str, last: tuple[str | None, str]) -> None:
    assert who(text)[-1] == last


@pytest.mark.parametrize(("language", "text", "name"), cases(__file__, "test_who_is_meant"))
def test_who_is_meant(language: str, text: str, name: str | None) -> None:
    speaker = annotate(article(text, language=language)).quotes[-1].speaker
    assert (speaker.name if speaker.confidence else None) == name


@pytest.mark.parametrize(("text", "name"), cases(__file__, "test_who_speak_together_are_one_speaker"))
def test_who_speak_together_are_one_speaker(text: str, name: str) -> None:
    assert who(text)[-1][0] == name


@pytest.mark.parametrize(("text", "name"), cases(__file__, "test_who_did_not_speak_is_not_the_speaker"))
def test_who_did_not_speak_is_not_the_speaker(text: str, name: str | None) -> None:
    assert who(text)[-1][0] == name


@pytest.mark.parametrize(("text", "name"), cases(__file__, "test_who_is_named_behind_the_phrase"))
def test_who_is_named_behind_the_phrase(text: str, name: str | None) -> None:
    assert who(text, company="Veltra Pumps")[-1][0] == name


def test_a_spokeswoman_is_given_the_name_with_which_she_goes_on() -> None:
    text = "A spokeswoman for the port said it is old. “We act,” said Vera Lind, the spokeswoman."
    assert who(text)[0] == ("Vera Lind", "role")
    assert who("An official said it is old. “We act,” Vera Lind said.")[0] == (None, "unresolved")
    assert who("A sailor said it is old. “We act,” said Vera Lind, a judge.")[0] == (None, "unresolved")
    assert who("It is cold.\n\nA sailor said it is old. “We act,” Vera Lind said.")[0] == (None, "unresolved")


def test_a_pronoun_in_what_somebody_said_does_not_tell_her_gender() -> None:
    text = INTRODUCED + "\n\nDr. Lund-Veltra, a nurse, said his lungs are weak. The air is wet, she said."
    assert who(text, person="Nadia Korbel; Lund-Veltra")[-1] == ("Lund-Veltra", "pronoun")


def test_role_affiliation_and_antecedent() -> None:
    text = "“It is old,” Korbel said. " + INTRODUCED + "“It is wet,” she said."
    found = resolved(text, person="Nadia Korbel", agency="Ostrava Trade Office")
    assert {(speaker.role, speaker.affiliation) for speaker in found} == {("spokesperson", "Ostrava Trade Office")}
    antecedent = found[-1].antecedent
    assert antecedent is not None and antecedent.of(text) == "Nadia Korbel"


def test_confidence() -> None:
    text = INTRODUCED + "“It is old,” the official said. “It is wet.” Officials said it is cold."
    named_speaker, source, carried, unnamed = resolved(text, person="Nadia Korbel")
    assert carried.resolved_by == "carried"
    assert named_speaker.confidence > 0.9 and carried.confidence <= source.confidence
    assert (unnamed.name, unnamed.entity_id, unnamed.confidence) == ("Officials", None, 0.0)


@pytest.mark.parametrize("text", cases(__file__, "test_roles_do_not_end_with_the_full_stop_of_a_sentence"))
def test_roles_do_not_end_with_the_full_stop_of_a_sentence(text: str) -> None:
    [speaker] = resolved(text, person="Nadia Korbel; Igor Malt", agency="Ostrava Trade Office")
    assert speaker.name is not None
    assert not (speaker.role or "").endswith(".") and not (speaker.affiliation or "").endswith(".")


@pytest.mark.parametrize(("text", "name"), cases(__file__, "test_a_description_is_linked_to_its_name"))
def test_a_description_is_linked_to_its_name(text: str, name: str | None) -> None:
    last = resolved(text, person="Vera Lind; Igor Malt")[-1]
    assert (last.name if last.entity_id else None) == name


@pytest.mark.parametrize(("text", "name"), cases(__file__, "test_a_document_speaks_for_its_owner"))
def test_a_document_speaks_for_its_owner(text: str, name: str | None) -> None:
    last = resolved(text, person="Vera Lind; Igor Malt", organisation="Velmar School; Velmar Fund")[-1]
    assert (last.name if last.entity_id else None) == name


@pytest.mark.parametrize(("text", "names"), cases(__file__, "test_the_description_of_an_unnamed_speaker"))
def test_the_description_of_an_unnamed_speaker(text: str, names: list[str | None]) -> None:
    found = resolved(text)
    assert [(speaker.name, speaker.role, speaker.entity_id) for speaker in found] == [
        (name, None, None) for name in names
    ]


def test_rejected_candidates_are_reported_on_request() -> None:
    text = INTRODUCED + "Mr. Igor Malt left. Vera Lind runs Moravia. “It is wet,” she said."
    mentions = named(text, person="Nadia Korbel; Igor Malt; Vera Lind", place="Moravia")
    scene = article(text)
    found, people = quotes.find(scene, mentions).statements, read_participants(scene, mentions)
    rejected: list[tuple[RejectedCandidate, ...]] = []
    assert speakers.resolve(found, people, rejected) == speakers.resolve(found, people)
    assert len(rejected) == len(found)
    assert [(other.name, other.reason) for other in rejected[-1]] == [
        ("Nadia Korbel", "Vera Lind is the subject of a later sentence")
    ]


@pytest.mark.parametrize(
    ("language", "text", "name"), cases(__file__, "test_who_speaks_for_another_is_not_named_after_him")
)
def test_who_speaks_for_another_is_not_named_after_him(language: str, text: str, name: str | None) -> None:
    (speaker,) = resolved(text, language=language, person="Igor Malt; Malt")
    assert (speaker.name if speaker.entity_id else None) == name


def test_without_a_pack_no_speaker_is_resolved() -> None:
    scene = article("Korbel sagte: „Der Kai ist für immer zu.“", language="xx")
    rejected: list[tuple[RejectedCandidate, ...]] = []
    found = speakers.resolve(quotes.find(scene, ()).statements, read_participants(scene, ()), rejected)
    assert ([speaker.resolved_by for speaker in found], rejected) == (["unresolved"], [()])


def test_a_role_distinguishes_two_people_of_one_surname() -> None:
    text = "Chief Vera Malt met her uncle, Igor Malt. “No,” Chief Malt said."
    chief = named(text, person="Vera Malt")[0]
    scene = article(text)
    mentions = sorted((chief, *named(text, person="Igor Malt")[1:]), key=lambda mention: mention.span)
    [speaker] = speakers.resolve(quotes.find(scene, mentions).statements, read_participants(scene, mentions))
    assert speaker.name == "Vera Malt"
