"""The histories for agents: the records of the commands, as quotations, because their fields quote articles."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, to_builtins

from searchkit.alerts.folder import SavedFolder
from searchkit.archive import Archive
from searchkit.errors import UsageError
from searchkit.export.histories.changes import ChangesRequest, changes_report
from searchkit.export.histories.disputes import DisputesRequest, disputes_report
from searchkit.export.histories.silence import SilenceRequest, silence_report
from searchkit.export.histories.spread import SpreadRequest, spread_report
from searchkit.histories.base import ChangeKind

MOST_ENTRIES = 20
_Query = Annotated[str, Meta(description="In the query language; empty for everything.")]
_Name = Annotated[str, Meta(description="A name, such as Tiandy.")]


def changed_statements(
    archive: Archive, query: _Query = "", kind: ChangeKind | None = None, limit: int = 10, page: int = 1
) -> dict[str, Any]:
    """List statements that a later version of an article added, removed or changed, the last read first."""
    limit, offset = _part(limit, page)
    kinds = () if kind is None else (kind,)
    wanted = ChangesRequest(
        query=query, today=_today(), saved=SavedFolder(archive.folder), kinds=kinds, limit=limit, offset=offset
    )
    return _quoted(changes_report(archive, wanted))


def spread_of_quotations(archive: Archive, query: _Query = "", limit: int = 3, page: int = 1) -> dict[str, Any]:
    """Show which outlets printed the same words, those with conflicting attributions first. `query` finds statements,
    or is the id of one."""
    limit, offset = _part(limit, page)
    wanted = SpreadRequest(query=query, today=_today(), saved=SavedFolder(archive.folder), limit=limit, offset=offset)
    return _quoted(spread_report(archive, wanted))


def disputes(
    archive: Archive,
    query: _Query = "",
    about: _Name = "",
    strength: Literal["strong", "medium"] | None = None,
    limit: int = 10,
    page: int = 1,
) -> dict[str, Any]:
    """Show claims next to their denials and answers, and accusations without an answer. `strength` says how sure a link
    is. Nothing here says who is right."""
    limit, offset = _part(limit, page)
    wanted = DisputesRequest(
        query=query,
        about=about,
        today=_today(),
        saved=SavedFolder(archive.folder),
        strengths=() if strength is None else (strength,),
        limit=limit,
        offset=offset,
    )
    return _quoted(disputes_report(archive, wanted))


def silence(archive: Archive, watchlist: str, since: str, until: str = "") -> dict[str, Any]:
    """List the entries of a watchlist without a statement in a period, with what this rests on; report both. `since` is
    2023, 2023-05 or 30d."""
    return _quoted(
        silence_report(archive, SilenceRequest(watchlist=watchlist, today=_today(), since=since, until=until))
    )


HISTORY_TOOLS: dict[str, Callable[..., dict[str, Any]]] = {
    "changes": changed_statements,
    "spread": spread_of_quotations,
    "disputes": disputes,
    "silence": silence,
}


def _today() -> date:
    return datetime.now(UTC).date()


def _part(limit: int, page: int) -> tuple[int, int]:
    """Return limit and offset. UsageError if they are out of bounds."""
    if not 1 <= limit <= MOST_ENTRIES or not 1 <= page <= 1_000:
        raise UsageError(f"limit is {limit}, page is {page}.", hint=f"limit is 1 to {MOST_ENTRIES}, page 1 to 1,000.")
    return limit, (page - 1) * limit


def _quoted(report: Struct) -> dict[str, Any]:
    return {"untrusted_quotation": to_builtins(report)}
