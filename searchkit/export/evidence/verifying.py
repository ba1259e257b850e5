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
from searchkit.export.evidence.custody import HISTORY, CustodyEntry, CustodyStep, difference, history, text_digest
from searchkit.export.evidence.reading import FIELDS, BadLine, PartFault, Recorded, field_words
from searchkit.export.records import article_record
from searchkit.records import statement_record
from searchkit.selectors import Nearest, Selector, own_nearest, own_places, places
from searchkit.text import Span

Status = Literal["same", "moved", "changed", "gone", "missing"]
Capture = Literal["intact", "damaged", "missing", "not kept"]

# Statements of a document, and its revisions, are close together in a file.
_DOCUMENTS_CACHED = 32
# What a statement says, besides its words.
_MEANING = frozenset({"speaker", "verb", "negated"})
_REACH = 500  # characters of a sentence before and after the words
# Far above the limit for responses.
_MAX_CAPTURE = 1_000_000_000


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
    `capture`: the bytes the document was made from. `remarks` are other differences, in words.
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

    @property
    def is_as_recorded(self) -> bool:
        """Return whether there is nothing to report."""
        return (
            self.status == "same" and not self.remarks and not self.sentence and self.capture in {"intact", "not kept"}
        )


def verify(
    archive: Archive, recorded: Iterable[Recorded | CustodyEntry | BadLine], *, made_at: str
) -> Iterator[Verdict | PartFault | BadLine]:
    """Yield a verdict for each statement of a file made then, and each difference of its custody log, in order; bad
    lines are passed through."""
    verifier = _Verifier(archive, made_at)
    for line in recorded:
        if isinstance(line, Recorded):
            yield verifier.verdict(line)
        elif isinstance(line, BadLine):
            yield line
        elif reason := verifier.difference(line):
            yield PartFault(part="custody log", reason=reason)


class _Verifier:
    """Verifies a file in one pass; documents and captures that several statements share are read once."""

    def __init__(self, archive: Archive, made_at: str) -> None:
        self._archive = archive
        self._made_at = made_at
        self._captures = Captures(archive.databases.captures)
        self._document = lru_cache(maxsize=_DOCUMENTS_CACHED)(archive.get)
        self._revision = lru_cache(maxsize=_DOCUMENTS_CACHED)(archive.revision)
        self._digest = lru_cache(maxsize=2 * _DOCUMENTS_CACHED)(self._digest_of)
        self._by_digest = lru_cache(maxsize=_DOCUMENTS_CACHED)(self._digests_of)
        self._by_place = lru_cache(maxsize=_DOCUMENTS_CACHED)(self._places_of)
        self._steps = lru_cache(maxsize=_DOCUMENTS_CACHED)(self._steps_of)
        self._capture = lru_cache(maxsize=4096)(self._kept)

    def verdict(self, recorded: Recorded) -> Verdict:
        """Return the verdict for a statement."""
        document = self._document(recorded.document)
        if document is None or document.gone_at:
            found = self._gone(recorded, document)
        else:
            found = self._compared(recorded, document)
        return replace(found, kept_in=self._kept_in(recorded, document), capture=self._captured(recorded))

    def difference(self, entry: CustodyEntry) -> str:
        """Return how the archive differs from an entry of the log; empty if it does not."""
        if entry.event not in HISTORY or self._document(entry.document) is None:
            return ""
        step = self._steps(entry.document, entry.revision).get(entry.event)
        if step is None or (step.at or "") > self._made_at:  # read again since then
            return ""
        return difference(entry, step)

    def _steps_of(self, document_id: str, number: int) -> Mapping[str, CustodyStep]:
        revision = self._revision(document_id, number)
        return {} if revision is None else {step.event: step for step in history(revision)}

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
        now = field_words(to_builtins(article_record(document)))
        readings = [now | field_words(to_builtins(statement_record(quote, document))) for quote in standing]
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
        return "damaged" if self._captures.read(digest, max_bytes=_MAX_CAPTURE) is None else "intact"


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
