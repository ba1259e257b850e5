"""Whom "you" means in a transcript."""

import pytest

from searchkit.extract.quotes import finding as quotes
from searchkit.extract.speakers import resolving as speakers
from searchkit.extract.speakers.participants import read_participants
from searchkit.extract.transcripts import addressed
from tests.extract.scene import ENGLISH, PEOPLE, article, named

INTRODUCED = "Nadia Korbel runs the quay. She spoke to the Harbor Ledger."


def asked(*lines: str) -> dict[str, str]:
    """Whom each statement addresses, by its words."""
    assert ENGLISH is not None
    text = "\n\n".join(lines)
    scene, mentions = article(text), named(text, person=PEOPLE)
    found = quotes.find(scene, mentions).statements
    said_by = speakers.resolve(found, read_participants(scene, mentions))
    return {
        found[number].content.of(text): entity_id
        for number, entity_id in addressed.find(text, found, said_by, ENGLISH).items()
    }


@pytest.mark.parametrize("question", ["Are you glad?", "Is it your quay?", "Did you say it, and do you mean it?"])
def test_a_question_addresses_whoever_answers(question: str) -> None:
    assert asked(INTRODUCED, f"Q: {question}", "A: You never know.", "Q: Is it old?", "A: It is.") == {
        question: "person:nadia-korbel"
    }


def test_whoever_asks_mostly_may_also_state() -> None:
    lines = ["Q: Is it old?", "A: It is.", "Q: You left it in May.", "A: I did.", "Q: Why?", "A: You tell me."]
    assert asked(INTRODUCED, *lines) == {"You left it in May.": "person:nadia-korbel"}


@pytest.mark.parametrize("question", ["You once said that it is old?", "What would you tell the port?", "Is it old?"])
def test_who_is_only_asked_to_speak_is_not_spoken_of(question: str) -> None:
    assert asked(INTRODUCED, f"Q: {question}", "A: It is.", "Q: And wet?", "A: Yes.") == {}


def test_nobody_is_addressed_where_nobody_is_known_to_answer() -> None:
    assert asked("Vera Lind succeeds Igor Malt.", "Q: Are you glad?", "A: I am.", "Q: Why?", "A: You see.") == {}
    assert asked(INTRODUCED, "Q: Is it old?", "A: It is.", "Q: Are you glad?") == {}


def test_outside_transcripts_you_is_not_read() -> None:
    assert asked("“Are you glad?” Nadia Korbel asked. “I am,” Igor Malt said.") == {}
