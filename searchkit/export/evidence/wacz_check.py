"""Check the WACZ file of an evidence file: its digest, and that the words of the statements are in its captures.

Anybody may have written it. Its members are stored without compression, so none can be larger than the file.
"""

import io
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from email.message import Message
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from zipfile import ZIP_STORED, BadZipFile, ZipFile

from warcio.exceptions import ArchiveLoadFailed

from searchkit.crawl.base import FileOptions, Part, Refused, read_limited
from searchkit.crawl.unpack import unpack
from searchkit.export.evidence.findings import CapturesReport
from searchkit.export.evidence.form import EvidenceCaptures, digest
from searchkit.export.evidence.reading import Recorded
from searchkit.export.evidence.wacz import MAX_CAPTURE, WARC, member
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


def wacz_faults(
    path: Path,
    line: EvidenceCaptures,
    wanted: Mapping[str, Sequence[Recorded]],
    report: CapturesReport,
    *,
    now: datetime,
) -> Iterator[str]:
    """Yield what is wrong with the WACZ file at `path`, a line each; `report` counts what was found.

    `line` is what the evidence says about it, `wanted` the statements by the digest of their capture."""
    for without in line.without:
        if without.reason == "damaged":
            yield f"the capture of document {without.document} was damaged before the export"
    try:
        with path.open("rb") as file:
            found = member(path.name, file)
            if (found.hash, found.bytes) != (f"sha256:{line.sha256}", line.bytes):
                sizes = f"{found.bytes:,} of {line.bytes:,} bytes"
                yield f"{path.name} is another file than the one exported ({sizes}, {found.hash})"
                return
            with ZipFile(file) as package:
                if package.getinfo(WARC).compress_type != ZIP_STORED:
                    yield f"{path.name} is compressed; searchkit stores captures as they are"
                    return
                with package.open(WARC) as warc:
                    yield from (f"{path.name}: {fault}" for fault in _of_captures(warc, wanted, report, now))
                if report.captures != line.captures:
                    yield f"{path.name}: it has {report.captures:,} of {line.captures:,} captures"
    except FileNotFoundError:
        yield f"{path.name} is missing; if it has another name or place, name it with --wacz"
    except OSError as error:
        yield f"{path.name} cannot be read: {error.strerror or error}"
    except _DAMAGED as error:
        yield f"{path.name} is damaged: {one_line(str(error)) or 'no zip archive'}"


def _of_captures(
    warc: IO[bytes], wanted: Mapping[str, Sequence[Recorded]], report: CapturesReport, now: datetime
) -> Iterator[str]:
    # Parsers and extractors, which a page that checks no WACZ file does not load.
    from warcio.archiveiterator import ArchiveIterator

    from searchkit.ingest import Reader, article

    missing = {**wanted}
    with Reader(article, now=now) as reader:
        for record in ArchiveIterator(warc):
            if record.rec_type == "warcinfo":
                continue
            body = read_limited(record.content_stream(), MAX_CAPTURE)
            statements = missing.pop(digest(body), None)
            if statements is None:
                yield "it has another capture"
                continue
            report.captures += 1
            yield from _of_capture(_resource(record, body, now), statements, reader, report)
    for statements in missing.values():
        yield f"the capture of document {statements[0].document} is missing"


def _of_capture(
    resource: Resource | Refused, statements: Sequence[Recorded], reader: "Reader[Any]", report: CapturesReport
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
            report.statements += 1
        else:
            yield f"the words of statement {statement.id} are not in the capture of its document"


def _resource(record: Any, body: bytes, now: datetime) -> Resource | Refused:
    """Return the page in a record, as it is read from a WARC file."""
    headers = record.http_headers
    message = Message()
    message["Content-Type"] = (headers.get_header("Content-Type") if headers is not None else record.content_type) or ""
    part = Part(
        uri="wacz",
        stream=io.BytesIO(body),
        declared=message.get_content_type(),
        charset=message.get_content_charset(""),
        size=len(body),
    )
    found = next(iter(unpack(part, FileOptions(max_bytes=MAX_CAPTURE), now=now)), None)
    return found if isinstance(found, (Resource, Refused)) else Refused(uri="wacz", reason="is not a page")
