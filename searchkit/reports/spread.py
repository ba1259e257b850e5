"""One quote, many outlets: who printed the same words, and whether they attribute them to the same speaker."""

import re
from collections.abc import Sequence
from itertools import chain
from typing import Annotated

from msgspec import Meta, Struct, field
from msgspec.structs import replace

from searchkit.archive import Archive
from searchkit.histories import day_of
from searchkit.histories.quotes_table import Statement, conflicts, kept_share, order, words
from searchkit.query import ast
from searchkit.query.parser import parse
from searchkit.records import Count, Share
from searchkit.reports.base import Entry, Line, Report, ReportRequest, StatementSide, View, asked, side
from searchkit.search.answer import ALL, QueryRequest, answer
from searchkit.statements.text import counted, one_line

# Groups that a list shows in full would take a page each.
MOST_LISTED = 50
_SHOWN_OF_SEVERAL = 20
_STATEMENT = re.compile(r"[0-9a-f]{12}-[0-9a-f]{8}(?:-[0-9]{1,4})?", re.ASCII)


class AppearanceRecord(Struct, frozen=True, kw_only=True):
    """A quotation as one outlet printed it."""

    statement: StatementSide
    day: Annotated[str, Meta(description="Day of publication, ISO 8601; otherwise the day the archive first saw it.")]
    day_known: Annotated[bool, Meta(description="Whether `day` is the day of publication, by the article's own date.")]
    seen: Annotated[str, Meta(description="Day the archive first saw the article, ISO 8601.")]
    share: Annotated[Share, Meta(description="Share of the fullest version's words that it has.")]
    gone: Annotated[str, Meta(description="Since when its source no longer has it, ISO 8601 UTC; empty while it has.")]


class ConflictRecord(Struct, frozen=True, kw_only=True):
    """The same words attributed to two speakers."""

    first: StatementSide
    second: StatementSide
    confidence: Annotated[float, Meta(ge=0, le=1, description="Confidence of the weaker attribution.")]


class SpreadRecord(Struct, frozen=True, kw_only=True):
    """A quotation in all its appearances, the earliest first."""

    id: Annotated[str, Meta(description="ID of one of its statements.")]
    outlets: Count
    documents: Count
    wires: Annotated[tuple[str, ...], Meta(description="The news agencies credited.")]
    conflicts: tuple[ConflictRecord, ...]
    fullest: Annotated[StatementSide, Meta(description="The version with the most words.")]
    appearances: tuple[AppearanceRecord, ...]
    more: Annotated[Count, Meta(description="Later appearances that are not listed.")] = 0


class SpreadReport(Struct, frozen=True, kw_only=True, tag_field="schema", tag="searchkit.spread/1"):
    """Quotations by the number of outlets that printed them."""

    query: str
    total: Annotated[Count, Meta(description="Quotations that match and that several outlets printed.")]
    searched: Annotated[Count, Meta(description="Statements that match.")]
    quotations: tuple[SpreadRecord, ...]
    notes: tuple[str, ...] = ()


class SpreadRequest(ReportRequest, frozen=True, kw_only=True):
    """Which quotations to list: one by the id of a statement, or those that a query over statements finds."""

    query: Annotated[
        str,
        asked(
            "Statements to look at: a query or the id of a statement",
            "A query over statements, or the id of a statement.",
            metavar="[ID|QUERY]",
        ),
    ] = field(default="", name="q")
    limit: int = 5
    offset: int = 0


def spread_report(archive: Archive, request: SpreadRequest) -> SpreadReport:
    """Return the quotations that a query finds, those with conflicting attributions first, then those that most outlets
    printed. QueryError, NotInArchive and UsageError for mistakes in it, other errors as `Archive.refresh_histories`."""
    quotes = archive.refresh_histories().quotes
    notes: tuple[str, ...] = ()
    written = request.query.strip()
    matching = QueryRequest(query=ast.All(), record="quote", today=request.today, limit=0, copies=True)
    if written in {"", "*"}:
        listed, total = quotes.groups(request.limit, request.offset)
    elif _STATEMENT.fullmatch(written):
        groups = [group] if (group := quotes.group_of(written)) else []
        if not groups:
            archive.find(written)
        listed, total = groups[request.offset : request.offset + request.limit], len(groups)
        matching = replace(matching, query=ast.Ids(ids=frozenset({written})))
    else:
        query = parse(request.query, today=request.today, record="quote", saved=request.saved).tree
        # Most statements were printed once, and the index knows these fastest.
        several = ast.conjunction(query, ast.Field(name="spread", value=ast.Exists()))
        matching = replace(matching, query=query)
        found = answer(archive, replace(matching, query=several, limit=ALL)).result
        groups = quotes.groups_of([hit.id for hit in found.hits])
        listed, total, notes = groups[request.offset : request.offset + request.limit], len(groups), found.notes
    return SpreadReport(
        query=request.query,
        total=total,
        searched=answer(archive, matching).result.total,
        quotations=tuple(record for group in listed if (record := _record(archive, group)) is not None),
        notes=(*notes, *archive.take_notes()),
    )


def _record(archive: Archive, group: str) -> SpreadRecord | None:
    quotes = archive.histories().quotes
    members = quotes.first_members(group, MOST_LISTED)
    listed, documents = {statement for statement, _ in members}, {document for _, document in members}
    current = [document for document in map(archive.get, documents) if document is not None]
    found = chain(current, *map(archive.former.of, documents))
    known = [(document, quote) for document in found for quote in document.statements if quote.id in listed]
    return spread_record(known, quotes.sizes(group)) if len(known) > 1 else None


def spread_record(statements: Sequence[Statement], sizes: tuple[int, int]) -> SpreadRecord:
    """Return how statements with the same words spread, of each article the one with most of them. `sizes` are the
    outlets and documents of all, of which some may be left out."""
    said = sorted(statements, key=order)
    longest = sorted(said, key=lambda statement: -len(words(statement)))  # the earliest of several
    fullest, outlets, documents = longest[0], *sizes
    ordered = sorted({document.id: (document, quote) for document, quote in reversed(longest)}.values(), key=order)
    return SpreadRecord(
        id=min(quote.id for _, quote in said),
        outlets=outlets,
        documents=documents,
        wires=tuple(sorted({document.wire or "" for document, _ in ordered} - {""})),
        conflicts=tuple(
            ConflictRecord(
                first=side(*first),
                second=side(*second),
                confidence=min(first[1].speaker.confidence, second[1].speaker.confidence),
            )
            for first, second in conflicts(said)
        ),
        fullest=side(*fullest),
        appearances=tuple(_appearance(statement, fullest) for statement in ordered),
        more=documents - len(ordered),
    )


def _appearance(statement: Statement, fullest: Statement) -> AppearanceRecord:
    document, _ = statement
    day, day_known = day_of(document)
    return AppearanceRecord(
        statement=side(*statement),
        day=day,
        day_known=day_known,
        seen=document.first_seen[:10],
        share=round(kept_share(statement, fullest), 2),
        gone=document.gone_at,
    )


# --- view -------------------------------------------------------------------------------------------------------------


def spread_view(report: SpreadReport) -> View:
    """Return what readers see of the quotations."""
    most = MOST_LISTED if report.total == 1 else _SHOWN_OF_SEVERAL
    entries = (_entry(found, most) for found in report.quotations)
    searched = f"{counted(report.searched, 'statement')} searched"
    return View((f"{counted(report.total, 'quotation')} in several outlets; {searched}",), entries)


def _entry(found: SpreadRecord, most: int) -> Entry:
    """Return a quotation as an entry: conflicting attributions, then its first appearances."""
    wires = f"; credited to {', '.join(map(one_line, found.wires))}" if found.wires else ""
    conflicts = (
        Line(label="conflicting attribution", side=side, strong=True)
        for conflict in found.conflicts
        for side in (conflict.first, conflict.second)
    )
    appearances = (Line(label=_day(one), text=_share(one), side=one.statement) for one in found.appearances[:most])
    more = len(found.appearances[most:]) + found.more
    return Entry(
        title=one_line(found.fullest.statement),
        facts=f"{counted(found.outlets, 'outlet')}, {counted(found.documents, 'article')}{wires}",
        lines=(*conflicts, *appearances),
        remarks=(f"{counted(more, 'later appearance')} not shown; JSON lists up to {MOST_LISTED}",) if more else (),
        query=found.fullest.id,
    )


def _day(appearance: AppearanceRecord) -> str:
    """Return when an outlet printed a quotation, and how that is known: an article can state any date."""
    if not appearance.day_known:
        return f"seen here on {appearance.day}"
    seen = f"; seen here on {appearance.seen}" if appearance.seen else ""
    return f"{appearance.day} by its own date{seen}"


def _share(appearance: AppearanceRecord) -> str:
    """Return how much of a quotation an outlet kept, and its speaker there."""
    share = "all words" if appearance.share > 0.99 else f"{appearance.share:.0%} of the words"
    gone = f"; gone since {appearance.gone[:10]}" if appearance.gone else ""
    return f"{share}; {appearance.statement.speaker}{gone}"


REPORT = Report(
    name="spread",
    title="Quotations in several outlets",
    describes="Where quotations were printed; those with conflicting attributions first.",
    intro="The same words, six or more, in articles of at least two outlets. Quotations that articles attribute to "
    "different speakers come first.",
    help="""Show where a quotation was printed: first, by whom, with how many of its words, attributed to whom.

    ID is a statement; QUERY has the syntax of `searchkit statements`. Quotations of six or more words in articles of at
    least two outlets are listed, those with conflicting attributions first, then those that most outlets printed.
    """,
    entries="quotations",
    limit=5,
    request=SpreadRequest,
    result=SpreadReport,
    run=spread_report,
    view=spread_view,
    lists=("quotations",),
    example="?limit=2",
)
