"""The notes of users on statements: the form on the page of a statement, and the page that lists them."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime

from msgspec import Struct, convert
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from searchkit.archive import Archive
from searchkit.archive.user_notes import NoteList, note_records, remove_note, set_note
from searchkit.errors import NotInArchive, SearchkitError, UsageError
from searchkit.notes.file import MAX_NAME, MAX_TEXT, StatementNote, TypedNote
from searchkit.query import ast
from searchkit.search.statement_text import note_texts
from searchkit.web.data import format_of, json_response
from searchkit.web.reader import reader_of
from searchkit.web.rendering import Links, page

# Marks as readers see them.
MARK_LABELS = (
    ("", "not judged"),
    ("checked", "checked: it is right"),
    ("wrong-speaker", "wrong speaker"),
    ("false-match", "false match: no statement, or not this one"),
)
_GONE_SHOWN = 100
_TAGS_SHOWN = 200


class NoteForm(Struct, frozen=True, kw_only=True):
    """The values of the form. `state` is that of the note when the page was opened; `error` says what is wrong."""

    mark: str = ""
    speaker: str = ""
    text: str = ""
    tags: str = ""
    state: str = ""
    error: UsageError | None = None
    max_text: int = MAX_TEXT
    max_name: int = MAX_NAME

    @classmethod
    def of(cls, note: StatementNote | None) -> "NoteForm":
        """Return the form filled from a note."""
        if note is None:
            return cls()
        tags = ", ".join(note.tags)
        return cls(mark=note.mark, speaker=note.speaker, text=note.text, tags=tags, state=note.state)


def readable_notes(archive: Archive) -> Mapping[str, StatementNote]:
    """Return the notes by the id of their statement; none if their file cannot be read: statements can be shown without
    them."""
    try:
        return archive.notes()
    except SearchkitError:
        return {}


def note_form(request: Request) -> NoteForm | None:
    """Write the note of a form; return the form again if its values are not valid or the note was changed since."""
    reader = reader_of(request)
    values, statement_id = request.state.form, request.path_params["id"]
    typed = convert(
        {name: str(values[name]) for name in ("mark", "speaker", "text", "tags") if name in values}, NoteForm
    )
    note = TypedNote(
        mark=typed.mark, speaker=typed.speaker, text=typed.text, tags=typed.tags.split(","), by=reader.name
    )
    try:
        set_note(reader.archive, statement_id, note, now=datetime.now(UTC), seen=str(values.get("seen", "")))
    except NotInArchive:
        raise
    except UsageError as error:
        now = readable_notes(reader.archive).get(statement_id)
        return replace(typed, state=now.state if now else "", error=error)
    return None


def overview(request: Request) -> Response:
    """Show how many statements have each mark and tag, and the notes whose statements are gone."""
    reader, url = reader_of(request), Links(request)
    form, records = format_of(request, (), ("json",)), note_records(reader.archive)
    if form:
        return json_response(NoteList(total=len(records), items=records))
    there = [note for note in records if not note.gone]
    gone = [note for note in records if note.gone]
    tags = Counter(tag for note in there for tag in note.tags)
    marks = [(mark, label, sum(note.mark == mark for note in there)) for mark, label in MARK_LABELS if mark]
    return page(
        request,
        "notes.html",
        total=len(records),
        every=url("/statements", q="mark:* OR tag:*"),
        groups=[
            ("Mark", [(label, _found(url, "mark", mark), count) for mark, label, count in marks if count]),
            ("Tag", [(tag, _found(url, "tag", tag), count) for tag, count in tags.most_common(_TAGS_SHOWN)]),
        ],
        gone=[(note, note_texts(note)) for note in gone[:_GONE_SHOWN]],
        more=max(len(gone) - _GONE_SHOWN, 0),
    )


def remove(request: Request) -> Response:
    """Remove the note on a statement, which may be gone."""
    remove_note(reader_of(request).archive, request.path_params["id"])
    return RedirectResponse(Links(request)("/notes"), 303)


def _found(url: Links, field: str, value: str) -> str:
    """Return the address of the statements with a mark or tag."""
    return url("/statements", q=str(ast.Field(name=field, value=ast.Equals(text=value))))
