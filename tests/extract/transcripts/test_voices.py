"""Who stands behind a short label."""

import pytest

from searchkit.extract.transcripts import turn_lines
from searchkit.extract.transcripts.voices import Voice, Voices, proper
from searchkit.text import paragraphs
from tests.cases import cases
from tests.extract.scene import ENGLISH, named

CAST = "Nadia Korbel; Igor Malt; Vera Lind; Tobias Lind; Noor al-Korbel"


def voices(text: str, people: str = CAST, **kinds: str) -> list[Voice | None]:
    """The voice of each line of `text` that begins with a label."""
    assert ENGLISH is not None
    lines = turn_lines.find(text, paragraphs(text), ENGLISH)
    found = Voices(text, named(text, person=people, **kinds), lines, ENGLISH)
    return [found.of(line) for line in lines]


@pytest.mark.parametrize(("label", "by"), cases(__file__, "test_a_label_means_the_only_person_it_fits"))
def test_a_label_means_the_only_person_it_fits(label: str, by: str) -> None:
    text = f"Nadia Korbel met Igor Malt.\n\n{label}: It is old."
    (voice,) = voices(text)
    assert voice is not None
    assert (voice.name, voice.entity_id, voice.by) == ("Nadia Korbel", "person:nadia-korbel", by)
    assert voice.antecedent is not None and voice.antecedent.of(text) == "Nadia Korbel"


@pytest.mark.parametrize("label", ["LIND", "Penhallow", "V. Korbel", "THE COURT", "Host", "BREAKING NEWS"])
def test_a_label_that_fits_nobody_or_two_means_none(label: str) -> None:
    assert voices(f"Nadia Korbel met Vera Lind and Tobias Lind.\n\n{label}: It is old.") == [None]


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


@pytest.mark.parametrize(
    ("labels", "people", "names"),
    [
        ("LORNA VASKE-O'DELL, HOST|Lind|VASKE-O'DELL", "Igor Pask", ["Lorna Vaske-O'Dell", None, "Lorna Vaske-O'Dell"]),
        ("LORNA PASK, BYLINE|PASK", CAST, ["Lorna Pask"] * 2),
        ("LORNA PASK|PASK", CAST, ["Lorna Pask"] * 2),
        ("MS. PASK|PASK", CAST, ["Pask"] * 2),
        ("SENATOR PAULA VANCE|Sen. Vance", CAST, ["Paula Vance"] * 2),
        ("CHAIRMAN ALDOUS GREER|VICE ADMIRAL PASK|VICE ADMIRAL PASK", CAST, ["Aldous Greer", "Pask", "Pask"]),
        ("VICE ADMIRAL HOLLISTER|VICE ADMIRAL HOLLISTER|ADMIRAL JONAS HOLLISTER", CAST, ["Jonas Hollister"] * 3),
        ("GENERAL DISCUSSION|CHIEF CONCERNS NOTED|DEPUTY CHIEF OFFICER", CAST, [None] * 3),
    ],
)
def test_people_whom_only_labels_name(labels: str, people: str, names: list[str | None]) -> None:
    found = voices("\n\n".join(f"{label}: It is old." for label in labels.split("|")), people)
    assert [voice.name if voice else None for voice in found] == names


def test_last_names_and_initials() -> None:
    (voice,) = voices("Nadia Korbel met Korbel Pask.\n\nKORBEL: It is old.", "Nadia Korbel; Korbel Pask")
    assert voice is not None and voice.name == "Nadia Korbel"
    text = "The Harbor Daily Ledger met Nadia Korbel.\n\nTHDL: Is it old?\n\nHDL: Is it?\n\nXYZ: Is it?"
    found = voices(text, "Nadia Korbel", organisation="Harbor Daily Ledger")
    assert [voice.name if voice else None for voice in found] == ["Harbor Daily Ledger"] * 2 + [""]
    names = {"VASKE": "Vaske", "OKPARA-REED": "Okpara-Reed", "O'DELL": "O'Dell", "Vaske": "Vaske", "éva": "éva"}
    assert [proper(written) for written in names] == list(names.values())
