"""Write an evidence file."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

from msgspec import Struct

from searchkit.archive import Archive
from searchkit.export.evidence import form
from searchkit.export.records import Values, exported
from searchkit.query.parser import SYNTAX
from searchkit.records import STATEMENT_EVIDENCE
from searchkit.search.answer import Answer, HitRecord, Progress
from searchkit.statements import EXTRACTOR_VERSION
from searchkit.statements.document import RECORD_VERSION, Document
from searchkit.statements.text import redacted, safe_json
from searchkit.version import __version__

# Where the crawler keeps what servers answered, in the folder of the archive.
_CAPTURES = "captures"
CapturesWriter = Callable[[Iterable[Document]], form.EvidenceCaptures]
"""Writes the captures of documents to a WACZ file."""


class EvidenceWriter:
    """The lines of an evidence file about a selection of statements from an archive.

    `captures` writes the captures of documents to a WACZ file. `timestamp` is the address of the authority that will be
    asked for a time stamp of the seal.
    """

    def __init__(
        self,
        answer: Answer,
        *,
        archive: Archive,
        query: str,
        made_at: datetime,
        captures: CapturesWriter | None = None,
        timestamp: str = "",
    ) -> None:
        self._records = answer.records
        self._archive = archive
        self._captures = captures
        self._head = form.EvidenceHead(
            query=query,
            interpreted_as=answer.result.interpreted_as,
            syntax=SYNTAX,
            made_at=made_at.isoformat(timespec="seconds"),
            searchkit=__version__,
            record_version=RECORD_VERSION,
            extractor_version=EXTRACTOR_VERSION,
            matching=answer.result.total,
            notes=tuple(answer.result.notes),
            timestamp=redacted(timestamp) or None,
        )
        self.sealed: form.EvidenceEnd | None = None
        self.seal_line = ""

    def lines(self, progress: Progress | None = None) -> Iterator[str]:
        """Return all lines up to the seal in order, without line ends; `sealed` and `seal_line` are there after the
        last."""
        sha256 = hashlib.sha256()
        first = safe_json(self._head)
        log = form.CustodyLog(first.encode())
        for line in chain([first], self._statements(log, progress), self._after(log)):
            sha256.update(line.encode() + b"\n")
            yield line
        self.sealed = form.EvidenceEnd(
            statements=log.statements, entries=log.count, custody=log.last, sha256=sha256.hexdigest()
        )
        self.seal_line = safe_json(self.sealed)
        yield self.seal_line

    def _statements(self, log: form.CustodyLog, progress: Progress | None) -> Iterator[str]:
        for found in self._records.through(progress):
            if found.quote is not None:
                line = safe_json(evidence_statement(found, self._archive.folder))
                log.add_statement(found.document.id, found.document.revision, line.encode())
                yield line

    def _after(self, log: form.CustodyLog) -> Iterator[str]:
        """Yield the custody log of all documents with statements, and the line about their captures."""
        for document, last in log.revisions():
            revisions = [self._archive.revision(document, number) for number in range(1, last + 1)]
            for revision in filter(None, revisions):
                yield from map(log.line, history(revision))
            yield log.line(log.export(document, at=self._head.made_at, by=__version__))
        if self._captures is not None:
            found = (self._archive.revision(document, last) for document, last in log.revisions())
            yield safe_json(self._captures(filter(None, found)))


def evidence_statement(found: HitRecord, archive: Path) -> Struct:
    """Return the line of a statement, from the archive in a folder."""
    document = found.document
    raw = document.raw_digest
    capture = f"{_CAPTURES}/{raw[:2]}/{raw}.gz"
    values = Values(found)
    first = values.parts[0]  # evidence compares words that stand together; `statement` has all of them
    together = {"start": first.start, "end": first.end, "text": first.of(document.text)}
    names = [name for name in STATEMENT_EVIDENCE if name not in {"sha256", "capture", *together}]
    return form.EvidenceStatement(
        **exported(values, names) | together,
        sha256=form.Digests(text=form.text_digest(document), title_and_text=document.digest, raw=raw or None),
        capture=capture if raw and (archive / capture).is_file() else None,
    )


def history(revision: Document) -> Iterator[form.CustodyEntry]:
    """Yield what happened to a revision of a document before its export, in order."""
    known: dict[str, Any] = {"document": revision.id, "revision": revision.revision}
    yield form.CustodyEntry(
        **known,
        event="captured",
        at=revision.fetched_at or None,
        address=redacted(revision.uri),
        sha256=revision.raw_digest or None,
    )
    parsed_by, parsed_at = revision.parsed_by or None, revision.parsed_at or None
    yield form.CustodyEntry(**known, event="parsed", at=parsed_at, by=parsed_by, sha256=form.text_digest(revision))
    yield form.CustodyEntry(
        **known,
        event="extracted",
        at=revision.annotated_at or None,
        by=revision.annotated_by or None,
        extractor_version=revision.extractor_version,
        statements=len(revision.statements),
    )
    if revision.gone_at:
        yield form.CustodyEntry(**known, event="gone", at=revision.gone_at)
