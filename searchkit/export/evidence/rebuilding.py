"""Rebuild what an evidence file states from the archive, and compare every field of every line."""

import json
import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from datetime import date, datetime
from typing import Any

from msgspec.structs import asdict

from searchkit.archive import Archive
from searchkit.errors import SearchkitError
from searchkit.export.evidence.custody import CustodyEntry, CustodyStep, difference, history
from searchkit.export.evidence.form import evidence_statement
from searchkit.export.evidence.reading import FIELDS, Described, PartFault, Recorded
from searchkit.index.base import COPY_IDS
from searchkit.notes import NoteFields
from searchkit.records import STATEMENT
from searchkit.search.answer import ALL, Answer, QueryRequest, alone, answer
from searchkit.statements.document import Document
from searchkit.statements.text import counted, safe_json

_NOTE_FIELDS = NoteFields.__struct_fields__
# Compared by themselves, or fixed by the form of a line.
_OTHER_FIELDS = frozenset({"schema", "copies", *_NOTE_FIELDS})
# A later run may set them without another change of the document.
_TIMES = frozenset({"fetched_at", "gone_at"})
# What a later annotation of the same text may find otherwise.
_ANNOTATED = frozenset({*STATEMENT, "statement", "language", "extractor_version"})
# Fields that lines by version 0.1.0 do not have.
_ADDED = frozenset({"host"})
_SHOWN = 200
# `--copies` is the earlier name of `--duplicates`.
_OPTION = re.compile(r"(?:^|\s)--(?:[a-z]{1,20}=|(?:copies|duplicates)(?:\s|$))")
# The version of the programs that wrote no `--limit` into the first line.
_WITHOUT_LIMIT = "0.1.0"
# Values of these fields change without a change of a document.
_CHANGING = re.compile(r"\b(?:mark|tag|note|changed|disputed|spread|gone|copies):")


_Key = tuple[str, str, int]  # document, event, revision
Revision = Callable[[str, int], Document | None]
"""Returns a revision of a document; None if there is none."""


class Rebuilder:
    """Rebuilds the lines of a file made then; `revision` returns a revision of a document, or None."""

    def __init__(self, archive: Archive, described: Described, *, revision: Revision) -> None:
        self._archive = archive
        self._revision = revision
        self._made_at = described.made_at
        self._is_complete = described.has_log
        self._lacks = _ADDED if described.searchkit == _WITHOUT_LIMIT else frozenset()
        self._notes = archive.notes()
        self.fields = self.entries = 0

    def statement(self, recorded: Recorded, document: Document) -> tuple[list[str], list[str]]:
        """Return how a line differs from what the archive has of it, and how the user's note on it changed since.
        `document` is its document now: fields of FIELDS are left to the comparison with it."""
        revision = self._revision(document.id, recorded.revision)
        if revision is None:
            return [f"the archive has no revision {recorded.revision}"], []
        quotes = {quote.id: quote for quote in revision.quotes}
        at_place = (quote for quote in revision.quotes if quote.content.start == recorded.selector.start)
        quote = quotes.get(recorded.id) or next(at_place, None)
        is_new = self._is_later(revision.annotated_at)
        if quote is None:
            return [] if is_new else [f"revision {recorded.revision} of the archive has no such statement"], []
        line = evidence_statement(alone(revision, quote), self._archive.folder)
        now, then = json.loads(safe_json(line)), recorded.value
        compared = {*FIELDS} if revision.revision == document.revision and not document.gone_at else set()
        compared |= _ANNOTATED if is_new else set()
        noted, changed = self._note(recorded)
        copies = _copies_faults(then.get("copies"), document, self._archive)
        return [*self._fields(now, then, compared), *copies, *noted], changed

    def _fields(self, now: Mapping[str, Any], then: Mapping[str, Any], compared: Set[str]) -> Iterator[str]:
        """Yield how the fields of a line differ; those `compared` elsewhere may."""
        names = [name for name in then if name not in _OTHER_FIELDS]
        self.fields += len(names)
        for name in names:
            is_known = name in compared or (name in _TIMES and self._is_later(now.get(name)))
            if (now.get(name), name in now) != (then[name], True) and not is_known:
                yield f"{name} is {_shown(now.get(name))} in the archive, recorded as {_shown(then[name])}"
        # An earlier version may not have had a field, but then it is empty.
        for name, value in now.items():
            if value and name not in {*then, "copies", *self._lacks}:
                yield f"{name} is missing"

    def _note(self, recorded: Recorded) -> tuple[list[str], list[str]]:
        """Return how the user's note differs from the file, as a fault, and as a change since then."""
        note = self._notes.get(recorded.id)
        now = json.loads(safe_json(asdict(NoteFields() if note is None else note.fields)))
        empty = json.loads(safe_json(asdict(NoteFields())))
        then = {name: recorded.value.get(name, empty[name]) for name in _NOTE_FIELDS}
        self.fields += len(then)
        differences = [
            f"{name} is {_shown(now[name])} in the archive, recorded as {_shown(value)}"
            for name, value in then.items()
            if now[name] != value
        ]
        if differences and note is not None and self._is_later(note.at):
            return [], [f"the note on it was changed since: {difference}" for difference in differences]
        return differences, []

    def log(self, entries: Iterable[CustodyEntry], newest: Mapping[str, int]) -> Iterator[str]:
        """Yield how the custody log differs from the complete history of its documents, whose exported revisions are
        up to `newest`."""
        found: dict[_Key, CustodyEntry] = {}
        for entry in entries:
            key: _Key = (entry.document, entry.event, entry.revision)
            if entry.event != "exported":
                if key in found or entry.document not in newest:
                    yield f"entry {entry.number} ({entry.document}, {entry.event}) does not belong to this log"
                found[key] = entry
        of_documents: dict[str, list[_Key]] = {}
        for key in found:
            of_documents.setdefault(key[0], []).append(key)
        for document, last in newest.items():
            known = self._archive.get(document)
            if known is None:
                continue
            expected: dict[_Key, CustodyStep] = {}
            for number in range(1, min(last, known.revision) + 1):
                revision = self._revision(document, number)
                steps = history(revision) if revision is not None else ()
                expected |= {(document, step.event, number): step for step in steps}
            for key in dict.fromkeys([*expected, *of_documents.get(document, ())]):
                self.entries += 1
                yield from self._entry(key, found.get(key), expected.get(key))

    def _entry(self, key: _Key, entry: CustodyEntry | None, step: CustodyStep | None) -> Iterator[str]:
        what = f"({key[0]}, {key[1]}, revision {key[2]})"
        if step is not None and self._is_later(step.at):
            return  # read or annotated again since then
        if entry is None:
            yield f"an entry is missing that the archive has {what}"
        elif step is None:
            yield f"entry {entry.number} is not in the archive {what}"
        elif fault := difference(entry, step):
            yield fault

    def first_line(self, described: Described, exported: Mapping[str, int]) -> Iterator[str]:
        """Yield how the first line differs from the archive: the query, and whether it finds the statements, by id
        with the revision, of documents that are unchanged since then."""
        try:
            today = datetime.fromisoformat(self._made_at).date()
        except ValueError:
            yield f"the time at which it was made is not valid: {_shown(self._made_at)}"
            return
        try:
            found = self._asked(described, today)
        except (SearchkitError, ValueError) as error:
            yield f"its query cannot be answered: {error}"
            return
        if found.result.interpreted_as != described.interpreted_as:
            yield (
                f"its query means {_shown(found.result.interpreted_as)}, recorded as {_shown(described.interpreted_as)}"
            )
            return
        has_limit = "--limit=" in described.query or described.searchkit == _WITHOUT_LIMIT
        if described.matching != described.statements and not (has_limit and described.matching > described.statements):
            yield f"{counted(described.matching, 'statement')} matched, but the file has {described.statements:,}"
        if _CHANGING.search(described.interpreted_as):
            return
        if found.result.total == described.matching and list(found.result.notes) != described.notes:
            yield f"its notes are {_shown(list(found.result.notes))} in the archive"
        ids = {hit.id for hit in found.records.hits}
        for statement in exported.keys() - ids:
            yield f"its query does not find {statement}"

    def _asked(self, described: Described, today: date) -> Answer:
        option = _OPTION.search(described.query)
        words = described.query[: option.start()] if option else described.query
        filters: dict[str, list[str]] = {}
        for part in shlex.split(described.query[option.start() :]) if option else ():
            name, _, value = part.removeprefix("--").partition("=")
            filters.setdefault(name, []).append(value)
        since, until, _ = (filters.pop(name, [""])[-1] for name in ("since", "until", "limit"))
        return answer(
            self._archive,
            QueryRequest(
                query=words.strip() or "*",
                record="quote",
                today=today,
                copies=[filters.pop(name, None) for name in ("copies", "duplicates")] != [None, None],
                filters=filters,
                since=since,
                until=until,
                limit=ALL,
                sort="oldest",
            ),
        )

    def _is_later(self, time: object) -> bool:
        return isinstance(time, str) and time > self._made_at


def _copies_faults(written: Any, document: Document, archive: Archive) -> Iterator[str]:
    """Yield how the duplicates of a line differ from those that its document has now."""
    if not isinstance(written, dict):
        if document.copies:
            yield "copies is missing"
        return
    ids, number = written.get("ids"), written.get("number")
    if not isinstance(ids, list) or not all(isinstance(other, str) for other in ids):
        ids = [""]
    others = [archive.get(other.partition("-")[0]) for other in ids]
    is_group = all(other is not None and other.copies == document.copies != "" for other in others)
    is_count = type(number) is int and (number == len(others) or (number > len(others) == COPY_IDS))
    if written.get("group") != document.copies or not is_group or not is_count:
        yield f"copies is {_shown(document.copies)} in the archive, recorded as {_shown(written)}"


def head_faults(described: Described) -> Iterator[PartFault]:
    """Yield what the first line of a file states that its other lines contradict."""
    for key in sorted(described.unknown):
        yield PartFault(part="first line", reason=f"searchkit does not write the key {_shown(key)}")
    for entry in described.exports:
        if (entry.at, entry.by) != (described.made_at, described.searchkit):
            reason = (
                f"it was made {described.made_at} by {described.searchkit}, but entry {entry.number} says otherwise"
            )
            yield PartFault(part="first line", reason=reason)


def _shown(value: object) -> str:
    text = value if isinstance(value, str) and value else "none" if value in (None, "", [], ()) else safe_json(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
