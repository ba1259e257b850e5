"""Whom words that are no name point to, each rule alone."""

import pytest

from tests.cases import cases
from tests.statements.scene import who

INTRODUCED = "Nadia Korbel, spokesperson for the Ostrava Trade Office, said the quay is closed. "


def last(text: str, **kinds: str) -> tuple[str | None, str]:
    return who(text, **kinds)[-1]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        # A given name or a single pronoun is weak evidence, enough to choose between two.
        (INTRODUCED + "Igor Malt runs the harbor. “It is wet,” she said.", "Nadia Korbel"),
        ("Igor Malt said it is old. Vera Lind runs the harbor. “It is wet,” he said.", "Igor Malt"),
        # Who acts alone in a sentence is in mind, unless a pronoun says who is.
        (INTRODUCED + "The quay shook when Vera Lind landed. “It is wet,” she said.", "Vera Lind"),
        (INTRODUCED + "She laughed out loud when Vera Lind landed. “It is wet,” she said.", "Nadia Korbel"),
        # An apposition and a passive make a subject, a signature and a credit do not.
        (INTRODUCED + "Their old teacher, Vera Lind, came along. “It is wet,” she said.", "Vera Lind"),
        (INTRODUCED + "The talks were opened by Vera Lind, a pilot. “It is wet,” she said.", "Vera Lind"),
        (INTRODUCED + "\n\nVera Lind / The Ostrava Press\n\n“It is wet,” she said.", "Nadia Korbel"),
        (INTRODUCED + "\n\nNo more! — Vera Lind (@vlind) May 3\n\n“It is wet,” she said.", "Nadia Korbel"),
        # A noun that opens a sentence brings its holder back; somebody without a name ends who was meant.
        (
            "Captain Igor Malt said no. Emil Rus, a clerk, said yes. The captain was unmoved. “No,” he said.",
            "Igor Malt",
        ),
        ("Igor Malt said it is old. His father knew it better. “It is wet,” he said.", None),
        ("Igor Malt said it is old. A clerk said it is wet. He added that it leaks.", None),
        ("Igor Malt said it is old. Her father, Emil Rus, knew it. “It is wet,” he said.", "Emil Rus"),
        ("Igor Malt counts ships. According to him, the quay is closed.", "Igor Malt"),
    ],
)
def test_he_and_she(text: str, name: str | None) -> None:
    found, by = last(text, person="Nadia Korbel; Igor Malt; Vera Lind; Emil Rus")
    assert (found, by) == (name, "pronoun" if name else "unresolved")


@pytest.mark.parametrize(("text", "name"), cases(__file__, "test_whom_he_means_after_another_name"))
def test_whom_he_means_after_another_name(text: str, name: str | None) -> None:
    assert last(text, person="Igor Malt; Emil Rus")[0] == name


@pytest.mark.parametrize(("text", "name"), cases(__file__, "test_offices_and_descriptions"))
def test_offices_and_descriptions(text: str, name: str | None) -> None:
    assert last(text, person="Igor Malt")[0] == name


@pytest.mark.parametrize(("text", "name"), cases(__file__, "test_bodies"))
def test_bodies(text: str, name: str | None) -> None:
    assert last(text, company="Veltra Pumps; Orsa Motors", organisation="Harbor Union; Coal Union")[0] == name


@pytest.mark.parametrize(("text", "name"), cases(__file__, "test_documents_speak_for_who_issued_them"))
def test_documents_speak_for_who_issued_them(text: str, name: str | None) -> None:
    assert last(text, person="Nadia Korbel")[0] == name
