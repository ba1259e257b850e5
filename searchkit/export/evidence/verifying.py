"""Verify evidence: compare the statements of an evidence file with what the archive holds today."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Literal

from msgspec import Struct, to_builtins
from msgspec.structs import replace

from searchkit.archive import Archive
from searchkit.crawl.web.captures import Captures
from searchkit.document import Document, Quote
from searchkit.export.evidence.form import CAPTURES, text_digest
from searchkit.export.evidence.reading import FIELDS, BadLine, Recorded, field_words
from searchkit.export.records import article_record
from searchkit.records import statement_record
from searchkit.selectors import Nearest, nearest, places

Status = Literal["same", "moved", "changed", "gone", "missing"]
Capture = Literal["intact", "damaged", "missing", "not kept"]

# Statements of a document, and its revisions, are close together in a file.
_DOCUMENTS_CACHED = 32
# Far above the limit for responses.
_MAX_CAPTURE = 1_000_000_000


class Verdict(Struct, frozen=True, kw_only=True):
    """The result for one statement.

    - same: its words stand in the same place. `remarks` say if the article changed elsewhere.
    - moved: they stand elsewhere in the article, at `places`; several places cannot be distinguished.
    - changed: they are no longer there; `nearest` is the most similar passage, with its words in `instead`.
    - gone: the archive keeps the document, but its source has not had it since `gone_at`.
    - missing: the archive has no such document.

    `document` and `revision` were compared (0: none). `kept_in` is the revision with the recorded text, or None.
    `capture`: the bytes the document was made from. `remarks` are other differences, in words.
    """

    recorded: Recorded
    status: Status
    document: str
    revision: int = 0
    places: tuple[int, ...] = ()
    nearest: Nearest | None = None
    instead: str = ""
    gone_at: str = ""
    kept_in: int | None = None
    capture: Capture = "not kept"
    remarks: tuple[str, ...] = ()

    @property
    def is_as_recorded(self) -> bool:
        """Return whether there is nothing to report."""
        return self.status == "same" and not self.remarks and self.capture in {"intact", "not kept"}


def verify(archive: Archive, recorded: Iterable[Recorded | BadLine]) -> Iterator[Verdict | BadLine]:
    """Yield a verdict for each statement of a file, in order; bad lines are passed through."""
    verifier = _Verifier(archive)
    for statement in recorded:
        yield statement if isinstance(statement, BadLine) else verifier.verdict(statement)


class _Verifier:
    """Verifies a file in one pass; documents and captures that several statements share are read once."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._captures = Captures(archive.folder / CAPTURES)
        self._document = lru_cache(maxsize=_DOCUMENTS_CACHED)(archive.get)
        self._revision = lru_cache(maxsize=_DOCUMENTS_CACHED)(archive.revision)
        self._digest = lru_cache(maxsize=2 * _DOCUMENTS_CACHED)(self._digest_of)
        self._by_digest = lru_cache(maxsize=_DOCUMENTS_CACHED)(self._digests_of)
        self._by_place = lru_cache(maxsize=_DOCUMENTS_CACHED)(self._places_of)
        self._capture = lru_cache(maxsize=4096)(self._kept)

    def verdict(self, recorded: Recorded) -> Verdict:
        """Return the verdict for a statement."""
        document = self._document(recorded.document)
        if document is None or document.gone_at:
            found = self._gone(recorded, document)
        else:
            found = self._compared(recorded, document)
        return replace(found, kept_in=self._kept_in(recorded, document), capture=self._captured(recorded))

    def _compared(self, recorded: Recorded, document: Document) -> Verdict:
        wanted = recorded.selector
        verdict = Verdict(recorded=recorded, status="same", document=document.id, revision=document.revision)
        unchanged = self._digest(document.id, document.revision) == recorded.text_digest
        if unchanged and document.text[wanted.start : wanted.end] == wanted.exact:
            return replace(verdict, remarks=self._annotation_changes(recorded, document))
        # The text is unchanged and lacks the words: the file was modified, not the archive.
        altered = ("the recorded text has other words in this place: the file was modified",) if unchanged else ()
        found = places(document.text, wanted)
        if found == (wanted.start,):
            changed = "the article has changed elsewhere"
            return replace(verdict, remarks=(changed, *self._annotation_changes(recorded, document)))
        if found:
            return replace(verdict, status="moved", places=found, remarks=altered)
        close = nearest(document.text, wanted)
        instead = close.span.of(document.text) if close else ""
        return replace(verdict, status="changed", nearest=close, instead=instead, remarks=altered)

    def _annotation_changes(self, recorded: Recorded, document: Document) -> tuple[str, ...]:
        """Return how the same words in the same place are now annotated differently."""
        remarks = []
        if recorded.title != document.title:
            remarks.append(f"the title is now: {document.title or 'none'}")
        quotes = self._by_place(document.id).get((recorded.selector.start, recorded.selector.end), ())
        if not quotes:
            remarks.append("these words are no longer annotated as a statement")
        elif recorded.speaker not in {quote.speaker.name for quote in quotes}:
            now, then = quotes[0].speaker.name or "unknown", recorded.speaker or "unknown"
            remarks.append(f"the speaker is now: {now}, recorded as {then}")
        return (*remarks, *_field_changes(recorded, quotes, document))

    def _gone(self, recorded: Recorded, document: Document | None) -> Verdict:
        """Return the verdict for a document that is gone or missing; another one may have its address and words."""
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
        verdict = replace(verdict, remarks=(f"its address now has document {successor.id}",))
        if not (found := places(successor.text, recorded.selector)):
            return verdict
        moved = replace(verdict, status="moved", places=found, gone_at="")
        return replace(moved, document=successor.id, revision=successor.revision)

    def _kept_in(self, recorded: Recorded, document: Document | None) -> int | None:
        """Return the revision, usually the latest, whose text is as recorded, with the words in place."""
        if document is None:
            return None
        number = next(
            (
                number
                for number in (document.revision, recorded.revision)
                if self._digest(document.id, number) == recorded.text_digest
            ),
            None,
        ) or self._by_digest(document.id).get(recorded.text_digest)
        revision = self._revision(document.id, number) if number else None
        wanted = recorded.selector
        held = revision is not None and revision.text[wanted.start : wanted.end] == wanted.exact
        return number if held else None

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
        return "damaged" if self._captures.read(digest, max_bytes=_MAX_CAPTURE) is None else "intact"


def _field_changes(recorded: Recorded, quotes: Sequence[Quote], document: Document) -> Iterator[str]:
    """Yield changes of fields besides title and speaker. `quotes` are the statements with these words now; of several,
    the one by the same speaker is compared."""
    by_speaker = (quote for quote in quotes if quote.speaker.name == recorded.speaker)
    quote = next(by_speaker, quotes[0] if quotes else None)
    now = field_words(to_builtins(article_record(document)))
    if quote is not None:
        now |= field_words(to_builtins(statement_record(quote, document)))
    for name, then in recorded.fields.items():
        if name in now and now[name] != then:
            yield f"the {FIELDS[name]} is now: {now[name] or 'none'}, recorded as {then or 'none'}"
