"""The captures behind exported statements in a WACZ file (version 1.1.1): a zip archive with a WARC file, its index, a
list of its pages, and the digests of all of these. Secret parameters of addresses, and cookies, stay in the archive.

A check compares its digest, looks for the words of the statements in its captures, and compares its other parts with
those that follow from these. Anybody may have written it. Its members are stored without compression, so none can be
larger than the file.
"""

import hashlib
import io
import re
import shutil
import struct
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email.message import Message
from io import SEEK_END, BytesIO
from itertools import zip_longest
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urlsplit
from zipfile import ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from msgspec import Struct
from msgspec.structs import replace
from warcio.exceptions import ArchiveLoadFailed

from searchkit.archive.databases import databases_of
from searchkit.crawl.base import FileOptions, Part, Refused, read_limited
from searchkit.crawl.unpack import unpack
from searchkit.crawl.web.captures import CaptureHistory, Captures, begun_warc, capture_history, response_record
from searchkit.crawl.web.pages import Response
from searchkit.export.evidence.findings import CapturesReport
from searchkit.export.evidence.form import EvidenceCaptures, WithoutCapture, digest
from searchkit.export.evidence.reading import Recorded
from searchkit.selectors import places
from searchkit.statements.document import Document, Resource
from searchkit.statements.text import one_line, redacted, safe_json
from searchkit.version import __version__

if TYPE_CHECKING:
    from searchkit.ingest import Reader

WACZ_VERSION = "1.1.1"
WARC = "archive/data.warc.gz"
INDEX = "indexes/index.cdxj"
PAGES = "pages/pages.jsonl"
PACKAGE = "datapackage.json"
PACKAGE_DIGEST = "datapackage-digest.json"
# Far above the limit for responses.
MAX_CAPTURE = 1_000_000_000
FIRST_PAGE = safe_json({"format": "json-pages-1.0", "id": "pages", "title": "All Pages"})
_WWW = re.compile(r"www\d{0,3}\.")
_ADDRESS = re.compile(r"[\d.]{7,15}|[\da-f:.]{0,45}:[\da-f:.]{0,45}")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_COOKIES = frozenset({"set-cookie", "set-cookie2"})


class Member(Struct, frozen=True, kw_only=True):
    """A file of the package, as its manifest lists it."""

    name: str = ""
    path: str
    hash: str
    bytes: int


def index_line(record: Any, *, start: int, length: int) -> str:
    """Return the line of a record in the index."""
    url, date, http_headers = *_address_and_date(record), record.http_headers
    declared = (http_headers.get_header("Content-Type") or "") if http_headers is not None else ""
    entry = {
        "url": url,
        "mime": declared.partition(";")[0].strip() or "unk",
        "status": http_headers.get_statuscode() if http_headers is not None else "200",
        "digest": record.rec_headers.get_header("WARC-Payload-Digest"),
        "length": str(length),
        "offset": str(start),
        "filename": WARC.rpartition("/")[2],
    }
    return f"{surt(url)} {''.join(filter(str.isdigit, date))} {safe_json(entry)}"


def page_line(record: Any, document: str, title: str | None) -> str:
    """Return the line of a record in the list of pages."""
    url, date = _address_and_date(record)
    return safe_json({"id": document, "url": url, "ts": date} | ({"title": title} if title else {}))


def _address_and_date(record: Any) -> tuple[str, str]:
    return record.rec_headers.get_header("WARC-Target-URI") or "", record.rec_headers.get_header("WARC-Date") or ""


def write_wacz(
    target: Path, name: str, documents: Iterable[Document], *, archive: Path, made_at: datetime, query: str
) -> EvidenceCaptures:
    """Write the captures of `documents` to the new file `target`, which will be called `name`.

    Raises OSError if it cannot be written, and ArchiveError if the crawler's file in the folder of the `archive` is
    damaged."""
    databases = databases_of(archive)
    captures = Captures(databases.captures)
    without: list[WithoutCapture] = []
    index: list[str] = []
    pages: list[str] = []
    with tempfile.TemporaryFile(dir=target.parent) as warc, capture_history(databases.frontier) as history:
        writer = begun_warc(warc, WARC.rpartition("/")[2])
        for document in documents:
            response = capture_of(document, captures, history)
            if isinstance(response, WithoutCapture):
                without.append(response)
                continue
            start = warc.tell()
            record = response_record(writer, response)
            writer.write_record(record)
            index.append(index_line(record, start=start, length=warc.tell() - start))
            pages.append(page_line(record, document.id, document.title))
        warc.seek(0)
        parts = parts_about(warc, index, pages, package_header(query, made_at, __version__))
        warc.seek(0)
        contents = {WARC: warc} | {path: BytesIO(content) for path, content in parts.items()}
        with target.open("xb") as file, ZipFile(file, "w", ZIP_STORED) as package:
            for path, content in contents.items():
                info = ZipInfo(path, made_at.astimezone(UTC).timetuple()[:6])
                with package.open(info, "w", force_zip64=True) as copy:
                    shutil.copyfileobj(content, copy)
    with target.open("rb") as written:
        found = member(name, written)
    digest = found.hash.removeprefix("sha256:")
    return EvidenceCaptures(file=name, sha256=digest, bytes=found.bytes, captures=len(index), without=tuple(without))


def parts_about(
    warc: IO[bytes], index: Iterable[str], pages: Iterable[str], header: Mapping[str, Any]
) -> dict[str, bytes]:
    """Return the parts of a package besides its WARC file, by path: the lists of its records, and its manifest."""
    lists = {INDEX: _lines(sorted(index)), PAGES: _lines([FIRST_PAGE, *pages])}
    resources = [member(WARC, warc), *(member(path, BytesIO(content)) for path, content in lists.items())]
    manifest = _lines([safe_json({**header, "resources": resources}, indent=2)])
    hashed = {"path": PACKAGE, "hash": member(PACKAGE, BytesIO(manifest)).hash}
    return {**lists, PACKAGE: manifest, PACKAGE_DIGEST: _lines([safe_json(hashed, indent=2)])}


def _lines(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def capture_of(document: Document, captures: Captures, history: CaptureHistory) -> Response | WithoutCapture:
    """Return the answer that a document was made from, without secrets, or why there is none."""
    digest = document.raw_digest
    known = {"document": document.id, "uri": redacted(document.uri)}
    if not digest or not captures.path(digest).is_file():
        return WithoutCapture(**known, reason="not kept")
    body = captures.read(digest, max_bytes=MAX_CAPTURE)
    if body is None:
        return WithoutCapture(**known, reason="damaged")
    at = datetime.fromisoformat(document.fetched_at or document.first_seen)
    response = history(digest, body, address=document.uri, at=at)
    headers = {name: redacted(value) for name, value in response.headers.items() if name not in _COOKIES}
    return replace(response, final_url=redacted(response.final_url), headers=headers)


def member(path: str, content: IO[bytes]) -> Member:
    """Return the entry of a file for the manifest."""
    digest = hashlib.file_digest(content, "sha256").hexdigest()  # type: ignore[arg-type] # any binary file
    return Member(name=path.rpartition("/")[2], path=path, hash=f"sha256:{digest}", bytes=content.seek(0, SEEK_END))


def package_header(query: str, made_at: datetime, version: str) -> dict[str, Any]:
    """Return what the manifest of a package states besides its members, for statements that a query found."""
    stamp = f"{made_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return {
        "profile": "data-package",
        "wacz_version": WACZ_VERSION,
        "title": f"Statements: {query}",
        "created": stamp,
        "modified": stamp,
        "software": f"searchkit {version}",
    }


def surt(url: str) -> str:
    """Return the key of an address in an index: the host reversed, then the path and the sorted parameters."""
    parts = urlsplit(url.lower())
    if not parts.hostname:
        return url.lower().replace(" ", "%20")
    host = _WWW.sub("", parts.hostname, count=1)
    if not _ADDRESS.fullmatch(host):
        host = ",".join(reversed(host.split(".")))
    port = f":{parts.port}" if parts.port and parts.port != _DEFAULT_PORTS.get(parts.scheme) else ""
    query = "?" + "&".join(sorted(parts.query.split("&"))) if parts.query else ""
    return f"{host}{port}){parts.path.rstrip('/') or '/'}{query}".replace(" ", "%20")


# --- checking ---------------------------------------------------------------------------------------------------------

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
