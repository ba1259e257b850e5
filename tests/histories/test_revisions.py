"""The notes in which an outlet corrects its article, and the verbs of the reporter, in two revisions."""

import pytest

from searchkit.histories.sentences import is_other_verb, only_new
from searchkit.statements import corrections
from searchkit.statements.document import Quote, Speaker
from searchkit.statements.text import Span
from tests.cases import cases
from tests.histories.articles import article

BODY = "The quay is closed. Holm said the work would take a month."


@pytest.mark.parametrize("note", cases(__file__, "test_notes_of_the_outlet_are_found"))
def test_notes_of_the_outlet_are_found(note: str) -> None:
    old, new = article("courier", BODY), article("courier", f"{BODY}\n\n{note}")
    found = tuple(corrections(new))
    assert [span.of(new.text) for span in found] == [note]
    assert only_new(old, tuple(corrections(old)), new, found) == found
    assert only_new(new, found, new, found) == ()


@pytest.mark.parametrize("text", cases(__file__, "test_other_corrections_are_no_notes"))
def test_other_corrections_are_no_notes(text: str) -> None:
    assert not [*corrections(article("courier", f"{BODY}\n\n{text}"))]


def test_of_a_long_paragraph_only_the_sentence_is_the_note() -> None:
    note = "An earlier version of this article misquoted Holm."
    document = article("courier", f"{BODY * 12} {note}")
    assert [span.of(document.text) for span in corrections(document)] == [note]


def quote(verb: str, *, negated: bool = False) -> Quote:
    speaker = Speaker(name="Vinje")
    return Quote(
        id="x", content=Span(0, 1), kind="direct", verb=verb, negated=negated, speaker=speaker, rule="r", confidence=1
    )


@pytest.mark.parametrize(("old", "new", "other"), cases(__file__, "test_only_some_verbs_vouch_for_something_else"))
def test_only_some_verbs_vouch_for_something_else(old: str, new: str, other: bool) -> None:
    assert is_other_verb(quote(old), quote(new)) is other
    assert is_other_verb(quote(old), quote(old, negated=True))
