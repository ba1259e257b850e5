"""`searchkit show` and `searchkit cite`: a document or statement with its details, and as a citation."""

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

import click
from msgspec.structs import replace

from searchkit.archive import Archive
from searchkit.cli.options import archive_option, json_option, open_archive, terminal_options
from searchkit.cli.output import Segment, has_color, paged, say, write_json, write_lines, written_to
from searchkit.errors import SearchkitError
from searchkit.export import citation as citations
from searchkit.export.records import Values, document_record, resolution_text, statement_facts, statement_record
from searchkit.notes import Note, NoteFields
from searchkit.search.answer import alone
from searchkit.search.document_text import marked_paragraphs, provenance_facts
from searchkit.search.statement_text import date_text, match_text, note_texts, page_text, quote_details, statement_text
from searchkit.statements.document import Document, Quote
from searchkit.statements.text import one_line, visible

if TYPE_CHECKING:  # `show` does not load the extractors
    from searchkit.statements import Explanation, RejectedCandidate
# Code points of context on each side of a statement.
_CONTEXT = 400
# Code points of a quotation that is not a statement.
_WORDS_SHOWN = 80


@click.command("show")
@click.argument("record_id", metavar="ID")
@click.option("--revision", type=click.IntRange(1), metavar="N", help="Show the document as it was in revision N.")
@json_option
@terminal_options
@archive_option
def show(record_id: str, revision: int | None, as_json: bool, no_pager: bool) -> None:
    """Print a document with its statements and names marked, and its source.

    ID is the id of a document or statement, as query and quotes print it, or the address or path of a document.
    Statements are marked as [1: ...], names as <...>; on a terminal they are colored instead.
    """
    with open_archive() as opened:
        document, quote = _found(opened, record_id, revision)
        linked, notes = opened.linked(document), _notes(opened, document)
    values = Values(alone(document, quote, notes))
    if as_json:
        write_json(document_record(values) if quote is None else statement_record(values))
    else:
        shown = {statement: note.fields for statement, note in notes.items()}
        lines = (
            document_lines(document, linked=linked, notes=shown) if quote is None else statement_lines(values, linked)
        )
        with paged(wanted=not no_pager):
            write_lines(lines)


def _notes(archive: Archive, document: Document) -> Mapping[str, Note]:
    """Return the user's notes on the statements of a document; if they cannot be read, report why."""
    try:
        notes = archive.notes()
        return {quote.id: notes[quote.id] for quote in document.quotes if quote.id in notes}
    except SearchkitError as error:
        say(f"note: {one_line(str(error))}")
        return {}


def _found(archive: Archive, name: str, revision: int | None) -> tuple[Document, Quote | None]:
    if "/" in name or "." in name:
        from searchkit.archive.addresses import document_at  # loads the crawler, which no id needs

        document = document_at(archive, name)
        name = name if document is None else document.id
    return citations.located(archive, name, revision)


@click.command("cite")
@click.argument("record_id", metavar="ID")
@click.option(
    "-f", "--format", "form", type=click.Choice(list(citations.FORMS)), default="text", show_default=True, help="Form."
)
@click.option("--revision", type=click.IntRange(1), metavar="N", help="The document as it was in revision N.")
@archive_option
def cite(record_id: str, form: str, revision: int | None) -> None:
    """Print a citation of a statement or document: words, speaker, outlet, title, day, address, id and hash.

    ID is as printed by query and quotes. Reported words get no quotation marks; a day that is assumed says so. A mark
    or correction by a user is part of the citation; tags and notes go to standard error.
    """
    with open_archive() as opened:
        document, quote = citations.located(opened, record_id, revision)
        note = alone(document, quote, _notes(opened, document)).note
        citation = citations.cite(document, quote, note)
    if form == "text":
        write_lines([[(citations.FORMS[form](citation), "")]])
    else:
        with written_to("-") as write:
            write(citations.FORMS[form](citation))
    if texts := note_texts(replace(note, mark="", correction="")):
        say(f"note: {' · '.join(texts)}")


def document_lines(
    document: Document,
    explained: "Explanation | None" = None,
    *,
    linked: Sequence[str] = (),
    notes: Mapping[str, NoteFields] = MappingProxyType({}),
) -> Iterator[list[Segment]]:
    """Yield title and provenance, the text with statements and names marked, and lists of both. `linked` are the ids of
    the documents that have or claim the same web address, `notes` those of the user."""
    yield [(one_line(document.title or "(no title)"), "bold")]
    yield from _facts(provenance_facts(document, linked))
    yield []
    for paragraph in _marked_paragraphs(document):
        yield paragraph
        yield []
    yield from findings_lines(document, explained, notes)


def findings_lines(
    document: Document, explained: "Explanation | None" = None, notes: Mapping[str, NoteFields] = MappingProxyType({})
) -> Iterator[list[Segment]]:
    """Yield the annotations of a document: statements, terms, names by kind, dates, notes of the parser."""
    if document.quotes:
        yield [("Statements", "bold")]
        known = document.names()
        listed = {quote.id for quote in document.statements}
        places = [place for place, quote in enumerate(document.quotes) if quote.id in listed]
        for number, place in enumerate(places, 1):
            quote = document.quotes[place]
            yield [(f"  {number}. ", ""), (statement_text(quote, document).sentence(document), "")]
            if texts := note_texts(notes.get(quote.id, NoteFields())):
                yield [(f"     {' · '.join(texts)}", "cyan")]
            parts = (*quote_details(quote, document, known), quote.rule, page_text(quote, document), quote.id)
            yield [(f"     {' · '.join(one_line(part) for part in parts if part)}", "")]
            if explained is not None:
                yield from _explanation_lines(quote, document, explained.rejected[place])
    if explained is not None:
        yield from _read_lines(explained)
        yield from _unreported_lines(explained)
    for title, lines in (
        ("Terms", _terms(document)),
        ("Names", _names(document)),
        ("Watchlist matches", _matches(document)),
        ("Dates", _dates(document)),
        ("Notes", [[(f"  {one_line(note)[:300]}", "dim")] for note in document.remarks()]),
    ):
        if lines:
            yield [(title, "bold")]
            yield from lines


def _terms(document: Document) -> list[list[Segment]]:
    terms = Counter(one_line(span.of(document.text)) for span in document.terms)
    text = ", ".join(f"{term} ×{count}" if count > 1 else term for term, count in terms.items())
    return [[(f"  {text}", "")]] if text else []


def _names(document: Document) -> list[list[Segment]]:
    names = Counter((mention.kind, mention.name, mention.entity_id) for mention in document.mentions)
    width = max((len(kind) for kind, _, _ in names), default=0)
    return [
        [(f"  {kind:{width}}  {one_line(name)} ", ""), (f"×{count}  {one_line(entity_id)}", "dim")]
        for (kind, name, entity_id), count in sorted(names.items())
    ]


def _matches(document: Document) -> list[list[Segment]]:
    matches = Counter((one_line(match.surface), match_text(match), match.topics) for match in document.matches)
    return [
        [(f"  {surface}: {entry} ", ""), (f"×{count}{'  ' if topics else ''}{', '.join(map(one_line, topics))}", "dim")]
        for (surface, entry, topics), count in matches.items()
    ]


def _dates(document: Document) -> list[list[Segment]]:
    days = Counter(f"{one_line(mention.surface)}: {date_text(mention.date)}" for mention in document.dates)
    return [[(f"  {day}", ""), (f" ×{count}" if count > 1 else "", "dim")] for day, count in days.items()]


def statement_lines(values: Values, linked: Sequence[str] = ()) -> Iterator[list[Segment]]:
    """Yield a statement in its context, the user's note on it, its speaker, how it was found, and its article; `linked`
    as in `document_lines`."""
    quote, document = values.said, values.document
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
    for text in note_texts(values.found.note, longest=sys.maxsize):
        yield [(f"  {text}", "cyan")]
    yield from _facts(statement_facts(values))
    yield []
    yield [(one_line(document.title or "(no title)"), "bold")]
    yield from _facts(provenance_facts(document, linked))


def _unbroken(text: str) -> str:
    """Return `text` on one line, with as many blanks as it has white space."""
    return visible("".join(" " if character.isspace() else character for character in text))


def _facts(facts: dict[str, str]) -> Iterator[list[Segment]]:
    width = max(len(name) for name in facts)
    for name, value in facts.items():
        if value:
            yield [(f"  {name:{width}}  ", "dim"), (one_line(value), "")]


def _explanation_lines(
    quote: Quote, document: Document, rejected: "Sequence[RejectedCandidate]"
) -> Iterator[list[Segment]]:
    """Yield the rules that found the words and the speaker, and the candidates that were rejected."""
    cue = f'by the cue "{quote.cue.of(document.text)}"' if quote.cue else "without a cue"
    yield _detail(f"words: {quote.rule} ({quote.confidence:.2f}), {cue}")
    attribution = f'"{quote.attribution.of(document.text)}"' if quote.attribution else "no attribution"
    yield _detail(f"speaker: {attribution}, {resolution_text(quote, document)}")
    for candidate in rejected:
        yield _detail(f"not {candidate.name}: {candidate.reason}")


def _detail(text: str) -> list[Segment]:
    return [("       ", ""), (one_line(text), "dim")]


def _read_lines(explained: "Explanation") -> Iterator[list[Segment]]:
    """Yield the phrases of each sentence with an attribution, and for each attribution its subject and pattern."""
    if explained.sentences:
        yield [("Sentences", "bold")]
    text = explained.document.text
    for sentence in explained.sentences:
        shown = (f"[{one_line(phrase.span.of(text))}: {phrase.label}]" for phrase in sentence.phrases)
        yield [("  " + " ".join(shown), "")]
        for attribution in sentence.attributions:
            words = attribution.words
            pattern = f', pattern {attribution.pattern}: "{words.of(text)}"' if words is not None else ""
            found = f" ({attribution.found})" if attribution.found else ""
            subject = f'subject "{attribution.subject.of(text)}"{found}' if attribution.subject else "no subject"
            yield _detail(f'"{attribution.span.of(text)}": {subject}{pattern}')


def _unreported_lines(explained: "Explanation") -> Iterator[list[Segment]]:
    """Yield the reporting verbs and quotations that made no statement, each with the reason."""
    if explained.unreported:
        yield [("Not statements", "bold")]
    for unreported in explained.unreported:
        words = one_line(unreported.span.of(explained.document.text))
        shown = words if len(words) <= _WORDS_SHOWN else words[:_WORDS_SHOWN] + "..."
        yield [(f"  {shown}", ""), (f"  at {unreported.span.start}: {one_line(unreported.reason)}", "dim")]


def _marked_paragraphs(document: Document) -> Iterator[list[Segment]]:
    """Yield each paragraph in pieces, styled by statements and names, with brackets if there are no colors."""
    with_brackets = not has_color(sys.stdout)
    for paragraph in marked_paragraphs(document):
        pieces = []
        for piece in paragraph:
            text = piece.text
            if with_brackets:
                before = "".join(f"[{number}: " for number in piece.starts) + "<" * piece.name_starts
                text = before + text + ">" * piece.name_ends + "]" * piece.ends
            styles = ("green" if piece.in_statement else "", "underline" if piece.name is not None else "")
            pieces.append((visible(text).replace("\n", " "), " ".join(filter(None, styles))))
        yield pieces
