"""Words that a later page hides or strikes out."""

from collections.abc import Iterator, Sequence

from searchkit.histories.base import ChangeKind
from searchkit.statements.document import Document
from searchkit.statements.text import Span, word_key


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
