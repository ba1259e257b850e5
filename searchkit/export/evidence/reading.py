"""Read evidence files: their description, whether they are complete, and their statements one by one.

Anybody may have written the file. A line that is not a statement becomes a `BadLine`; only a file that is not evidence,
or comes from a later searchkit, is an InputError.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, Literal

from msgspec import Struct, field

from searchkit.errors import InputError
from searchkit.export.evidence.form import END, SCHEMA, STATEMENT, EvidenceEnd
from searchkit.selectors import CONTEXT, Selector

Seal = Literal["intact", "modified", "truncated"]
# Articles of more than 20 MB are refused (crawl/base.py).
_MAX_LINE = 50_000_000
_NEWER = re.compile(r"searchkit\.evidence/\d{1,6}")
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
    FIELDS of the line, as text: dates by value, names sorted."""

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


class BadLine(Struct, frozen=True, kw_only=True):
    """A line that is not a valid statement, and why; `id` is that of the statement, if it has any."""

    line: int
    id: str = ""
    reason: str


class Described(Struct, frozen=True, kw_only=True):
    """A complete file: the contents of its first line and of its last line (None without one), the digest of its lines,
    and the number of its statements."""

    query: str
    made_at: str
    searchkit: str
    sealed: EvidenceEnd | None
    sha256: str
    statements: int

    @property
    def seal(self) -> Seal:
        """Return whether the file is unchanged: `truncated` without its last line, `modified` if that does not
        match."""
        if self.sealed is None:
            return "truncated"
        return "intact" if self.sealed == EvidenceEnd(statements=self.statements, sha256=self.sha256) else "modified"


def describe(stream: BinaryIO, name: str) -> Described:
    """Read a file once, from its beginning; `name` is for messages. InputError if it is not an evidence file."""
    digest = hashlib.sha256()
    head: Mapping[str, Any] | None = None
    sealed: EvidenceEnd | None = None
    statements = 0
    for _, line in _lines(stream, name):
        value = _parsed(line)
        if head is None:
            head = _head(value, name)
        elif sealed is None and (end := _end(value)) is not None:
            sealed = end
            continue
        else:  # including lines after the last one
            statements += 1
        digest.update(line + b"\n")
    if head is None:
        raise InputError(f"{name} is empty.", hint="Write one with: searchkit export --format evidence")
    return Described(
        query=_text(head.get("query")),
        made_at=_text(head.get("made_at")),
        searchkit=_text(head.get("searchkit")),
        sealed=sealed,
        sha256=digest.hexdigest(),
        statements=statements,
    )


def statements(stream: BinaryIO, name: str) -> Iterator[Recorded | BadLine]:
    """Yield the statements of a described file in order, from its beginning."""
    lines = _lines(stream, name)
    next(lines, None)
    for number, line in lines:
        value = _parsed(line)
        if _end(value) is None:
            yield _recorded(value, number)


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
    schema = value.get("schema") if isinstance(value, dict) else None
    if schema == SCHEMA:
        return dict(value)
    if isinstance(schema, str) and _NEWER.fullmatch(schema):
        raise InputError(f"{name} has the format {schema}; this searchkit reads {SCHEMA}.", hint="Upgrade searchkit.")
    raise InputError(
        f"{name} is not an evidence file: its first line has no evidence schema.",
        hint="Write one with: searchkit export --format evidence",
    )


def _end(value: Any) -> EvidenceEnd | None:
    if not isinstance(value, dict) or value.get("schema") != END:
        return None
    return EvidenceEnd(statements=_number(value.get("statements")), sha256=_text(value.get("sha256")))


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
