"""Who is silent: the entries of a watchlist without a statement in a period, next to what was read."""

from datetime import date

from msgspec import Struct

from searchkit.archive import Archive
from searchkit.dates import period
from searchkit.errors import UsageError
from searchkit.histories.silence import Silence, SourcesRead, silence
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
    first = _day(request.since, "since", request.today)[0]
    last = _day(request.until, "until", request.today)[1] if request.until else request.today
    if first > last:
        raise UsageError(f"{request.since} is after {request.until or 'today'}.", hint="Write the earlier day first.")
    watchlist = names_folder.watchlist(archive.folder, request.watchlist)
    entries = {entry.id: entry.name for entry in names_folder.entries_of(archive.folder, watchlist)}
    within = ast.Field(name="date", value=ast.Range(written=f"{first}..{last}", start=first, end=last))
    found = answer(archive, QueryRequest(query=within, today=request.today, limit=0)).result
    sources = [source for source in archive.sources() if source.last_run]
    return SilenceReport(
        silence=silence(
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
        ),
        notes=(*found.notes, *archive.take_notes()),
    )


def _day(written: str, name: str, today: date) -> tuple[date, date]:
    try:
        return period(written, today=today)
    except ValueError as error:
        raise UsageError(f'{name}: "{written}" is not a date: {error}.', hint="Write 2022, 2022-12 or 7d.") from error
