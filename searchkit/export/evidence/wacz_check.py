"""Check the WACZ file of an evidence file: the digests of its parts, and that the words of the statements are in it.

Anybody may have written it. Its members are stored without compression, so none can be larger than the file.
"""

import io
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from zipfile import ZIP_STORED, BadZipFile, ZipFile

from msgspec import ValidationError, convert

from searchkit.crawl.base import FileOptions, Part, Refused
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

# What zipfile raises about a file that is damaged or forged.
_DAMAGED = (BadZipFile, EOFError, ValueError, OverflowError, RuntimeError, struct.error, zlib.error)
_ENCRYPTED = 1  # a flag of a member
Kept = Callable[[Recorded], Response | None]
"""Returns the answer that the archive keeps for a statement."""


class WaczCheck:
    """The check of a WACZ file against the line about it, the `header` of its manifest, and the statements with a
    capture in it. `report` counts what was found."""

    def __init__(
        self,
        line: EvidenceCaptures,
        header: Mapping[str, Any],
        wanted: Iterable[Recorded],
        report: CapturesReport,
        *,
        now: datetime,
    ) -> None:
        self._line = line
        self._header = header
        self._wanted: dict[str, list[Recorded]] = {}
        for statement in wanted:
            self._wanted.setdefault(statement.sha256.raw or "", []).append(statement)
        self._report = report
        self._now = now

    def faults(self, path: Path, kept: Kept | None = None) -> Iterator[str]:
        """Yield what is wrong with a file, a line each."""
        for without in self._line.without:
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
        if found.hash != f"sha256:{self._line.sha256}":
            sizes = f"{found.bytes:,} of {self._line.bytes:,} bytes"
            yield f"{name} is another file than the one exported ({sizes}, {found.hash})"
        with ZipFile(file) as package:
            for info in package.infolist():
                if info.compress_type != ZIP_STORED or info.file_size > found.bytes or info.flag_bits & _ENCRYPTED:
                    yield f"{info.filename} in {name} is not stored as it is; searchkit stores it so"
                    return
            for fault in self._of_members(package):
                yield f"{name}: {fault}"
            if self._wanted and WARC in package.namelist():
                yield from self._of_words(package, name)
            if {WARC, INDEX, PAGES} <= {*package.namelist()}:
                yield from self._of_records(package, name, kept)

    def _of_members(self, package: ZipFile) -> Iterator[str]:
        """Yield what the manifest states otherwise, and which members it does not list as they are."""
        names = package.namelist()
        try:
            content, digests = (package.read(path) for path in (PACKAGE, PACKAGE_DIGEST))
            expected = {"path": PACKAGE, "hash": f"sha256:{digest(content)}"}
            if parse_json(digests) != expected:
                yield f"{PACKAGE} was changed: its digest is not that in {PACKAGE_DIGEST}"
            stated = convert(parse_json(content), dict[str, Any])
            listed = {each.path: each for each in convert(stated.pop("resources", None), list[Member])}
        except (KeyError, ValidationError, *_DAMAGED):
            yield f"{PACKAGE} or {PACKAGE_DIGEST} is missing or damaged"
            return
        for key in sorted(
            key for key in self._header.keys() | stated.keys() if self._header.get(key) != stated.get(key)
        ):
            yield f"{PACKAGE} has another {key} than the evidence file"
        for path in sorted({*names, *listed, WARC, INDEX, PAGES} - {PACKAGE, PACKAGE_DIGEST}):
            if names.count(path) != 1 or listed.get(path) != _member(package, path):
                yield f"{path} is not as {PACKAGE} lists it"

    def _of_words(self, package: ZipFile, name: str) -> Iterator[str]:
        """Yield which captures are missing, and which lack the words of their statements."""
        from searchkit.ingest import Reader, article  # loads parsers and extractors; a page checks no WACZ file

        missing = dict(self._wanted)
        with package.open(WARC) as warc, Reader(article, now=self._now) as reader:
            part = Part(uri="wacz", stream=warc, name=WARC)
            for found in unpack(part, FileOptions(max_bytes=MAX_CAPTURE), now=self._now):
                if isinstance(found, Refused):
                    yield f"{WARC} in {name}: {found.reason}"
                elif isinstance(found, Resource) and (statements := missing.pop(found.digest, None)):
                    self._report.captures += 1
                    yield from self._of_capture(found, statements, reader)
        for raw, statements in missing.items():
            for document in dict.fromkeys(statement.document for statement in statements):
                yield f"the capture of document {document} is not in {name} (sha-256 {raw})"

    def _of_capture(self, resource: Resource, statements: list[Recorded], reader: "Reader[Any]") -> Iterator[str]:
        parsed = reader.read(resource)
        if isinstance(parsed, Refused):
            yield f"the capture of document {statements[0].document} cannot be read: {parsed.reason}"
            return
        text = parsed.text
        text_digest = digest(text.encode("utf-8", "surrogatepass"))
        for statement in statements:
            # In another text, as of a later parser, the words stand elsewhere, with their context.
            is_other = statement.sha256.text != text_digest
            if text.startswith(statement.text, statement.start) or (is_other and places(text, statement.selector)):
                self._report.statements += 1
            else:
                yield f"the words of statement {statement.id} are not in the capture of its document"

    def _of_records(self, package: ZipFile, name: str, kept: Kept | None) -> Iterator[str]:
        """Yield how the records differ from the archive, and index and list of pages from the records."""
        from warcio.archiveiterator import ArchiveIterator  # only for files with captures
        from warcio.exceptions import ArchiveLoadFailed

        index: list[str] = []
        pages: list[set[str]] = []
        with package.open(WARC) as warc:
            records = ArchiveIterator(warc)
            try:
                for record in records:
                    if record.rec_type == "warcinfo":
                        continue
                    payload = record.rec_headers.get_header("WARC-Payload-Digest") or ""
                    statements = self._wanted.get(payload.removeprefix("sha256:"), [])
                    titles = {each.document: each.value.get("title") for each in statements}
                    if not titles:
                        yield f"{WARC} in {name} has a record that belongs to no statement: {payload}"
                    pages.append({page_line(record, document, title) for document, title in titles.items()})
                    answers = [kept(statement) for statement in statements] if kept is not None else []
                    if answers and _described(record) not in map(_written, answers):
                        which = f"the capture of document {statements[0].document}"
                        yield f"{which} has another address, date or header than in the archive"
                    records.read_to_end(record)
                    start, length = records.get_record_offset(), records.get_record_length()
                    index.append(index_line(record, start=start, length=length))
            except (ArchiveLoadFailed, *_DAMAGED) as error:
                yield f"{WARC} in {name} is damaged: {error}"
                return
        if len(index) != self._line.captures:
            yield f"{name} has {len(index):,} captures; {self._line.captures:,} were written"
        if _lines_of(package, INDEX) != sorted(index):
            yield f"{INDEX} in {name} does not fit the records"
        first, *others = _lines_of(package, PAGES) or [""]
        fitting = len(others) == len(pages) and all(map(set.__contains__, pages, others))
        if first != FIRST_PAGE or not fitting:
            yield f"{PAGES} in {name} does not fit the records"


def _written(response: Response | None) -> tuple[Any, ...] | None:
    from warcio.warcwriter import WARCWriter  # as above

    if response is None:
        return None
    return _described(response_record(WARCWriter(io.BytesIO(), gzip=False, warc_version="1.1"), response))


def _described(record: Any) -> tuple[Any, ...]:
    """Return what a record states, for comparison."""
    names = ("WARC-Target-URI", "WARC-Date", "WARC-Payload-Digest")
    http_headers = record.http_headers
    status = (http_headers.statusline, tuple(map(tuple, http_headers.headers))) if http_headers is not None else ()
    return (record.rec_type, *map(record.rec_headers.get_header, names), *status)


def _member(package: ZipFile, path: str) -> Member | None:
    """Return a member as the manifest should list it; None if it is missing or damaged."""
    try:
        with package.open(path) as content:
            return member(path, content)
    except (KeyError, *_DAMAGED):
        return None


def _lines_of(package: ZipFile, path: str) -> list[str]:
    return package.read(path).decode("utf-8", "replace").splitlines()
