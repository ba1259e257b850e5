"""Verify evidence: rebuild what an evidence file states from the archive and compare every field of every line; compare
its statements with what the archive holds today."""

import json
import os
import re
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from searchkit.archive import Archive
from searchkit.crawl.web.captures import Captures
from searchkit.errors import SearchkitError
from searchkit.export.evidence.findings import Capture, NearestWords, Part, RecordedPlace, VerdictRecord
from searchkit.export.evidence.form import CustodyEntry, text_digest
from searchkit.export.evidence.reading import FIELDS, EvidenceFile, Recorded, field_words
from searchkit.export.evidence.wacz import MAX_CAPTURE
from searchkit.export.evidence.writing import evidence_statement, history
from searchkit.export.records import Values
from searchkit.index.base import COPY_IDS
from searchkit.notes import NoteFields
from searchkit.records import STATEMENT
from searchkit.search.answer import ALL, Answer, QueryRequest, alone, answer
from searchkit.selectors import own_nearest, own_places, places
from searchkit.statements.document import Document, Quote
from searchkit.statements.text import Span, counted, safe_json

_NOTE_FIELDS = frozenset(NoteFields.__struct_fields__)
# Compared by themselves, or fixed by the form of a line.
_OTHER_FIELDS = frozenset({"schema", "copies"})
# A later run may set them without another change of the document.
_TIMES = frozenset({"fetched_at", "gone_at"})
# What a later annotation of the same text may find otherwise.
_ANNOTATED = frozenset({*STATEMENT, "statement", "language", "extractor_version"})
# Fields that lines by version 0.1.0 do not have.
_ADDED = frozenset({"host"})
_OF_ENTRY = ("at", "by", "address", "extractor_version", "statements", "sha256")
_SHOWN = 200
# `--copies` is the earlier name of `--duplicates`.
_OPTION = re.compile(r"(?:^|\s)--(?:[a-z]{1,20}=|(?:copies|duplicates)(?:\s|$))")
# The version of the programs that wrote no `--limit` into the first line.
_WITHOUT_LIMIT = "0.1.0"
# Values of these fields change without a change of a document.
_CHANGING = re.compile(r"\b(?:mark|tag|note|changed|disputed|spread|gone|copies):")

Revision = Callable[[str, int], Document | None]
"""Returns a revision of a document; None if there is none."""


class Rebuilder:
    """Rebuilds the lines of a file made then, and counts what it compares; `unchanged` are the ids of
    statements that are as recorded, in documents without a later revision. `revision` returns a revision of a document,
    or None."""

    def __init__(self, archive: Archive, file: EvidenceFile, *, revision: Revision) -> None:
        self._archive = archive
        self._file = file
        self._revision = revision
        self._made_at = file.head.made_at
        self._is_old = file.head.searchkit == _WITHOUT_LIMIT
        self._notes = archive.notes()
        self.fields = self.entries = 0
        self.unchanged: set[str] = set()

    def statement(self, recorded: Recorded, document: Document) -> tuple[list[str], list[str]]:
        """Return how a line differs from what the archive has of it, and how the user's note on it changed since.
        `document` is its document now: fields of FIELDS are left to the comparison with it."""
        revision = self._revision(document.id, recorded.revision)
        if revision is None:
            return [f"the archive has no revision {recorded.revision}"], []
        quotes = {quote.content.start: quote for quote in reversed(revision.quotes)}
        quote = {quote.id: quote for quote in revision.quotes}.get(recorded.id) or quotes.get(recorded.start)
        is_new = self._is_later(revision.annotated_at)
        if quote is None:
            return [] if is_new else [f"revision {recorded.revision} of the archive has no such statement"], []
        line = evidence_statement(alone(revision, quote, self._notes), self._archive.folder)
        is_current = revision.revision == document.revision and not document.gone_at
        compared = {*(FIELDS if is_current else ()), *(_ANNOTATED if is_new else ())}
        faults, noted = self._fields(json.loads(safe_json(line)), recorded.value, compared)
        faults += self._copies(recorded.value.get("copies"), document)
        note = self._notes.get(recorded.id)
        if note is not None and self._is_later(note.at):
            return faults, [f"the note on it was changed since: {difference}" for difference in noted]
        return [*faults, *noted], []

    def _fields(
        self, now: Mapping[str, Any], then: Mapping[str, Any], compared: Set[str]
    ) -> tuple[list[str], list[str]]:
        """Return how the fields of a line differ, those of the user's note by themselves; those `compared` elsewhere
        may. An earlier version may not have had a field, but then it is empty."""
        faults: list[str] = []
        noted: list[str] = []
        lacks = _ADDED if self._is_old else frozenset()
        for name in dict.fromkeys([*then, *now]):
            if name in _OTHER_FIELDS:
                continue
            self.fields += name in then or name in _NOTE_FIELDS
            if name in then and (now.get(name), name in now) != (then[name], True):
                if name not in compared and not (name in _TIMES and self._is_later(now.get(name))):
                    change = f"{name} is {_shown(now.get(name))} in the archive, recorded as {_shown(then[name])}"
                    (noted if name in _NOTE_FIELDS else faults).append(change)
            elif name not in then and now[name] and name not in lacks:
                (noted if name in _NOTE_FIELDS else faults).append(f"{name} is missing")
        return faults, noted

    def _copies(self, written: Any, document: Document) -> Iterator[str]:
        """Yield how the duplicates of a line differ from those that its document has now."""
        if not isinstance(written, dict):
            if document.copies:
                yield "copies is missing"
            return
        ids, number = written.get("ids"), written.get("number")
        if not isinstance(ids, list) or not all(isinstance(other, str) for other in ids):
            ids = [""]
        others = [self._archive.get(other.partition("-")[0]) for other in ids]
        is_group = all(other is not None and other.copies == document.copies != "" for other in others)
        is_count = type(number) is int and (number == len(others) or (number > len(others) == COPY_IDS))
        if written.get("group") != document.copies or not is_group or not is_count:
            yield f"copies is {_shown(document.copies)} in the archive, recorded as {_shown(written)}"

    def parts(self) -> Iterator[tuple[Part, str]]:
        """Yield how the custody log and the first line differ from the archive, after all statements."""
        for reason in self._log() if self._file.has_log else ():
            yield "custody log", reason
        for reason in self._first_line():
            yield "first line", reason

    def _log(self) -> Iterator[str]:
        """Yield how the custody log differs from the complete history of its documents, up to the exported revision."""
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
                self.entries += 1
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

    def _first_line(self) -> Iterator[str]:
        """Yield how the first line differs from the archive: the query, and whether it finds the statements that are
        unchanged since then."""
        head = self._file.head
        try:
            found = self._asked(head.query, datetime.fromisoformat(self._made_at).date())
        except (SearchkitError, ValueError) as error:
            yield f"its query cannot be answered as at {_shown(self._made_at)}: {error}"
            return
        meant = found.result.interpreted_as
        if meant != head.interpreted_as:
            yield f"its query means {_shown(meant)}, recorded as {_shown(head.interpreted_as)}"
            return
        number = self._file.statements
        has_limit = "--limit=" in head.query or self._is_old
        if head.matching != number and not (has_limit and head.matching > number):
            yield f"{counted(head.matching, 'statement')} matched, but the file has {number:,}"
        if _CHANGING.search(head.interpreted_as):
            return
        if found.result.total == head.matching and found.result.notes != head.notes:
            yield f"its notes are {_shown(found.result.notes)} in the archive"
        for statement in sorted(self.unchanged - {hit.id for hit in found.records.hits}):
            yield f"its query does not find {statement}"

    def _asked(self, query: str, today: date) -> Answer:
        """Return the answer to a query with options, as a first line has it."""
        option = _OPTION.search(query)
        words = query[: option.start()] if option else query
        filters: dict[str, list[str]] = {}
        for part in shlex.split(query[option.start() :]) if option else ():
            name, _, value = part.removeprefix("--").partition("=")
            filters.setdefault(name, []).append(value)
        since, until, _ = (filters.pop(name, [""])[-1] for name in ("since", "until", "limit"))
        request = QueryRequest(
            query=words.strip() or "*",
            record="quote",
            today=today,
            copies=[filters.pop(name, None) for name in ("copies", "duplicates")] != [None, None],
            filters=filters,
            since=since,
            until=until,
            limit=ALL,
            sort="oldest",
        )
        return answer(self._archive, request)

    def _is_later(self, time: object) -> bool:
        return isinstance(time, str) and time > self._made_at


def _shown(value: object) -> str:
    text = value if isinstance(value, str) and value else "none" if value in (None, "", [], ()) else safe_json(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


# --- statements -------------------------------------------------------------------------------------------------------

# Statements of a document, and its revisions, are close together in a file.
_DOCUMENTS_CACHED = 32
_OF_ARTICLE = ("title", "published", "outlet", "url")
# What a statement says, besides its words.
_MEANING = frozenset({"speaker", "verb", "negated"})
_REACH = 500  # characters of a sentence before and after the words


class _Article:
    """A document of the archive: its statements by the place of their words, its revisions by the digest of their
    text, the latest of several."""

    def __init__(self, document: Document, revision: Revision) -> None:
        self.document = document
        self.standing: dict[tuple[int, int], list[Quote]] = {}
        for quote in document.quotes:
            self.standing.setdefault((quote.content.start, quote.content.end), []).append(quote)
        revisions = (revision(document.id, number) for number in range(1, document.revision + 1))
        self.by_digest = {text_digest(each): each.revision for each in filter(None, revisions)}


class Comparison:
    """The comparison of a file with an archive, in one pass; documents and captures that several statements share are
    read once. `rebuilder` counts what was compared."""

    def __init__(self, archive: Archive, file: EvidenceFile) -> None:
        self._archive = archive
        self._captures = Captures(archive.databases.captures)
        self._revision = lru_cache(maxsize=_DOCUMENTS_CACHED)(archive.revision)
        self._article = lru_cache(maxsize=_DOCUMENTS_CACHED)(self._read)
        self._capture = lru_cache(maxsize=4096)(self._kept)
        self.rebuilder = Rebuilder(archive, file, revision=self._revision)

    def verdict(self, recorded: Recorded) -> tuple[VerdictRecord, list[str]]:
        """Return the verdict for a statement, and how the user's note on it changed since.

        - same: its words stand in the same place. `remarks` say if the article changed elsewhere.
        - moved: they stand elsewhere in the article, at `places`; several places cannot be distinguished.
        - changed: they are no longer there, and `nearest` is the most similar passage; or they are there, but by
          another speaker, with another verb, negated, or as a part of another statement.
        - gone: the archive keeps the document, but its source has not had it since `gone_at`.
        - missing: the archive has no such document.
        """
        article = self._article(recorded.document)
        verdict = VerdictRecord(
            status="missing",
            line=recorded.line,
            id=recorded.id,
            document=recorded.document,
            text=recorded.text,
            recorded=RecordedPlace(start=recorded.start, end=recorded.end, revision=recorded.revision),
            capture=self._captured(recorded),
            remarks=[],
        )
        if article is None:
            verdict.remarks += self._successor(recorded)
            return verdict, []
        document, number = article.document, article.by_digest.get(recorded.sha256.text)
        kept = self._revision(document.id, number) if number else None
        verdict.revision = document.revision
        if kept is not None and kept.text.startswith(recorded.text, recorded.start):
            verdict.kept_in = kept.revision
        if document.gone_at:
            verdict.status, verdict.gone_at = "gone", document.gone_at
            verdict.remarks += self._successor(recorded)
        else:
            self._compare(verdict, recorded, article, kept)
        faults, notices = self.rebuilder.statement(recorded, document)
        verdict.remarks += faults
        if verdict.status == "same" and verdict.revision == recorded.revision and not verdict.remarks:
            self.rebuilder.unchanged.add(recorded.id)
        return verdict, notices

    def _read(self, document_id: str) -> _Article | None:
        document = self._archive.get(document_id)
        return None if document is None else _Article(document, self._revision)

    def _successor(self, recorded: Recorded) -> Iterator[str]:
        """Yield that another document has the address of one that is gone or missing, or even its words."""
        successor = self._archive.at(recorded.uri) if recorded.uri else None
        if successor is not None and successor.id != recorded.document and not successor.gone_at:
            has_words = ", which has these words too" if places(successor.text, recorded.selector) else ""
            yield f"its address now has document {successor.id}{has_words}"

    def _compare(self, verdict: VerdictRecord, recorded: Recorded, article: _Article, kept: Document | None) -> None:
        """Fill the verdict for a document that the archive has; `kept` is its revision with the recorded text."""
        document = article.document
        wanted, then = recorded.selector, kept.text if kept is not None and verdict.kept_in else ""
        is_same_text = kept is not None and kept.text == document.text
        found: tuple[int, ...] = (wanted.start,)
        if not (is_same_text and then):
            if is_same_text:
                verdict.remarks.append("the recorded text has other words in this place: the file was modified")
            elif recorded.end != wanted.end:
                verdict.remarks.append("these words do not fit their recorded place: the file was modified")
            found = own_places(document.text, wanted, then)
        verdict.status = "same" if found == (wanted.start,) else "moved" if found else "changed"
        verdict.places = found if verdict.status == "moved" else ()
        close = own_nearest(document.text, wanted, then) if not found else None
        if close is not None:
            start, end, words = close.span.start, close.span.end, close.span.of(document.text)
            verdict.nearest = NearestWords(start=start, end=end, text=words, likeness=close.likeness)
            verdict.sentence = _sentence(document, close.span)
        self._compare_fields(verdict, recorded, article, found, unchanged=is_same_text and bool(then))

    def _compare_fields(
        self, verdict: VerdictRecord, recorded: Recorded, article: _Article, found: Sequence[int], *, unchanged: bool
    ) -> None:
        """Add how the article, and the statement at one of the places `found`, differ from the record.

        In another sentence, the same words may say the opposite: they are changed if the article now attributes them
        otherwise. If its text is `unchanged`, only our annotations differ."""
        document, length = article.document, len(recorded.text)
        standing = [quote for place in found for quote in article.standing.get((place, place + length), ())]
        now = [field_words(Values(alone(document, quote)).plain([*FIELDS])) for quote in standing]
        now = now or [field_words(Values(alone(document)).plain(_OF_ARTICLE))]
        then = field_words(recorded.value)
        # Of several statements with the same words, the one with the fewest differences is compared.
        different = [_differing(then, reading) for reading in now]
        differences = min(different, key=lambda found: (len(_MEANING.intersection(found)), len(found)))
        remarks = [
            f"the {FIELDS[name]} is now: {value or 'none'}, recorded as {then[name] or 'none'}"
            for name, value in differences.items()
        ]
        if found and not standing:
            remarks.insert(0, "these words are no longer a statement of their own")
        if found and not unchanged:
            if not any(_stands(recorded, document, place) for place in found):
                verdict.sentence = _sentence(document, Span(found[0], found[0] + length), standing)
                is_changed = not standing or not _MEANING.isdisjoint(differences)
            else:
                is_changed = "speaker" in differences  # named elsewhere
                if not is_changed and verdict.status == "same":
                    remarks.insert(0, "the article has changed elsewhere")
            verdict.status = "changed" if is_changed else verdict.status
        verdict.remarks += remarks

    def _captured(self, recorded: Recorded) -> Capture:
        if not recorded.sha256.raw:
            return "not kept"
        kept = self._capture(recorded.sha256.raw)
        return "missing" if kept == "not kept" and recorded.capture else kept

    def _kept(self, digest: str) -> Capture:
        if not os.path.lexists(self._captures.path(digest)):
            return "not kept"
        return "damaged" if self._captures.read(digest, max_bytes=MAX_CAPTURE) is None else "intact"


def _differing(then: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str]:
    """Return the values of now that differ from those recorded; fields that either lacks are not compared."""
    return {name: now[name] for name, value in then.items() if name in now and now[name] != value}


def _stands(recorded: Recorded, document: Document, place: int) -> bool:
    """Return whether the words at `place` stand in the recorded sentence."""
    sentence = recorded.sentence
    around = document.text[max(0, place - len(sentence)) : place + len(recorded.text) + len(sentence)]
    return bool(sentence) and sentence in around


def _sentence(document: Document, span: Span, standing: Sequence[Quote] = ()) -> str | None:
    """Return the sentence of the words at `span`, that of the statement with its attribution if it is one."""
    if not span.of(document.text).strip():
        return None
    found = document.sentence_of(standing[0]) if standing else document.sentences_around(span, _REACH)
    return found.of(document.text)
