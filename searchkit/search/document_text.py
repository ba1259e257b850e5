"""A document for readers: its facts by name, and its text in pieces with statements and names marked."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from msgspec import Struct

from searchkit.search.statement_text import date_text, gone_text
from searchkit.statements.document import Document, Mention, Quote
from searchkit.statements.text import Span, redacted
from searchkit.statements.text import sentences as split_sentences


def provenance_facts(document: Document, linked: Sequence[str]) -> dict[str, str]:
    """Return where and when a document was published and read, by name; empty values are not known. `linked` are the
    ids of the documents that have or claim the same web address."""
    return {
        "outlet": document.publisher,
        "wire": document.wire or "",
        "byline": ", ".join(document.byline),
        "dateline": document.dateline or "",
        "published": date_text(document.published),
        "updated": date_text(document.updated),
        "language": document.language or "",
        "genre": f"{document.genre} ({document.genre_evidence})" if document.genre_evidence else "",
        "address": redacted(document.uri),
        "canonical": redacted(document.other_address),
        "claims": document.claim and f"{redacted(document.claim)} (supplied in this file, not fetched from there)",
        "same address": ", ".join(linked),
        "gone": f"{gone_text(document)}: its source no longer has it" if document.gone_at else "",
        "source": document.source,
        "copies": f"searchkit query copies:{document.copies}" if document.copies else "",
        "id": document.id,
        "revision": f"{document.revision}, first seen {document.first_seen}" if document.first_seen else "",
        "sha-256": document.digest,
    }


def context_of(quote: Quote, document: Document, *, sentences: int = 2, reach: int = 600) -> Span:
    """Return the sentence of a statement with as many `sentences` on each side, at most `reach` characters away."""
    own = document.sentence_of(quote)
    near = Span(max(0, own.start - reach), min(len(document.text), own.end + reach))
    before: list[int] = []
    after: list[int] = []
    for paragraph in document.paragraphs:
        if paragraph.overlaps(near):
            part = Span(max(paragraph.start, near.start), min(paragraph.end, near.end))
            for sentence in split_sentences(document.text, part):
                if sentence.end <= own.start:
                    before.append(sentence.start)
                elif sentence.start >= own.end:
                    after.append(sentence.end)
    start = before[-sentences:][0] if before and sentences else own.start
    end = after[:sentences][-1] if after and sentences else own.end
    return Span(start, end)


def parts_of(document: Document, size: int) -> list[Span]:
    """Return the parts of a text that pages show: whole paragraphs, as many as fit into `size` characters; at least
    one part."""
    parts: list[Span] = []
    for paragraph in document.paragraphs:
        if parts and paragraph.end - parts[-1].start <= size:
            parts[-1] = Span(parts[-1].start, paragraph.end)
        else:
            parts.append(paragraph)
    return parts or [Span(0, 0)]


class Piece(Struct, frozen=True, kw_only=True):
    """A part of a paragraph. `starts` are the numbers (from 1) of the statements that begin with it, `ends` how many
    end with it; `name` is the mention that it belongs to, `name_starts` and `name_ends` count those at its edges."""

    text: str
    in_statement: bool
    starts: tuple[int, ...]
    ends: int
    name: Mention | None
    name_starts: int
    name_ends: int


def marked_paragraphs(document: Document) -> Iterator[list[Piece]]:
    """Yield the pieces of each paragraph."""
    opened: dict[int, list[int]] = {}
    closed = Counter[int]()
    for number, quote in enumerate(document.quotes, 1):
        start, end = _drawn(document.paragraphs, quote.content)
        if start < end:
            opened.setdefault(start, []).append(number)
            closed[end] += 1
    mentions = [
        mention for mention in document.mentions if _drawn(document.paragraphs, mention.span, whole=True) != (0, 0)
    ]
    named = Counter(mention.span.start for mention in mentions)
    unnamed = Counter(mention.span.end for mention in mentions)
    first_at = {mention.span.start: mention for mention in reversed(mentions)}
    edges = sorted({*opened, *closed, *named, *unnamed})
    in_statements = in_names = 0
    name = None
    for paragraph in document.paragraphs:
        inside = edges[bisect_left(edges, paragraph.start) : bisect_right(edges, paragraph.end)]
        pieces = []
        for start, end in pairwise(sorted({paragraph.start, *inside, paragraph.end})):
            in_statements += len(opened.get(start, ()))
            in_names += named[start]
            name = first_at.get(start, name) if in_names else None
            pieces.append(
                Piece(
                    text=document.text[start:end],
                    in_statement=in_statements > 0,
                    starts=tuple(opened.get(start, ())),
                    ends=closed[end],
                    name=name,
                    name_starts=named[start],
                    name_ends=unnamed[end],
                )
            )
            in_statements -= closed[end]
            in_names -= unnamed[end]
        yield pieces


def _drawn(paragraphs: Sequence[Span], span: Span, *, whole: bool = False) -> tuple[int, int]:
    """Return start and end of `span` in the paragraphs it overlaps; (0, 0) if it overlaps none, or with `whole` if no
    paragraph contains all of it."""
    first = bisect_right(paragraphs, span.start, key=lambda paragraph: paragraph.end)
    last = bisect_left(paragraphs, span.end, key=lambda paragraph: paragraph.start) - 1
    if first > last or (whole and not paragraphs[first].covers(span)):
        return 0, 0
    return max(span.start, paragraphs[first].start), min(span.end, paragraphs[last].end)
