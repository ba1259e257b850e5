"""The lines of hits for a terminal, and the fields that --fields chooses."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from searchkit.cli.output import Segment
from searchkit.document import Quote
from searchkit.errors import UsageError, did_you_mean
from searchkit.export.hits import Hit, field_names
from searchkit.query.fields import Record
from searchkit.query.words import width
from searchkit.search.answer import OpenDocument
from searchkit.search.highlight import Snippet, complete
from searchkit.search.matches import best_statements
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
from searchkit.text import Span, counted, name_key, one_line

_STATEMENTS_SHOWN = 3
_MATCHES_SHOWN = 5
# Longer cells of a table are not padded to: they push the rest of their line to the right.
_WIDEST_COLUMN = 40


def chosen(written: Sequence[str], record: Record, defaults: Sequence[str]) -> tuple[str, ...]:
    """Return the fields that `--fields` names; names with a "+" are added to `defaults`.

    Raise UsageError for an unknown name, and for a mixture of names with and without a "+".
    """
    named = [part.strip() for text in written for part in text.split(",")]
    if not all(name.strip("+") for name in named):
        raise UsageError(
            "--fields needs names of fields.",
            hint="Write --fields id,title or --fields +byline; separate them with commas.",
        )
    known = field_names(record)
    plain = [name.removeprefix("+").lower() for name in named]
    for name in plain:
        if name not in known:
            raise UsageError(f'Unknown field "{name}".{did_you_mean(name, known)}', hint=f"Fields: {', '.join(known)}.")
    added = [name.startswith("+") for name in named]
    if any(added) and not all(added):
        raise UsageError(
            "--fields takes names, or names with a + to add to the usual fields, but not both.",
            hint=f"Write --fields {','.join(f'+{name}' for name in plain)} or --fields {','.join(plain)}.",
        )
    return tuple(dict.fromkeys((*defaults, *plain) if any(added) else plain))


# --- lines for a terminal ---------------------------------------------------------------------------------------------


def hit_lines(
    hit: Hit, number: int, *, fields: Sequence[str] = (), with_score: bool = False
) -> Iterator[list[Segment]]:
    """Yield the lines of a hit, and a line for each of `fields`."""
    yield from _document_lines(hit, number) if hit.quote is None else _quote_lines(hit, number)
    for name in fields:
        yield [(f"   {name} ", "dim"), (one_line(_text(hit, name)), "")]
    if with_score:
        yield [("   score ", "dim"), (f"{hit.found.hit.score:.3f}", "dim")]


def table_lines(hits: Sequence[Hit], fields: Sequence[str]) -> Iterator[list[Segment]]:
    """Yield a table of hits with a column for each of `fields`."""
    rows = [[one_line(_text(hit, name)) for name in fields] for hit in hits]
    widths = [
        min(_WIDEST_COLUMN, max(width(row[column]) for row in chain([list(fields)], rows)))
        for column in range(len(fields))
    ]
    for number, row in enumerate(chain([list(fields)], rows)):
        cells = [text + " " * (widths[column] - width(text)) for column, text in enumerate(row[:-1])]
        yield [("  ".join([*cells, row[-1]]).rstrip(), "" if number else "dim")]


def _text(hit: Hit, name: str) -> str:
    cell = hit.cell(name)
    return "" if cell is None else "; ".join(cell) if isinstance(cell, (list, tuple)) else str(cell)


def _document_lines(hit: Hit, number: int) -> Iterator[list[Segment]]:
    document, excerpt = hit.document, hit.excerpt
    yield [(f"{number}. ", ""), *_title(hit)]
    facts = [document.outlet, document.wire and f"via {document.wire}", date_text(document.published), document.id]
    yield [("   " + " · ".join(one_line(fact) for fact in facts if fact), "dim"), *_state(hit)]
    yield from _watchlist_lines(hit)
    shown = best_statements(excerpt.statements, _STATEMENTS_SHOWN)
    for snippet in excerpt.snippets:
        # The line of a statement shows the words around it.
        if not any(snippet.span.overlaps(matched.quote.content) for matched in shown):
            yield [("   ", ""), *_styled(snippet)]
    for matched in shown:
        yield [("   ", ""), *_said(hit, statement_text(matched.quote, document)), (f" · {matched.quote.id}", "dim")]
        yield from _note_lines(hit.found.opened, matched.quote)
    if more := len(excerpt.statements) - len(shown):
        yield [(f"   {counted(more, 'more statement')} {'matches' if more == 1 else 'match'}", "dim")]


def _quote_lines(hit: Hit, number: int) -> Iterator[list[Segment]]:
    document, quote = hit.document, hit.quote
    if quote is None:
        return
    said = statement_text(quote, document)
    yield [(f"{number}. ", ""), *_said(hit, said)]
    yield from _note_lines(hit.found.opened, quote)
    yield from _sentence_lines(hit, quote, said)
    yield [("   " + " · ".join(quote_details(quote, document, document.names())), "")]
    facts = [document.outlet, date_text(document.published), page_text(quote, document), quote.id]
    rest = "".join(f" · {one_line(fact)}" for fact in facts if fact)
    yield [("   ", "dim"), *((text, style or "dim") for text, style in _title(hit, "")), (rest, "dim"), *_state(hit)]
    yield from _watchlist_lines(hit)


def _note_lines(opened: OpenDocument, quote: Quote) -> Iterator[list[Segment]]:
    """Yield the user's note on a statement."""
    if texts := note_texts(opened.note(quote.id)):
        yield [("   ", ""), (" · ".join(texts), "cyan")]


def _said(hit: Hit, said: StatementText) -> Iterator[Segment]:
    """Yield who said what, with the matches marked."""
    yield f"{said.lead} ", "bold"
    for number, part in enumerate(said.words):
        if number:
            yield " … ", ""
        yield from _styled(complete(hit.document.text, part, hit.excerpt.marks))


def _sentence_lines(hit: Hit, quote: Quote, said: StatementText) -> Iterator[list[Segment]]:
    """Yield the article's sentence, with the words of the statement marked, if it says more than the statement."""
    document = hit.document
    sentence = complete(document.text, document.sentence_of(quote), [quote.content])
    shown = name_key(said.sentence(document)).split()
    if not set(name_key(sentence.text).split()).issubset(shown):
        yield [("   ", ""), *((text, style or "dim") for text, style in _marked(sentence.text, sentence.marks))]


def _title(hit: Hit, style: str = "bold") -> Iterator[Segment]:
    title = hit.document.title
    if not title:
        yield "(no title)", style
        return
    # Every white-space character becomes a blank, so that the marks keep their places.
    yield from _marked(
        "".join(" " if character.isspace() else character for character in title), hit.excerpt.title, style
    )


def _state(hit: Hit) -> Iterator[Segment]:
    """Yield whether the document is gone from its source, and how many duplicates it has."""
    gone = gone_text(hit.document)
    if gone:
        yield f" · {gone}", "red"
    if hit.found.hit.copies:
        yield f" · +{counted(hit.found.hit.copies, 'copy', 'copies')}", "dim"


def _watchlist_lines(hit: Hit) -> Iterator[list[Segment]]:
    entries = matched_entries(hit.matches)
    if entries:
        more = f"; {len(entries) - _MATCHES_SHOWN} more" if len(entries) > _MATCHES_SHOWN else ""
        label = "   watchlist, by name only, identity not verified: "
        yield [(label, "dim"), ("; ".join(entries[:_MATCHES_SHOWN]) + more, "magenta")]


def _styled(snippet: Snippet) -> Iterator[Segment]:
    return _marked(snippet.text, snippet.marks)


def _marked(text: str, marks: Iterable[Span], style: str = "") -> Iterator[Segment]:
    position = 0
    for mark in marks:
        yield text[position : mark.start], style
        yield mark.of(text), "bold yellow"
        position = mark.end
    yield text[position:], style
