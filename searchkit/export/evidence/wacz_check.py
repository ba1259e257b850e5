"""Check the WACZ file of an evidence file: the digests of its parts, and that the words of the statements are in it.

Anybody may have written it. Its members are stored without compression, so none can be larger than the file.
"""

import hashlib
import io
import struct
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO
from zipfile import ZIP_STORED, BadZipFile, ZipFile

from msgspec import ValidationError, convert

from searchkit.crawl.base import FileOptions, Part, Refused
from searchkit.crawl.unpack import unpack
from searchkit.crawl.web.pages import Response
from searchkit.crawl.web.warc_writer import response_record
from searchkit.errors import InputError
from searchkit.export.evidence.form import EvidenceCaptures
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
    page_line,
)
from searchkit.files import parse_json
from searchkit.selectors import Selector, places
from searchkit.statements.document import Resource
from searchkit.statements.text import one_line

if TYPE_CHECKING:
    from searchkit.ingest import Reader

_MAX_MANIFEST = 10_000_000
# What zipfile raises about a file that is damaged or forged.
_DAMAGED = (BadZipFile, EOFError, ValueError, OverflowError, RuntimeError, struct.error, zlib.error)
_ENCRYPTED = 1  # a flag of a member
_Wanted = Mapping[str, list[Recorded]]
Kept = Callable[[Recorded], tuple[Any, ...] | None]
"""Returns what the record of the capture of a statement states (`described_capture`); None if the archive has none."""


class WaczCheck:
    """The check of a WACZ file against the line about it, the `header` of its manifest, and the statements with a
    capture in it, by the digest of the capture. `kept` returns the answer that the archive keeps for a statement.
    `captures` and `statements` count what was found."""

    def __init__(
        self, path: Path, line: EvidenceCaptures, header: Mapping[str, Any], wanted: _Wanted, kept: Kept | None = None
    ) -> None:
        self._path = path
        self._line = line
        self._header = header
        self._wanted = wanted
        self._kept = kept
        self.captures = self.statements = 0

    def faults(self, *, now: datetime) -> Iterator[str]:
        """Yield what is wrong, a line each."""
        for without in self._line.without:
            if without.reason == "damaged":
                yield f"the capture of document {one_line(without.document)} was damaged before the export"
        name = one_line(self._path.name)
        try:
            with self._path.open("rb") as file:
                yield from self._of_file(name, file, now)
        except FileNotFoundError:
            yield f"{name} is missing; if it has another name or place, name it with --wacz"
        except OSError as error:
            yield f"{name} cannot be read: {error.strerror or error}"
        except _DAMAGED as error:
            yield f"{name} is damaged: {one_line(str(error)) or 'no zip archive'}"

    def _of_file(self, name: str, file: BinaryIO, now: datetime) -> Iterator[str]:
        digest, size = _digest(file)
        is_intact = digest == self._line.sha256
        if size < self._line.bytes:
            yield f"{name} is truncated: it has {size:,} of {self._line.bytes:,} bytes"
        with ZipFile(file) as package:
            for info in package.infolist():
                if info.compress_type != ZIP_STORED or info.file_size > size or info.flag_bits & _ENCRYPTED:
                    yield f"{one_line(info.filename)} in {name} is not stored as it is; searchkit stores it so"
                    return
            found = list(_of_members(package, name, self._header if is_intact else None))
            if not found and not is_intact:
                found = [f"{name} is another file than the one exported (sha-256 {digest})"]
            yield from found
            if self._wanted and WARC in package.namelist():
                yield from self._of_captures(package, name, now)
            if {WARC, INDEX, PAGES} <= {*package.namelist()}:
                yield from self._of_records(package, name)

    def _of_captures(self, package: ZipFile, name: str, now: datetime) -> Iterator[str]:
        missing = dict(self._wanted)
        from searchkit.ingest import Reader, article  # loads parsers and extractors; a page checks no WACZ file

        with package.open(WARC) as warc, Reader(article, now=now) as reader:
            part = Part(uri="wacz", stream=warc, name=WARC)
            for found in unpack(part, FileOptions(max_bytes=MAX_CAPTURE), now=now):
                if isinstance(found, Refused):
                    yield f"{WARC} in {name}: {one_line(found.reason)}"
                elif isinstance(found, Resource) and (statements := missing.pop(found.digest, None)):
                    self.captures += 1
                    yield from self._of_words(found, statements, reader)
        for digest, statements in missing.items():
            documents = dict.fromkeys(statement.document for statement in statements)
            for document in documents:
                yield f"the capture of document {document} is not in {name} (sha-256 {digest})"

    def _of_records(self, package: ZipFile, name: str) -> Iterator[str]:
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
                    written = record.rec_headers.get_header("WARC-Payload-Digest") or ""
                    statements = self._wanted.get(written.removeprefix("sha256:"), [])
                    documents = {each.document: _title(each) for each in statements}
                    if not documents:
                        yield f"{WARC} in {name} has a record that belongs to no statement: {one_line(written)}"
                    pages.append({page_line(record, document, title) for document, title in documents.items()})
                    yield from self._of_record(record, statements)
                    records.read_to_end(record)
                    start, length = records.get_record_offset(), records.get_record_length()
                    index.append(index_line(record, start=start, length=length))
            except (ArchiveLoadFailed, *_DAMAGED) as error:
                yield f"{WARC} in {name} is damaged: {one_line(str(error))}"
                return
        if len(index) != self._line.captures:
            yield f"{name} has {len(index):,} captures; {self._line.captures:,} were written"
        if _lines_of(package, INDEX) != sorted(index):
            yield f"{INDEX} in {name} does not fit the records"
        first, *others = _lines_of(package, PAGES) or [""]
        fitting = len(others) == len(pages) and all(map(set.__contains__, pages, others))
        if first != FIRST_PAGE or not fitting:
            yield f"{PAGES} in {name} does not fit the records"

    def _of_record(self, record: Any, statements: list[Recorded]) -> Iterator[str]:
        if self._kept is None:
            return
        kept = [self._kept(statement) for statement in statements]
        if kept and _described(record) not in kept:
            which = f"the capture of document {statements[0].document}"
            yield f"{which} has another address, date or header than in the archive"

    def _of_words(self, resource: Resource, statements: list[Recorded], reader: "Reader[Any]") -> Iterator[str]:
        parsed = reader.read(resource)
        if isinstance(parsed, Refused):
            yield f"the capture of document {statements[0].document} cannot be read: {one_line(parsed.reason)}"
            return
        digest = hashlib.sha256(parsed.text.encode("utf-8", "surrogatepass")).hexdigest()
        for statement in statements:
            if _stands(parsed.text, statement.selector, is_same=digest == statement.text_digest):
                self.statements += 1
            else:
                yield f"the words of statement {one_line(statement.id)} are not in the capture of its document"


def described_capture(response: Response) -> tuple[Any, ...]:
    """Return what a record of an answer states, for comparison with that of a WACZ file."""
    from warcio.warcwriter import WARCWriter  # as above

    return _described(response_record(WARCWriter(io.BytesIO(), gzip=False, warc_version="1.1"), response))


def _described(record: Any) -> tuple[Any, ...]:
    names = ("WARC-Target-URI", "WARC-Date", "WARC-Payload-Digest")
    http_headers = record.http_headers
    status = (http_headers.statusline, tuple(map(tuple, http_headers.headers))) if http_headers is not None else ()
    return (record.rec_type, *map(record.rec_headers.get_header, names), *status)


def _title(statement: Recorded) -> str | None:
    title = statement.value.get("title")
    return title if isinstance(title, str) else None


def _lines_of(package: ZipFile, path: str) -> list[str]:
    with package.open(path) as content:
        return content.read().decode("utf-8", "replace").splitlines()


def _stands(text: str, wanted: Selector, *, is_same: bool) -> bool:
    """Return whether the words are in a text: in their place if it `is_same` as recorded, else with their context."""
    if text[wanted.start : wanted.end] == wanted.exact:
        return True
    return not is_same and bool(places(text, wanted))


def _digest(file: IO[bytes]) -> tuple[str, int]:
    return hashlib.file_digest(file, "sha256").hexdigest(), file.tell()  # type: ignore[arg-type] # any binary file


def _of_members(package: ZipFile, name: str, header: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield which members are missing, changed or added, and what the manifest states otherwise than `header`."""
    names = Counter(package.namelist())
    for twice in (path for path, count in names.items() if count > 1):
        yield f"{name} has {one_line(twice)} twice"
    try:
        stated, members = _manifest(package)
    except InputError as error:
        yield f"{error.message} in {name}"
        return
    listed = {member.path: member for member in members}
    if header is not None:
        for key in sorted(key for key in header.keys() | stated.keys() if header.get(key) != stated.get(key)):
            yield f"{PACKAGE} in {name} has another {one_line(key)} than the evidence file"
    for path in (WARC, INDEX, PAGES):
        if path not in listed:
            yield f"{PACKAGE} in {name} does not list {path}"
    for path in sorted(names.keys() - {*listed, PACKAGE, PACKAGE_DIGEST}):
        yield f"{one_line(path)} in {name} is not listed in {PACKAGE}"
    for path, member in listed.items():
        if path not in names:
            yield f"{one_line(path)} is missing from {name}"
            continue
        try:
            with package.open(path) as content:
                digest, length = _digest(content)
        except _DAMAGED:
            yield f"{one_line(path)} in {name} is damaged"
            continue
        if (f"sha256:{digest}", length) != (member.hash, member.bytes):
            yield f"{one_line(path)} in {name} was changed: its digest is not that in {PACKAGE}"


def _manifest(package: ZipFile) -> tuple[dict[str, Any], list[Member]]:
    """Return what the manifest states, and its members. Raise InputError if it is missing, damaged or changed."""
    content = {}
    for path in (PACKAGE, PACKAGE_DIGEST):
        try:
            with package.open(path) as member:
                content[path] = member.read(_MAX_MANIFEST)
        except KeyError:
            raise InputError(f"{path} is missing") from None
        except _DAMAGED:
            raise InputError(f"{path} is damaged") from None
    digest = f"sha256:{hashlib.sha256(content[PACKAGE]).hexdigest()}"
    try:
        if parse_json(content[PACKAGE_DIGEST]) != {"path": PACKAGE, "hash": digest}:
            raise InputError(f"{PACKAGE} was changed: its digest is not that in {PACKAGE_DIGEST}")
        stated = convert(parse_json(content[PACKAGE]), dict[str, Any])
        return stated, convert(stated.pop("resources", None), list[Member])
    except (ValueError, ValidationError):
        raise InputError(f"{PACKAGE} or {PACKAGE_DIGEST} is damaged") from None
