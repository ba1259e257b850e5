"""Claims and their answers: in one sentence, in one article, and in two."""

import pytest

from searchkit.document import Document
from searchkit.histories.base import Dispute, Place
from searchkit.histories.disputes import across, answered, read, unanswered, within
from tests.histories.articles import article

TRUST = (
    "The Kessel River Trust said the Ostrand mill had emptied four tanks of dye into the river.\n\n"
    "The mill's director, Petrus Hallowind, rejected the trust's accusation that tanks had been emptied.\n\n"
    "Water samples are being tested."
)


def words(document: Document, place: Place) -> str:
    return place.span.of(document.text)


def links(document: Document) -> list[tuple[str, str, str]]:
    return [(link.strength, words(document, link.claim), words(document, link.answer)) for link in within(document)]


def test_the_reporter_links_a_claim_with_its_rejection() -> None:
    document = article("ledger", TRUST)
    (link,) = within(document)
    assert (link.strength, link.rule) == ("strong", "named-claim")
    assert link.reason == "the reporter links them in one sentence"
    assert words(document, link.claim) == "the Ostrand mill had emptied four tanks of dye into the river"
    assert words(document, link.answer) == "rejected the trust's accusation that tanks had been emptied"
    assert {link.claim.statement, link.answer.statement} <= {quote.id for quote in document.quotes}


def test_the_lead_and_the_detail_of_a_story_are_one_dispute() -> None:
    document = article(
        "ledger", "The mill on Tuesday rejected accusations by a river trust that it spilt dye.\n\n" + TRUST
    )
    assert [strength for strength, _, _ in links(document)] == ["strong"]


def test_two_disputes_of_one_article_are_not_crossed() -> None:
    document = article(
        "ledger",
        "Ada Holm said the tunnel was full of water. Jan Berg said the seals were made of jam jars.\n\n"
        "The railway rejected Holm's claim that there was water in the tunnel.\n\n"
        "Borehart dismissed Berg's charge about the seals.",
    )
    assert [(claim, answer) for _, claim, answer in links(document)] == [
        ("the tunnel was full of water", "rejected Holm's claim that there was water in the tunnel"),
        ("the seals were made of jam jars", "dismissed Berg's charge about the seals"),
    ]


def test_the_target_of_a_claim_denies_it_in_the_same_article() -> None:
    document = article(
        "ledger",
        "Ostmark accused Halvern of moving eleven border stones.\n\n"
        "Halvern's foreign ministry denied moving any stone.",
    )
    ((strength, claim, answer),) = links(document)
    assert strength == "medium"
    assert "eleven border stones" in claim
    assert answer == "moving any stone"


@pytest.mark.parametrize(
    "text",
    [
        # Something else, another target, an agreement.
        "Ada Holm accused Minister Jan Berg of hiding a hole in the budget.\n\nBerg denied that he had ever danced.",
        "The watchdog accused Norrland Gas of overcharging households.\n\nNorrland Rail denied that trains were late.",
        "Ada Holm said Clearmere sold water that smells.\n\nClearmere agreed. No water should smell, Clearmere said.",
    ],
)
def test_near_misses_are_not_linked(text: str) -> None:
    assert links(article("ledger", text)) == []


CLAIM = article("ledger", "Oakhanger used thiamidol in full blossom, Ludo Hatherley said.", "2027-05-10")
ANSWER = "Orchardist Drusilla Oakhanger walks the rows at six. “We have not used thiamidol since 2023,” Oakhanger said."


def weak(first: Document, second: Document) -> list[Dispute]:
    found = (across(claim, answer) for claim in read(first).claims for answer in read(second).answers)
    return [link for link in found if link is not None]


def test_the_target_answers_in_another_article() -> None:
    (link,) = weak(CLAIM, article("reader", ANSWER, "2027-05-15"))
    assert (link.strength, link.claim.document != link.answer.document) == ("weak", True)
    assert "within 14 days" in link.reason


def test_an_answer_after_14_days_or_before_the_claim_is_none() -> None:
    assert weak(CLAIM, article("reader", ANSWER, "2027-05-25")) == []
    assert weak(CLAIM, article("reader", ANSWER, "2027-05-09")) == []
    assert weak(CLAIM, article("reader", ANSWER, None)) == []


def test_an_answer_meets_the_claim_with_most_of_its_words() -> None:
    other = article("post", "Oakhanger used a tractor at night, Jan Berg said.", "2027-05-12")
    claims = [*read(CLAIM).claims, *read(other).claims]
    (answer,) = read(article("reader", ANSWER, "2027-05-15")).answers
    found = [answered(order, answer) for order in (claims, claims[::-1])]
    assert found[0] == found[1]
    assert found[0] is not None
    assert found[0].claim.document == CLAIM.id


def test_accusations_without_an_answer_are_listed() -> None:
    document = article(
        "ledger",
        "Ostmark accused Halvern of moving border stones.\n\nHalvern's foreign ministry denied moving any stone.\n\n"
        "Ada Holm alleged that the quay was sold.",
    )
    (place,) = unanswered(document, within(document))
    assert words(document, place) == "the quay was sold"


def test_text_without_statements_or_paragraphs_has_no_disputes() -> None:
    assert within(article("ledger", "It rained.")) == ()
    assert within(article("ledger", "")) == ()
    assert within(article("ledger", "Es regnet.", language="xx")) == ()
