"""Who stands behind a short label."""

import pytest

from searchkit.extract.transcripts import turn_lines
from searchkit.extract.transcripts.voices import Voice, Voices, proper
from searchkit.text import paragraphs
from tests.extract.scene import ENGLISH, named

CAST = "Nadia Korbel; Igor Malt; Vera Lind; Tobias Lind; Noor al-Korbel"


def voices(text: str, people: str = CAST) -> list[Voice | None]:
    """The voice of each line of `text` that begins with a label."""
    assert ENGLISH is not None
    lines = turn_lines.find(text, paragraphs(text), ENGLISH)
    found = Voices(text, named(text, person=people), lines, ENGLISH)
    return [found.of(line) for line in lines]


@pytest.mark.parametrize(
    ("label", "by"),
    [
        ("Nadia Korbel", "full-name"),
        ("NADIA KORBEL", "full-name"),
        ("Korbel", "surname"),
        ("KORBEL", "surname"),
        ("Nadia", "surname"),
        ("NK", "surname"),
        ("N.K.", "surname"),
        ("MS. KORBEL", "title"),
        ("Mayor Korbel", "title"),
        ("MAYOR NADIA KORBEL", "full-name"),
        ("N. KORBEL", "full-name"),
    ],
)
def test_a_label_means_the_only_person_it_fits(label: str, by: str) -> None:
    text = f"Nadia Korbel met Igor Malt.\n\n{label}: It is old."
    (voice,) = voices(text)
    assert voice is not None
    assert (voice.name, voice.entity_id, voice.by) == ("Nadia Korbel", "person:nadia-korbel", by)
    assert voice.antecedent is not None and voice.antecedent.of(text) == "Nadia Korbel"


@pytest.mark.parametrize("label", ["LIND", "Penhallow", "V. Korbel", "THE COURT", "Host", "BREAKING NEWS"])
def test_a_label_that_fits_nobody_or_two_means_none(label: str) -> None:
    assert voices(f"Nadia Korbel met Vera Lind and Tobias Lind.\n\n{label}: It is old.") == [None]


def test_a_name_that_only_a_label_gives_in_full_stands_behind_the_short_ones() -> None:
    voices_of = voices("LORNA VASKE-O'DELL, HOST: Is it old?\n\nLind: It is.\n\nVASKE-O'DELL: Is it?", "Igor Pask")
    assert [voice.name if voice else None for voice in voices_of] == ["Lorna Vaske-O'Dell", None, "Lorna Vaske-O'Dell"]


def test_a_title_leads_to_a_name_that_only_labels_give() -> None:
    said = "\n\n".join(
        f"{label}: It is old."
        for label in (
            "CHAIRMAN ALDOUS GREER",
            "SENATOR PAULA VANCE",
            "VICE ADMIRAL HOLLISTER",
            "Sen. Vance",
            "VICE ADMIRAL HOLLISTER",
            "ADMIRAL JONAS HOLLISTER",
            "DEPUTY CHIEF OFFICER",
        )
    )
    names = [voice.name if voice else None for voice in voices(said, "Igor Malt")]
    vance, hollister = "Paula Vance", "Jonas Hollister"
    assert names == ["Aldous Greer", vance, hollister, vance, hollister, hollister, None]


def test_a_title_before_other_words_leads_to_nobody() -> None:
    assert voices("GENERAL DISCUSSION: It is old.\n\nCHIEF CONCERNS NOTED: It is.", "Igor Malt") == [None, None]


def test_the_last_name_counts_before_the_first() -> None:
    (voice,) = voices("Nadia Korbel met Korbel Pask.\n\nKORBEL: It is old.", "Nadia Korbel; Korbel Pask")
    assert voice is not None and voice.name == "Nadia Korbel"


@pytest.mark.parametrize(
    ("written", "name"),
    [("VASKE", "Vaske"), ("OKPARA-REED", "Okpara-Reed"), ("O'DELL", "O'Dell"), ("Vaske", "Vaske"), ("éva", "éva")],
)
def test_names_in_capitals(written: str, name: str) -> None:
    assert proper(written) == name


@pytest.mark.parametrize("label", ["LORNA PASK, BYLINE", "LORNA PASK", "MS. PASK"])
def test_people_whom_only_labels_name(label: str) -> None:
    first, second = voices(f"{label}: It is old.\n\nPASK: And wet.")
    assert first is not None and first.name in {"Lorna Pask", "Pask"}
    assert second is not None and second.entity_id == first.entity_id


def test_initials_may_be_those_of_a_body_or_of_nobody() -> None:
    assert ENGLISH is not None
    text = "The Harbor Daily Ledger met Nadia Korbel.\n\nTHDL: Is it old?\n\nHDL: Is it?\n\nXYZ: Is it?"
    lines = turn_lines.find(text, paragraphs(text), ENGLISH)
    found = Voices(text, named(text, person="Nadia Korbel", organisation="Harbor Daily Ledger"), lines, ENGLISH)
    assert [voice.name if (voice := found.of(line)) else None for line in lines] == [
        "Harbor Daily Ledger",
        "Harbor Daily Ledger",
        "",
    ]


@pytest.mark.parametrize(
    ("introduction", "name"),
    [
        ("Judge Igor Malt heard Vera Lind.", "Igor Malt"),
        ("Igor Malt heard Vera Lind.", None),
        ("Judge Igor Malt and Justice Vera Lind sat.", None),
    ],
)
def test_the_court_is_its_only_judge(introduction: str, name: str | None) -> None:
    (voice,) = voices(f"{introduction}\n\nTHE COURT: Quiet.")
    assert (voice.name if voice else None) == name
