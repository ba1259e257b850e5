"""Names in front of their words or behind them: transcripts, labels, posts."""

import pytest

from searchkit.extract.transcripts import finding as labels
from searchkit.extract.transcripts.turns import Label
from searchkit.text import paragraphs
from tests.cases import cases
from tests.extract.scene import ENGLISH, PEOPLE, article, named

INTRODUCED = "Nadia Korbel met Igor Malt at the quay."


def found(text: str, person: str = PEOPLE) -> tuple[Label, ...]:
    """The labels of `text`."""
    assert ENGLISH is not None
    return labels.find(article(text), paragraphs(text), named(text, person=person), ENGLISH)


def labeled(*lines: str) -> list[tuple[str, str, str]]:
    """Rule, name and words of every labeled paragraph."""
    text = "\n\n".join(lines)
    return [(label.rule, label.name.of(text) if label.name else "", label.content.of(text)) for label in found(text)]


@pytest.mark.parametrize(("line", "label"), cases(__file__, "test_one_line"))
def test_one_line(line: str, label: tuple[str, str, str]) -> None:
    assert labeled(INTRODUCED, line) == [label]


@pytest.mark.parametrize("line", cases(__file__, "test_no_label"))
def test_no_label(line: str) -> None:
    assert labeled(INTRODUCED, line) == []


def test_an_entry_of_a_live_blog_is_wholly_of_whoever_writes_it() -> None:
    entries = [
        "07:42 Good morning, all.",
        "08:10 Our harbor editor, Nadia Korbel, writes: It is old. It was never new, and nobody minds.",
        "08:55 Malt has left.",
    ]
    text = "\n\n".join(entries)
    (label,) = found(text)
    assert (label.rule, label.content.of(text)) == ("entry", "It is old. It was never new, and nobody minds.")
    assert label.cue is not None and label.cue.of(text) == "writes"
    assert label.name is not None and label.name.of(text) == "Our harbor editor, Nadia Korbel"


def test_a_transcript_needs_turns_of_a_known_person() -> None:
    turns = ["KORBEL: It is old.", "I mind.", "MALT: Why so?", "KORBEL: It is wet."]
    assert labeled(INTRODUCED, *turns) == [
        ("transcript", "KORBEL", "It is old."),
        ("transcript", "KORBEL", "I mind."),
        ("transcript", "MALT", "Why so?"),
        ("transcript", "KORBEL", "It is wet."),
    ]
    assert [label.turn is not None for label in found("\n\n".join([INTRODUCED, *turns]))] == [True, True, False, False]
    assert labeled("Korbel: It is old.", "The quay is closed.") == []
    assert labeled(INTRODUCED, "WARNING: It is old.", "WARNING: It is wet.") == []


@pytest.mark.parametrize(
    "entry", ["08:10 Korbel says: It is old.", "08:10 Korbel writes: “It is old.”", "Korbel writes: It is old."]
)
def test_other_entries_have_no_label(entry: str) -> None:
    assert labeled("07:42 Nadia Korbel and Igor Malt are here.", entry, "08:55 Malt left.", "09:00 Rain.") == []
