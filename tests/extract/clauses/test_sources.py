"""Statements whose source a phrase names: before them, after them, in their middle."""

import pytest

from tests.extract.clauses.test_events import found, said


@pytest.mark.parametrize(
    ("text", "words", "who"),
    [
        ("Laut Lindholt wird der Kai gesperrt.", ["wird der Kai gesperrt"], "Lindholt"),
        ("Nach Angaben der Werft ist der Kai zu.", ["ist der Kai zu"], "der Werft"),
        ("Nach Angaben von Emil Lindholt ist der Kai zu.", ["ist der Kai zu"], "Emil Lindholt"),
        ("Nach Polizeiangaben ist der Kai zu.", ["ist der Kai zu"], "Polizeiangaben"),
        ("Nach Ansicht von Fachleuten ist der Kai zu.", ["ist der Kai zu"], "Fachleuten"),
        ("Der Kai ist zu, laut Lindholt.", ["Der Kai ist zu"], "Lindholt"),
        ("Die Werft plant laut Lindholt den Umbau.", ["Die Werft plant", "den Umbau"], "Lindholt"),
        ("Medienberichten zufolge ist der Kai zu.", ["ist der Kai zu"], "Medienberichten"),
        ("Der Kai ist Berichten zufolge seit Mai zu.", ["Der Kai ist", "seit Mai zu"], "Berichten"),
        ("Der Kai ist ihrer Meinung nach eine Ruine.", ["Der Kai ist", "eine Ruine"], "ihrer Meinung"),
        ("„Der Kai ist zu“, so Lindholt.", ["„Der Kai ist zu“"], "Lindholt"),
        ("Der Kai sei zu, so das Amt weiter.", ["Der Kai sei zu"], "das Amt"),
        ("So Lindholt: „Der Kai ist zu.“", ["„Der Kai ist zu.“"], "Lindholt"),
    ],
)
def test_german_sources(text: str, words: list[str], who: str) -> None:
    assert [(one, by) for one, by, _ in said(text)] == [(word, who) for word in words]


@pytest.mark.parametrize(
    ("text", "words", "who"),
    [
        ("Selon lui, le quai est fermé.", "le quai est fermé", "lui"),
        ("D'après la mairie, le quai est fermé.", "le quai est fermé", "la mairie"),
        ("Le quai est fermé, selon la mairie.", "Le quai est fermé", "la mairie"),
        (
            "Selon son directeur, Fulgence Rocquard, trois lettres sont parties.",
            "trois lettres sont parties",
            "son directeur, Fulgence Rocquard",
        ),
        (
            "Selon un sondage commandé par la mairie, le quai est fermé.",
            "le quai est fermé",
            "un sondage commandé par la mairie",
        ),
        ("Pour Yvon Lagardin, curé du port, le quai est fermé.", "le quai est fermé", "Yvon Lagardin"),
        ("Selon lui, le quai, pourtant neuf, est fermé.", "le quai, pourtant neuf, est fermé", "lui"),
    ],
)
def test_french_sources(text: str, words: str, who: str) -> None:
    assert [(one, by) for one, by, _ in said(text, "fr")] == [(words, who)]


def test_parts_around_a_source_are_one_group() -> None:
    first, second = found("Die Werft plant laut Lindholt den Umbau.")
    assert first.group == second.group is not None
    assert first.rule == "according-to"


def test_the_aside_of_a_source_is_no_part_of_the_statement() -> None:
    text = "Nach Angaben der Sprecherin, einer Frau aus Ostrava, ist der Kai zu."
    assert [words for words, _, _ in said(text)] == ["ist der Kai zu"]


def test_what_follows_from_a_report_has_no_source_of_its_own() -> None:
    text = "Demnach ist der Kai seit Mai zu."
    assert [(one.content.of(text), one.attribution, one.rule) for one in found(text)] == [
        ("ist der Kai seit Mai zu", None, "thus")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Nach dem Regen war der Kai nass.",
        "Der Kai ist so breit, dass zwei Kräne stehen.",
        "Er dachte laut über den Kai nach.",
        "Der Kai ist gesperrt, so dass niemand anlegt.",
    ],
)
def test_what_is_no_source(text: str) -> None:
    assert said(text) == []
