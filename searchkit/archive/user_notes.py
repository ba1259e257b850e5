"""Write and list the user's notes on the statements of an archive.

A note is written while the lock of the notes is held and the statement is in the store, so that no note on an erased
document can remain: an erasure removes the document first and its notes afterwards.
"""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import asdict

from searchkit.archive.archive import Archive
from searchkit.errors import NotInArchive, UsageError
from searchkit.index.base import SearchRequest
from searchkit.notes import NoteFields
from searchkit.notes.file import Notes, StatementNote, TypedNote, current, locked, made_note, read, write
from searchkit.query import ast
from searchkit.records import Count
from searchkit.search.answer import ALL
from searchkit.statements.document import Document, Quote

NOTES_TAG = "searchkit.notes/1"


class NoteRecord(NoteFields, frozen=True, kw_only=True):
    """A user's note on a statement."""

    id: Annotated[str, Meta(description="ID of the statement.")]
    document: Annotated[str, Meta(description="ID of its document.")]
    at: Annotated[str, Meta(description="When the note was written, ISO 8601 UTC.")]
    words: Annotated[str, Meta(description="The words of the statement when the note was written.")]
    gone: Annotated[bool, Meta(description="Whether the archive no longer has a statement with these words.")]


class NoteList(Struct, frozen=True, kw_only=True, tag_field="schema", tag=NOTES_TAG):
    """The user's notes on statements."""

    total: Count
    items: tuple[NoteRecord, ...]


def set_note(
    archive: Archive, statement_id: str, typed: TypedNote, *, now: datetime, seen: str | None = None
) -> StatementNote | None:
    """Write the note on a statement, in the place of an earlier one; without any content, remove it. With `seen`, only
    if the earlier note has this state (empty for none).

    UsageError for invalid values, NotInArchive if there is no such statement, ArchiveError, TryAgain.
    """
    _find(archive, statement_id)  # before anything is written to the folder, even a lock
    with locked(archive.folder):
        document, quote = _find(archive, statement_id)  # still there
        note = made_note(quote, document, typed, now=now)
        notes = _current(archive)
        _refuse_changed(notes.get(statement_id), seen)
        if note is not None:
            write(archive.folder, notes.with_note(note))
        elif statement_id in notes:
            write(archive.folder, notes.without(lambda known: known.id == statement_id))
    return note


def remove_note(archive: Archive, statement_id: str) -> None:
    """Remove the note on a statement, which may be gone. NotInArchive if there is none; other errors as `set_note`."""
    with locked(archive.folder):
        notes = _current(archive)
        if statement_id not in notes:
            raise NotInArchive(f'There is no note on the statement "{statement_id}".', hint="List: searchkit notes")
        write(archive.folder, notes.without(lambda known: known.id == statement_id))


def note_records(archive: Archive) -> tuple[NoteRecord, ...]:
    """Return all notes in the order in which they were first written. ArchiveError if they cannot be read."""
    notes = archive.notes()
    if not notes:
        return ()
    request = SearchRequest(query=ast.Ids(ids=frozenset(notes)), record="quote", limit=ALL, copies=True, sort="newest")
    there = {hit.id for hit in archive.search(request).hits}
    return tuple(
        NoteRecord(
            **asdict(note.fields),
            id=note.id,
            document=note.document,
            at=note.at,
            words=note.words.exact,
            gone=note.id not in there,
        )
        for note in notes.values()
    )


def _find(archive: Archive, statement_id: str) -> tuple[Document, Quote]:
    document, quote = archive.find(statement_id)
    if quote is None:
        raise UsageError(f"{statement_id} is the id of a document.", hint="Notes are on statements: use the id of one.")
    return document, quote


def _current(archive: Archive) -> Notes:
    notes = read(archive.folder)
    if archive.is_empty:
        return notes
    store = archive.store()
    return current(notes, store) if notes else Notes(position=store.position)


def _refuse_changed(note: StatementNote | None, seen: str | None) -> None:
    if seen is None or seen == (note.state if note else ""):
        return
    if note is None:
        raise UsageError("Somebody else has removed the note on this statement.", hint="To keep yours, save again.")
    by = note.by or "Somebody else"
    raise UsageError(
        f"{by} has changed the note on this statement since you opened it.", hint="To replace it, save again."
    )
