"""The document in which a statement was made."""

import pytest

from searchkit.statements import via
from searchkit.statements.quotes import finding as quotes
from tests.cases import cases
from tests.statements.scene import article, named

NAMES = {"person": "Vera Lind", "company": "Veltra Pumps", "organisation": "Harbor Union; Ostrava Post"}


@pytest.mark.parametrize(("text", "document"), cases(__file__, "test_the_document_as_written"))
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
