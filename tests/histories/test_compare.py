"""Older and newer statements of one speaker differ in act or number only where both are about the same thing."""

import random

import pytest

from searchkit.histories import compare
from searchkit.histories.base import Difference
from searchkit.statements.document import Document, Quote
from tests.histories.articles import article, statements

OLD, NEW = "2023-02-06", "2024-05-06"


def pair(older: str, newer: str, language: str = "en") -> list[Document]:
    return [article("a", older, OLD, language=language), article("b", newer, NEW, language=language)]


def differences(found: list[tuple[Document, Quote]]) -> tuple[Difference, ...]:
    return compare.differences(found, "other:ostwind")


@pytest.mark.parametrize(
    ("older", "newer", "rule", "values"),
    [
        (
            "Petra Kolm denied that Ostwind would close the plant in Tarrow.",
            "Petra Kolm confirmed that Ostwind would close the plant in Tarrow.",
            "act",
            ("deny", "confirm"),
        ),
        (
            "Petra Kolm promised that Ostwind would keep the ferry to Skerrow.",
            "Petra Kolm denied that Ostwind would keep the ferry to Skerrow.",
            "act",
            ("promise", "deny"),
        ),
        (
            "Petra Kolm said the old harbour crane was safe for trawlers.",
            "Petra Kolm said the old harbour crane was not safe for trawlers.",
            "act",
            ("say", "say not"),
        ),
        (
            "Petra Kolm denied that the bank had lent money to directors.",
            'The bank "lent money to directors on the lake," Petra Kolm admitted.',
            "act",
            ("deny", "confirm"),
        ),
        (
            "Petra Kolm said the new harbour crane would cost 14 million crowns.",
            "Petra Kolm said the new harbour crane would cost 31 million crowns.",
            "number",
            ("14000000 crowns", "31000000 crowns"),
        ),
        (
            '"The leak covers forty hectares of marsh," said Petra Kolm.',
            '"The leak covers 95 hectares of marsh," said Petra Kolm.',
            "number",
            ("40 hectares", "95 hectares"),
        ),
        (
            "Petra Kolm said the harbour tunnel would open to trains in 2025.",
            "Petra Kolm said the harbour tunnel would open to trains by 2028.",
            "number",
            ("2025", "2028"),
        ),
        (
            "Petra Kolm said the repair of the harbour wall cost $2.4 million.",
            "Petra Kolm said the repair of the harbour wall cost $3 million.",
            "number",
            ("2400000 $", "3000000 $"),
        ),
    ],
)
def test_statements_about_the_same_thing_differ(older: str, newer: str, rule: str, values: tuple[str, str]) -> None:
    documents = pair(older, newer)
    (found,) = differences(statements(*documents))
    assert (found.older, found.newer) == (documents[0].quotes[0].id, documents[1].quotes[0].id)
    assert (found.rule, found.values) == (rule, values)


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        (  # another plant
            "Petra Kolm denied that Ostwind would close the plant in Tarrow.",
            "Petra Kolm confirmed that Ostwind would sell the ferry to Skerrow.",
        ),
        (  # the same in other words: a denial, and the negated report
            "Petra Kolm denied that Ostwind would close the plant in Tarrow.",
            "Petra Kolm said Ostwind would not close the plant in Tarrow.",
        ),
        (  # a condition
            "Petra Kolm denied that Ostwind would close the plant in Tarrow.",
            "Petra Kolm said Ostwind would close the plant in Tarrow if the levy rose.",
        ),
        (  # a question
            "Petra Kolm denied that Ostwind would close the plant in Tarrow.",
            "Petra Kolm asked whether Ostwind would close the plant in Tarrow.",
        ),
        (  # doubt
            "Petra Kolm said Ostwind would close the plant in Tarrow.",
            "Petra Kolm said she did not know that Ostwind would close the plant in Tarrow.",
        ),
        (  # another period
            "Petra Kolm said the new harbour crane lifted 40 boats in January.",
            "Petra Kolm said the new harbour crane lifted 60 boats in March.",
        ),
        (  # another thing with the same unit
            "Petra Kolm said the new harbour crane would cost 14 million crowns.",
            "Petra Kolm said the school roof in Tarrow would cost 31 million crowns.",
        ),
        (  # another country
            "Petra Kolm said the board had authorized 45 tonnes of Ostwind wheat for sale to Jamaica.",
            "Petra Kolm said the board had authorized 90 tonnes of Ostwind wheat for sale to Egypt.",
        ),
        (  # the negation belongs to something else
            "Petra Kolm said a bank that she did not name would lend money for the new harbour crane.",
            "Petra Kolm said a bank in Tarrow would lend money for the new harbour crane.",
        ),
        (  # a change, and what it led to
            "Petra Kolm said the stocks of refined oil stood at 1,575 barrels.",
            "Petra Kolm said the stocks of refined oil fell 10 barrels.",
        ),
        (  # rounded
            "Petra Kolm said the new harbour crane would cost 14.02 million crowns.",
            "Petra Kolm said the new harbour crane would cost 14 million crowns.",
        ),
        (  # a part of it
            "Petra Kolm said the fleet had 40 boats.",
            "Petra Kolm said the fleet of the island lost 12 boats, two cranes, a chapel, the old mole and its lamp.",
        ),
        (  # the same number in words
            "Petra Kolm said the new harbour crane would cost 14 million crowns.",
            "Petra Kolm said the new harbour crane would cost fourteen million crowns.",
        ),
        (  # past years
            "Petra Kolm said the harbour tunnel carried trains in 2021.",
            "Petra Kolm said the harbour tunnel carried trains in 2023.",
        ),
    ],
)
def test_near_misses_do_not_differ(older: str, newer: str) -> None:
    assert differences(statements(*pair(older, newer))) == ()


def test_statements_of_one_day_do_not_differ() -> None:
    older, newer = "Petra Kolm denied that the plant would close.", "Petra Kolm confirmed that the plant would close."
    assert differences(statements(article("a", older), article("b", newer))) == ()
    assert differences(statements(*pair(older, newer))) != ()


def test_a_statement_without_a_day_is_left_out() -> None:
    older = article("a", "Petra Kolm denied that the plant would close.", None)
    newer = article("b", "Petra Kolm confirmed that the plant would close.")
    assert differences(statements(older, newer)) == ()


def test_german_statements_differ() -> None:
    documents = pair(
        "Petra Kolm bestritt, dass das Werk in Tarrow schließen werde.",
        "Petra Kolm bestätigte, dass das Werk in Tarrow schließen werde.",
        "de",
    )
    assert [found.values for found in differences(statements(*documents))] == [("deny", "confirm")]


def test_the_oldest_and_the_newest_are_shown_whatever_the_order() -> None:
    text = "Petra Kolm {} that Ostwind would close the plant in Tarrow."
    documents = [
        article("a", text.format("denied"), "2021-01-04"),
        article("b", text.format("confirmed"), "2022-01-04"),
        article("c", text.format("denied"), "2023-01-04"),
        article("d", text.format("confirmed"), "2024-01-04"),
    ]
    for seed in range(4):
        random.Random(seed).shuffle(documents)
        (found,) = differences(statements(*documents))
        by_id = {quote.id: document.outlet for document, quote in statements(*documents)}
        assert (by_id[found.older], by_id[found.newer]) == ("a", "d")
