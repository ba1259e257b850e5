"""JSON Lines: one resource a line, streamed."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from searchkit.crawl.base import STDIN, FileOptions, Refused, digest_address, digest_of, megabytes, new_resource
from searchkit.crawl.container_parts import Part
from searchkit.crawl.media_types import RECORD, is_blank, looks_binary
from searchkit.document import Resource

# A stream whose first hundred lines hold no record is another format; a refusal for each of its lines helps nobody.
_HOPELESS = 100
# Where so many lines are broken, the rest of them are counted: a refusal each is read by nobody, and is kept for long.
_TOLD = 1_000
# How far to look for the end of a line that is over the limit, as a multiple of the limit.
_OVERLONG = 10
# Of the digest of a line that has no other name; as many as an address of standard input has.
_DIGITS = 12


class LineSource(Protocol):
    """What is needed of a stream of bytes."""

    def readline(self, limit: int = -1, /) -> bytes:
        """At most `limit` bytes, up to and with the next line end; empty at the end of the stream."""
        ...


def _skip_line(stream: LineSource, options: FileOptions) -> bool:
    """Read to the end of an overlong line; False when it does not end in reach."""
    for _ in range(_OVERLONG):
        piece = stream.readline(options.max_line_bytes)
        if not piece or piece.endswith(b"\n"):
            return True
    return False


def _lines(stream: LineSource, options: FileOptions, first: bytes | None) -> Iterator[bytes | None]:
    """Every line; None for one over the limit; empty bytes, and then no more, for one that does not end in reach."""
    limit = options.max_line_bytes
    while True:
        line = stream.readline(limit + 1) if first is None else first
        first = None
        if not line:
            return
        if len(line) > limit and not line.endswith(b"\n"):
            if not _skip_line(stream, options):
                yield b""
                return
            yield None
        else:
            yield line


def _fault(line: bytes) -> tuple[dict[str, object], str]:
    """The record on a line and an empty string, or an empty record and what is wrong with the line."""
    try:
        record = json.loads(line)
    except json.JSONDecodeError as error:
        return {}, f"is not JSON: {error.msg} at column {error.colno}"
    except UnicodeDecodeError as error:
        return {}, f"is not JSON: not UTF-8 at byte {error.start + 1}"
    except RecursionError:
        return {}, "is not JSON that can be read: nested too deep"
    except ValueError:  # an integer of thousands of digits
        return {}, "is not JSON that can be read: a number is too long"
    if not isinstance(record, dict):
        return {}, "is not a JSON object"
    text = record.get("text", record.get("body"))
    if not isinstance(text, str):
        return {}, "has no text" if text is None else "has a text that is not a string"
    if not text.strip():
        return {}, "has an empty text"
    return record, ""


def _address(record: dict[str, object], base: str, body: bytes) -> str:
    for key in ("uri", "url"):
        value = record.get(key)
        if isinstance(value, str) and value.strip():
            return value.strip()
    identity = record.get("id")
    if isinstance(identity, str | int) and str(identity).strip():
        return f"{base}#{str(identity).strip()}"
    # No line has a lasting number: another is put on top, and all that come behind would be others. Its bytes name it.
    return digest_address(body) if base == STDIN else f"{base}#line-{digest_of(body)[:_DIGITS]}"


def lines(part: Part, options: FileOptions, *, now: datetime) -> Iterator[Resource | Refused]:
    """The records of a JSON Lines file. Errors as `records`."""
    return records(part.stream, part.uri, options, now=now)


def records(
    stream: LineSource, base: str, options: FileOptions, *, now: datetime, first: bytes | None = None, number: int = 1
) -> Iterator[Resource | Refused]:
    """One Resource for each line that holds a record, one Refused for each other line that is not blank; of many such,
    one for all that come behind the first.

    A record without `uri`, `url` and `id` is known by the bytes of its line: it stays what it is wherever it stands,
    and edited it is another one. `base` is the address of the stream. `first` is a line already read from it, with its
    `number`. Errors of the stream (OSError, Damaged) pass through.
    """
    broken, good = 0, 0
    for position, line in enumerate(_lines(stream, options, first), number):
        if line is None:
            yield Refused(uri=base, reason=f"line {position} is larger than {megabytes(options.max_line_bytes)}")
            continue
        if not line:
            reach = megabytes(options.max_line_bytes * _OVERLONG)
            yield Refused(uri=base, reason=f"line {position} does not end within {reach}; the rest is not read")
            return
        if is_blank(line):
            continue
        if position == 1 and looks_binary(line):
            yield Refused(uri=base, reason="looks binary")
            return
        body = line.strip().removeprefix(b"\xef\xbb\xbf")
        record, fault = _fault(body)
        if fault:
            broken += 1
            if broken <= _TOLD:
                yield Refused(uri=base, reason=f"line {position} {fault}", digest=digest_of(body))
            if broken == _HOPELESS and not good:
                yield Refused(uri=base, reason=f"has no record in its first {_HOPELESS} lines; the rest is not read")
                return
            continue
        good += 1
        yield new_resource(_address(record, base, body), body, media_type=RECORD, now=now)
    if broken > _TOLD:
        yield Refused(uri=base, reason=f"{broken - _TOLD:,} more of its lines hold no record")
