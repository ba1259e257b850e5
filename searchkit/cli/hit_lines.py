"""A hit in lines for people."""

from collections.abc import Iterator, Sequence
from itertools import chain

from searchkit.cli.hit_fields import Hit
from searchkit.cli.output import Segment, counted, one_line
from searchkit.query.words import width
from searchkit.search.highlight import Snippet
from searchkit.search.statement_text import (
    date_text,
    gone_text,
    matched_entries,
    page_text,
    quote_details,
    speaker_text,
)

_MATCHES_SHOWN = 5
# Of a document; --json lists more, and `searchkit quotes` all.
_STATEMENTS_SHOWN = 3
# A column of a table is padded up to this width; longer cells push the rest of their line to the right.
_WIDEST_COLUMN = 40


def hit_lines(
    hit: Hit, number: int, *, fields: Sequence[str] = (), with_score: bool = False
) -> Iterator[list[Segment]]:
    """The hit in its usual lines, and a line for each of `fields`."""
    yield from _document_lines(hit, number) if hit.quote is None else _quote_lines(hit, number)
    for name in fields:
        yield [(f"   {name} ", "dim"), (one_line(_text(hit, name)), "")]
    if with_score:
        yield [("   score ", "dim"), (f"{hit.found.hit.score:.3f}", "dim")]


def table_lines(hits: Sequence[Hit], fields: Sequence[str]) -> Iterator[list[Segment]]:
    """The hits as rows with a column for each of `fields`, below their names."""
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
    place = [document.outlet, document.wire and f"via {document.wire}", date_text(document.published), document.id]
    yield [("   " + " · ".join(one_line(part) for part in place if part), "dim"), *_standing(hit)]
    yield from _watchlist_lines(hit)
    shown = excerpt.statements[:_STATEMENTS_SHOWN]
    for snippet in excerpt.snippets:
        # What lies around a statement shown below is said there.
        if not any(snippet.span.overlaps(one.quote.content) for one in shown):
            yield [("   ", ""), *_styled(snippet)]
    for one in shown:
        who = speaker_text(one.quote, document)
        yield [("   ", ""), *_styled(hit.statement(one)), (f" — {who}", "bold"), (f" · {one.quote.id}", "dim")]
    if more := len(excerpt.statements) - len(shown):
        yield [(f"   {counted(more, 'more statement')} {'matches' if more == 1 else 'match'}", "dim")]


def _quote_lines(hit: Hit, number: int) -> Iterator[list[Segment]]:
    document, quote = hit.document, hit.quote
    if quote is None:
        return
    yield [(f"{number}. ", ""), *chain.from_iterable(map(_styled, hit.excerpt.snippets))]
    details = quote_details(quote, document, document.names())
    yield [("   ", ""), (speaker_text(quote, document), "bold"), ("".join(f" · {part}" for part in details), "")]
    place = [document.outlet, date_text(document.published), page_text(quote, document), quote.id]
    rest = "".join(f" · {one_line(part)}" for part in place if part)
    yield [("   ", "dim"), *((text, style or "dim") for text, style in _title(hit, "")), (rest, "dim"), *_standing(hit)]
    yield from _watchlist_lines(hit)


def _title(hit: Hit, style: str = "bold") -> Iterator[Segment]:
    title = hit.document.title
    if not title:
        yield "(no title)", style
        return
    position = 0
    for mark in hit.excerpt.title:
        yield _unbroken(title[position : mark.start]), style
        yield _unbroken(mark.of(title)), "bold yellow"
        position = mark.end
    yield _unbroken(title[position:]), style


def _unbroken(text: str) -> str:
    """A piece of a line: white space signs as blanks, those at its ends too."""
    return "".join(" " if sign.isspace() else sign for sign in text)


def _standing(hit: Hit) -> Iterator[Segment]:
    """What else a reader must know of a hit: that its source does not have it any more, and how many copies it has."""
    gone = gone_text(hit.document)
    if gone:
        yield f" · {gone}", "red"
    if hit.found.hit.copies:
        yield f" · +{counted(hit.found.hit.copies, 'copy', 'copies')}", "dim"


def _watchlist_lines(hit: Hit) -> Iterator[list[Segment]]:
    entries = matched_entries(hit.matches)
    if entries:
        more = f"; {len(entries) - _MATCHES_SHOWN} more" if len(entries) > _MATCHES_SHOWN else ""
        yield [("   watchlist, by name only: ", "dim"), ("; ".join(entries[:_MATCHES_SHOWN]) + more, "magenta")]


def _styled(snippet: Snippet) -> Iterator[Segment]:
    position = 0
    for mark in snippet.marks:
        yield snippet.text[position : mark.start], ""
        yield mark.of(snippet.text), "bold yellow"
        position = mark.end
    yield snippet.text[position:], ""
