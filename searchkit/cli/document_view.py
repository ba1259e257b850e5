"""A document or statement drawn in full, for people."""

import sys
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

from searchkit.cli.explanation import explanation_lines, unreported_lines
from searchkit.cli.output import Segment, has_color, one_line, redacted, visible
from searchkit.document import Document, Quote
from searchkit.search.statement_text import (
    date_text,
    gone_text,
    match_text,
    matched_entries,
    page_text,
    quote_details,
    speaker_text,
)
from searchkit.text import Span

if TYPE_CHECKING:
    from searchkit.extract.speakers.explanation import Explanation

# Words kept on each side of a statement shown by itself, in code points.
_CONTEXT = 400


def document_lines(document: Document, explained: "Explanation | None" = None) -> Iterator[list[Segment]]:
    """Title and provenance, the text with its statements and names marked, then both as lists, `explained` if given."""
    yield [(one_line(document.title or "(no title)"), "bold")]
    yield from _provenance(document)
    yield []
    marks = _Marks(document)
    for paragraph in document.paragraphs:
        yield list(marks.cut(paragraph))
        yield []
    yield from findings_lines(document, explained)


def findings_lines(document: Document, explained: "Explanation | None" = None) -> Iterator[list[Segment]]:
    """What was found in a document: statements, terms, names by kind, dates, notes of the reader."""
    if document.quotes:
        yield [("Statements", "bold")]
        known = document.names()
        for number, quote in enumerate(document.quotes, 1):
            yield [(f"  {number}. ", ""), (one_line(quote.content.of(document.text)), "")]
            yield [("     ", ""), (speaker_text(quote, document), "bold"), (_how(quote, document, known), "")]
            if explained is not None:
                yield from explanation_lines(quote, document, explained.rejected[number - 1])
    if explained is not None:
        yield from unreported_lines(explained)
    if document.terms:
        terms = Counter(one_line(span.of(document.text)) for span in document.terms)
        yield [("Terms", "bold")]
        yield [(f"  {', '.join(f'{term} ×{count}' if count > 1 else term for term, count in terms.items())}", "")]
    names = Counter((mention.kind, mention.name, mention.entity_id) for mention in document.mentions)
    if names:
        yield [("Names", "bold")]
        width = max(len(kind) for kind, _, _ in names)
        for (kind, name, entity_id), count in sorted(names.items()):
            yield [(f"  {kind:{width}}  {one_line(name)} ", ""), (f"×{count}  {one_line(entity_id)}", "dim")]
    if document.matches:
        yield [("Watchlist matches (by name only)", "bold")]
        matches = Counter((one_line(match.surface), match_text(match), match.topics) for match in document.matches)
        for (surface, entry, topics), count in matches.items():
            told = f"  {', '.join(map(one_line, topics))}" if topics else ""
            yield [(f"  {surface}: {entry} ", ""), (f"×{count}{told}", "dim")]
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
    opened, closed = ("", "") if has_color(sys.stdout) else ("[", "]")
    yield [
        (_unbroken(document.text[start : quote.content.start]), "dim"),
        (opened + _unbroken(quote.content.of(document.text)) + closed, "bold"),
        (_unbroken(document.text[quote.content.end : end]), "dim"),
    ]
    yield []
    names = document.names()
    facts = {
        "speaker": speaker_text(quote, document),
        "resolved by": f"{quote.speaker.resolved_by} ({quote.speaker.confidence:.2f})",
        "cue": quote.cue.of(document.text) if quote.cue else "",
        "about": ", ".join(names.get(entity, entity) for entity in quote.about),
        "watchlist": "; ".join(matched_entries(document.matched().get(quote.id, ()))),
        "kind": quote.kind,
        "said": date_text(quote.date),
        "found by": f"{quote.rule} ({quote.confidence:.2f})",
        "place": ", ".join(filter(None, [page_text(quote, document), _place(quote, document)])),
        "id": quote.id,
    }
    if facts["watchlist"]:
        facts["watchlist"] += ", by name only"
    yield from _facts(facts)
    yield []
    yield [(one_line(document.title or "(no title)"), "bold")]
    yield from _provenance(document)


def _place(quote: Quote, document: Document) -> str:
    return f"characters {quote.content.start} to {quote.content.end} of {document.id}"


def _unbroken(text: str) -> str:
    """`text` on one line, its white space as wide as it is."""
    return visible("".join(" " if sign.isspace() else sign for sign in text))


def _how(quote: Quote, document: Document, known: Mapping[str, str]) -> str:
    details = quote_details(quote, document, known, with_cue=False)
    parts = [*details, quote.rule, page_text(quote, document), quote.id]
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
            "address": redacted(document.canonical_url or document.uri),
            "read from": redacted(document.uri) if document.canonical_url else "",
            "gone": f"{gone_text(document)}: its source does not have it any more" if document.gone_at else "",
            "source": document.source,
            "copies": f"searchkit query copies:{document.copies}" if document.copies else "",
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


class _Marks:
    """Where statements and names begin and end in a document; walked through once, paragraph by paragraph."""

    def __init__(self, document: Document) -> None:
        self._text = document.text
        self._signs = not has_color(sys.stdout)
        self._paragraphs = document.paragraphs
        self._opened: dict[int, list[int]] = {}
        self._closed = Counter[int]()
        for number, quote in enumerate(document.quotes, 1):
            start, end = self._drawn(quote.content)
            if start < end:
                self._opened.setdefault(start, []).append(number)
                self._closed[end] += 1
        names = [mention.span for mention in document.mentions if self._drawn(mention.span, whole=True)[1]]
        self._named = Counter(span.start for span in names)
        self._unnamed = Counter(span.end for span in names)
        self._edges = sorted({*self._opened, *self._closed, *self._named, *self._unnamed})
        self._statements = self._names = 0

    def _drawn(self, span: Span, *, whole: bool = False) -> tuple[int, int]:
        """Where `span` begins and ends in the paragraphs it touches; (0, 0) if in none, or not in one as a `whole`."""
        first = bisect_right(self._paragraphs, span.start, key=lambda paragraph: paragraph.end)
        last = bisect_left(self._paragraphs, span.end, key=lambda paragraph: paragraph.start) - 1
        if first > last or (whole and not self._paragraphs[first].covers(span)):
            return 0, 0
        return max(span.start, self._paragraphs[first].start), min(span.end, self._paragraphs[last].end)

    def cut(self, paragraph: Span) -> Iterator[Segment]:
        """The paragraph in pieces, each styled by what it is part of; with signs where there are no colors."""
        first, last = bisect_left(self._edges, paragraph.start), bisect_right(self._edges, paragraph.end)
        inside = self._edges[first:last]
        for start, end in pairwise(sorted({paragraph.start, *inside, paragraph.end})):
            opened = self._opened.get(start, [])
            self._statements += len(opened)
            self._names += self._named[start]
            piece = self._text[start:end]
            if self._signs:
                before = "".join(f"[{number}: " for number in opened) + "<" * self._named[start]
                piece = before + piece + ">" * self._unnamed[end] + "]" * self._closed[end]
            styles = ("green" if self._statements else "", "underline" if self._names else "")
            yield visible(piece).replace("\n", " "), " ".join(filter(None, styles))
            self._statements -= self._closed[end]
            self._names -= self._unnamed[end]
