"""The user's own notes on statements. This module has what every query loads; `file` reads and writes the notes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Protocol, TypeVar

from msgspec import Meta, Struct

NOTES = "notes.jsonl"
NOTES_LOCK = "notes.lock"
MARKS = ("checked", "wrong-speaker", "false-match")
# What the field `mark` of the query language finds.
MARK_VALUES = (*MARKS, "wrong", "note")


class NoteFields(Struct, frozen=True, kw_only=True):
    """The fields of a statement that the user's note on it fills; all are empty without a note."""

    mark: Annotated[str, Meta(description="A user's mark: checked, wrong-speaker or false-match; empty for none.")] = ""
    correction: Annotated[str, Meta(description="The right speaker according to a user; empty for none.")] = ""
    tags: Annotated[tuple[str, ...], Meta(description="Tags that users gave it.")] = ()
    note: Annotated[str, Meta(description="A user's note.")] = ""
    marked_by: Annotated[str, Meta(description="Who marked it or wrote the note; empty if unknown.")] = ""


class Note(Protocol):
    """What queries and outputs need of a note: its statement and document, the values of its fields, what is shown."""

    @property
    def id(self) -> str: ...

    @property
    def document(self) -> str: ...

    @property
    def marks(self) -> tuple[str, ...]: ...

    @property
    def tags(self) -> tuple[str, ...]: ...

    @property
    def fields(self) -> NoteFields: ...


_Note_co = TypeVar("_Note_co", bound=Note, covariant=True)


class NotesById(Mapping[str, _Note_co]):
    """Notes by the id of their statement, in the order in which they were first written."""

    def __init__(self, notes: Iterable[_Note_co] = ()) -> None:
        self._by_id = {note.id: note for note in notes}
        self._by_value: dict[str, dict[str, list[_Note_co]]] = {}

    def __getitem__(self, statement_id: str) -> _Note_co:
        return self._by_id[statement_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_id)

    def __len__(self) -> int:
        return len(self._by_id)

    def by_value(self, field: str) -> Mapping[str, Sequence[_Note_co]]:
        """Return the notes by their values of `mark` or `tag`."""
        if field not in self._by_value:
            found: dict[str, list[_Note_co]] = {}
            for note in self._by_id.values():
                for value in note.marks if field == "mark" else note.tags:
                    found.setdefault(value, []).append(note)
            self._by_value[field] = found
        return self._by_value[field]
