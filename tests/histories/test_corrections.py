"""Notes in which an outlet corrects its article."""

import pytest

from searchkit.histories.corrections import notes, only_new
from tests.histories.articles import article

BODY = "The quay is closed. Holm said the work would take a month."


@pytest.mark.parametrize(
    "note",
    [
        "Correction: Holm did not attend.",
        "CORRECTION (5 March): Holm did not attend.",
        "An earlier version of this article misstated the length of the work.",
        "This story has been corrected to show that Holm did not attend.",
        "• This article was amended on 5 March 2026. Holm is a member of the board, not its chair.",
        "Editor's note: We misquoted Mr. Holm in a previous version of this report.",
        "Korrektur: Holm war nicht dabei.",
        "Anmerkung der Redaktion: In einer früheren Version dieses Artikels hieß es, Holm sei dabei gewesen.",
        "Der Artikel wurde korrigiert. Holm war nicht dabei.",
        "Rectificatif : Holm n'était pas présent.",
        "Une version précédente de cet article indiquait que Holm était présent.",
        "Cet article a été corrigé le 5 mars.",
    ],
)
def test_notes_of_the_outlet_are_found(note: str) -> None:
    old, new = article("courier", BODY), article("courier", f"{BODY}\n\n{note}")
    found = notes(new)
    assert [span.of(new.text) for span in found] == [note]
    assert only_new(old, notes(old), new, found) == found
    assert only_new(new, found, new, found) == ()


@pytest.mark.parametrize(
    "text",
    [
        "The budget was corrected last week, the ministry said.",
        "Holm complained that the minister had been misquoted.",
        "The correction of the river took ten years.",
        "This article was updated to add a photograph.",
        "Die Zahlen wurden korrigiert, sagte Holm.",
        "UPDATED 16:30",
    ],
)
def test_other_corrections_are_no_notes(text: str) -> None:
    assert notes(article("courier", f"{BODY}\n\n{text}")) == ()


def test_of_a_long_paragraph_only_the_sentence_is_the_note() -> None:
    note = "An earlier version of this article misquoted Holm."
    document = article("courier", f"{BODY * 12} {note}")
    assert [span.of(document.text) for span in notes(document)] == [note]
