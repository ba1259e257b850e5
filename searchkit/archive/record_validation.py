"""Check that a record is consistent: that its annotations match its text."""

from collections.abc import Iterator

from searchkit.document import Document, document_digest
from searchkit.text import Span


def is_intact(document: Document) -> bool:
    """Whether title and text match the document's digest."""
    return document.digest == document_digest(document.title, document.text)


def record_faults(document: Document) -> Iterator[str]:
    """Yield what is wrong with a document."""
    if not is_intact(document):
        yield "its checksum does not match its title and text"
    text = Span(0, len(document.text))
    surfaces = [
        *((mention.span, mention.surface) for mention in document.mentions),
        *((date.span, date.surface) for date in document.dates),
        *((match.span, match.surface) for match in document.matches),
    ]
    for span, surface in surfaces:
        if not text.covers(span) or span.of(document.text) != surface:
            yield f"the text at {span.start} to {span.end} does not match its annotation"
    spans = [*document.paragraphs, *document.terms]
    for quote in document.quotes:
        spans += [span for span in (quote.content, quote.cue, quote.attribution, quote.speaker.antecedent) if span]
        if not quote.id.startswith(f"{document.id}-"):
            yield f"statement {quote.id} belongs to another document"
    for span in spans:
        if not text.covers(span):
            yield f"an annotation at {span.start} to {span.end} lies outside its text"
    if len({quote.id for quote in document.quotes}) != len(document.quotes):
        yield "two of its statements have the same id"
