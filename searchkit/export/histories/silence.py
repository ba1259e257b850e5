"""Who is silent: the entries of a watchlist without a statement in a period, next to what was read."""

from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from searchkit.archive import Archive
from searchkit.export.histories.days import first_day, last_day, refuse_reversed
from searchkit.histories.silence import Silence, SilentParty, SourcesRead, silence
from searchkit.names import folder as names_folder
from searchkit.query import ast
from searchkit.search.answer import QueryRequest, answer


class SilenceReport(Struct, frozen=True, kw_only=True, tag_field="schema", tag="searchkit.silence/1"):
    """Who refused to comment and who has no statement, and what these counts rest on."""

    silence: Silence
    notes: tuple[str, ...] = ()


class SilenceRequest(Struct, frozen=True, kw_only=True):
    """Whose silence: the entries of a watchlist; since and until when, as dates of the query language."""

    watchlist: str
    today: date
    since: str
    until: str = ""


def silence_report(archive: Archive, request: SilenceRequest) -> SilenceReport:
    """Return who is silent. UsageError for an unknown list or a date that cannot be read, other errors as
    `Archive.histories`."""
    first = first_day(request.since, "since", request.today)
    last = last_day(request.until, "until", request.today) if request.until else request.today
    refuse_reversed(first, last)
    watchlist = names_folder.watchlist(archive.folder, request.watchlist)
    entries = {entry.id: entry.name for entry in names_folder.entries_of(archive.folder, watchlist)}
    within = ast.Field(name="date", value=ast.Range(written=f"{first}..{last}", start=first, end=last))
    found = answer(archive, QueryRequest(query=within, today=request.today, limit=0)).result
    sources = [source for source in archive.sources() if source.last_run]
    silent = silence(
        watchlist=watchlist.name,
        version=watchlist.version_text,
        period=f"{first} to {last}",
        entries=entries,
        documents=archive.histories().voices(first.toordinal(), last.toordinal()),
        sources=SourcesRead(
            read=len(sources),
            healthy=sum(not source.last_reason for source in sources),
            documents=found.total,
        ),
    )
    refused = tuple(_with_outlets(party, archive) for party in silent.refused)
    return SilenceReport(silence=replace(silent, refused=refused), notes=(*found.notes, *archive.take_notes()))


def _with_outlets(party: SilentParty, archive: Archive) -> SilentParty:
    """Return an entry with the outlets of its refusals as readers see them."""
    shown = archive.outlets().shown
    refusals = (replace(refusal, outlet=refusal.outlet and shown(refusal.outlet)) for refusal in party.refusals)
    return replace(party, refusals=tuple(refusals))
