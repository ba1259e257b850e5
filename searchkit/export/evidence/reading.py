"""Read evidence files: their description, whether they are complete, and their statements and log one by one.

Anybody may have written the file: a line that is not as it should be becomes an `UnreadableRecord`. Only a file that is
not evidence, or has the format of another version, is an InputError.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Set
from itertools import islice
from typing import Annotated, Any, BinaryIO

from msgspec import Meta, Struct, ValidationError, convert

from searchkit.errors import InputError
from searchkit.export.evidence.findings import Seal, UnreadableRecord
from searchkit.export.evidence.form import (
    CUSTODY,
    EARLIER_SCHEMA,
    SCHEMA,
    STATEMENT,
    CustodyEntry,
    CustodyLog,
    EarlierEnd,
    EvidenceCaptures,
    EvidenceEnd,
    EvidenceHead,
    EvidenceTimestamp,
)
from searchkit.selectors import CONTEXT, Selector
from searchkit.statements.text import safe_json

# Articles of more than 20 MB are refused (crawl/base.py).
_MAX_LINE = 50_000_000
_OTHER = re.compile(r"searchkit\.evidence/\d{1,6}")
_BOM = b"\xef\xbb\xbf"
_WRITE_ONE = "Write one with: searchkit export --format evidence"
# Fields of a statement besides its words and sentence, with their labels.
FIELDS: Mapping[str, str] = {
    "speaker": "speaker",
    "verb": "verb",
    "negated": "negation of the verb",
    "title": "title",
    "published": "date of publication",
    "outlet": "outlet",
    "url": "address",
    "kind": "kind",
    "role": "role of the speaker",
    "about": "target",
    "date": "date of the statement",
}
_Number = Annotated[int, Meta(ge=0, le=1 << 62)]


class _Digests(Struct, frozen=True, kw_only=True):
    text: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
    raw: Annotated[str, Meta(pattern=r"^(?:[0-9a-f]{64})?\Z")] | None = None


class Recorded(Struct, frozen=True, kw_only=True, tag_field="schema", tag=STATEMENT):
    """A statement of a file, which is the object `value` in the line with this number. `end` is as written: in an
    edited file, the words may end elsewhere. `capture` says where the archive kept the bytes."""

    line: int
    value: dict[str, Any]
    id: str = ""
    document: Annotated[str, Meta(pattern=r"^[0-9a-f]{12}\Z")]
    revision: _Number
    text: Annotated[str, Meta(min_length=1)]
    start: _Number
    end: _Number
    prefix: str = ""
    suffix: str = ""
    sentence: str = ""
    sha256: _Digests
    capture: str | None = None
    uri: str = ""

    @property
    def selector(self) -> Selector:
        """The words with their place and context."""
        prefix, suffix = self.prefix[-CONTEXT:], self.suffix[:CONTEXT]
        return Selector(exact=self.text, start=self.start, prefix=prefix, suffix=suffix)


def field_words(statement: Mapping[str, Any]) -> dict[str, str]:
    """Return those of FIELDS that a statement has, as text, so that they can be compared and shown: dates by value,
    names sorted."""
    return {name: _words(statement[name]) for name in FIELDS if name in statement}


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):  # a date
        return _text(value.get("value"))
    if isinstance(value, (list, tuple)):
        return ", ".join(sorted(item for item in value if isinstance(item, str)))
    return _text(value)


Line = Recorded | CustodyEntry | EvidenceCaptures | EvidenceEnd | EarlierEnd | EvidenceTimestamp | UnreadableRecord
"""A line after the first."""
_ALL: tuple[type[Line], ...] = (Recorded, CustodyEntry, EvidenceCaptures, EvidenceEnd, EvidenceTimestamp)
# The kinds of lines after the first, by form and schema.
_KINDS: Mapping[str, Mapping[object, type[Line]]] = {
    SCHEMA: {kind.__struct_config__.tag: kind for kind in _ALL},
    EARLIER_SCHEMA: {kind.__struct_config__.tag: kind for kind in (Recorded, EarlierEnd)},
}
_REPEATED: Set[type[Line]] = frozenset({Recorded, CustodyEntry})


class EvidenceFile:
    """A file that can be read several times; `name` is for messages. InputError if it is not an evidence file.

    `head` is its first line, and `unknown` the keys of that which searchkit does not write. `statements` is the number
    of its lines that are no other kind, `sha256` the digest of its lines. `seal_line` is what the time stamp is about,
    without line feed; `has_damaged_timestamp`: a line after it is not readable."""

    sealed: EvidenceEnd | EarlierEnd | None = None
    captures: EvidenceCaptures | None = None
    timestamp: EvidenceTimestamp | None = None
    has_damaged_timestamp = False
    seal_line = b""
    statements = 0

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._stream = stream
        self._name = name
        first = next((line for _, line in self._written()), None)
        if first is None:
            raise InputError(f"{name} is empty.", hint=_WRITE_ONE)
        head = _parsed(first)
        self._kinds = _kinds(head, name)
        try:
            self.head = convert({**head, "schema": SCHEMA}, EvidenceHead)
        except ValidationError as error:
            raise InputError(f"{name} is not an evidence file: its first line is damaged ({error}).") from None
        self.unknown = sorted(head.keys() - {"schema", *EvidenceHead.__struct_fields__})
        self.has_log = CUSTODY in self._kinds
        self.log = CustodyLog(first)
        self._digest = hashlib.sha256(first + b"\n")
        for written, line in self._typed():
            self._add(written, line)
        self.sha256 = self._digest.hexdigest()
        if isinstance(self.sealed, EvidenceEnd):
            self.log.finish(self.sealed.entries, self.sealed.custody)

    @property
    def seal(self) -> Seal:
        """Return whether the file is unchanged: `truncated` without its seal, `modified` if that does not match."""
        if self.sealed is None:
            return "truncated"
        entries = self.sealed.entries if isinstance(self.sealed, EvidenceEnd) else 0
        known = (self.sealed.statements, entries, self.sealed.sha256)
        is_intact = known == (self.statements, self.log.count, self.sha256) and _is_written(self.sealed, self.seal_line)
        return "intact" if is_intact else "modified"

    def lines(self) -> Iterator[Line]:
        """Yield all lines after the first in order."""
        return (line for _, line in self._typed())

    def _add(self, written: bytes, line: Line) -> None:
        if isinstance(line, (EvidenceEnd, EarlierEnd)):
            self.sealed, self.seal_line = line, written
            return
        if isinstance(self.sealed, EvidenceEnd) and self.timestamp is None and not isinstance(line, Recorded):
            self.timestamp = line if isinstance(line, EvidenceTimestamp) else None
            self.has_damaged_timestamp = self.timestamp is None or not _is_written(self.timestamp, written)
            if self.timestamp or self.head.timestamp:
                return
        self._digest.update(written + b"\n")
        if isinstance(line, CustodyEntry):
            self.log.read(line, written)
        elif isinstance(line, EvidenceCaptures):
            self.captures = line
        else:
            self.statements += 1
            if isinstance(line, Recorded):
                self.log.add_statement(line.document, line.revision, written)

    def _typed(self) -> Iterator[tuple[bytes, Line]]:
        """Yield each line after the first, as written and by its kind."""
        seen: set[type[Line]] = set()
        for number, written in islice(self._written(), 1, None):
            value = _parsed(written)
            kind = self._kinds.get(_key(value, "schema"))
            if kind is None or kind in seen:
                yield written, UnreadableRecord(line=number, id=_key(value, "id"), reason="not a statement")
                continue
            if kind is Recorded:
                value |= {"line": number, "value": {**value}}
            try:
                yield written, convert(value, kind)
            except ValidationError as error:
                yield written, UnreadableRecord(line=number, id=_key(value, "id"), reason=str(error))
            else:
                seen |= {kind} - _REPEATED

    def _written(self) -> Iterator[tuple[int, bytes]]:
        """Yield lines that are not empty with their numbers, without line ends."""
        self._stream.seek(0)
        number = 0
        while line := self._stream.readline(_MAX_LINE + 1):
            number += 1
            if len(line) > _MAX_LINE:
                raise InputError(f"{self._name}: line {number} is longer than {_MAX_LINE // 1_000_000} MB.")
            line = line.rstrip(b"\r\n")
            if number == 1:
                line = line.removeprefix(_BOM)
            if line:
                yield number, line


def _kinds(head: Any, name: str) -> Mapping[object, type[Line]]:
    schema = _key(head, "schema")
    if schema not in _KINDS and _OTHER.fullmatch(schema):
        reason = f"{name} has the format {schema}; this searchkit reads up to {SCHEMA}."
        raise InputError(reason, hint="Upgrade searchkit.")
    if schema not in _KINDS:
        raise InputError(f"{name} is not an evidence file: its first line has no evidence schema.", hint=_WRITE_ONE)
    return _KINDS[schema]


def _is_written(line: Struct, written: bytes) -> bool:
    """Return whether a line is written as searchkit writes it: not even a blank was added."""
    return safe_json(line).encode() == written


def _parsed(line: bytes) -> Any:
    """Return the JSON value of a line, or None if it is invalid."""
    try:
        return json.loads(line.decode())  # json would guess the encoding of bytes
    except (ValueError, RecursionError):  # including invalid UTF-8 and overlong numbers
        return None


def _key(value: Any, name: str) -> str:
    return _text(value.get(name)) if isinstance(value, dict) else ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
