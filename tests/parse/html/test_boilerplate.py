"""Lines between the paragraphs of an article that are no part of it, and lines that only look so."""

import time

import pytest

from searchkit.parse.html.boilerplate import is_boilerplate


@pytest.mark.parametrize(
    "line",
    [
        "Advertisement",
        "ADVERTISEMENT - SCROLL TO CONTINUE",
        "Story continues below advertisement",
        "• Read more: The cranes of the port stand still",
        "See also The cranes of the port",
        "Related stories",
        "12 comments",
        "5 min read",
        "Sign up for our daily newsletter and never miss a story",
        "Follow us on Facebook, X and Instagram",
        "Follow @harborledger on Telegram",
        "Share this article",
        "Subscribe to continue reading",
        "Already a subscriber? Log in",
        "Do you have a story for us? Write to desk@ledger.example",
        "Reach Nadia Korbel at korbel@ledger.example.",
        "Copyright 2023 Atlas Wire. All rights reserved.",
        "This material may not be published, broadcast, rewritten or redistributed.",
        "Photo: Tomas Vrba / Harbor Ledger",
        "(Image credit: Harbor Ledger)",
        "Lesen Sie auch: Wer die Kurbel dreht",
        "Hier unseren Newsletter abonnieren",
        "À lire aussi : La nuit de l'orage",
        "Abonnez-vous à notre lettre d'information",
        "Lea también: La noche de baño",
        "Suscríbase a nuestro boletín",
        "Leia também: A ponte fechou",
        "Leggi anche: Il ponte chiuso",
        "Lees ook: De brug is dicht",
        "Czytaj także: Most zamknięty",
        "Читайте также: Мост закрыт",
        "Baca juga: Jembatan ditutup",
        "相关阅读：桥梁关闭",
        "责任编辑：苏闻笛",
    ],
)
def test_boilerplate(line: str) -> None:
    assert is_boilerplate(line)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "Subscribers rose by a third, the board said.",
        "“Sign up for the newsletter,” she said.",
        "Sign up for the newsletter, the minister told “all who can read”.",
        "The share of women on the board rose.",
        "Share prices fell by two percent on Friday.",
        "More than forty people were hurt.",
        "Related charges were dropped in May.",
        "Print was invented twice.",
        "Photographers were kept away from the hall.",
        "Read his lips and you know.",
        "Comments by the minister moved prices.",
        "Anzeige erstattete der Hafenmeister am Freitag.",
        "Videos of the fire were shown in court.",
        "Reuters reported the talks first.",
        "How to sign a letter",
        "Do you have to count every crate?",
        "Follow the river for two miles.",
        "Get well soon, the mayor wrote.",
        "Seguici, disse il custode, e non voltarti. " * 9,
    ],
)
def test_sentences_stay(line: str) -> None:
    assert not is_boilerplate(line)


@pytest.mark.parametrize("sign", ["follow ", "a", " ", "share on ", "photo by ", "@", "get newsletter ", "- "])
def test_hostile_lines_take_no_time(sign: str) -> None:
    started = time.process_time()
    for _ in range(100):
        is_boilerplate((sign * 300)[:300])
    assert time.process_time() - started < 2
