"""Who is silent: the entries of a watchlist without a statement in a period, next to what was read."""

from typing import Annotated

from msgspec import Struct
from msgspec.structs import replace

from searchkit.archive import Archive
from searchkit.histories.silence import NoComment, Silence, SilentParty, SourcesRead, silence
from searchkit.names import folder as names_folder
from searchkit.query import ast
from searchkit.query.walk import without_excluded_genres
from searchkit.reports.base import Entry, Line, Report, ReportRequest, View, asked, days_between
from searchkit.search.answer import QueryRequest, answer
from searchkit.search.statement_text import date_text
from searchkit.statements.text import counted, one_line

_NAMES_SHOWN = 200
_REFUSALS_SHOWN = 20


class SilenceReport(Struct, frozen=True, kw_only=True, tag_field="schema", tag="searchkit.silence/1"):
    """Who refused to comment and who has no statement, and what these counts rest on."""

    silence: Silence
    notes: tuple[str, ...] = ()

    @property
    def parties(self) -> tuple[SilentParty, ...]:
        """The entries that are named: first those that refused to comment."""
        return (*self.silence.refused, *self.silence.silent)


class SilenceRequest(ReportRequest, frozen=True, kw_only=True):
    """Whose silence: the entries of a watchlist; since and until when, as dates of the query language."""

    watchlist: Annotated[
        str,
        asked(
            "Watchlist",
            "Name of the watchlist.",
            option="The list whose entries are looked for.",
            values=lambda archive: tuple(each.name for each in names_folder.watchlists(archive.folder)),
            add="searchkit watchlist add FILE",
        ),
    ]
    since: Annotated[
        str,
        asked(
            "Published since",
            "Published since: 2023, 2023-05 or 30d.",
            example="2023-05",
            metavar="DAY",
            option="Published since: 2023, 2023-05, 2023-05-01 or 30d.",
        ),
    ]
    until: Annotated[
        str,
        asked(
            "Until (today, if empty)",
            "Published until; without it today.",
            metavar="DAY",
            option="Published until (default: today).",
        ),
    ] = ""


def silence_report(archive: Archive, request: SilenceRequest) -> SilenceReport:
    """Return who is silent. UsageError for an unknown list or a date that cannot be read, other errors as
    `Archive.refresh_histories`."""
    first, last = days_between(request.since, request.until, request.today, last=request.today)
    watchlist = names_folder.watchlist(archive.folder, request.watchlist)
    entries = {entry.id: entry.name for entry in names_folder.entries_of(archive.folder, watchlist)}
    within = ast.Field(name="date", value=ast.Range(written=f"{first}..{last}", start=first, end=last))
    found = answer(archive, QueryRequest(query=without_excluded_genres(within), today=request.today, limit=0)).result
    sources = [source for source in archive.sources() if source.last_run]
    silent = silence(
        watchlist=watchlist.name,
        version=watchlist.version_text,
        period=f"{first} to {last}",
        entries=entries,
        documents=archive.refresh_histories().voices(first.toordinal(), last.toordinal()),
        sources=SourcesRead(
            read=len(sources), healthy=sum(not source.last_reason for source in sources), documents=found.total
        ),
    )
    refused = tuple(_with_outlets(party, archive) for party in silent.refused)
    return SilenceReport(silence=replace(silent, refused=refused), notes=archive.take_notes())


def _with_outlets(party: SilentParty, archive: Archive) -> SilentParty:
    """Return an entry with the outlets of its refusals as readers see them."""
    shown = archive.outlets().shown
    refusals = (replace(refusal, outlet=refusal.outlet and shown(refusal.outlet)) for refusal in party.refusals)
    return replace(party, refusals=tuple(refusals))


# --- view -------------------------------------------------------------------------------------------------------------


def silence_view(report: SilenceReport) -> View:
    """Return what readers see: what the counts rest on, then the entries; those that no article names come last."""
    found, entries = report.silence, [*map(_entry, report.parties)]
    if found.unnamed:
        names = "; ".join(map(one_line, found.unnamed[:_NAMES_SHOWN]))
        more = len(found.unnamed) - _NAMES_SHOWN
        facts = names + (f"; {more:,} more" if more > 0 else "")
        entries.append(Entry(title="Not named in any article of the period", facts=facts))
    return View(_facts(found), entries)


def _facts(found: Silence) -> tuple[str, ...]:
    sources = found.sources
    return (
        f"watchlist {one_line(found.watchlist)} ({one_line(found.version)}), {found.period}",
        f"{counted(sources.documents, 'article')} of the period in the archive; "
        f"{counted(sources.read, 'source')} read, {sources.healthy:,} without a failure in the last run",
        f"{counted(found.heard, 'entry', 'entries')} with a statement, {len(found.refused):,} with a refusal to "
        f"comment only, {len(found.silent):,} named without a statement, {len(found.unnamed):,} not named at all",
        f"the extractor misses about {1 - found.extractor_recall:.0%} of the statements that people mark "
        f"({found.recall_source})",
        "names are compared, identities are not verified",
    )


def _entry(party: SilentParty) -> Entry:
    """Return an entry of the list: in how many articles it is named, how many of these quote anybody, and its refusals
    to comment."""
    weak = f", {party.weak_articles:,} by a name that many share" if party.weak_articles else ""
    more = len(party.refusals) - _REFUSALS_SHOWN
    return Entry(
        title=one_line(party.name),
        facts=f"named in {counted(party.articles, 'article')}{weak}; {party.articles_with_statements:,} of these "
        f"({party.share_with_statements:.0%}) have a statement of anybody; none by this entry was found",
        lines=tuple(map(_refusal, party.refusals[:_REFUSALS_SHOWN])),
        remarks=(f"{counted(more, 'refusal')} more",) if more > 0 else (),
    )


def _refusal(refusal: NoComment) -> Line:
    """Return who did not comment to whom, and when."""
    by = f", asked by {one_line(refusal.asked_by)}" if refusal.asked_by else ""
    return Line(
        label="did not comment",
        text=f"{one_line(refusal.party or 'party not named')}{by}",
        source=" · ".join(filter(None, (one_line(refusal.outlet or ""), date_text(refusal.date), refusal.statement))),
        document=refusal.document,
        statement=refusal.statement,
    )


REPORT = Report(
    name="silence",
    title="Who is silent",
    describes="The entries of a watchlist without a statement in a period, and what this rests on.",
    intro="The names of a watchlist without a statement in a period. Silence in this archive does not prove silence: "
    "read first what the list rests on.",
    help="""List the entries of a watchlist without a statement in a period, next to what was read.

    Refusals to comment come first, with who asked. Silence in this archive does not prove silence: the first lines say
    how many articles and sources it rests on, and how many statements are missed.
    """,
    entries="names",
    limit=50,
    request=SilenceRequest,
    result=SilenceReport,
    run=silence_report,
    view=silence_view,
    lists=("parties",),
)
