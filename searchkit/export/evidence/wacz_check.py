"""Check the WACZ file of an evidence file: its digest, that the words of the statements are in its captures, and that
its other parts are those that follow from these.

Anybody may have written it. Its members are stored without compression, so none can be larger than the file.
"""

import io
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from email.message import Message
from itertools import zip_longest
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from zipfile import ZIP_STORED, BadZipFile, ZipFile

from msgspec import Struct
from warcio.exceptions import ArchiveLoadFailed

from searchkit.crawl.base import FileOptions, Part, Refused, read_limited
from searchkit.crawl.unpack import unpack
from searchkit.crawl.web.captures import response_record
from searchkit.crawl.web.pages import Response
from searchkit.export.evidence.findings import CapturesReport
from searchkit.export.evidence.form import EvidenceCaptures, digest
from searchkit.export.evidence.reading import Recorded
from searchkit.export.evidence.wacz import MAX_CAPTURE, WARC, index_line, member, page_line, parts_about
from searchkit.selectors import places
from searchkit.statements.document import Resource
from searchkit.statements.text import one_line

if TYPE_CHECKING:
    from searchkit.ingest import Reader

# What zipfile and warcio raise about a file that is damaged or forged.
_DAMAGED = (
    *(BadZipFile, EOFError, LookupError, ValueError, OverflowError, RuntimeError, struct.error, zlib.error),
    ArchiveLoadFailed,
)
_ENCRYPTED = 1  # a flag of a member
Kept = Callable[[Recorded], Response | None]
"""Returns the answer that the archive keeps for a statement."""


class WaczCheck(Struct, frozen=True, kw_only=True):
    """The check of a WACZ file against the `line` about it, the `header` of its manifest, and the statements with a
    capture in it by their documents, in order. `report` counts what was found; `now` is the time of the check."""

    line: EvidenceCaptures
    header: Mapping[str, Any]
    wanted: Mapping[str, Sequence[Recorded]]
    report: CapturesReport
    now: datetime

    def faults(self, path: Path, kept: Kept | None = None) -> Iterator[str]:
        """Yield what is wrong with a file, a line each."""
        for without in self.line.without:
            if without.reason == "damaged":
                yield f"the capture of document {without.document} was damaged before the export"
        try:
            with path.open("rb") as file:
                found = member(path.name, file)
                if (found.hash, found.bytes) != (f"sha256:{self.line.sha256}", self.line.bytes):
                    sizes = f"{found.bytes:,} of {self.line.bytes:,} bytes"
                    yield f"{path.name} is another file than the one exported ({sizes}, {found.hash})"
                    return
                with ZipFile(file) as package:
                    if any(
                        info.compress_type != ZIP_STORED or info.flag_bits & _ENCRYPTED for info in package.filelist
                    ):
                        yield f"{path.name} has members that are not stored as they are; searchkit stores them so"
                        return
                    yield from (f"{path.name}: {fault}" for fault in self._of_package(package, kept))
        except FileNotFoundError:
            yield f"{path.name} is missing; if it has another name or place, name it with --wacz"
        except OSError as error:
            yield f"{path.name} cannot be read: {error.strerror or error}"
        except _DAMAGED as error:
            yield f"{path.name} is damaged: {one_line(str(error)) or 'no zip archive'}"

    def _of_package(self, package: ZipFile, kept: Kept | None) -> Iterator[str]:
        """Yield how the records differ from the statements and the archive, and the other parts from the records."""
        from searchkit.ingest import Reader, article  # loads parsers and extractors; a page checks no WACZ file

        index: list[str] = []
        pages: list[str] = []
        with package.open(WARC) as warc, Reader(article, now=self.now) as reader:
            for found, document in zip_longest(_records(warc), self.wanted):
                statements = self.wanted.get(document or "", ())
                if found is None or not statements:
                    yield f"the capture of document {document} is missing" if document else "it has another capture"
                    continue
                record, body, line = found
                index.append(line)
                pages.append(page_line(record, document, statements[0].value.get("title")))
                if digest(body) != statements[0].sha256.raw:
                    yield f"the capture of document {document} is missing"
                    continue
                self.report.captures += 1
                if kept is not None and _described(record) != _written(kept(statements[0])):
                    yield f"the capture of document {document} has another address, date or header than in the archive"
                yield from self._of_capture(self._resource(record, body), statements, reader)
        if len(index) != self.line.captures:
            yield f"there are {len(index):,} captures; {self.line.captures:,} were written"
        with package.open(WARC) as warc:
            parts = parts_about(warc, index, pages, self.header)
        sizes = {info.filename: info.file_size for info in package.filelist if info.filename != WARC}
        if sizes != {path: len(content) for path, content in parts.items()} or any(
            package.read(path) != content for path, content in parts.items()
        ):
            yield "its lists or its description do not fit its captures"

    def _of_capture(
        self, resource: Resource | Refused, statements: Sequence[Recorded], reader: "Reader[Any]"
    ) -> Iterator[str]:
        parsed = reader.read(resource) if isinstance(resource, Resource) else resource
        if isinstance(parsed, Refused):
            yield f"the capture of document {statements[0].document} cannot be read: {parsed.reason}"
            return
        text = parsed.text
        text_digest = digest(text.encode("utf-8", "surrogatepass"))
        for statement in statements:
            # In another text, as of a later parser, the words stand elsewhere, with their context.
            is_other = statement.sha256.text != text_digest
            if text.startswith(statement.text, statement.start) or (is_other and places(text, statement.selector)):
                self.report.statements += 1
            else:
                yield f"the words of statement {statement.id} are not in the capture of its document"

    def _resource(self, record: Any, body: bytes) -> Resource | Refused:
        """Return the page in a record, as it is read from a WARC file."""
        headers = record.http_headers
        declared = (headers.get_header("Content-Type") if headers is not None else record.content_type) or ""
        message = Message()
        message["Content-Type"] = declared
        stream, size, charset = io.BytesIO(body), len(body), message.get_content_charset("")
        part = Part(uri="wacz", stream=stream, declared=message.get_content_type(), charset=charset, size=size)
        found = next(iter(unpack(part, FileOptions(max_bytes=MAX_CAPTURE), now=self.now)), None)
        return found if isinstance(found, (Resource, Refused)) else Refused(uri="wacz", reason="is not a page")


def _records(warc: IO[bytes]) -> Iterator[tuple[Any, bytes, str]]:
    """Yield the captures in a WARC file: the record, its content, and its line in the index."""
    from warcio.archiveiterator import ArchiveIterator  # only for files with captures

    records = ArchiveIterator(warc)
    for record in records:
        if record.rec_type != "warcinfo":
            body = read_limited(record.content_stream(), MAX_CAPTURE)
            records.read_to_end(record)
            start, length = records.get_record_offset(), records.get_record_length()
            yield record, body, index_line(record, start=start, length=length)


def _written(response: Response | None) -> tuple[Any, ...] | None:
    from warcio.warcwriter import WARCWriter  # as above

    if response is None:
        return None
    return _described(response_record(WARCWriter(io.BytesIO(), gzip=False, warc_version="1.1"), response))


def _described(record: Any) -> tuple[Any, ...]:
    names = ("WARC-Target-URI", "WARC-Date", "WARC-Payload-Digest")
    http_headers = record.http_headers
    status = (http_headers.statusline, tuple(map(tuple, http_headers.headers))) if http_headers is not None else ()
    return (record.rec_type, *map(record.rec_headers.get_header, names), *status)
