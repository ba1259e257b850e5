"""Find the notes in which an outlet corrects its article."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from searchkit.document import Document
from searchkit.histories.meaning import word_key, word_lists
from searchkit.text import Span, fold, sentences

# A note is a short paragraph; in a longer one, it is a sentence.
_MAX_NOTE = 700
# What follows a label: "Correction (5 March):", "Correction, March 5 —".
_LABEL_END = r"\s{0,2}(?:\([^()]{1,40}\)|,?\s[\w. ]{1,24})?\s{0,2}[:.–—-]"


_MAX_LABEL = 80


@lru_cache(maxsize=1)
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    lists = word_lists()
    correction, article, label = (
        "|".join(re.escape(word_key(value)) for value in lists[name]) for name in ("correction", "article", "label")
    )
    return (
        re.compile(rf"\b(?:{correction})\b"),
        re.compile(rf"\b(?:{article})\b"),
        re.compile(rf"[\W_]{{0,4}}(?:{label})\b{_LABEL_END}"),
    )


def notes(document: Document) -> tuple[Span, ...]:
    """Return the notes in which the outlet corrects this article, in order."""
    return tuple(_notes(document))


def _notes(document: Document) -> Iterator[Span]:
    label = _patterns()[2]
    text = document.text
    for paragraph in document.paragraphs:
        if label.match(fold(text[paragraph.start : min(paragraph.end, paragraph.start + _MAX_LABEL)])):
            yield paragraph
        elif _corrects(paragraph.of(text)):
            if paragraph.end - paragraph.start <= _MAX_NOTE:
                yield paragraph
            else:
                yield from (part for part in sentences(text, paragraph) if _corrects(part.of(text)))


def _corrects(words: str) -> bool:
    """Return whether words report a correction of the article itself: a law can be corrected too."""
    correction, article, _ = _patterns()
    key = word_key(words)
    return correction.search(key) is not None and article.search(key) is not None


def only_new(old: Document, old_notes: Sequence[Span], new: Document, new_notes: Sequence[Span]) -> tuple[Span, ...]:
    """Return the notes of `new` that `old` does not have."""
    known = {word_key(note.of(old.text)) for note in old_notes}
    return tuple(note for note in new_notes if word_key(note.of(new.text)) not in known)
