"""An evidence file read again: what it says of itself, whether it is whole, and its statements one by one.

Whoever wrote the file may be anybody. A line that is no statement becomes a `Misread`; only a file that is no evidence
at all, or from a later searchkit, is an InputError.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, Literal

from msgspec import Struct, field

from searchkit.errors import InputError
from searchkit.export.evidence.form import END, SCHEMA, STATEMENT, Sealed
from searchkit.export.evidence.selectors import CONTEXT, Selector

Seal = Literal["whole", "altered", "cut short"]
# A statement has at most as many letters as an article, and articles are refused from 20 MB on (crawl/base.py).
_LONGEST_LINE = 50_000_000
_NEWER = re.compile(r"searchkit\.evidence/\d{1,6}")
# What a statement tells beside its words, title and speaker, and what each is called.
FIELDS: Mapping[str, str] = {
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
    """One statement as a file has it. Digests are 64 hex digits, that of the raw bytes may be empty; `capture` says
    whether these were kept in the archive then. `title` and `speaker` are None where there was none. `fields` holds the
    others of FIELDS that the line has, in words: dates as their values, several names in one order; empty for none."""

    line: int
    id: str
    document: str
    revision: int
    selector: Selector
    text_digest: str
    raw_digest: str
    capture: bool
    uri: str
    title: str | None
    speaker: str | None
    fields: Mapping[str, str] = field(default_factory=dict)


class Misread(Struct, frozen=True, kw_only=True):
    """A line that is no statement of this form, and why."""

    line: int
    reason: str


class Described(Struct, frozen=True, kw_only=True):
    """A file as a whole: what its first line says, what its last line says (None without one), the digest that its
    lines have, how many statements it has, and whether that fits together."""

    query: str
    made_at: str
    searchkit: str
    sealed: Sealed | None
    sha256: str
    statements: int

    @property
    def seal(self) -> Seal:
        """Whether the file is as it was written: `cut short` without a last line, `altered` when that does not fit."""
        if self.sealed is None:
            return "cut short"
        return "whole" if self.sealed == Sealed(statements=self.statements, sha256=self.sha256) else "altered"


def describe(stream: BinaryIO, name: str) -> Described:
    """Read a file once, from its beginning. InputError, which speaks of it as `name`, when it is no evidence file."""
    digest = hashlib.sha256()
    head: Mapping[str, Any] | None = None
    sealed: Sealed | None = None
    statements = 0
    for _, line in _lines(stream, name):
        value = _parsed(line)
        if head is None:
            head = _head(value, name)
        elif sealed is None and (end := _end(value)) is not None:
            sealed = end
            continue
        else:  # also what stands behind the last line
            statements += 1
        digest.update(line + b"\n")
    if head is None:
        raise InputError(f"{name} is empty.", hint="An evidence file is written by: searchkit export --format evidence")
    return Described(
        query=_text(head.get("query")),
        made_at=_text(head.get("made_at")),
        searchkit=_text(head.get("searchkit")),
        sealed=sealed,
        sha256=digest.hexdigest(),
        statements=statements,
    )


def statements(stream: BinaryIO, name: str) -> Iterator[Recorded | Misread]:
    """The statements of a file that was described, from its beginning, in order."""
    lines = _lines(stream, name)
    next(lines, None)
    for number, line in lines:
        value = _parsed(line)
        if _end(value) is None:
            yield _recorded(value, number)


def _lines(stream: BinaryIO, name: str) -> Iterator[tuple[int, bytes]]:
    """Lines that are not empty, with their numbers, without what ends them."""
    number = 0
    while line := stream.readline(_LONGEST_LINE + 1):
        number += 1
        if len(line) > _LONGEST_LINE:
            raise InputError(f"{name}: line {number} is longer than {_LONGEST_LINE // 1_000_000} MB.")
        line = line.rstrip(b"\r\n")
        if number == 1:
            line = line.removeprefix(_BOM)
        if line:
            yield number, line


def _parsed(line: bytes) -> Any:
    """The JSON value of a line; None when it is none."""
    try:
        return json.loads(line.decode())  # of bytes, json would guess the encoding
    except (ValueError, RecursionError):  # also bytes that are no UTF-8, and numbers of too many digits
        return None


def _head(value: Any, name: str) -> Mapping[str, Any]:
    schema = value.get("schema") if isinstance(value, dict) else None
    if schema == SCHEMA:
        return dict(value)
    if isinstance(schema, str) and _NEWER.fullmatch(schema):
        raise InputError(f"{name} is of the form {schema}; this searchkit reads {SCHEMA}.", hint="Upgrade searchkit.")
    raise InputError(
        f"{name} is no evidence file of searchkit: its first line does not say so.",
        hint="Evidence is written by: searchkit export --format evidence",
    )


def _end(value: Any) -> Sealed | None:
    if not isinstance(value, dict) or value.get("schema") != END:
        return None
    return Sealed(statements=_number(value.get("statements")), sha256=_text(value.get("sha256")))


def _recorded(value: Any, number: int) -> Recorded | Misread:
    if not isinstance(value, dict) or value.get("schema") != STATEMENT:
        return Misread(line=number, reason="is no statement")
    words, digests = value.get("text"), value.get("sha256")
    if not isinstance(words, str) or not words:
        return Misread(line=number, reason="has no words")
    if not isinstance(digests, dict) or not _hash(digests.get("text")):
        return Misread(line=number, reason="has no digest of the text")
    if not _DOCUMENT.fullmatch(_text(value.get("document"))):
        return Misread(line=number, reason="names no document")
    start, end = _number(value.get("start")), _number(value.get("end"))
    if start < 0 or end - start != len(words):
        return Misread(line=number, reason="has words that are not as long as their place")
    return Recorded(
        line=number,
        id=_text(value.get("id")),
        document=_text(value.get("document")),
        revision=_number(value.get("revision")),
        selector=Selector(
            exact=words,
            start=start,
            prefix=_text(value.get("prefix"))[-CONTEXT:],
            suffix=_text(value.get("suffix"))[:CONTEXT],
        ),
        text_digest=_hash(digests.get("text")),
        raw_digest=_hash(digests.get("raw")),
        capture=bool(value.get("capture")),
        uri=_text(value.get("uri")),
        title=value.get("title") if isinstance(value.get("title"), str) else None,
        speaker=value.get("speaker") if isinstance(value.get("speaker"), str) else None,
        fields=field_words(value),
    )


def field_words(statement: Mapping[str, Any]) -> dict[str, str]:
    """Those of FIELDS that a statement has, in words, so that two can be compared and shown."""
    return {name: _words(statement[name]) for name in FIELDS if name in statement}


def _words(value: Any) -> str:
    if isinstance(value, dict):  # a date
        return _text(value.get("value"))
    if isinstance(value, list):
        return ", ".join(sorted(one for one in value if isinstance(one, str)))
    return _text(value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _hash(value: Any) -> str:
    return value if isinstance(value, str) and _HASH.fullmatch(value) else ""


def _number(value: Any) -> int:
    """A number that can be a position or count (SQLite's largest is the limit); -1 for anything else."""
    return value if type(value) is int and 0 <= value < 1 << 62 else -1
