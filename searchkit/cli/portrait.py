"""A document or statement drawn in full, for people."""

import sys
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from searchkit.cli.describe import date_text, speaker_text, words_doubt
from searchkit.cli.output import Segment, has_color, one_line, visible
from searchkit.document import Document, Quote
from searchkit.text import Span

# Words kept on each side of a statement shown by itself, in code points.
_CONTEXT = 400


def document_lines(document: Document) -> Iterator[list[Segment]]:
    """Title and provenance, the text with its statements and names marked, then both as lists."""
    yield [(one_line(document.title or "(no title)"), "bold")]
    yield from _provenance(document)
    yield []
    for paragraph in document.paragraphs:
        yield list(_marked(document, paragraph))
        yield []
    yield from findings_lines(document)


def findings_lines(document: Document) -> Iterator[list[Segment]]:
    """What was found in a document: statements, names by kind, dates, notes of the reader."""
    if document.quotes:
        yield [("Statements", "bold")]
        for number, quote in enumerate(document.quotes, 1):
            yield [(f"  {number}. ", ""), (one_line(quote.content.of(document.text)), "")]
            yield [("     ", ""), (speaker_text(quote, document), "bold"), (_how(quote, document), "")]
    names = Counter((mention.kind, mention.name, mention.entity_id) for mention in document.mentions)
    if names:
        yield [("Names", "bold")]
        width = max(len(kind) for kind, _, _ in names)
        for (kind, name, entity_id), count in sorted(names.items()):
            yield [(f"  {kind:{width}}  {one_line(name)} ", ""), (f"×{count}  {one_line(entity_id)}", "dim")]
    if document.dates:
        yield [("Dates", "bold")]
        for found in document.dates:
            yield [(f"  {one_line(found.surface)}: {date_text(found.date)}", "")]
    if document.notes:
        yield [("Notes", "bold")]
        for note in document.notes:
            yield [(f"  {one_line(note)[:300]}", "dim")]


def statement_lines(quote: Quote, document: Document) -> Iterator[list[Segment]]:
    """One statement: its words between what stands around them, who, how it was found, and where it is written."""
    start = max(0, quote.content.start - _CONTEXT)
    end = min(len(document.text), quote.content.end + _CONTEXT)
    for paragraph in document.paragraphs:
        if paragraph.overlaps(quote.content):
            start, end = (
                max(start, min(paragraph.start, quote.content.start)),
                min(end, max(paragraph.end, quote.content.end)),
            )
            break
    yield [
        (one_line(document.text[start : quote.content.start]) + " ", "dim"),
        (one_line(quote.content.of(document.text)), "bold"),
        (" " + one_line(document.text[quote.content.end : end]), "dim"),
    ]
    yield []
    names = document.names()
    facts = {
        "speaker": speaker_text(quote, document),
        "resolved by": f"{quote.speaker.resolved_by} ({quote.speaker.confidence:.2f})",
        "cue": quote.cue.of(document.text) if quote.cue else "",
        "about": ", ".join(names.get(entity, entity) for entity in quote.about),
        "kind": quote.kind,
        "said": date_text(quote.date),
        "found by": f"{quote.rule} ({quote.confidence:.2f})",
        "place": f"characters {quote.content.start} to {quote.content.end} of {document.id}",
        "id": quote.id,
    }
    yield from _facts(facts)
    yield []
    yield [(one_line(document.title or "(no title)"), "bold")]
    yield from _provenance(document)


def _how(quote: Quote, document: Document) -> str:
    about = [document.names().get(entity, entity) for entity in quote.about]
    parts = [
        quote.kind,
        f"about {', '.join(about)}" if about else "",
        date_text(quote.date),
        words_doubt(quote),
        quote.rule,
        quote.id,
    ]
    return "".join(f" · {one_line(part)}" for part in parts if part)


def _provenance(document: Document) -> Iterator[list[Segment]]:
    yield from _facts(
        {
            "outlet": document.outlet or "",
            "wire": document.wire or "",
            "byline": ", ".join(document.byline),
            "dateline": document.dateline or "",
            "published": date_text(document.published),
            "updated": date_text(document.updated),
            "language": document.language or "",
            "address": document.canonical_url or document.uri,
            "read from": document.uri if document.canonical_url else "",
            "id": document.id,
            "revision": f"{document.revision}, first seen {document.first_seen}" if document.first_seen else "",
            "sha-256": document.digest,
        }
    )


def _facts(facts: dict[str, str]) -> Iterator[list[Segment]]:
    width = max(len(name) for name in facts)
    for name, value in facts.items():
        if value:
            yield [(f"  {name:{width}}  ", "dim"), (one_line(value), "")]


def _marked(document: Document, paragraph: Span) -> Iterator[Segment]:
    """A paragraph cut where statements and names begin and end."""
    signs = not has_color(sys.stdout)
    statements = [(number, quote.content) for number, quote in enumerate(document.quotes, 1)]
    statements = [(number, span) for number, span in statements if span.overlaps(paragraph)]
    names = [mention.span for mention in document.mentions if paragraph.covers(mention.span)]
    edges = {paragraph.start, paragraph.end}
    for span in (*(span for _, span in statements), *names):
        edges |= {edge for edge in (span.start, span.end) if paragraph.start <= edge <= paragraph.end}
    places = sorted(edges)
    for start, end in pairwise(places):
        piece = Span(start, end)
        number = next((number for number, span in statements if span.covers(piece)), None)
        named = any(span.covers(piece) for span in names)
        opened = "".join(f"[{n}: " for n, span in statements if span.start == start) if signs else ""
        closed = "]" * sum(span.end == end for _, span in statements) if signs else ""
        opened += "<" * sum(span.start == start for span in names) if signs else ""
        closed = (">" * sum(span.end == end for span in names) if signs else "") + closed
        style = " ".join(part for part in ("green" if number else "", "underline" if named else "") if part)
        yield visible(opened + piece.of(document.text) + closed).replace("\n", " "), style
