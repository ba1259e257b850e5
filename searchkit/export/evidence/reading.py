"""Read evidence files: their description, whether they are complete, and their statements and log one by one.

Anybody may have written the file. Any other line becomes a `BadLine`; only a file that is not evidence,
or has the format of another version, is an InputError.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, Literal, TypeVar

from msgspec import Struct, ValidationError, convert, field

from searchkit.errors import InputError
from searchkit.export.evidence.custody import CUSTODY, CustodyEntry, CustodyReader, read_entry
from searchkit.export.evidence.form import (
    EARLIER_SCHEMA,
    SCHEMA,
    STATEMENT,
    EarlierEnd,
    EvidenceCaptures,
    EvidenceEnd,
    EvidenceHead,
    EvidenceTimestamp,
)
from searchkit.selectors import CONTEXT, Selector
from searchkit.statements.text import safe_json

Seal = Literal["intact", "modified", "truncated"]
Part = Literal["first line", "time stamp", "custody log", "captures"]
# Articles of more than 20 MB are refused (crawl/base.py).
_MAX_LINE = 50_000_000
_OTHER = re.compile(r"searchkit\.evidence/\d{1,6}")
_Line = TypeVar("_Line", bound=Struct)
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
_HASH = re.compile(r"[0-9a-f]{64}")
_DOCUMENT = re.compile(r"[0-9a-f]{12}")
_BOM = b"\xef\xbb\xbf"


class Recorded(Struct, frozen=True, kw_only=True):
    """A statement of a file. Digests are 64 hex digits, that of the raw bytes may be empty; `capture` says whether the
    archive kept these bytes. `end` is as written: in an edited file, the words may end elsewhere. `fields` are the
    FIELDS of the line, as text: dates by value, names sorted; `value` is the complete line."""

    line: int
    id: str
    document: str
    revision: int
    selector: Selector
    end: int
    sentence: str = ""
    text_digest: str
    raw_digest: str
    capture: bool
    uri: str
    fields: Mapping[str, str] = field(default_factory=dict)
    value: Mapping[str, Any] = field(default_factory=dict)


class BadLine(Struct, frozen=True, kw_only=True):
    """A line that is not a valid statement, and why; `id` is that of the statement, if it has any."""

    line: int
    id: str = ""
    reason: str


class PartFault(Struct, frozen=True, kw_only=True):
    """What is wrong with a part of a file, in one line."""

    part: Part
    reason: str


class Described(Struct, frozen=True, kw_only=True):
    """A complete file: the contents of its first line, its seal, the line about captures and the time stamp (None
    without one), the digest of its lines, the number of its statements and log entries.

    `unknown` are the keys of the first line that searchkit does not write, `authority` is the one that it announces.
    `exports` are the entries of the log about this file;
    `custody_faults` are those of the log, which a file of the earlier form does not have. `seal_line` is the line that
    the time stamp is about, without line feed; `has_damaged_timestamp`: a line after it is not readable."""

    query: str
    interpreted_as: str
    matching: int
    notes: list[Any]
    made_at: str
    searchkit: str
    authority: str
    unknown: tuple[str, ...]
    exports: tuple[CustodyEntry, ...]
    sealed: EvidenceEnd | EarlierEnd | None
    has_log: bool
    seal_line: bytes
    sha256: str
    statements: int
    entries: int
    custody_faults: tuple[str, ...]
    captures: EvidenceCaptures | None
    timestamp: EvidenceTimestamp | None
    has_damaged_timestamp: bool

    @property
    def seal(self) -> Seal:
        """Return whether the file is unchanged: `truncated` without its seal, `modified` if that does not match."""
        if self.sealed is None:
            return "truncated"
        entries = 0 if isinstance(self.sealed, EarlierEnd) else self.sealed.entries
        known = (self.sealed.statements, entries, self.sealed.sha256)
        is_intact = known == (self.statements, self.entries, self.sha256) and _is_written(self.sealed, self.seal_line)
        return "intact" if is_intact else "modified"


def describe(stream: BinaryIO, name: str) -> Described:
    """Read a file once, from its beginning; `name` is for messages. InputError if it is not an evidence file."""
    digest = hashlib.sha256()
    lines = _lines(stream, name)
    first = next((line for _, line in lines), None)
    if first is None:
        raise InputError(f"{name} is empty.", hint="Write one with: searchkit export --format evidence")
    head = _head(_parsed(first), name)
    is_earlier = _is_earlier(head)
    end = EarlierEnd if is_earlier else EvidenceEnd
    digest.update(first + b"\n")
    log = CustodyReader(first)
    found: dict[type[Struct], Any] = {}
    seal_line = b""
    statements = 0
    has_damaged_timestamp = False
    for _, line in lines:
        value = _parsed(line)
        if _read(value, end, found) is not None:
            seal_line = line
            continue
        if EvidenceEnd in found and EvidenceTimestamp not in found and _schema(value) != STATEMENT:
            stamp = _read(value, EvidenceTimestamp, found)
            has_damaged_timestamp = stamp is None or not _is_written(stamp, line)
            if stamp is not None or head.get("timestamp"):
                continue
        digest.update(line + b"\n")
        if _schema(value) == CUSTODY and not is_earlier:
            log.add_entry(value, line)
        elif is_earlier or _read(value, EvidenceCaptures, found) is None:
            statements += 1
            if isinstance(value, dict) and _DOCUMENT.fullmatch(_text(value.get("document"))):
                log.add_statement(_text(value["document"]), _number(value.get("revision")), line)
    sealed: EvidenceEnd | EarlierEnd | None = found.get(end)
    if isinstance(sealed, EvidenceEnd):
        log.finish(sealed.entries, sealed.custody)
    return Described(
        query=_text(head.get("query")),
        interpreted_as=_text(head.get("interpreted_as")),
        matching=_number(head.get("matching")),
        unknown=tuple(head.keys() - {"schema", *EvidenceHead.__struct_fields__}),
        notes=notes if isinstance(notes := head.get("notes"), list) else [],
        exports=tuple(log.exported.values()),
        made_at=_text(head.get("made_at")),
        searchkit=_text(head.get("searchkit")),
        authority=_text(head.get("timestamp")),
        sealed=sealed,
        has_log=not is_earlier,
        seal_line=seal_line,
        sha256=digest.hexdigest(),
        statements=statements,
        entries=log.count,
        custody_faults=tuple(log.faults),
        captures=found.get(EvidenceCaptures),
        timestamp=found.get(EvidenceTimestamp),
        has_damaged_timestamp=has_damaged_timestamp,
    )


def records(stream: BinaryIO, name: str) -> Iterator[Recorded | CustodyEntry | BadLine]:
    """Yield the statements and the entries of the log of a described file in order, from its beginning."""
    lines = _lines(stream, name)
    is_earlier = _is_earlier(_parsed(next(lines, (0, b""))[1]))
    others = (EarlierEnd,) if is_earlier else (EvidenceEnd, EvidenceCaptures, EvidenceTimestamp)
    seen: dict[type[Struct], Any] = {}
    for number, line in lines:
        value = _parsed(line)
        if _schema(value) == CUSTODY and not is_earlier:
            if (entry := read_entry(value)) is not None:
                yield entry
        elif not any(_read(value, kind, seen) for kind in others):
            yield _recorded(value, number)


def _is_earlier(head: Any) -> bool:
    return _schema(head) == EARLIER_SCHEMA


def _schema(value: Any) -> str:
    return _text(value.get("schema")) if isinstance(value, dict) else ""


def _read(value: Any, kind: type[_Line], found: dict[type[Struct], Any]) -> _Line | None:
    """Return a line of a kind that a file has once, and remember it; None for another line, or a second one."""
    if kind in found or _schema(value) != kind.__struct_config__.tag:
        return None
    try:
        line = found[kind] = convert(value, kind)
    except ValidationError:
        return None
    return line


def _is_written(line: Struct, written: bytes) -> bool:
    """Return whether a line is written as searchkit writes it: not even a blank was added."""
    return safe_json(line).encode() == written


def _lines(stream: BinaryIO, name: str) -> Iterator[tuple[int, bytes]]:
    """Yield lines that are not empty with their numbers, without line ends."""
    number = 0
    while line := stream.readline(_MAX_LINE + 1):
        number += 1
        if len(line) > _MAX_LINE:
            raise InputError(f"{name}: line {number} is longer than {_MAX_LINE // 1_000_000} MB.")
        line = line.rstrip(b"\r\n")
        if number == 1:
            line = line.removeprefix(_BOM)
        if line:
            yield number, line


def _parsed(line: bytes) -> Any:
    """Return the JSON value of a line, or None if it is invalid."""
    try:
        return json.loads(line.decode())  # json would guess the encoding of bytes
    except (ValueError, RecursionError):  # including invalid UTF-8 and overlong numbers
        return None


def _head(value: Any, name: str) -> Mapping[str, Any]:
    schema = _schema(value)
    if schema in {SCHEMA, EARLIER_SCHEMA}:
        return dict(value)
    if _OTHER.fullmatch(schema):
        raise InputError(
            f"{name} has the format {schema}; this searchkit reads up to {SCHEMA}.", hint="Upgrade searchkit."
        )
    raise InputError(
        f"{name} is not an evidence file: its first line has no evidence schema.",
        hint="Write one with: searchkit export --format evidence",
    )


def _recorded(value: Any, number: int) -> Recorded | BadLine:
    if not isinstance(value, dict) or value.get("schema") != STATEMENT:
        return BadLine(line=number, reason="not a statement")
    words, digests, statement_id = value.get("text"), value.get("sha256"), _text(value.get("id"))
    if not isinstance(words, str) or not words:
        return BadLine(line=number, id=statement_id, reason="no quote")
    if not isinstance(digests, dict) or not _hash(digests.get("text")):
        return BadLine(line=number, id=statement_id, reason="no digest of the text")
    if not _DOCUMENT.fullmatch(_text(value.get("document"))):
        return BadLine(line=number, id=statement_id, reason="no document id")
    start = _number(value.get("start"))
    if start < 0:
        return BadLine(line=number, id=statement_id, reason="no offset of the quote")
    return Recorded(
        line=number,
        id=statement_id,
        document=_text(value.get("document")),
        revision=_number(value.get("revision")),
        selector=Selector(
            exact=words,
            start=start,
            prefix=_text(value.get("prefix"))[-CONTEXT:],
            suffix=_text(value.get("suffix"))[:CONTEXT],
        ),
        end=_number(value.get("end")),
        sentence=_text(value.get("sentence")),
        text_digest=_hash(digests.get("text")),
        raw_digest=_hash(digests.get("raw")),
        capture=bool(value.get("capture")),
        uri=_text(value.get("uri")),
        fields=field_words(value),
        value=value,
    )


def field_words(statement: Mapping[str, Any]) -> dict[str, str]:
    """Return those of FIELDS that a statement has, as text, so that they can be compared and shown."""
    return {name: _words(statement[name]) for name in FIELDS if name in statement}


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):  # a date
        return _text(value.get("value"))
    if isinstance(value, (list, tuple)):
        return ", ".join(sorted(item for item in value if isinstance(item, str)))
    return _text(value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _hash(value: Any) -> str:
    return value if isinstance(value, str) and _HASH.fullmatch(value) else ""


def _number(value: Any) -> int:
    """Return a number that can be a position or count; -1 for anything else."""
    return value if type(value) is int and 0 <= value < 1 << 62 else -1
