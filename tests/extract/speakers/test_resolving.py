from typing import get_args

import pytest

from searchkit.document import Resolution
from searchkit.extract.certainty import resolution_confidence
from searchkit.extract.packs import pack_for
from searchkit.extract.quotes import finding as quotes
from searchkit.extract.speakers import resolving as speakers
from searchkit.extract.speakers.explanation import RejectedCandidate
from searchkit.extract.speakers.participants import Participants
from tests.extract.scene import article, named, who

INTRODUCED = "Nadia Korbel, spokesperson for the Ostrava Trade Office, said the quay is closed. "


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("“It is old,” Nadia Korbel said.", ("Nadia Korbel", "full-name")),
        (INTRODUCED + "“It is old,” Korbel said.", ("Nadia Korbel", "surname")),
        (INTRODUCED + "“It is old,” said Ms. Korbel.", ("Nadia Korbel", "title")),
        (INTRODUCED + "“It is old,” she said.", ("Nadia Korbel", "pronoun")),
        (INTRODUCED + "“It is old,” the spokesperson said.", ("Nadia Korbel", "role")),
        (INTRODUCED + "The official said it is old.", ("Nadia Korbel", "role")),
        (INTRODUCED + "“It is old.”", ("Nadia Korbel", "carried")),
        ("The Ostrava Trade Office said the quay is closed.", ("Ostrava Trade Office", "full-name")),
        ("The Ostrava Trade Office met. “It is old,” the office said.", ("Ostrava Trade Office", "role")),
        ("The Ostrava Trade Office said it is old. It added that it is wet.", ("Ostrava Trade Office", "pronoun")),
        ("According to the Ostrava Trade Office report, the quay is closed.", ("Ostrava Trade Office", "full-name")),
        ("Officials said the quay is closed.", (None, "unresolved")),
        ("A spokesperson for Vera Lind said the quay is closed.", (None, "unresolved")),
        ("“It is old,” she said.", (None, "unresolved")),
        ("Vera Lind left. “It is old,” the Spaniard said.", ("Vera Lind", "role")),
        ("“It is old,” the Spaniard said.", (None, "unresolved")),
        ("The quay is old, according to a study published in the journal Harbor Union.", (None, "unresolved")),
        ("The quay is old, according to a study by the Harbor Union.", ("Harbor Union", "full-name")),
        ("“It is old,” said its chairman, Igor Malt.", ("Igor Malt", "full-name")),
        ("A lawyer for the port, Igor Malt, said the quay is closed.", ("Igor Malt", "full-name")),
    ],
)
def test_each_way_to_name_a_speaker(text: str, last: tuple[str | None, str]) -> None:
    assert who(text)[-1] == last


def test_a_person_who_opens_a_sentence_takes_the_pronoun_over() -> None:
    text = INTRODUCED + "Vera Lind runs the harbor. “It is wet,” she said."
    assert who(text)[-1] == ("Vera Lind", "pronoun")


def test_a_person_in_somebody_elses_words_does_not() -> None:
    text = INTRODUCED + "She said Vera Lind runs the harbor. “It is wet,” she said."
    assert who(text)[-1] == ("Nadia Korbel", "pronoun")


def test_titles_and_agreeing_pronouns_tell_he_from_she() -> None:
    text = "Ms. Nadia Korbel said it is old. Mr. Igor Malt said it is wet. “We close it,” she said."
    assert who(text)[-1] == ("Nadia Korbel", "pronoun")


def test_an_unnamed_speaker_is_not_given_somebody_elses_name() -> None:
    text = INTRODUCED + "A harbor official said it is wet. “We close it,” the official said."
    assert who(text)[-1] == (None, "unresolved")


def test_a_paragraph_of_speech_goes_on_with_the_last_speaker() -> None:
    text = "“It is old,” Nadia Korbel said.\n\n“It has been wet for years.”"
    assert who(text) == [("Nadia Korbel", "full-name"), ("Nadia Korbel", "carried")]


def test_surnames_in_capitals_are_the_persons_of_the_article() -> None:
    turns = ["KORBEL: The quay is closed.", "MALT: Why so?", "KORBEL: It is old.", "MALT: I see."]
    text = "\n\n".join([*turns, "Nadia Korbel met Igor Malt."])
    assert [name for name, _ in who(text)] == ["Nadia Korbel", "Igor Malt"] * 2


def test_a_place_can_speak() -> None:
    assert who("Moravia said the quay is closed.", place="Moravia") == [("Moravia", "full-name")]


def test_role_and_affiliation_hold_for_all_statements_of_a_speaker() -> None:
    text = "“It is old,” Korbel said. " + INTRODUCED
    mentions = named(text, person="Nadia Korbel", agency="Ostrava Trade Office")
    scene = article(text)
    for speaker in speakers.resolve(scene, mentions, quotes.find(scene, mentions).statements):
        assert (speaker.role, speaker.affiliation) == ("spokesperson", "Ostrava Trade Office")


def test_confidence_is_that_of_the_resolution_and_nothing_when_unresolved() -> None:
    text = "“It is old,” Nadia Korbel said. Officials said it is wet."
    mentions = named(text, person="Nadia Korbel")
    scene = article(text)
    first, second = speakers.resolve(scene, mentions, quotes.find(scene, mentions).statements)
    assert first.confidence > 0.9
    assert (second.name, second.entity_id, second.confidence) == ("Officials", None, 0.0)


def test_an_antecedent_is_the_mention_that_is_pointed_to() -> None:
    text = INTRODUCED + "“It is old,” she said."
    mentions = named(text, person="Nadia Korbel")
    scene = article(text)
    speaker = speakers.resolve(scene, mentions, quotes.find(scene, mentions).statements)[-1]
    assert speaker.antecedent is not None
    assert speaker.antecedent.of(text) == "Nadia Korbel"


@pytest.mark.parametrize(
    ("text", "role", "affiliation"),
    [
        ("Harbor Secretary Vera Lind left.", "Harbor Secretary", None),
        ("Harbor Union president Vera Lind left.", "president", "Harbor Union"),
        ("Vera Lind, the president of the Harbor Union, left.", "president", "Harbor Union"),
        ("Vera Lind, a retired pilot, left.", "retired pilot", None),
        ("Vera Lind, who left, is here.", None, None),
        ("Vera Lind and a president left.", None, None),
    ],
)
def test_roles_are_read_before_and_after_a_name(text: str, role: str | None, affiliation: str | None) -> None:
    pack = pack_for("en")
    assert pack is not None
    mentions = named(text, person="Vera Lind", organisation="Harbor Union")
    lind = Participants(article(text), mentions, pack).entities["person:vera-lind"]
    assert (lind.role, lind.affiliation) == (role, affiliation)


def test_without_a_pack_nobody_is_resolved() -> None:
    scene = article("Korbel sagte: „Der Kai ist für immer zu.“", language="xx")
    found = quotes.find(scene, ()).statements
    assert [speaker.resolved_by for speaker in speakers.resolve(scene, (), found)] == ["unresolved"]


def test_every_resolution_has_a_measured_confidence() -> None:
    for resolution in get_args(Resolution):
        assert 0.0 <= resolution_confidence(resolution) < 1.0


@pytest.mark.parametrize(
    "text",
    [
        "It was bought by the owner. Igor Malt said it is old.",
        "Nadia Korbel, a clerk of the Ostrava Trade Office. Korbel said it is old.",
        "“We act,” said Igor Malt, boat owner.",
    ],
)
def test_no_role_or_affiliation_ends_with_the_stop_of_its_sentence(text: str) -> None:
    mentions = named(text, person="Nadia Korbel; Igor Malt", agency="Ostrava Trade Office")
    scene = article(text)
    [speaker] = speakers.resolve(scene, mentions, quotes.find(scene, mentions).statements)
    assert speaker.name is not None
    assert not (speaker.role or "").endswith(".")
    assert not (speaker.affiliation or "").endswith(".")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("“It is old,” Nadia Korbel and Igor Malt said.", "Nadia Korbel and Igor Malt"),
        ("“It is old,” said Nadia Korbel, Vera Lind and Igor Malt.", "Nadia Korbel, Vera Lind and Igor Malt"),
        ("“It is old,” said Nadia Korbel and her lawyer Igor Malt.", "Nadia Korbel and Igor Malt"),
        ("“It is old,” said Nadia Korbel, and Igor Malt nodded.", "Nadia Korbel"),
        ("“It is old,” said Nadia Korbel and others.", "Nadia Korbel"),
        ("The Ostrava Trade Office and the Harbor Union said it is old.", "Ostrava Trade Office and Harbor Union"),
        ("Nadia Korbel and Igor Malt said it is old. They added that it is wet.", "Nadia Korbel and Igor Malt"),
    ],
)
def test_who_speak_together_are_one_speaker_of_all_their_names(text: str, name: str) -> None:
    assert who(text)[-1][0] == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("The port's operator, Veltra Pumps, said the quay is closed.", "Veltra Pumps"),
        ("A report published on Friday by the Harbor Union says that it leaks.", "Harbor Union"),
        ("A report seen by the Harbor Union says that it leaks.", None),
        ("In May, her daughter said, Vera Lind asked for the bill.", None),
        ("It leaks, according to an inquiry that accuses the Harbor Union.", None),
    ],
)
def test_who_is_named_behind_the_phrase(text: str, name: str | None) -> None:
    assert who(text, company="Veltra Pumps")[-1][0] == name


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("“It is old,” Nadia Korbel said.\n\nIgor Malt nodded. “It has been wet for years.”", "Igor Malt"),
        ("“It is old,” Nadia Korbel said.\n\n“It has been wet.” That was Igor Malt, the pilot.", "Igor Malt"),
        ("“It is old,” Nadia Korbel said.\n\nPeople nodded. “It has been wet for years.”", "Nadia Korbel"),
    ],
)
def test_who_stands_beside_a_quotation_without_a_cue(text: str, last: str) -> None:
    assert who(text)[-1] == (last, "carried")


def test_a_spokeswoman_is_given_the_name_with_which_she_goes_on() -> None:
    text = "A spokeswoman for the port said it is old. “We act,” Vera Lind said."
    assert who(text)[0] == ("Vera Lind", "role")
    assert who("An official said it is old. “We act,” Vera Lind said.")[0] == ("Vera Lind", "role")
    assert who("A sailor said it is old. “We act,” said Vera Lind, a judge.")[0] == (None, "unresolved")
    assert who("It is cold.\n\nA sailor said it is old. “We act,” Vera Lind said.")[0] == (None, "unresolved")


def test_an_office_tells_two_people_of_one_surname_apart() -> None:
    text = "Chief Vera Malt met her uncle, Igor Malt. “No,” Chief Malt said."
    mentions = named(text, person="Igor Malt")
    lind = named(text, person="Vera Malt")
    merged = tuple({mention.span.start: mention for mention in (*mentions, *lind[:1])}.values())
    scene = article(text)
    in_order = sorted(merged, key=lambda mention: mention.span)
    [speaker] = speakers.resolve(scene, in_order, quotes.find(scene, in_order).statements)
    assert speaker.name == "Vera Malt"


def test_a_carried_speaker_is_no_surer_than_the_one_it_is_carried_from() -> None:
    text = INTRODUCED + "“It is old,” the official said. “It is wet.”"
    mentions = named(text, person="Nadia Korbel")
    scene = article(text)
    *_, source, carried = speakers.resolve(scene, mentions, quotes.find(scene, mentions).statements)
    assert carried.resolved_by == "carried"
    assert carried.confidence <= source.confidence


def test_rejected_candidates_are_reported_on_request() -> None:
    text = INTRODUCED + "Mr. Igor Malt left. Vera Lind runs Moravia. “It is wet,” she said."
    mentions = named(text, person="Nadia Korbel; Igor Malt; Vera Lind", place="Moravia")
    scene = article(text)
    found = quotes.find(scene, mentions).statements
    rejected: list[tuple[RejectedCandidate, ...]] = []
    assert speakers.resolve(scene, mentions, found, rejected) == speakers.resolve(scene, mentions, found)
    assert len(rejected) == len(found)
    assert [(other.name, other.reason) for other in rejected[-1]] == [
        ("Nadia Korbel", "Vera Lind is the subject of a later sentence"),
    ]


def test_without_a_pack_no_candidate_is_rejected() -> None:
    scene = article("Korbel sagte: „Der Kai ist für immer zu.“", language="xx")
    rejected: list[tuple[RejectedCandidate, ...]] = []
    speakers.resolve(scene, (), quotes.find(scene, ()).statements, rejected)
    assert rejected == [()]


@pytest.mark.parametrize(
    "source",
    [
        "An aide to Mayor Igor Malt",
        "A senior official in the office of Harbor Minister Igor Malt",
        "A person briefed on the inquiry by the Ostrava Trade Office",
        "A memo reviewed by the Korbel",
        "A copy of the memo, seen by the Harbor Union,",
    ],
)
def test_a_name_in_the_modifier_of_an_unnamed_source_is_not_the_speaker(source: str) -> None:
    assert who(f"{source} said that the quay is closed.") == [(None, "unresolved")]


@pytest.mark.parametrize(
    "source", ["Mayor Igor Malt", "The harbor's owner, Mayor Igor Malt", "Mayor Igor Malt of Ostrava"]
)
def test_a_title_before_a_name_is_no_modifier(source: str) -> None:
    assert who(f"{source} said the quay is closed.")[0][0] == "Igor Malt"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Three residents of the harbor said it is wet.", "Three residents of the harbor"),
        ("She said it is wet.", None),
        ("It is wet, according to him.", None),
    ],
)
def test_somebody_unnamed_is_called_what_the_text_calls_him(text: str, name: str | None) -> None:
    scene = article(text)
    [speaker] = speakers.resolve(scene, (), quotes.find(scene, ()).statements)
    assert (speaker.name, speaker.entity_id, speaker.resolved_by) == (name, None, "unresolved")


def test_the_letters_of_an_interview_name_nobody_and_its_parts_are_called_what_they_are() -> None:
    scene = article("Q: Is it old?\n\nA: It is.\n\nMODERATOR: Next.\n\nQ2: And wet?\n\nA2: It is.")
    found = quotes.find(scene, ()).statements
    assert [speaker.name for speaker in speakers.resolve(scene, (), found)] == [None, None, "MODERATOR", None, None]


def test_two_who_speak_in_one_sentence_are_not_the_same() -> None:
    text = "The minister said the quay is old, although Igor Malt, an economist, warned that it is wet."
    assert who(text) == [(None, "unresolved"), ("Igor Malt", "full-name")]


def test_a_pronoun_in_what_somebody_said_does_not_tell_her_gender() -> None:
    text = INTRODUCED + "\n\nDr. Lund-Veltra, a nurse, said his lungs are weak. The air is wet, she said."
    assert who(text, person="Nadia Korbel; Lund-Veltra")[-1] == ("Lund-Veltra", "pronoun")


def test_a_role_behind_a_preposition_is_not_who_speaks() -> None:
    text = "Doctors at Velmar General Hospital said the quay is old. One of the officials said it is wet."
    scene = article(text)
    mentions = named(text, agency="Velmar General Hospital")
    resolved = speakers.resolve(scene, mentions, quotes.find(scene, mentions).statements)
    assert [speaker.role for speaker in resolved] == [None, None]
    assert resolved[0].name == "Doctors at Velmar General Hospital"
