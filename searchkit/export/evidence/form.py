"""Write evidence files: JSON Lines in UTF-8 with a first line that describes the export, one line per statement, and a
last line with their number and the digest of all lines before it.

The digest is the sha-256 of these lines, each followed by one line feed, whatever ends the lines of the file.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from msgspec import Struct

from searchkit.document import RECORD_VERSION, Document, Quote, quote_json
from searchkit.export.evidence.selectors import selector
from searchkit.export.records import provenance
from searchkit.extract import EXTRACTOR_VERSION
from searchkit.query.parser import SYNTAX
from searchkit.search.answer import Answer, HitRecord, Progress
from searchkit.text import safe_json
from searchkit.version import __version__

SCHEMA = "searchkit.evidence/1"
STATEMENT = "searchkit.evidence-statement/1"
END = "searchkit.evidence-end/1"
# The folder of the archive with the responses of servers.
CAPTURES = "captures"


class Sealed(Struct, frozen=True, kw_only=True):
    """The last line of an evidence file: the number of statements, and the digest of all lines before it."""

    statements: int
    sha256: str


class EvidenceWriter:
    """Writes the lines of an evidence file about the statements of an answer from the archive in `folder`."""

    def __init__(self, answer: Answer, *, folder: Path, query: str, made_at: datetime) -> None:
        self._records = answer.records
        self._folder = folder
        self._head = {
            "schema": SCHEMA,
            "query": query,
            "interpreted_as": answer.result.interpreted_as,
            "syntax": SYNTAX,
            "made_at": made_at.isoformat(timespec="seconds"),
            "searchkit": __version__,
            "record_version": RECORD_VERSION,
            "extractor_version": EXTRACTOR_VERSION,
            "matching": answer.result.total,
            "notes": list(answer.result.notes),
        }
        self.sealed: Sealed | None = None

    def lines(self, progress: Progress | None = None) -> Iterator[str]:
        """Yield all lines in order, without line ends; `sealed` is set after the last."""
        digest = hashlib.sha256()
        count = 0
        line = safe_json(self._head)
        digest.update(line.encode() + b"\n")
        yield line
        for found in self._records.through(progress):
            if found.quote is not None:
                line = safe_json(self._statement(found, found.quote))
                digest.update(line.encode() + b"\n")
                count += 1
                yield line
        self.sealed = Sealed(statements=count, sha256=digest.hexdigest())
        yield safe_json({"schema": END, "statements": count, "sha256": self.sealed.sha256})

    def _statement(self, found: HitRecord, quote: Quote) -> dict[str, Any]:
        document, opened = found.document, found.opened
        around = selector(document.text, quote.content)
        return {
            "schema": STATEMENT,
            **quote_json(quote, document, opened.names, opened.matched),
            "prefix": around.prefix,
            "suffix": around.suffix,
            **provenance(found),
            "sha256": {
                "text": text_digest(document),
                "title_and_text": document.digest,
                "raw": document.raw_digest or None,
            },
            "capture": self._capture(document.raw_digest),
        }

    def _capture(self, digest: str) -> str | None:
        """Return where the archive keeps the bytes with this digest, gzipped, or None."""
        place = f"{CAPTURES}/{digest[:2]}/{digest}.gz"
        return place if digest and (self._folder / place).is_file() else None


def text_digest(document: Document) -> str:
    """Return the sha-256 of the text in UTF-8; `Document.digest` is that of title, line feed and text."""
    return hashlib.sha256(document.text.encode("utf-8", "surrogatepass")).hexdigest()
