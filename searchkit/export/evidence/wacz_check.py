"""Check the WACZ file of an evidence file: the digests of its parts, and that the words of the statements are in it.

Anybody may have written it. Its members are stored without compression, so none can be larger than the file.
"""

import io
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from email.message import Message
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from zipfile import ZIP_STORED, BadZipFile, ZipFile

from msgspec import Struct, ValidationError, convert
from warcio.exceptions import ArchiveLoadFailed

from searchkit.crawl.base import FileOptions, Part, Refused, read_limited
from searchkit.crawl.unpack import unpack
from searchkit.crawl.web.pages import Response
from searchkit.crawl.web.warc_writer import response_record
from searchkit.export.evidence.findings import CapturesReport
from searchkit.export.evidence.form import EvidenceCaptures, digest
from searchkit.export.evidence.reading import Recorded
from searchkit.export.evidence.wacz import (
    FIRST_PAGE,
    INDEX,
    MAX_CAPTURE,
    PACKAGE,
    PACKAGE_DIGEST,
    PAGES,
    WARC,
    Member,
    index_line,
    member,
    page_line,
)
from searchkit.files import parse_json
from searchkit.selectors import places
from searchkit.statements.document import Resource
from searchkit.statements.text import one_line

if TYPE_CHECKING:
    from searchkit.ingest import Reader

_RESOURCES = (WARC, INDEX, PAGES)
_PARTS = (*_RESOURCES, PACKAGE, PACKAGE_DIGEST)
# What zipfile and warcio raise about a file that is damaged or forged.
_DAMAGED = (
    *(BadZipFile, EOFError, LookupError, ValueError, OverflowError, RuntimeError, struct.error, zlib.error),
    *(ArchiveLoadFailed, ValidationError),
)
_ENCRYPTED = 1  # a flag of a member
Kept = Callable[[Recorded], Response | None]
"""Returns the answer that the archive keeps for a statement."""


class WaczCheck(Struct, frozen=True, kw_only=True):
    """The check of a WACZ file against the `line` about it, the `header` of its manifest, and the statements with a
    capture in it by the digest of that. `report` counts what was found; `now` is the time of the check."""

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
                yield from self._of_file(path.name, file, kept)
        except FileNotFoundError:
            yield f"{path.name} is missing; if it has another name or place, name it with --wacz"
        except OSError as error:
            yield f"{path.name} cannot be read: {error.strerror or error}"
        except _DAMAGED as error:
            yield f"{path.name} is damaged: {one_line(str(error)) or 'no zip archive'}"

    def _of_file(self, name: str, file: BinaryIO, kept: Kept | None) -> Iterator[str]:
        found = member(name, file)
        if (found.hash, found.bytes) != (f"sha256:{self.line.sha256}", self.line.bytes):
            sizes = f"{found.bytes:,} of {self.line.bytes:,} bytes"
            yield f"{name} is another file than the one exported ({sizes}, {found.hash})"
        with ZipFile(file) as package:
            names = package.namelist()
            if sorted(names) != sorted(_PARTS):
                yield f"{name} has other parts than searchkit writes: {', '.join(names)}"
                return
            for info in package.infolist():
                if info.compress_type != ZIP_STORED or info.file_size > found.bytes or info.flag_bits & _ENCRYPTED:
                    yield f"{info.filename} in {name} is not stored as it is; searchkit stores it so"
                    return
            yield from (f"{name}: {fault}" for fault in self._of_manifest(package))
            yield from (f"{name}: {fault}" for fault in self._of_records(package, kept))

    def _of_manifest(self, package: ZipFile) -> Iterator[str]:
        """Yield what the manifest states otherwise than the evidence file and the parts."""
        content = package.read(PACKAGE)
        if parse_json(package.read(PACKAGE_DIGEST)) != {"path": PACKAGE, "hash": f"sha256:{digest(content)}"}:
            yield f"{PACKAGE} was changed: its digest is not that in {PACKAGE_DIGEST}"
        stated = convert(parse_json(content), dict[str, Any])
        stated |= {each.path: each for each in convert(stated.pop("resources", None), list[Member])}
        expected: dict[str, Any] = {**self.header}
        for path in _RESOURCES:
            with package.open(path) as part:
                expected[path] = member(path, part)
        for key in sorted(key for key in expected.keys() | stated.keys() if expected.get(key) != stated.get(key)):
            yield f"{PACKAGE} states another {key}"

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

    def _of_records(self, package: ZipFile, kept: Kept | None) -> Iterator[str]:
        """Yield how the records differ from the statements and the archive, and the lists from the records."""
        from warcio.archiveiterator import ArchiveIterator  # only for files with captures

        from searchkit.ingest import Reader, article  # loads parsers and extractors; a page checks no WACZ file

        index: list[str] = []
        pages: list[set[str]] = []
        missing = dict(self.wanted)
        with package.open(WARC) as warc, Reader(article, now=self.now) as reader:
            records = ArchiveIterator(warc)
            for record in records:
                if record.rec_type == "warcinfo":
                    continue
                body = read_limited(record.content_stream(), MAX_CAPTURE)
                statements = self.wanted.get(digest(body), [])
                titles = {each.document: each.value.get("title") for each in statements}
                if not titles:
                    yield f"a record belongs to no statement (sha-256 {digest(body)})"
                pages.append({page_line(record, document, title) for document, title in titles.items()})
                answers = [kept(statement) for statement in statements] if kept is not None else []
                if answers and _described(record) not in map(_written, answers):
                    which = f"the capture of document {statements[0].document}"
                    yield f"{which} has another address, date or header than in the archive"
                if missing.pop(digest(body), None):
                    self.report.captures += 1
                    yield from self._of_capture(self._resource(record, body), statements, reader)
                records.read_to_end(record)
                start, length = records.get_record_offset(), records.get_record_length()
                index.append(index_line(record, start=start, length=length))
        for statements in missing.values():
            for document in dict.fromkeys(statement.document for statement in statements):
                yield f"the capture of document {document} is missing"
        if len(index) != self.line.captures:
            yield f"there are {len(index):,} captures; {self.line.captures:,} were written"
        if _lines_of(package, INDEX) != sorted(index):
            yield f"{INDEX} does not fit the records"
        first, *others = _lines_of(package, PAGES) or [""]
        if first != FIRST_PAGE or len(others) != len(pages) or not all(map(set.__contains__, pages, others)):
            yield f"{PAGES} does not fit the records"

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


def _lines_of(package: ZipFile, path: str) -> list[str]:
    return package.read(path).decode("utf-8", "replace").splitlines()
