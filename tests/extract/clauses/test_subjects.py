"""Who speaks: before the verb, behind it, in the clause before, or in the document that says it."""

import pytest

from tests.extract.clauses.test_events import said


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("Gestern sagte die Sprecherin der Werft, der Kai sei zu.", "die Sprecherin der Werft"),
        ("Auch die Stadt sagte, der Kai sei zu.", "die Stadt"),
        ("Den Leuten sagte Lindholt, der Kai sei zu.", "Lindholt"),
        ("Vergangene Woche sagte Lindholt, der Kai sei zu.", "Lindholt"),
        ("Bei einem Treffen am Hafen sagte er, der Kai sei zu.", "er"),
        ("Lindholt kam und sagte, der Kai sei zu.", "Lindholt"),
        ("Der Leiter, ein Mann aus Ostrava, sagte, der Kai sei zu.", "Der Leiter"),
        ("Lindholt, der gestern gesagt hatte, der Kai sei zu, schwieg.", "Lindholt"),
        ("Aus einem Schreiben der Stadt verlautete, der Kai sei zu.", "einem Schreiben der Stadt"),
    ],
)
def test_german_subjects(text: str, who: str | None) -> None:
    assert [by for _, by, _ in said(text)] == [who]


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("La Haute Autorité, chargée du port, se dit « attentive ».", "La Haute Autorité"),
        ("Mardi, le maire a déclaré que le quai est fermé.", "le maire"),
        (
            "« Non », a répondu la directrice de l'office, Édith Marchelin.",
            "la directrice de l'office, Édith Marchelin",
        ),
        ("« Non », a expliqué à la presse la procureure.", "la procureure"),
        ("Son voisin, un éleveur à la retraite, n'y croit pas : « Elles étaient malades. »", "Son voisin"),
        ("Le maire se tait et affirme que le quai est fermé.", "Le maire"),
    ],
)
def test_french_subjects(text: str, who: str) -> None:
    assert [by for _, by, _ in said(text, "fr")] == [who]


def test_a_joined_report_has_the_subject_of_the_one_before() -> None:
    text = "Lindholt sagte, der Kai sei zu, und warf der Stadt vor, ihn zu vergessen."
    assert [by for _, by, _ in said(text)] == ["Lindholt", "Lindholt"]
