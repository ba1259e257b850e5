"""Labels before the words of a paragraph, whom they mean, and the entries of a live blog."""

import pytest

from searchkit.statements.text import paragraphs
from searchkit.statements.transcripts.labels import Voice, Voices, entry_starts, labeled_lines, proper
from tests.cases import cases
from tests.statements.scene import ENGLISH, named


def read(text: str) -> list[tuple[str, str, str]]:
    """Sort, label and words of each line of `text`."""
    assert ENGLISH is not None
    spans = paragraphs(text)
    lines = labeled_lines(text, spans, ENGLISH)
    return [(line.kind, line.name.of(text), text[line.start : spans[line.paragraph].end]) for line in lines]


@pytest.mark.parametrize(("line", "sort", "label", "words"), cases(__file__, "test_a_label"))
def test_a_label(line: str, sort: str, label: str, words: str) -> None:
    assert read(line) == [(sort, label, words)]


@pytest.mark.parametrize("line", cases(__file__, "test_no_label"))
def test_no_label(line: str) -> None:
    assert read(line) == []


def test_an_answer_with_a_stop_needs_a_question_before_it() -> None:
    assert [sort for sort, _, _ in read("Q. Is it old?\n\nA. It is.")] == ["question", "answer"]


def test_a_small_letter_is_a_word() -> None:
    assert [sort for sort, _, _ in read("a: it is.\n\nq: is it?")] == ["name", "name"]


def words(*lines: str) -> list[str]:
    """The words of each entry."""
    text = "\n\n".join(lines)
    spans = paragraphs(text)
    return [text[start : spans[number].end] for number, start in entry_starts(text, spans).items()]


@pytest.mark.parametrize(
    "clock", ["14:05", "9.30am", "9:30 a.m.", "9:30 p.m. ET", "14:05 GMT", "[14:05]", "14:05 –", "14:05 |", "14h05"]
)
def test_the_time_is_no_part_of_the_words(clock: str) -> None:
    assert words(f"{clock} It is old.", f"{clock} It is wet.", f"{clock} It closes.") == [
        "It is old.",
        "It is wet.",
        "It closes.",
    ]


def test_two_times_make_no_live_blog() -> None:
    assert words("14:05 It is old.", "It is wet.", "15:10 It closes.") == []


@pytest.mark.parametrize(
    "line", ["14:05", "14.05.2026 It is old.", "12:30:15 It is old.", "2:1 It is old.", "14 It is."]
)
def test_other_numbers(line: str) -> None:
    assert words(line, line, line) == []


CAST = "Nadia Korbel; Igor Malt; Vera Lind; Tobias Lind; Noor al-Korbel"


def voices(text: str, people: str = CAST, **kinds: str) -> list[Voice | None]:
    """The voice of each line of `text` that begins with a label."""
    assert ENGLISH is not None
    lines = labeled_lines(text, paragraphs(text), ENGLISH)
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
