"""The page of a document: its text with statements and names marked, a list of both, and its source."""

from collections.abc import Iterator

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from searchkit.archive import Archive
from searchkit.errors import ArchiveError, TryAgain, UsageError
from searchkit.export import citation as citations
from searchkit.export.records import Values, document_record
from searchkit.search.answer import alone
from searchkit.search.document_text import Piece, marked_paragraphs, parts_of, provenance_facts
from searchkit.search.statement_text import date_text, matched_entries
from searchkit.statements.document import Document
from searchkit.statements.text import counted, one_line, visible
from searchkit.web.data import format_of, json_response
from searchkit.web.notes import readable_notes
from searchkit.web.reader import reader_of
from searchkit.web.rendering import Links, joined, page
from searchkit.web.statement_view import PART, Link, cited, statement_view, title_line


def show(request: Request) -> Response:
    """Show a document, or with `revision` an earlier text of it; of a long one the `part` with this number."""
    reader, url = reader_of(request), Links(request)
    form = format_of(request, {"revision"}, ("json",))
    revision = number_of(request, "revision")
    document, _ = citations.located(reader.archive, request.path_params["id"], revision)
    found = alone(document, notes=readable_notes(reader.archive))
    if form:
        return json_response(document_record(Values(found)))
    address = citations.cite(document)
    parts = parts_of(document, PART)
    number = number_of(request, "part") or 1
    if number > len(parts):
        raise UsageError(f"There is no part {number}.", hint=f"{document.id} has {counted(len(parts), 'part')}.")
    part = parts[number - 1]
    shown = zip(document.paragraphs, marked_paragraphs(document), strict=True)
    return page(
        request,
        "document.html",
        document=document,
        title=title_line(document),
        published=date_text(document.published),
        paragraphs=[_paragraph(pieces, document, url) for paragraph, pieces in shown if part.covers(paragraph)],
        part=number,
        part_count=len(parts),
        statements=[
            statement_view(quote, found.opened, url, part=number)
            for quote in document.statements
            if part.overlaps(quote.content)
        ],
        names=_names(document, url),
        facts=facts_of(document, url, linked=reader.archive.linked(document)),
        link=address.link,
        citations=cited(document, None),
        revisions=_revisions(request, document),
        changed=_changed_statements(reader.archive, document),
        watchlist=matched_entries(document.matches),
    )


def number_of(request: Request, name: str) -> int | None:
    """Return the whole number in a parameter; None if it is not given. UsageError for anything else."""
    written = request.query_params.get(name)
    if not written:
        return None
    if not written.isdecimal() or not 0 < len(written) < 10 or not int(written):
        raise UsageError(f'{name} is "{written}".', hint="Write a whole number from 1 on.")
    return int(written)


def facts_of(document: Document, url: Links, *, linked: tuple[str, ...]) -> list[tuple[str, tuple[Link, ...] | str]]:
    """Return the facts of a document by name, other documents as links."""
    facts: dict[str, tuple[Link, ...] | str] = {
        name: one_line(value) for name, value in provenance_facts(document, linked).items() if value
    }
    if linked:
        facts["same address"] = tuple(Link(text=other, address=url(f"/documents/{other}")) for other in linked)
    if document.copies:
        query = f"copies:{document.copies}"
        facts["copies"] = (Link(text="all copies", address=url("/documents", q=query, duplicates=1)),)
    return list(facts.items())


def _paragraph(pieces: list[Piece], document: Document, url: Links) -> Markup:
    return joined([part for piece in pieces for part in _piece(piece, document, url)], "")


def _piece(piece: Piece, document: Document, url: Links) -> Iterator[Markup]:
    for place in piece.starts:
        quote = document.quotes[place - 1]
        number = document.statements.index(document.parts_of(quote)[0]) + 1
        yield Markup('<a class="anchor" id="s-{}" href="{}" aria-label="Statement {}">{}</a>').format(
            quote.id, url(f"/statements/{quote.id}"), number, number
        )
    text = Markup("{}").format(visible(piece.text))
    if piece.name is not None:
        text = Markup('<a class="name" href="{}">{}</a>').format(url(f"/names/{piece.name.entity_id}"), text)
    yield Markup('<span class="in-statement">{}</span>').format(text) if piece.in_statement else text


def _names(document: Document, url: Links) -> list[tuple[str, Link, int]]:
    counts: dict[tuple[str, str, str], int] = {}
    for mention in document.mentions:
        key = (mention.kind, mention.name, mention.entity_id)
        counts[key] = counts.get(key, 0) + 1
    return [
        (kind, Link(text=one_line(name), address=url(f"/names/{entity}")), count)
        for (kind, name, entity), count in sorted(counts.items())
    ]


def _revisions(request: Request, document: Document) -> list[int]:
    earlier = reader_of(request).archive.store().revision_numbers(document.id)
    return sorted({*earlier, document.revision})


def _changed_statements(archive: Archive, document: Document) -> int:
    """Return how often statements of a document changed; 0 if that cannot be read now."""
    if document.revision == 1:
        return 0
    try:
        return sum(len(revision.changes) for revision in archive.refresh_histories().changes_of(document.id))
    except (ArchiveError, TryAgain):
        return 0
