"""What became of a statement: its changes, the outlets that printed it, its disputes; for its page."""

from msgspec import Struct

from searchkit.archive import Archive
from searchkit.errors import ArchiveError, TryAgain
from searchkit.reports.changes import change_entry, changes_of
from searchkit.reports.disputes import dispute_entry, disputes_of
from searchkit.statements.document import Document
from searchkit.statements.text import counted, one_line
from searchkit.web.rendering import Links
from searchkit.web.reports import EntryView, entry_view

_OUTLETS_SHOWN = 10


class SpreadLine(Struct, frozen=True, kw_only=True):
    """Who printed a quotation, with the address of the page that shows how; `conflicts` says if it is attributed to
    different speakers."""

    outlets: str
    conflicts: str
    address: str


class Outcome(Struct, frozen=True, kw_only=True):
    """What other versions and other articles say about a statement; `notes` say what could not be read."""

    changes: tuple[EntryView, ...] = ()
    spread: SpreadLine | None = None
    disputes: tuple[EntryView, ...] = ()
    notes: tuple[str, ...] = ()


def outcome_of(archive: Archive, statement: str, url: Links) -> Outcome:
    """Return what became of a statement. What the histories lack now is a note: the page of a statement needs none."""
    try:
        archive.refresh_histories()
        return Outcome(
            changes=tuple(entry_view(change_entry(one), archive, url) for one in changes_of(archive, statement)),
            spread=_spread(archive, statement, url),
            disputes=tuple(entry_view(dispute_entry(one), archive, url) for one in disputes_of(archive, statement)),
            notes=archive.take_notes(),
        )
    except (ArchiveError, TryAgain) as error:
        return Outcome(notes=(f"Changes and disputes cannot be shown: {error}",))


def changed_statements(archive: Archive, document: Document) -> int:
    """Return how often statements of a document changed; 0 if that cannot be read now."""
    if document.revision == 1:
        return 0
    try:
        return sum(len(revision.changes) for revision in archive.refresh_histories().changes_of(document.id))
    except (ArchiveError, TryAgain):
        return 0


def _spread(archive: Archive, statement: str, url: Links) -> SpreadLine | None:
    quotes = archive.histories().quotes
    group = quotes.group_of(statement)
    if not group:
        return None
    outlets, conflicts = quotes.outlets_of(group), quotes.conflicts_of(group)
    more = len(outlets) - _OUTLETS_SHOWN
    names = ", ".join(one_line(archive.outlets().shown(outlet)) for outlet in outlets[:_OUTLETS_SHOWN])
    names += f", {more:,} more" if more > 0 else ""
    return SpreadLine(
        outlets=f"{counted(len(outlets), 'outlet')}: {names}",
        conflicts=counted(conflicts, "conflicting attribution") if conflicts else "",
        address=url("/spread", q=statement),
    )
