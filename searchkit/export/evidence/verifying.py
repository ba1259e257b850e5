"""Verify evidence: compare the statements of an evidence file with what the archive holds today."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from searchkit.archive import Archive
from searchkit.crawl.web.captures import CaptureHistory, Captures, capture_history
from searchkit.crawl.web.pages import Response
from searchkit.export.evidence.custody import CustodyEntry, text_digest
from searchkit.export.evidence.form import WithoutCapture
from searchkit.export.evidence.reading import FIELDS, BadLine, Described, PartFault, Recorded, field_words
from searchkit.export.evidence.rebuilding import Rebuilder, Revision
from searchkit.export.evidence.wacz import MAX_CAPTURE, capture_of
from searchkit.export.evidence.wacz_check import described_capture
from searchkit.export.records import Values
from searchkit.search.answer import alone
from searchkit.selectors import Nearest, Selector, own_nearest, own_places, places
from searchkit.statements.document import Document, Quote
from searchkit.statements.text import Span, redacted

Status = Literal["same", "moved", "changed", "gone", "missing"]
Capture = Literal["intact", "damaged", "missing", "not kept"]

# Statements of a document, and its revisions, are close together in a file.
_DOCUMENTS_CACHED = 32
_OF_ARTICLE = ("title", "published", "outlet", "url")
# What a statement says, besides its words.
_MEANING = frozenset({"speaker", "verb", "negated"})
_REACH = 500  # characters of a sentence before and after the words


class Verdict(Struct, frozen=True, kw_only=True):
    """The result for one statement.

    - same: its words stand in the same place. `remarks` say if the article changed elsewhere.
    - moved: they stand elsewhere in the article, at `places`; several places cannot be distinguished.
    - changed: they are no longer there, and `nearest` is the most similar passage, with its words in `instead`; or they
      are there, but by another speaker, with another verb, negated, or as a part of another statement.
    - gone: the archive keeps the document, but its source has not had it since `gone_at`.
    - missing: the archive has no such document.

    `sentence` is what stands there now, if it is not the recorded sentence.
    `document` and `revision` were compared (0: none). `kept_in` is the revision with the recorded text, or None.
    `capture`: the bytes the document was made from. `remarks` are other differences, in words;
    `notices` are changes of the user's note since then, which count as the user's own.
    """

    recorded: Recorded
    status: Status
    document: str
    revision: int = 0
    places: tuple[int, ...] = ()
    nearest: Nearest | None = None
    instead: str = ""
    sentence: str = ""
    gone_at: str = ""
    kept_in: int | None = None
    capture: Capture = "not kept"
    remarks: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()

    @property
    def is_as_recorded(self) -> bool:
        """Return whether there is nothing to report."""
        return (
            self.status == "same" and not self.remarks and not self.sentence and self.capture in {"intact", "not kept"}
        )


class Comparison:
    """The comparison of a described file with an archive, in one pass; documents and captures that several statements
    share are read once. `rebuilder` counts what was compared."""

    def __init__(self, archive: Archive, described: Described) -> None:
        self._archive = archive
        self._described = described
        self._captures = Captures(archive.databases.captures)
        self._document = lru_cache(maxsize=_DOCUMENTS_CACHED)(archive.get)
        self._revision = lru_cache(maxsize=_DOCUMENTS_CACHED)(archive.revision)
        self._digest = lru_cache(maxsize=2 * _DOCUMENTS_CACHED)(self._digest_of)
        self._by_digest = lru_cache(maxsize=_DOCUMENTS_CACHED)(self._digests_of)
        self._by_place = lru_cache(maxsize=_DOCUMENTS_CACHED)(self._places_of)
        self._capture = lru_cache(maxsize=4096)(self._kept)
        self.rebuilder = Rebuilder(archive, described, revision=self._revision)

    def results(self, recorded: Iterable[Recorded | CustodyEntry | BadLine]) -> Iterator[Verdict | PartFault | BadLine]:
        """Yield a verdict for each statement, then the differences of the custody log and the first line; bad lines are
        passed through."""
        entries: list[CustodyEntry] = []
        newest: dict[str, int] = {}
        unchanged: dict[str, int] = {}
        for line in recorded:
            if isinstance(line, CustodyEntry):
                entries.append(line)
                continue
            if isinstance(line, Recorded):
                newest[line.document] = max(line.revision, newest.get(line.document, 0))
                verdict = self.verdict(line)
                if verdict.status == "same" and verdict.revision == line.revision and not verdict.remarks:
                    unchanged[line.id] = line.revision
                yield verdict
            else:
                yield line
        if self._described.has_log:
            for reason in self.rebuilder.log(entries, newest):
                yield PartFault(part="custody log", reason=reason)
        for reason in self.rebuilder.first_line(self._described, unchanged):
            yield PartFault(part="first line", reason=reason)

    @contextmanager
    def captures(self) -> "Iterator[KeptCaptures]":
        """Open the captures of the archive, for comparison with a WACZ file."""
        with capture_history(self._archive.databases.frontier) as history:
            yield KeptCaptures(self._captures, history, self._revision)

    def verdict(self, recorded: Recorded) -> Verdict:
        """Return the verdict for a statement."""
        document = self._document(recorded.document)
        if document is None or document.gone_at:
            found = self._gone(recorded, document)
        else:
            found = self._compared(recorded, document)
        faults, notices = self.rebuilder.statement(recorded, document) if document is not None else ([], [])
        return replace(
            found,
            remarks=(*found.remarks, *faults),
            notices=tuple(notices),
            kept_in=self._kept_in(recorded, document),
            capture=self._captured(recorded),
        )

    def _compared(self, recorded: Recorded, document: Document) -> Verdict:
        wanted = recorded.selector
        verdict = Verdict(recorded=recorded, status="same", document=document.id, revision=document.revision)
        unchanged = self._digest(document.id, document.revision) == recorded.text_digest
        if unchanged and document.text[wanted.start : wanted.end] == wanted.exact:
            return self._with_differences(verdict, document, (wanted.start,), unchanged=True)
        if unchanged:  # and lacks the words
            verdict = replace(
                verdict, remarks=("the recorded text has other words in this place: the file was modified",)
            )
        elif recorded.end != wanted.end:
            verdict = replace(verdict, remarks=("these words do not fit their recorded place: the file was modified",))
        then = self._text_of(recorded, document)
        found = own_places(document.text, wanted, then)
        if found:
            moved = found != (wanted.start,)
            verdict = replace(verdict, status="moved", places=found) if moved else verdict
            return self._with_differences(verdict, document, found)
        close = own_nearest(document.text, wanted, then)
        if close is None:
            return self._with_differences(replace(verdict, status="changed"), document, ())
        instead, sentence = close.span.of(document.text), _sentence(document, close.span)
        verdict = replace(verdict, status="changed", nearest=close, instead=instead, sentence=sentence)
        return self._with_differences(verdict, document, ())

    def _with_differences(
        self, verdict: Verdict, document: Document, found: Sequence[int], *, unchanged: bool = False
    ) -> Verdict:
        """Add how the article, and the statement at one of the places `found`, differ from the record.

        In another sentence, the same words may say the opposite: they are changed if the article now attributes them
        otherwise. If its text is `unchanged`, only our annotations differ."""
        recorded = verdict.recorded
        length = len(recorded.selector.exact)
        standing = [quote for place in found for quote in self._by_place(document.id).get((place, place + length), ())]
        now = field_words(Values(alone(document)).plain(_OF_ARTICLE))
        readings = [field_words(Values(alone(document, quote)).plain([*FIELDS])) for quote in standing]
        differences = min((_differing(recorded, reading) for reading in readings or [now]), key=_weight)
        remarks = [
            f"the {FIELDS[name]} is now: {then or 'none'}, recorded as {recorded.fields[name] or 'none'}"
            for name, then in differences.items()
        ]
        if not found:
            return replace(verdict, remarks=(*verdict.remarks, *remarks))
        if not standing:
            remarks.insert(0, "these words are no longer a statement of their own")
        if not unchanged and not any(_stands(recorded, document, place) for place in found):
            place = Span(found[0], found[0] + length)
            verdict = replace(verdict, sentence=_sentence(document, place, standing))
            if not standing or not _MEANING.isdisjoint(differences):
                verdict = replace(verdict, status="changed")
        elif not unchanged and "speaker" in differences:  # named elsewhere
            verdict = replace(verdict, status="changed")
        elif not unchanged and verdict.status == "same":
            remarks.insert(0, "the article has changed elsewhere")
        return replace(verdict, remarks=(*verdict.remarks, *remarks))

    def _gone(self, recorded: Recorded, document: Document | None) -> Verdict:
        """Return the verdict for a document that is gone or missing. That another one has its address, or even its
        words, is a remark: it is another document."""
        verdict = Verdict(
            recorded=recorded,
            status="gone" if document else "missing",
            document=recorded.document,
            revision=document.revision if document else 0,
            gone_at=document.gone_at if document else "",
        )
        successor = self._archive.at(recorded.uri) if recorded.uri else None
        if successor is None or successor.id == recorded.document or successor.gone_at:
            return verdict
        has_words = ", which has these words too" if places(successor.text, recorded.selector) else ""
        return replace(verdict, remarks=(f"its address now has document {successor.id}{has_words}",))

    def _kept_in(self, recorded: Recorded, document: Document | None) -> int | None:
        """Return the revision, usually the latest, whose text is as recorded, with the words in place."""
        revision = None if document is None else self._revision_with_text(recorded, document)
        return revision.revision if revision is not None and _has_words(revision, recorded.selector) else None

    def _revision_with_text(self, recorded: Recorded, document: Document) -> Document | None:
        """Return the revision, usually the latest, whose text is as recorded."""
        number = next(
            (
                number
                for number in (document.revision, recorded.revision)
                if self._digest(document.id, number) == recorded.text_digest
            ),
            None,
        ) or self._by_digest(document.id).get(recorded.text_digest)
        return self._revision(document.id, number) if number else None

    def _text_of(self, recorded: Recorded, document: Document) -> str:
        """Return the recorded text; empty if the archive does not have it, or not with the words in their place."""
        revision = self._revision_with_text(recorded, document)
        return revision.text if revision is not None and _has_words(revision, recorded.selector) else ""

    def _digest_of(self, document_id: str, number: int) -> str:
        revision = self._revision(document_id, number)
        return text_digest(revision) if revision is not None else ""

    def _digests_of(self, document_id: str) -> Mapping[str, int]:
        """Return all revisions of a document by the digests of their texts."""
        document = self._document(document_id)
        newest = document.revision if document is not None else 0
        return {self._digest_of(document_id, number): number for number in range(1, newest + 1)}

    def _places_of(self, document_id: str) -> Mapping[tuple[int, int], list[Quote]]:
        """Return the statements of a document by the place of their words."""
        found: dict[tuple[int, int], list[Quote]] = {}
        document = self._document(document_id)
        for quote in document.quotes if document is not None else ():
            found.setdefault((quote.content.start, quote.content.end), []).append(quote)
        return found

    def _captured(self, recorded: Recorded) -> Capture:
        if not recorded.raw_digest:
            return "not kept"
        kept = self._capture(recorded.raw_digest)
        return "missing" if kept == "not kept" and recorded.capture else kept

    def _kept(self, digest: str) -> Capture:
        if not os.path.lexists(self._captures.path(digest)):
            return "not kept"
        return "damaged" if self._captures.read(digest, max_bytes=MAX_CAPTURE) is None else "intact"


class KeptCaptures:
    """The captures of an archive and their history; `revision` returns a revision of a document, or None."""

    def __init__(self, captures: Captures, history: CaptureHistory, revision: Revision) -> None:
        self._captures = captures
        self._history = history
        self._revision = revision

    def described(self, recorded: Recorded) -> tuple[Any, ...] | None:
        """Return what the record of the capture of a statement states; None if the archive has no such capture."""
        document = self._revision(recorded.document, recorded.revision)
        response = capture_of(document, self._captures, self._history) if document is not None else None
        return described_capture(response) if isinstance(response, Response) else None

    def faults_without(self, listed: Iterable[WithoutCapture]) -> Iterator[str]:
        """Yield which documents are wrongly `listed` as without capture."""
        for each in listed:
            document = self._revision(each.document, 1)
            if document is not None and redacted(document.uri) != each.uri:
                yield f"document {each.document} has the address {redacted(document.uri)} in the archive"


def _has_words(document: Document, wanted: Selector) -> bool:
    return document.text[wanted.start : wanted.end] == wanted.exact


def _differing(recorded: Recorded, now: Mapping[str, str]) -> dict[str, str]:
    """Return the values of now that differ from those recorded; fields that either lacks are not compared."""
    return {name: now[name] for name, then in recorded.fields.items() if name in now and now[name] != then}


def _weight(differences: Mapping[str, str]) -> tuple[int, int]:
    """Of several statements with the same words, the one with the fewest differences is compared."""
    return len(_MEANING.intersection(differences)), len(differences)


def _stands(recorded: Recorded, document: Document, place: int) -> bool:
    """Return whether the words at `place` stand in the recorded sentence."""
    sentence = recorded.sentence
    around = document.text[max(0, place - len(sentence)) : place + len(recorded.selector.exact) + len(sentence)]
    return bool(sentence) and sentence in around


def _sentence(document: Document, span: Span, standing: Sequence[Quote] = ()) -> str:
    """Return the sentence of the words at `span`, that of the statement with its attribution if it is one."""
    if not span.of(document.text).strip():
        return ""
    quote = next(iter(standing), None)
    found = document.sentences_around(span, _REACH) if quote is None else document.sentence_of(quote)
    return found.of(document.text)
