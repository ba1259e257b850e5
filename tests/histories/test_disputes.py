"""Claims and their answers in one article."""

import pytest

from searchkit.histories import Place
from searchkit.histories.disputes import disputes, unanswered
from searchkit.statements.document import Document
from tests.cases import cases
from tests.histories.articles import article

TRUST = (
    "The Kessel River Trust said the Ostrand mill had emptied four tanks of dye into the river.\n\n"
    "The mill's director, Petrus Hallowind, rejected the trust's accusation that tanks had been emptied.\n\n"
    "Water samples are being tested."
)


def words(document: Document, place: Place) -> str:
    return place.span.of(document.text)


def links(document: Document) -> list[tuple[str, str]]:
    return [(words(document, link.claim), words(document, link.answer)) for link in disputes(document)]


def test_the_reporter_links_a_claim_with_its_rejection() -> None:
    document = article("ledger", TRUST)
    (link,) = disputes(document)
    assert (link.claimer, link.answerer) == ("Kessel River Trust", "Petrus Hallowind")
    assert words(document, link.claim) == "the Ostrand mill had emptied four tanks of dye into the river"
    assert words(document, link.answer) == "rejected the trust's accusation that tanks had been emptied"
    assert {link.claim.statement, link.answer.statement} <= {quote.id for quote in document.quotes}


def test_the_lead_and_the_detail_of_a_story_are_one_dispute() -> None:
    document = article(
        "ledger", "The mill on Tuesday rejected accusations by a river trust that it spilt dye.\n\n" + TRUST
    )
    assert len(links(document)) == 1


def test_two_disputes_of_one_article_are_not_crossed() -> None:
    document = article(
        "ledger",
        "Ada Holm said the tunnel was full of water. Jan Berg said the seals were made of jam jars.\n\n"
        "The railway rejected Holm's claim that there was water in the tunnel.\n\n"
        "Borehart dismissed Berg's charge about the seals.",
    )
    assert links(document) == [
        ("the tunnel was full of water", "rejected Holm's claim that there was water in the tunnel"),
        ("the seals were made of jam jars", "dismissed Berg's charge about the seals"),
    ]


def test_the_target_of_a_claim_denies_it_in_the_same_article() -> None:
    document = article(
        "ledger",
        "Ostmark accused Halvern of moving eleven border stones.\n\n"
        "Halvern's foreign ministry denied moving any stone.",
    )
    assert links(document) == [("accused Halvern of moving eleven border stones", "moving any stone")]


@pytest.mark.parametrize("text", cases(__file__, "test_near_misses_are_not_linked"))
def test_near_misses_are_not_linked(text: str) -> None:
    assert links(article("ledger", text)) == []


@pytest.mark.parametrize(("text", "claim"), cases(__file__, "test_the_sentence_names_the_claim"))
def test_the_sentence_names_the_claim(text: str, claim: str) -> None:
    assert [found for found, _ in links(article("ledger", text))] == [claim]


def test_a_denial_without_words_answers_an_accusation_only() -> None:
    text = "Winifred Scase {} Hexham Haulage {} in her pond.\n\nHexham's owner, Rufus Hexham, denies wrongdoing."
    assert len(links(article("ledger", text.format("accused", "of washing out tankers")))) == 1
    assert links(article("ledger", text.format("said that", "was washing out tankers"))) == []


ACCUSED = "Winifred Scase accused Hexham Haulage of washing out tankers in her pond.\n\n{}"


@pytest.mark.parametrize("rest", cases(__file__, "test_an_answered_accusation"))
def test_an_answered_accusation(rest: str) -> None:
    assert unanswered(article("ledger", ACCUSED.format(rest))) == ()


def test_an_accusation_without_an_answer() -> None:
    document = article("ledger", ACCUSED.format('"It was a hot day," Winifred Scase said.'))
    assert [quote.verb for quote in document.quotes if quote.id in unanswered(document)] == ["accuse"]
    assert unanswered(article("ledger", ACCUSED.replace("accused", "slammed").format("It rained."))) == ()


def test_text_without_statements_or_paragraphs_has_no_disputes() -> None:
    assert links(article("ledger", "It rained.")) == []
    assert links(article("ledger", "")) == []
    assert links(article("ledger", "Es regnet.", language="xx")) == []
