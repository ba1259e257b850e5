"""Write the captures behind exported statements to a WACZ file (version 1.1.1): a zip archive with a WARC file, its
index, a list of its pages, and the digests of all of these.

Secret parameters of addresses, and cookies, stay in the archive.
"""

import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from io import SEEK_END, BytesIO
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from msgspec import Struct
from msgspec.structs import replace

from searchkit.archive.databases import databases_of
from searchkit.crawl.web.captures import CaptureHistory, Captures, begun_warc, capture_history, response_record
from searchkit.crawl.web.pages import Response
from searchkit.export.evidence.form import EvidenceCaptures, WithoutCapture
from searchkit.statements.document import Document
from searchkit.statements.text import redacted, safe_json
from searchkit.version import __version__

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
