"""The lines of hits for a terminal."""

import re
from collections.abc import Iterable, Iterator

from searchkit.cli.output import Segment
from searchkit.search.answer import Excerpt, HitRecord, OpenDocument
from searchkit.search.highlight import best_statements, complete
from searchkit.search.statement_text import (
    StatementText,
    date_text,
    gone_text,
    matched_entries,
    note_texts,
    page_text,
    quote_details,
    statement_text,
)
from searchkit.statements.document import Document, Quote
from searchkit.statements.text import Span, counted, name_key, one_line

_STATEMENTS_SHOWN = 3
_MATCHES_SHOWN = 5


def hit_lines(found: HitRecord, excerpt: Excerpt, number: int) -> Iterator[list[Segment]]:
    """Yield the lines of a hit."""
    if found.quote is None:
        return _document_lines(found, excerpt, number)
    return _quote_lines(found, found.quote, excerpt, number)


def _document_lines(found: HitRecord, excerpt: Excerpt, number: int) -> Iterator[list[Segment]]:
    document = found.document
    yield [(f"{number}. ", ""), *_title(document, excerpt)]
    facts = [document.publisher, document.wire and f"via {document.wire}", date_text(document.published), document.id]
    yield [("   " + " · ".join(one_line(fact) for fact in facts if fact), "dim"), *_state(found)]
    yield from _watchlist_lines(found)
    shown = best_statements(excerpt.statements, _STATEMENTS_SHOWN)
    for snippet in excerpt.snippets:
        # The line of a statement shows the words around it.
        if not any(snippet.span.overlaps(matched.quote.content) for matched in shown):
            yield [("   ", ""), *_marked(snippet.text, snippet.marks)]
    for matched in shown:
        yield [
            ("   ", ""),
            *_said(document, excerpt, statement_text(matched.quote, document)),
            (f" · {matched.quote.id}", "dim"),
        ]
        yield from _note_lines(found.opened, matched.quote)
    if more := len(excerpt.statements) - len(shown):
        yield [(f"   {counted(more, 'more statement')} {'matches' if more == 1 else 'match'}", "dim")]


def _quote_lines(found: HitRecord, quote: Quote, excerpt: Excerpt, number: int) -> Iterator[list[Segment]]:
    document = found.document
    said = statement_text(quote, document)
    yield [(f"{number}. ", ""), *_said(document, excerpt, said)]
    yield from _note_lines(found.opened, quote)
    # The article's sentence, with the words of the statement marked, if it says more than the statement.
    sentence = complete(document.text, document.sentence_of(quote), [quote.content])
    if not set(name_key(sentence.text).split()).issubset(name_key(said.sentence(document)).split()):
        yield [("   ", ""), *((text, style or "dim") for text, style in _marked(sentence.text, sentence.marks))]
    yield [("   " + " · ".join(quote_details(quote, document, document.names())), "")]
    facts = [document.publisher, date_text(document.published), page_text(quote, document), quote.id]
    rest = "".join(f" · {one_line(fact)}" for fact in facts if fact)
    yield [
        ("   ", "dim"),
        *((text, style or "dim") for text, style in _title(document, excerpt, "")),
        (rest, "dim"),
        *_state(found),
    ]
    yield from _watchlist_lines(found)


def _note_lines(opened: OpenDocument, quote: Quote) -> Iterator[list[Segment]]:
    """Yield the user's note on a statement."""
    if texts := note_texts(opened.note(quote.id)):
        yield [("   ", ""), (" · ".join(texts), "cyan")]


def _said(document: Document, excerpt: Excerpt, said: StatementText) -> Iterator[Segment]:
    """Yield who said what, with the matches marked."""
    yield f"{said.lead} ", "bold"
    for number, part in enumerate(said.words):
        if number:
            yield " … ", ""
        snippet = complete(document.text, part, excerpt.marks)
        yield from _marked(snippet.text, snippet.marks)


def _title(document: Document, excerpt: Excerpt, style: str = "bold") -> Iterator[Segment]:
    title = document.title
    if not title:
        yield "(no title)", style
        return
    # Every white-space character becomes a blank, so that the marks keep their places.
    yield from _marked(re.sub(r"\s", " ", title), excerpt.title, style)


def _state(found: HitRecord) -> Iterator[Segment]:
    """Yield whether the document is gone from its source, and how many duplicates it has."""
    gone = gone_text(found.document)
    if gone:
        yield f" · {gone}", "red"
    if found.hit.copies:
        yield f" · +{counted(found.hit.copies, 'copy', 'copies')}", "dim"


def _watchlist_lines(found: HitRecord) -> Iterator[list[Segment]]:
    entries = matched_entries(found.matches)
    if entries:
        more = f"; {len(entries) - _MATCHES_SHOWN} more" if len(entries) > _MATCHES_SHOWN else ""
        yield [("   watchlist: ", "dim"), ("; ".join(entries[:_MATCHES_SHOWN]) + more, "magenta")]


def _marked(text: str, marks: Iterable[Span], style: str = "") -> Iterator[Segment]:
    position = 0
    for mark in marks:
        yield text[position : mark.start], style
        yield mark.of(text), "bold yellow"
        position = mark.end
    yield text[position:], style
