"""Disputes: claims next to the denials, rejections and answers to them. Nothing here says who is right."""

from itertools import islice
from typing import Annotated

from msgspec import Meta, Struct, field
from msgspec.structs import replace

from searchkit.archive import Archive
from searchkit.histories import Dispute, Place
from searchkit.index.base import ValuesRequest
from searchkit.query import ast
from searchkit.query.parser import parse
from searchkit.records import Count
from searchkit.reports.base import Entry, Line, Report, ReportRequest, StatementSide, View, asked, side
from searchkit.search.answer import ALL, QueryRequest, answer
from searchkit.search.rewrite import name_value
from searchkit.statements.document import Document, Quote
from searchkit.statements.text import counted, one_line


class DisputeRecord(Struct, frozen=True, kw_only=True):
    """A claim and the answer to it."""

    claimer: Annotated[str, Meta(description="Who makes the claim; empty if the article does not say it.")]
    claim_words: Annotated[str, Meta(description="The words of the claim in its article.")]
    claim: Annotated[
        StatementSide | None, Meta(description="The statement that makes the claim; null if only the answer names it.")
    ]
    answerer: Annotated[str, Meta(description="Who answers; empty if the article does not say it.")]
    answer_words: Annotated[str, Meta(description="The words of the answer in its article.")]
    answer: Annotated[StatementSide | None, Meta(description="The statement that answers; null if it is in none.")]
    document: Annotated[str, Meta(description="ID of the document with the claim.")]
    answer_document: Annotated[str, Meta(description="ID of the document with the answer.")]
    title: Annotated[str, Meta(description="Title of the article with the claim.")]


class DisputesReport(Struct, frozen=True, kw_only=True, tag_field="schema", tag="searchkit.disputes/1"):
    """Disputes, and accusations without an answer in the archive, each with the newest article first."""

    query: str
    about: str
    total: Annotated[Count, Meta(description="Articles with a disputed claim that match.")]
    searched: Annotated[Count, Meta(description="Articles that match.")]
    disputes: tuple[DisputeRecord, ...]
    unanswered_total: Annotated[Count, Meta(description="Accusations that match and have no answer in the archive.")]
    unanswered: tuple[StatementSide, ...]
    notes: tuple[str, ...] = ()


class DisputesRequest(ReportRequest, frozen=True, kw_only=True):
    """Which disputes to list: those in the articles that a query finds, whose claim is about a name or whose answer
    is by it."""

    query: Annotated[str, asked("Articles to look at", "Only articles that match.")] = field(default="", name="q")
    about: Annotated[str, asked("About", "Only claims about this name, and answers by it.")] = ""
    limit: int = 20
    offset: int = 0


def disputes_report(archive: Archive, request: DisputesRequest) -> DisputesReport:
    """Return the disputes that a request asks for. QueryError and UsageError for mistakes in it, other errors as
    `Archive.refresh_histories`."""
    archive.refresh_histories()
    query: ast.Node = ast.All()
    if request.query.strip():
        query = parse(request.query, today=request.today, saved=request.saved).tree
    about: ast.Node = ast.All()
    if request.about.strip():
        about = ast.Field(name="about", value=name_value(request.about))
    disputed = ast.Field(
        name="disputed", value=ast.disjunction(*(ast.Equals(text=each) for each in ("claim", "answer")))
    )
    # The answer names its speaker, the claim its target.
    speaker = ast.Field(name="speaker", value=name_value(request.about))
    involved = ast.All() if isinstance(about, ast.All) else ast.disjunction(about, speaker)
    matching = QueryRequest(
        query=ast.conjunction(query, involved), today=request.today, limit=0, sort="newest", copies=True
    )
    found = answer(archive, replace(matching, query=ast.conjunction(query, disputed, involved), limit=ALL))
    entities = _named(archive, request.about)
    records = (
        _record(archive, link) for hit in found.result.hits for link in archive.histories().disputes_of(hit.document)
    )
    wanted = (
        record for record in records if record is not None and _is_about(archive, record, entities, request.about)
    )
    accused = ast.conjunction(query, about, ast.Ids(ids=frozenset(archive.histories().unanswered())))
    unanswered = answer(
        archive, QueryRequest(query=accused, record="quote", today=request.today, limit=request.limit, sort="newest")
    )
    return DisputesReport(
        query=request.query,
        about=request.about,
        total=found.result.total,
        searched=answer(archive, matching).result.total,
        disputes=tuple(islice(wanted, request.offset, request.offset + request.limit)),
        unanswered_total=unanswered.result.total,
        unanswered=tuple(side(one.document, one.quote) for one in unanswered.records if one.quote is not None),
        notes=(*found.result.notes, *archive.take_notes()),
    )


def disputes_of(archive: Archive, statement: str) -> tuple[DisputeRecord, ...]:
    """Return the disputes in which a statement is the claim or the answer."""
    found = (
        _record(archive, link)
        for link in archive.histories().disputes_of(statement.partition("-")[0])
        if statement in {link.claim.statement, link.answer.statement}
    )
    return tuple(filter(None, found))


def _named(archive: Archive, name: str) -> frozenset[str]:
    """Return the ids of the entities with this name."""
    if not name.strip():
        return frozenset()
    request = ValuesRequest(field="entity", value=name_value(name), copies=True)
    return frozenset(value.id for value in archive.index.values(request))


def _is_about(archive: Archive, record: DisputeRecord, entities: frozenset[str], name: str) -> bool:
    """Return whether a claim is about one of the entities, or its answer is by one of them."""
    if not name.strip():
        return True
    quotes = [
        found
        for place in (record.claim, record.answer)
        if place is not None and (found := archive.find(place.id)[1]) is not None
    ]
    return any(
        not entities.isdisjoint((*quote.about, quote.speaker.entity_id or "", quote.speaker.represents or ""))
        for quote in quotes
    )


def _record(archive: Archive, link: Dispute) -> DisputeRecord | None:
    claiming, answering = archive.get(link.claim.document), archive.get(link.answer.document)
    if claiming is None or answering is None:
        return None
    return DisputeRecord(
        claimer=link.claimer,
        claim_words=one_line(link.claim.span.of(claiming.text)),
        claim=_side(claiming, link.claim),
        answerer=link.answerer,
        answer_words=one_line(link.answer.span.of(answering.text)),
        answer=_side(answering, link.answer),
        document=claiming.id,
        answer_document=answering.id,
        title=claiming.title or "",
    )


def _side(document: Document, place: Place) -> StatementSide | None:
    quote: Quote | None = next((quote for quote in document.quotes if quote.id == place.statement), None)
    return None if quote is None else side(document, quote)


# --- view -------------------------------------------------------------------------------------------------------------


def disputes_view(report: DisputesReport) -> View:
    """Return what readers see of the disputes; the accusations without an answer come last."""
    entries = [*map(dispute_entry, report.disputes)]
    if report.unanswered:
        shown = len(report.unanswered)
        newest = f", the newest {shown} shown" if report.unanswered_total > shown else ""
        count = counted(report.unanswered_total, "statement")
        entries.append(
            Entry(
                title="Accusations without an answer in their article",
                facts=f"{count}{newest}; an answer may have been printed elsewhere",
                lines=tuple(Line(label="", side=side) for side in report.unanswered),
            )
        )
    searched = f"{counted(report.searched, 'article')} searched"
    return View((f"{counted(report.total, 'article')} with a disputed claim; {searched}",), entries)


def dispute_entry(found: DisputeRecord) -> Entry:
    """Return a claim and its answer as an entry, with who makes the claim and who answers."""

    def line(label: str, side: StatementSide | None, words: str, document: str) -> Line:
        if side is not None:
            return Line(label=label, side=side)
        return Line(label=f"{label}, in the words of the article", text=words, document=document)

    claimer, answerer = (one_line(name) or "somebody unnamed" for name in (found.claimer, found.answerer))
    return Entry(
        title=one_line(found.title) or "(no title)",
        facts=f"claim by {claimer}, answer by {answerer}",
        lines=(
            line("claim", found.claim, found.claim_words, found.document),
            line("answer", found.answer, found.answer_words, found.answer_document),
        ),
        document=found.document,
        form="pair",
    )


REPORT = Report(
    name="disputes",
    title="Disputes",
    describes="Claims with their denials and answers, and accusations without an answer.",
    intro="Claims next to the denials and rejections of them in the same article. Nothing here says who is right.",
    help="""Show claims next to their denials, rejections and answers; then accusations without an answer.

    An answer names the claim or who makes it, or whoever the claim is about denies it soon after.
    QUERY limits the list to articles that match:
    searchkit disputes --about Tiandy
    """,
    entries="disputes",
    limit=20,
    request=DisputesRequest,
    result=DisputesReport,
    run=disputes_report,
    view=disputes_view,
    lists=("disputes", "unanswered"),
    example="?about=Tiandy",
)
