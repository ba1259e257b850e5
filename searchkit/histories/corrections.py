"""Find the notes in which an outlet corrects its article."""

from collections.abc import Sequence

from searchkit.statements import corrections
from searchkit.statements.document import Document
from searchkit.statements.text import Span, word_key


def notes(document: Document) -> tuple[Span, ...]:
    """Return the notes in which the outlet corrects this article, in order."""
    return tuple(corrections(document))


def only_new(old: Document, old_notes: Sequence[Span], new: Document, new_notes: Sequence[Span]) -> tuple[Span, ...]:
    """Return the notes of `new` that `old` does not have."""
    known = {word_key(note.of(old.text)) for note in old_notes}
    return tuple(note for note in new_notes if word_key(note.of(new.text)) not in known)
