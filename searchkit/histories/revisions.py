"""What two revisions of a statement or article are compared by besides the words: verbs, markup and corrections."""

from collections.abc import Iterator, Sequence

from searchkit.histories.base import ChangeKind
from searchkit.index.values import act_of
from searchkit.statements.document import Document, Quote
from searchkit.statements.text import Span, word_key

# Acts that differ in nothing that the reporter vouches for.
_NEUTRAL = frozenset((None, "say", "announce"))


def is_other_verb(old: Quote, new: Quote) -> bool:
    """Return whether the reporter vouches for something else: "said" and "claimed", but not "said" and "added"."""
    if old.verb is None or new.verb is None:
        return False
    return act(old) != act(new)


def act(quote: Quote) -> tuple[str | None, bool]:
    found = act_of(quote.verb or "")
    return (None if found in _NEUTRAL else found), quote.negated


def marked_out(old: Document, new: Document, key: str) -> Iterator[tuple[ChangeKind, str]]:
    """Yield whether `new` hides words with this `word_key`, or strikes them out, and `old` did not; with the reason."""
    if not key:
        return
    if _has(new.hidden, key) and not _has(old.hidden, key) and not _has((new.text,), key):
        yield "hidden", "the markup of the page hides the words"
    elif _has(_struck(new), key) and not _has(_struck(old), key):
        yield "struck-out", "the page strikes the words out"


def strikes_more(old: Document, new: Document, spans: Sequence[Span]) -> bool:
    """Return whether `new` strikes out words of these spans of its text that `old` does not strike out."""
    parts = (Span(max(span.start, struck.start), min(span.end, struck.end)) for span in spans for struck in new.struck)
    keys = (word_key(part.of(new.text)) for part in parts if part.start < part.end)
    return any(key and not _has(_struck(old), key) for key in keys)


def _struck(document: Document) -> tuple[str, ...]:
    return tuple(span.of(document.text) for span in document.struck)


def _has(texts: tuple[str, ...], key: str) -> bool:
    return bool(texts) and f" {key} " in f" {word_key(' '.join(texts))} "


def only_new(old: Document, old_notes: Sequence[Span], new: Document, new_notes: Sequence[Span]) -> tuple[Span, ...]:
    """Return the notes of `new` that `old` does not have."""
    known = {word_key(note.of(old.text)) for note in old_notes}
    return tuple(note for note in new_notes if word_key(note.of(new.text)) not in known)
