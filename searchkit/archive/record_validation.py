"""Whether a record holds together: what is said of its text is in its text."""

from collections.abc import Iterator

from searchkit.document import Document, document_digest
from searchkit.text import Span


def is_whole(document: Document) -> bool:
    """Whether title and text are those that the digest was made of."""
    return document.digest == document_digest(document.title, document.text)


def record_faults(document: Document) -> Iterator[str]:
    """What is wrong with a document by itself; nothing for one that searchkit made."""
    if not is_whole(document):
        yield "its digest is not that of its title and text"
    within = Span(0, len(document.text))
    annotated = (
        *((one.span, one.surface) for one in document.mentions),
        *((one.span, one.surface) for one in document.dates),
        *((one.span, one.surface) for one in document.matches),
    )
    for span, surface in annotated:
        if not within.covers(span) or span.of(document.text) != surface:
            yield f"what it says stands at {span.start} to {span.end} is not there"
    places = [*document.paragraphs, *document.terms]
    for quote in document.quotes:
        places += [span for span in (quote.content, quote.cue, quote.attribution, quote.speaker.antecedent) if span]
        if not quote.id.startswith(f"{document.id}-"):
            yield f"statement {quote.id} is of another document"
    for span in places:
        if not within.covers(span):
            yield f"what it says stands at {span.start} to {span.end} lies outside its text"
    if len({quote.id for quote in document.quotes}) != len(document.quotes):
        yield "two of its statements have one id"
