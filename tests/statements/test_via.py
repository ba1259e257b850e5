"""The document in which a statement was made."""

import pytest

from searchkit.statements import via
from searchkit.statements.quotes import finding as quotes
from tests.statements.scene import article, named

NAMES = {"person": "Vera Lind", "company": "Veltra Pumps", "organisation": "Harbor Union; Ostrava Post"}


@pytest.mark.parametrize(
    ("text", "document"),
    [
        ("Veltra Pumps said in a second statement that the quay was closed.", "a second statement"),
        ("In a post on its page on Monday, Veltra Pumps said the quay was closed.", "a post"),
        ("Vera Lind, in a letter to the board, said the quay was closed.", "a letter"),
        ("According to a memo seen by the Ostrava Post, the quay was closed.", "a memo seen by the Ostrava Post"),
        ("The union's letter said the quay was closed.", "The union's letter"),
        ("A report by the Harbor Union says the quay was closed.", "A report"),
        ('"The quay is closed," Lind wrote in an email to members.', "an email"),
        ("The Ostrava Post said the quay was closed.", None),
        ("Vera Lind said in a low voice that the quay was closed.", None),
        ("Officials of the survey said the quay was closed.", None),
        ("Vera Lind in a local post said the quay was closed.", None),
    ],
)
def test_the_document_as_written(text: str, document: str | None) -> None:
    scene = article(text)
    found = quotes.find(scene, named(text, **NAMES)).statements
    papers = via.documents(scene, found)
    assert [span and span.of(text) for span in papers] == [document]


def test_the_parts_of_a_statement_share_their_document() -> None:
    text = '"The quay," Vera Lind said in a statement, "is closed."'
    scene = article(text)
    found = quotes.find(scene, named(text, **NAMES)).statements
    assert [span and span.of(text) for span in via.documents(scene, found)] == ["a statement", "a statement"]
