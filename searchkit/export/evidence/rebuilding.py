"""Rebuild statements and custody log of an evidence file from the archive, and compare them field by field."""

import json
from collections.abc import Callable, Iterator

from searchkit.archive import Archive
from searchkit.export.evidence.form import CustodyEntry
from searchkit.export.evidence.reading import FIELDS, EvidenceFile, Recorded
from searchkit.export.evidence.writing import evidence_statement, history
from searchkit.notes import NoteFields
from searchkit.records import STATEMENT
from searchkit.search.answer import alone
from searchkit.statements.document import Document
from searchkit.statements.text import safe_json

# Others may change them without a change of the document; version 0.1.0 wrote no host.
_NOT_COMPARED = frozenset({"schema", "copies", "host", *NoteFields.__struct_fields__})
# A later run may set them without another change of the document.
_TIMES = frozenset({"fetched_at", "gone_at"})
# What a later annotation of the same text may find otherwise.
_ANNOTATED = frozenset({*STATEMENT, "statement", "language", "extractor_version"})
_OF_ENTRY = ("at", "by", "address", "extractor_version", "statements", "sha256")
_SHOWN = 200

Revision = Callable[[str, int], Document | None]
"""Returns a revision of a document; None if there is none."""


class Rebuilder:
    """Rebuilds the lines of a file; `revision` returns a revision of a document, or None."""

    def __init__(self, archive: Archive, file: EvidenceFile, *, revision: Revision) -> None:
        self._archive = archive
        self._file = file
        self._revision = revision

    def statement(self, recorded: Recorded, document: Document) -> Iterator[str]:
        """Yield how a line differs from what the archive has of it. `document` is its document now: fields of FIELDS
        are left to the comparison with it."""
        revision = self._revision(document.id, recorded.revision)
        if revision is None:
            yield f"the archive has no revision {recorded.revision}"
            return
        is_new = self._is_later(revision.annotated_at)
        quotes = {quote.content.start: quote for quote in reversed(revision.quotes)}
        quote = {quote.id: quote for quote in revision.quotes}.get(recorded.id) or quotes.get(recorded.start)
        if quote is None:
            if not is_new:
                yield f"revision {recorded.revision} of the archive has no such statement"
            return
        now = json.loads(safe_json(evidence_statement(alone(revision, quote), self._archive.folder)))
        then = recorded.value
        is_current = revision.revision == document.revision and not document.gone_at
        skipped = {*_NOT_COMPARED, *(FIELDS.keys() & then if is_current else ()), *(_ANNOTATED if is_new else ())}
        skipped |= {name for name in _TIMES if self._is_later(now.get(name))}
        for name in dict.fromkeys([*then, *now]):
            # An earlier version may not have had a field, but then it is empty.
            if name not in skipped and (now.get(name) or None) != (then.get(name) or None):
                yield f"{name} is {_shown(now.get(name))} in the archive, recorded as {_shown(then.get(name))}"

    def log(self) -> Iterator[str]:
        """Yield how the custody log differs from the history of its documents, up to the exported revision."""
        newest = dict(self._file.log.revisions())
        found: dict[str, dict[tuple[str, int], CustodyEntry]] = {}
        for entry in self._file.log.entries:
            key: tuple[str, int] = (entry.event, entry.revision)
            known = found.setdefault(entry.document, {})
            if key in known or entry.document not in newest:
                yield f"entry {entry.number} ({entry.document}, {entry.event}) does not belong to this log"
            elif entry.event != "exported":
                known[key] = entry
        for document, last in newest.items():
            now = self._archive.get(document)
            if now is None:
                continue
            entries = found.get(document, {})
            revisions = (self._revision(document, number) for number in range(1, min(last, now.revision) + 1))
            steps: dict[tuple[str, int], CustodyEntry] = {}
            for revision in filter(None, revisions):
                steps |= {(step.event, step.revision): step for step in history(revision)}
            for key in dict.fromkeys([*steps, *entries]):
                what = f"({document}, {key[0]}, revision {key[1]})"
                yield from self._entry(what, entries.get(key), steps.get(key))

    def _entry(self, what: str, entry: CustodyEntry | None, step: CustodyEntry | None) -> Iterator[str]:
        if step is not None and self._is_later(step.at):
            return  # read or annotated again since then
        if entry is None:
            yield f"an entry is missing that the archive has {what}"
        elif step is None:
            yield f"entry {entry.number} is not in the archive {what}"
        else:
            for name in _OF_ENTRY:
                then, now = getattr(entry, name), getattr(step, name)
                if then != now:
                    yield f"entry {entry.number} {what} has {name} {then or 'none'}; the archive has {now or 'none'}"

    def _is_later(self, time: object) -> bool:
        return isinstance(time, str) and time > self._file.head.made_at


def _shown(value: object) -> str:
    text = value if isinstance(value, str) and value else "none" if value in (None, "", [], ()) else safe_json(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
