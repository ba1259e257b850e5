"""Names that a document defines in brackets, and those that only the labels of a transcript give."""

import pytest

from searchkit.statements.document import Mention
from searchkit.statements.transcripts import introduced
from tests.cases import cases
from tests.statements.scene import article, named

NAMES = {"person": "Nadia Korbel; Igor Malt", "company": "Vance Robotics; Lind Pumps", "agency": "Ostrava Trade Office"}


def completed(text: str, **kinds: str) -> list[Mention]:
    """The mentions of `text` with what it introduces."""
    return list(introduced.complete(article(text), named(text, **(kinds or NAMES))))


def made(text: str, **kinds: str) -> list[tuple[str, str]]:
    """What was written and whom it means, for each mention that a definition made."""
    return [(mention.surface, mention.name) for mention in completed(text, **kinds) if mention.rule == "defined"]


@pytest.mark.parametrize("definition", cases(__file__, "test_short_forms_defined_in_brackets"))
def test_short_forms_defined_in_brackets(definition: str) -> None:
    text = f"{definition} makes robots. Robotics is glad. The Company is proud. A Company left, and so did the company."
    assert made(text)[-2:] == [("Robotics", "Vance Robotics"), ("Company", "Vance Robotics")]


@pytest.mark.parametrize(("text", "found"), cases(__file__, "test_parties_and_acronyms"))
def test_parties_and_acronyms(text: str, found: str) -> None:
    assert made(text)[-1][1] == found


@pytest.mark.parametrize("text", cases(__file__, "test_what_is_no_short_form"))
def test_what_is_no_short_form(text: str) -> None:
    assert made(text) == []


def test_a_longer_name_keeps_its_words() -> None:
    text = 'Lind Pumps ("Lind") left Vance Robotics. Lind Harbor is a place. Lind is glad.'
    found = completed(text, company="Lind Pumps; Vance Robotics", place="Lind Harbor")
    assert [(mention.surface, mention.name) for mention in found[2:]] == [
        ("Vance Robotics", "Vance Robotics"),
        ("Lind Harbor", "Lind Harbor"),
        ("Lind", "Lind Pumps"),
    ]


def test_people_of_labels_are_mentions_under_all_their_names() -> None:
    text = "\n\n".join(
        ["VERA PASK, HOST: Is it old?", "IGOR MALT: It is, Vera.", "PASK: Nadia?", "MALT: Nadia Korbel, yes."]
    )
    found = completed(text, person="Nadia Korbel; Igor Malt; Vera")
    assert [(mention.surface, mention.name) for mention in found if mention.entity_id == "person:vera-pask"] == [
        ("VERA PASK", "Vera Pask"),
        ("Vera", "Vera Pask"),
        ("PASK", "Vera Pask"),
    ]
    assert found == sorted(found, key=lambda mention: mention.span.start)
