"""The stored form of documents: the JSON of their Structs, compressed with a dictionary of what records share.

`records.dict`, which scripts/record-dictionary makes, lets a short record compress as well as a long one. Without the
same dictionary it cannot be read: a new one needs a new RECORD_VERSION, which is the first byte of a record.
"""

import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, cached_property
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from searchkit.errors import ArchiveError, NewerArchive
from searchkit.files import parse_json
from searchkit.statements.document import RECORD_VERSION, Document, DocumentOutline
from searchkit.store.base import REPAIR_HINT

# Level 9 saves 1 % and takes half as long again.
_LEVEL = 6
_RAW = -zlib.MAX_WBITS  # the row has a checksum
# The longest text takes a tenth of it. A forged record must not fill the memory.
_MAX_BYTES = 400_000_000
_VERSION = bytes([RECORD_VERSION])

_Kind = TypeVar("_Kind", bound=Struct)


@cache
def _dictionary() -> bytes:
    # importlib.resources would load tempfile and zipfile, which a query does not need.
    return Path(__file__).with_name("records.dict").read_bytes()


@cache
def _compressor() -> Any:
    return zlib.compressobj(_LEVEL, wbits=_RAW, zdict=_dictionary())


_decoder = cache(msgspec.json.Decoder)


def read(what: str, record: bytes, kind: type[_Kind]) -> _Kind:
    """Return the fields of `kind` from the record of `what`. ArchiveError if it cannot be read."""
    with _errors_of(what):
        return decode(record, kind)


@contextmanager
def _errors_of(what: str) -> Iterator[None]:
    """Raise ArchiveError if the record of `what` cannot be read."""
    try:
        yield
    except (TypeError, ValueError) as error:
        raise ArchiveError(f"In the store {what} cannot be read: {error}.", hint=REPAIR_HINT) from error


class StoredRecord:
    """The record of a document in its row. ArchiveError from each method if it is corrupt."""

    def __init__(self, row: Sequence[Any], row_checksum: Callable[..., int]) -> None:
        self._row = row
        self._row_checksum = row_checksum

    @cached_property
    def _content(self) -> bytes:
        *values, checksum, _, _ = self._row
        verify(f"document {values[0]}", checksum, self._row_checksum("documents", *values))
        with _errors_of(f"document {values[0]}"):
            return expanded(values[-1])

    def outline(self) -> DocumentOutline:
        """Return the fields from which excerpts are cut."""
        with _errors_of(f"document {self._row[0]}"):
            return _read_json(self._content, DocumentOutline)

    def document(self) -> Document:
        """Return the document."""
        with _errors_of(f"document {self._row[0]}"):
            document = _read_json(self._content, Document)
        gone_at, copies = self._row[-2:]
        return replace(document, gone_at=gone_at, copies=copies) if gone_at or copies else document


def verify(what: str, stored: int, computed: int) -> None:
    """Raise ArchiveError if the checksum of a record does not match."""
    if stored != computed:
        raise ArchiveError(f"In the store {what} is corrupt (checksum mismatch).", hint=REPAIR_HINT)


def encode(document: Document) -> bytes:
    """Return the record of a document."""
    return compressed(written(document))


def decode(record: bytes, kind: type[_Kind]) -> _Kind:
    """Return the fields of `kind`, a Document or a Struct with some of its fields, from a record.

    Errors as `expanded`."""
    return _read_json(expanded(record), kind)


def document_of(content: bytes) -> Document:
    """Return the document of which `written` made this JSON."""
    return _read_json(content, Document)


def _read_json(content: bytes, kind: type[_Kind]) -> _Kind:
    try:
        found: _Kind = _decoder(kind).decode(content)
    except (ValueError, RecursionError):
        return msgspec.convert(parse_json(content), kind)  # only Python reads what `written` leaves to it
    return found


def compressed(content: bytes) -> bytes:
    """Return a record with this JSON."""
    compressor = _compressor().copy()  # a third faster than reading the dictionary again
    return b"".join((_VERSION, compressor.compress(content), compressor.flush()))


def expanded(record: bytes) -> bytes:
    """Return the JSON in a record.

    Raises ValueError for what is not a record, NewerArchive for one of a later version."""
    if record[:1] != _VERSION:
        if record[:1] > _VERSION:
            raise NewerArchive(
                f"A record has version {record[0]}; this searchkit supports up to {RECORD_VERSION}.",
                hint="Upgrade searchkit.",
            )
        raise ValueError("it has no version")
    inflater = zlib.decompressobj(wbits=_RAW, zdict=_dictionary())
    try:
        content = inflater.decompress(memoryview(record)[1:], _MAX_BYTES)
    except zlib.error as error:
        raise ValueError(str(error)) from error
    if not inflater.eof:
        raise ValueError("it is incomplete")
    return content


def written(document: Document) -> bytes:
    """Return the JSON of a document."""
    try:
        content = msgspec.json.encode(document)
        if not document.extra or msgspec.json.decode(msgspec.json.encode(document.extra)) == document.extra:
            return content
    except (UnicodeEncodeError, OverflowError, RecursionError):
        pass
    # Addresses with bytes that are not UTF-8; infinite and very large numbers.
    return json.dumps(msgspec.to_builtins(document), separators=(",", ":")).encode()
