"""Whom statements are about: each kind of word that points back, and each that must not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchkit.statements import about
from searchkit.statements.about import addressed
from searchkit.statements.quotes import finding as quotes
from searchkit.statements.speakers import resolving as speakers
from searchkit.statements.speakers.participants import read_participants
from tests.cases import cases
from tests.statements.scene import ENGLISH, PEOPLE, article, named

NAMES = {
    "person": "Vera Lind; Igor Malt; Nadia Korbel; Joss Brask",
    "company": "Veltra Pumps; Ostmark Rail",
    "agency": "Harbor Commission; Ostrava Trade Office",
    "organisation": "Harbor Union",
    "place": "France; Germany; Norway; Bavaria; Velmar Bridge",
}


def _about(text: str, *, language: str = "en") -> list[str]:
    """For each statement of `text` the names of whom it is about, joined by commas."""
    scene = article(text, language=language)
    mentions = named(text, **NAMES)
    names = {mention.entity_id: mention.name for mention in mentions}
    found = quotes.find(scene, mentions).statements
    participants = read_participants(scene, mentions)
    said_by = speakers.resolve(found, participants)
    targets = about.targets(mentions, found, said_by, participants, about.topic(participants))
    return [", ".join(names[entity] for entity in meant) for meant in targets]


def test_names_in_order_but_for_the_speaker() -> None:
    assert _about("Vera Lind said that Ostmark Rail paid Lind and Veltra Pumps.") == ["Ostmark Rail, Veltra Pumps"]


def test_a_language_without_words_has_its_names() -> None:
    assert _about("“Veltra Pumps vil ikke selge noe til Ostmark Rail i dag.”", language="no") == [
        "Veltra Pumps, Ostmark Rail"
    ]


@pytest.mark.parametrize(("text", "meant"), cases(__file__, "test_a_description_points_back"))
def test_a_description_points_back(text: str, meant: str) -> None:
    assert _about(text) == [meant]


@pytest.mark.parametrize(("text", "meant"), cases(__file__, "test_he_and_she_are_people_of_that_gender"))
def test_he_and_she_are_people_of_that_gender(text: str, meant: str) -> None:
    assert _about(text.replace("Malt left", "Igor Malt left").replace("Mr. Lind", "Mr. Vera Lind")) == [meant]


@pytest.mark.parametrize(("text", "last"), cases(__file__, "test_the_reporting_clause_names_the_target"))
def test_the_reporting_clause_names_the_target(text: str, last: str) -> None:
    assert _about(text)[-1] == last


@pytest.mark.parametrize(("language", "text", "meant"), cases(__file__, "test_other_languages_have_descriptions"))
def test_other_languages_have_descriptions(language: str, text: str, meant: str) -> None:
    assert _about(text, language=language)[-1] == meant


_PIECES = st.sampled_from(
    [
        *("Veltra Pumps", "Vera Lind", "France", "said", "“", "”", "he", "they", "it", "its", "that", "had", ". ", ","),
        *("the company", "the two countries", "these products", "'s", "l'", "l''s", "\u0301", "this"),
    ]
)


@settings(max_examples=100, deadline=None)
@given(st.lists(_PIECES, max_size=30).map(" ".join), st.sampled_from(["en", "de", "fr", "no"]))
def test_odd_text_has_an_answer_for_each_statement(text: str, language: str) -> None:
    for meant in _about(text, language=language):
        names = meant.split(", ") if meant else []
        assert len(names) == len(set(names))


def test_an_unnamed_person_of_another_role_replaces_the_named_person() -> None:
    text = "Mr. Igor Malt, the pilot, left. {} “He was tired,” Vera Lind said."
    assert _about(text.format("The quay is old.")) == ["Igor Malt"]
    assert _about(text.format("The pilot nodded.")) == ["Igor Malt"]
    assert _about(text.format("The referee nodded.")) == [""]


def test_an_onlooker_does_not_mean_the_company_she_watches_for() -> None:
    text = "Ostmark Rail fell. Vera Lind, {} at Veltra Pumps, left. “The company is poor,” Lind said."
    assert _about(text.format("an analyst")) == ["Ostmark Rail"]
    assert _about(text.format("a manager")) == ["Veltra Pumps"]


INTERVIEWED = "Nadia Korbel runs the quay. She spoke to the Harbor Ledger."


def asked(*lines: str) -> dict[str, str]:
    """Whom each statement addresses, by its words."""
    assert ENGLISH is not None
    text = "\n\n".join(lines)
    scene, mentions = article(text), named(text, person=PEOPLE)
    found = quotes.find(scene, mentions).statements
    said_by = speakers.resolve(found, read_participants(scene, mentions))
    return {
        found[number].content.of(text): entity_id
        for number, entity_id in addressed(text, found, said_by, ENGLISH).items()
    }


@pytest.mark.parametrize("question", ["Are you glad?", "Is it your quay?", "Did you say it, and do you mean it?"])
def test_a_question_addresses_whoever_answers(question: str) -> None:
    assert asked(INTERVIEWED, f"Q: {question}", "A: You never know.", "Q: Is it old?", "A: It is.") == {
        question: "person:nadia-korbel"
    }


def test_whoever_asks_mostly_may_also_state() -> None:
    lines = ["Q: Is it old?", "A: It is.", "Q: You left it in May.", "A: I did.", "Q: Why?", "A: You tell me."]
    assert asked(INTERVIEWED, *lines) == {"You left it in May.": "person:nadia-korbel"}


@pytest.mark.parametrize("question", ["You once said that it is old?", "What would you tell the port?", "Is it old?"])
def test_who_is_only_asked_to_speak_is_not_spoken_of(question: str) -> None:
    assert asked(INTERVIEWED, f"Q: {question}", "A: It is.", "Q: And wet?", "A: Yes.") == {}


def test_nobody_is_addressed_where_nobody_is_known_to_answer() -> None:
    assert asked("Vera Lind succeeds Igor Malt.", "Q: Are you glad?", "A: I am.", "Q: Why?", "A: You see.") == {}
    assert asked(INTERVIEWED, "Q: Is it old?", "A: It is.", "Q: Are you glad?") == {}


def test_outside_transcripts_you_is_not_read() -> None:
    assert asked("“Are you glad?” Nadia Korbel asked. “I am,” Igor Malt said.") == {}
