"""The user's own notes on statements: mark, right speaker, text, tags. They are in notes.jsonl of the archive.

    {"searchkit_notes": 1, "sequence": 812, "notes": 2, "crc32": "5d1f0c3a"}
    {"id": "...", "document": "...", "mark": "checked", "by": "...", "at": "...", "words": {"exact": "...", ...}}

A note names its statement by id. If the rules that find statements change, the id may change with the words; the note
then follows the words that the user judged, which it keeps with their context. It never follows other words: a verdict
on them would be ours, not the user's. A note whose statement is gone is kept.

`sequence` is the last change of the store that the ids agree with. Notes have a lock of their own, which is held for
milliseconds, because a run over the sources holds that of the archive for minutes.
"""

import zlib
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from searchkit.errors import ArchiveError, NewerArchive, UsageError
from searchkit.files import open_regular, read_table, storage_error, storage_errors, write_atomically
from searchkit.notes import NOTES, NOTES_LOCK, NoteFields, NotesById
from searchkit.selectors import Selector, places, selector
from searchkit.statements.document import BEGINNING, MAX_SEQUENCE, Document, LogPosition, Quote
from searchkit.statements.text import Span, normalize
from searchkit.store.lock import exclusive

if TYPE_CHECKING:
    from searchkit.store.store import Store

NOTES_VERSION = 1
Mark = Literal["", "checked", "wrong-speaker", "false-match"]
MAX_TEXT = 10_000
MAX_TAGS = 20
MAX_TAG = 60
MAX_NAME = 200
_MAX_BYTES = 100_000_000
_LOCK_SECONDS = 10.0
_Name = Annotated[str, Meta(max_length=MAX_NAME, extra={"write": f"Write at most {MAX_NAME} characters."})]
# The share of both spans that a statement must have in common with the words of a note.
_SAME_WORDS = 0.5


class StatementNote(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a user noted on a statement. `speaker` is the right one of a statement marked as wrong-speaker; `by` is
    empty without a login; `words` are those of the statement, with their context."""

    id: Annotated[str, Meta(max_length=100)]
    document: Annotated[str, Meta(max_length=100)]
    mark: Mark = ""
    speaker: _Name = ""
    text: Annotated[str, Meta(max_length=MAX_TEXT, extra={"write": f"Write at most {MAX_TEXT:,} characters."})] = ""
    tags: Annotated[
        tuple[Annotated[str, Meta(max_length=MAX_TAG)], ...],
        Meta(max_length=MAX_TAGS, extra={"write": f"Write at most {MAX_TAGS} tags of {MAX_TAG} characters."}),
    ] = ()
    by: _Name = ""
    at: Annotated[str, Meta(max_length=40)] = ""
    words: Selector

    @property
    def state(self) -> str:
        """A short value that differs between two notes on the same statement."""
        return f"{zlib.crc32(_ENCODER.encode(self)):08x}"

    @property
    def fields(self) -> NoteFields:
        """What outputs show of the note."""
        return NoteFields(mark=self.mark, correction=self.speaker, tags=self.tags, note=self.text, marked_by=self.by)

    @property
    def marks(self) -> tuple[str, ...]:
        """The values of the field `mark`, some of MARK_VALUES."""
        wrong = ("wrong",) if self.mark in {"wrong-speaker", "false-match"} else ()
        return (*filter(None, (self.mark,)), *wrong, *(("note",) if self.text else ()))


class Notes(NotesById[StatementNote]):
    """All notes of an archive. `position` is the last change of the store that their ids agree with."""

    def __init__(self, notes: Iterable[StatementNote] = (), *, position: LogPosition = BEGINNING) -> None:
        super().__init__(notes)
        self.position = position

    def with_note(self, note: StatementNote) -> "Notes":
        """Return these notes with `note`, in the place of another one on its statement."""
        return Notes({**self._by_id, note.id: note}.values(), position=self.position)

    def without(self, is_removed: Callable[[StatementNote], bool]) -> "Notes":
        """Return the notes that are not removed."""
        return Notes([note for note in self.values() if not is_removed(note)], position=self.position)


class _Head(Struct, frozen=True, kw_only=True):
    """The first line of the file."""

    version: int = msgspec.field(name="searchkit_notes", default=NOTES_VERSION)
    sequence: Annotated[int, Meta(ge=0, le=MAX_SEQUENCE)]
    notes: Annotated[int, Meta(ge=0)]
    crc32: str
    mark: str = ""


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(StatementNote)


# --- one note ---------------------------------------------------------------------------------------------------------


class TypedNote(Struct, frozen=True, kw_only=True):
    """The fields of a note as a user typed them."""

    mark: str = ""
    speaker: str = ""
    text: str = ""
    tags: Sequence[str] = ()
    by: str = ""


def made_note(quote: Quote, document: Document, typed: TypedNote, *, now: datetime) -> StatementNote | None:
    """Return a note on a statement as a user typed it; None if nothing was typed. UsageError for invalid values."""
    speaker, by, *tags = (" ".join(normalize(part).split()) for part in (typed.speaker, typed.by, *typed.tags))
    mark, text = typed.mark or ("wrong-speaker" if speaker else ""), normalize(typed.text).strip()
    named = tuple(dict.fromkeys(filter(None, tags)))
    if speaker and mark != "wrong-speaker":
        raise UsageError("Only a statement marked as wrong-speaker has another speaker.", hint="Choose one of both.")
    if not (mark or text or named):
        return None
    table: dict[str, Any] = {
        "id": quote.id,
        "document": document.id,
        "mark": mark,
        "speaker": speaker,
        "text": text,
        "tags": named,
    }
    table |= {"by": by, "at": now.isoformat(timespec="seconds"), "words": selector(document.text, quote.content)}
    return read_table(table, StatementNote, "The note")


def found_again(note: StatementNote, document: Document) -> Quote | None:
    """Return the statement of a note: by its id, or else by the words; None if it is gone."""
    for quote in document.quotes:
        if quote.id == note.id:
            return quote
    starts = places(document.text, note.words)
    if not starts:
        return None
    start = min(starts, key=lambda place: abs(place - note.words.start))
    words = Span(start, start + len(note.words.exact))
    best = max(document.quotes, key=lambda quote: _likeness(quote.content, words), default=None)
    return best if best is not None and _likeness(best.content, words) >= _SAME_WORDS else None


def _likeness(first: Span, second: Span) -> float:
    """Return the share of two spans that they have in common."""
    common = min(first.end, second.end) - max(first.start, second.start)
    return max(common, 0) / (max(first.end, second.end) - min(first.start, second.start) or 1)


def follow(notes: Notes, changed: Iterable[str], get: Callable[[str], Document | None], position: LogPosition) -> Notes:
    """Return the notes with the ids that their statements have now; `changed` are the ids of the documents that changed
    since `notes.position`, and `position` is the last change.

    Of two notes whose statements became one, the first keeps it; the other counts as one whose statement is gone."""
    concerned = {note.document for note in notes.values()} & set(changed)
    documents = {document_id: get(document_id) for document_id in sorted(concerned)}
    ids = {
        document_id: {quote.id for quote in document.quotes} for document_id, document in documents.items() if document
    }
    taken = {note.id for note in notes.values() if note.id in ids.get(note.document, {note.id})}
    followed = []
    for note in notes.values():
        document, statement_id = documents.get(note.document), note.id
        if document is not None and note.id not in ids[note.document]:
            quote = found_again(note, document)
            if quote is not None and quote.id not in taken:
                taken.add(quote.id)
                statement_id = quote.id
        followed.append(replace(note, id=statement_id))
    return Notes(followed, position=position)


def current(notes: Notes, store: "Store") -> Notes:
    """Return the notes with the ids that their statements have in `store`, which may be older than the notes."""
    position = store.position
    if not notes or notes.position == position:
        return notes
    after = notes.position.sequence if store.has(notes.position) else 0
    return follow(notes, store.changed(after), store.get, position)


class NotesReader:
    """Reads the notes of an archive, again only after a change of their file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stamp: tuple[int, ...] = ()
        self._notes = Notes()

    def current(self, store: "Callable[[], Store]") -> Notes:
        """Return the notes as `current` does. Errors as `read`."""
        now = stamp(self._folder)
        if now != self._stamp:
            self._notes = read(self._folder)
            self._stamp = now
        if self._notes:
            self._notes = current(self._notes, store())
        return self._notes


# --- the file ---------------------------------------------------------------------------------------------------------


def stamp(folder: Path) -> tuple[int, ...]:
    """Return what changes whenever the file changes; empty if there is none."""
    try:
        status = (folder / NOTES).stat()
    except OSError:
        return ()
    return status.st_ino, status.st_mtime_ns, status.st_size


def read(folder: Path) -> Notes:
    """Return the notes in the folder of an archive. ArchiveError if their file is damaged, NewerArchive if a later
    searchkit wrote it."""
    head, content = _content(folder)
    if head is None:
        return Notes()
    try:
        notes = Notes(_DECODER.decode_lines(content), position=LogPosition(head.sequence, head.mark))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _damaged(folder) from error
    if len(notes) != head.notes:
        raise _damaged(folder)
    return notes


def locked(folder: Path) -> AbstractContextManager[None]:
    """Hold the lock of the notes. ArchiveLocked if another process holds it for long."""
    return exclusive(folder / NOTES_LOCK, wait=_LOCK_SECONDS, called="an editor of notes")


def write(folder: Path, notes: Notes) -> None:
    """Write the notes; durable on return. The caller holds the lock. ArchiveError, StorageFull; UsageError for more
    than a file may hold."""
    lines = b"".join(_ENCODER.encode(note) + b"\n" for note in notes.values())
    sequence, mark = notes.position.sequence, notes.position.mark
    head = _Head(sequence=sequence, mark=mark, notes=len(notes), crc32=_checksum(lines))
    content = _ENCODER.encode(head) + b"\n" + lines
    if len(content) > _MAX_BYTES:
        raise UsageError(
            f"{folder / NOTES} would be larger than {_MAX_BYTES // 1_000_000} MB.", hint="Remove some of the notes."
        )
    with storage_errors(folder):
        write_atomically(folder / NOTES, content)


def keep(folder: Path, store: "Store") -> None:
    """Write the ids that the statements of notes have now, so that the next reader need not find them."""
    if stamp(folder):
        with locked(folder):
            notes = read(folder)
            if (now := current(notes, store)) is not notes:
                write(folder, now)


def was_edited(folder: Path) -> bool:
    """Return whether the file was edited since searchkit wrote it. Errors as `read`."""
    head, content = _content(folder)
    return head is not None and head.crc32 != _checksum(content)


def recover(folder: Path) -> Notes:
    """Return the notes in the lines of a damaged file that can be read."""
    notes = []
    try:
        with open_regular(folder / NOTES) as file:
            lines = file.read(_MAX_BYTES).splitlines()
    except OSError:
        return Notes()
    for line in lines:
        try:
            notes.append(_DECODER.decode(line))
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
    return Notes(notes)


def _content(folder: Path) -> tuple[_Head | None, bytes]:
    """Return the first line of the file, None if there is no file, and the others."""
    path = folder / NOTES
    try:
        with open_regular(path) as file:
            content = file.read(_MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None, b""
    except OSError as error:
        raise storage_error(path, error) from error
    first, _, lines = content.partition(b"\n")
    try:
        version = msgspec.json.decode(first, type=dict[str, object])["searchkit_notes"]
        if isinstance(version, int) and version > NOTES_VERSION:
            raise NewerArchive(
                f"{path} has version {version}; this searchkit supports up to {NOTES_VERSION}.",
                hint="Upgrade searchkit.",
            )
        head = msgspec.json.decode(first, type=_Head)
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError) as error:
        raise _damaged(folder) from error
    if len(content) > _MAX_BYTES:
        raise _damaged(folder)
    return head, lines


def _checksum(content: bytes) -> str:
    return f"{zlib.crc32(content):08x}"


def _damaged(folder: Path) -> ArchiveError:
    return ArchiveError(
        f"{folder / NOTES} is damaged.", hint="Restore it from a backup, or keep its readable lines: searchkit repair"
    )
