"""The document in which a statement was made, and who "I" is in a message or letter."""

from typing import Any

import pytest

from searchkit.search.statement_text import in_words
from searchkit.statements import via
from searchkit.statements.annotation import annotate
from searchkit.statements.document import Article
from searchkit.statements.quotes import finding as quotes
from searchkit.statements.text import paragraphs
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


MAIL = "I said that the pier was closed. Olga Brandt said that it was open."
LETTER = "Dear Sir or Madam,\n\nI wrote that the ferry is late.\n\nYours sincerely,\n\nIgor Malt, Velmar"


def speakers(text: str, language: str = "en", **fields: Any) -> list[str | None]:
    article = Article(uri="file:///a", text=text, paragraphs=paragraphs(text), language=language, **fields)
    document = annotate(article)
    return [quote.speaker.name if quote.speaker.entity_id else None for quote in document.quotes]


@pytest.mark.parametrize(("text", "found"), cases(__file__, "test_i_in_a_message_is_its_sender"))
def test_i_in_a_message_is_its_sender(text: str, found: tuple[str | None, ...]) -> None:
    sender: dict[str, Any] = {"extra": {"sender": "Greta Holm <greta@quay.example>"}, "byline": ("Greta Holm",)}
    assert tuple(speakers(text, **sender)) == found
    assert speakers("Ich sagte, dass der Kai gesperrt sei.", "de", **sender) == ["Greta Holm"]


def test_i_in_a_letter_is_who_signed_it() -> None:
    assert speakers(LETTER) == ["Igor Malt"]
    assert speakers(LETTER.replace("Dear Sir or Madam,", "Velmar.")) == [None]
    assert speakers(LETTER.replace("Yours sincerely,", "Near the quay,")) == [None]


def test_i_in_an_article_or_a_message_of_many_is_open() -> None:
    assert speakers(MAIL, byline=("Greta Holm",)) == [None, "Olga Brandt"]
    assert speakers(MAIL, extra={"sender": "a, b"}, byline=("Greta Holm", "Igor Malt")) == [None, "Olga Brandt"]


@pytest.mark.parametrize(
    ("text", "language", "statement"), cases(__file__, "test_the_name_of_a_sender_takes_the_third_person")
)
def test_the_name_of_a_sender_takes_the_third_person(text: str, language: str, statement: str) -> None:
    extra = {"sender": "Greta Holm <greta@quay.example>"}
    fields: dict[str, Any] = {"extra": extra, "byline": ("Greta Holm",), "language": language}
    document = annotate(Article(uri="file:///a", text=text, paragraphs=paragraphs(text), **fields))
    assert [in_words(quote, document).statement for quote in document.quotes] == [statement]
