"""Verify evidence: compare the statements of an evidence file with what the archive holds today."""

import os
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from searchkit.archive import Archive
from searchkit.crawl.web.captures import Captures
from searchkit.export.evidence.findings import Capture, NearestWords, RecordedPlace, VerdictRecord
from searchkit.export.evidence.form import text_digest
from searchkit.export.evidence.reading import FIELDS, EvidenceFile, Recorded, field_words
from searchkit.export.evidence.rebuilding import Rebuilder, Revision
from searchkit.export.evidence.wacz import MAX_CAPTURE
from searchkit.export.records import Values
from searchkit.search.answer import alone
from searchkit.selectors import own_nearest, own_places, places
from searchkit.statements.document import Document, Quote
from searchkit.statements.text import Span

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
