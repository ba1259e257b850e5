"""Annotate an article without some of its characters, with all places in the text of the article.

Characters that no reader sees are left out, so that they hide no name and no word. If a rule fails, the
sentence that makes it fail is left out, so that it does not cost the document.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from itertools import accumulate
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from searchkit.errors import SearchkitError
from searchkit.statements.document import Article, Document, document_digest, quote_id
from searchkit.statements.text import IGNORABLE, Span, sentences

# Accents that form no letter with the one before them would split a word: "Velt̷ra"; so would the vowels of Arabic.
_ACCENTS = "\u0300-\u036f\u0483-\u0487\u064b-\u065f\u0670\u1ab0-\u1abd\u1dc0-\u1dff\u20d0-\u20dc"
_IGNORABLE = f"[{IGNORABLE}{_ACCENTS}]{{1,1000}}"
# After so many failing sentences, the text has no annotations.
_MOST_FAILED = 5

Annotated = TypeVar("Annotated", bound=Struct)
"""A value with a document, and with other values that have places in its text."""


def annotated(article: Article, make: Callable[[Article], Annotated]) -> Annotated:
    """Return what `make` makes of `article`; the document counts the sentences that were left out as failed."""
    unseen = () if article.text.isascii() else re.finditer(_IGNORABLE, article.text)
    omitted = [Span(*match.span()) for match in unseen]
    known = len(omitted)
    while True:
        try:
            made = _made(article, omitted, make) if omitted else make(article)
        except (MemoryError, SearchkitError):
            raise
        except Exception:
            if omitted and omitted[-1].end - omitted[-1].start >= len(article.text):
                raise  # the text is not the reason
            failing = _failing(article, omitted, make) if len(omitted) - known < _MOST_FAILED else None
            omitted.append(failing or Span(0, len(article.text)))
        else:
            failed = len(omitted) - known
            document: Document = made.document  # type: ignore[attr-defined] # see Annotated
            return replace(made, document=replace(document, failed_sentences=document.failed_sentences + failed))


def _failing(article: Article, omitted: list[Span], make: Callable[[Article], Any]) -> Span | None:
    """Return the first sentence with which the text up to it fails; None if no sentence fails."""
    found = [sentence for paragraph in article.paragraphs for sentence in sentences(article.text, paragraph)]

    def fails(count: int) -> bool:
        rest = Span(found[count - 1].end if count else 0, len(article.text))
        try:
            _made(article, [*omitted, rest], make)
        except (MemoryError, SearchkitError):
            raise
        except Exception:  # noqa: BLE001  that is the question
            return True
        return False

    at = bisect_left(range(1, len(found) + 1), True, key=fails)
    return found[at] if at < len(found) else None


def _made(article: Article, omitted: Iterable[Span], make: Callable[[Article], Annotated]) -> Annotated:
    kept = _Kept(len(article.text), omitted)
    made: Annotated = _restored(make(_without(article, kept)), article.text, kept)
    document: Document = made.document  # type: ignore[attr-defined] # see Annotated
    taken: dict[str, int] = {}
    document = replace(
        document,
        text=article.text,
        paragraphs=article.paragraphs,
        pages=article.pages,
        struck=article.struck,
        digest=document_digest(document.title, article.text),
        quotes=tuple(
            replace(quote, id=quote_id(document.id, quote.content.of(article.text), taken)) for quote in document.quotes
        ),
    )
    return replace(made, document=document)


class _Kept:
    """The pieces of a text that are left when something is omitted."""

    def __init__(self, length: int, omitted: Iterable[Span]) -> None:
        ordered = sorted(omitted)
        starts = accumulate((span.end for span in ordered), max, initial=0)
        ends = [*(span.start for span in ordered), length]
        self.pieces = [Span(start, end) for start, end in zip(starts, ends, strict=True) if start < end]
        self._starts = [0, *accumulate(piece.end - piece.start for piece in self.pieces)]

    def place(self, offset: int) -> int:
        """Return where the character at this offset of the pieces stands in the text."""
        number = bisect_right(self._starts, offset, hi=len(self.pieces)) - 1
        return self.pieces[number].start + offset - self._starts[number]

    def offset(self, place: int) -> int:
        """Return how many characters of the pieces stand before a place in the text."""
        number = bisect_right(self.pieces, place, key=lambda piece: piece.start) - 1
        if number < 0:
            return 0
        piece = self.pieces[number]
        return self._starts[number] + min(place, piece.end) - piece.start


def _without(article: Article, kept: _Kept) -> Article:
    def placed(spans: Iterable[Span]) -> tuple[Span, ...]:
        found = (Span(kept.offset(span.start), kept.offset(span.end)) for span in spans)
        return tuple(span for span in found if span.start < span.end)

    return replace(
        article,
        text="".join(piece.of(article.text) for piece in kept.pieces),
        paragraphs=placed(article.paragraphs),
        struck=placed(article.struck),
        pages=tuple(map(kept.offset, article.pages)),
    )


def _restored(value: Any, text: str, kept: _Kept) -> Any:
    """Return `value`, and all values in it, with the spans that they have in the complete `text`."""
    if isinstance(value, Span):
        start = kept.place(value.start)
        return Span(start, kept.place(value.end - 1) + 1 if value.end > value.start else start)
    if isinstance(value, tuple):
        return tuple(_restored(part, text, kept) for part in value)
    if not isinstance(value, Struct):
        return value
    fields = {name: getattr(value, name) for name in value.__struct_fields__ if name != "paragraphs"}
    restored = {name: _restored(part, text, kept) for name, part in fields.items()}
    if "surface" in fields:
        restored["surface"] = restored["span"].of(text)
    return replace(value, **restored)
