"""JSON Lines: one resource per line, streamed."""

import json
from collections.abc import Iterator
from datetime import datetime
from itertools import takewhile

from searchkit.crawl import base as crawl
from searchkit.crawl.media_types import RECORD, is_blank, looks_binary
from searchkit.statements.document import Resource

# Further broken lines are only counted.
_MAX_REPORTED = 100
# How far to look for the end of an overlong line, as a multiple of the line limit: a file may be a hole of terabytes.
_OVERLONG = 10
_DIGITS = 12


def _lines(stream: crawl.ByteStream, options: crawl.FileOptions, first: bytes | None) -> Iterator[bytes | None]:
    """Yield every line; None for an overlong line, which is the last one if it does not end in reach."""
    limit = options.max_line_bytes
    while line := stream.readline(limit + 1) if first is None else first:
        first = None
        is_overlong = len(line) > limit and not line.endswith(b"\n")
        yield None if is_overlong else line
        pieces = (stream.readline(limit) for _ in range(_OVERLONG))
        if is_overlong and not any(piece.endswith(b"\n") for piece in takewhile(len, pieces)):
            return


def _parse(line: bytes) -> tuple[dict[str, object], str]:
    """Return the record on a line and an empty string, or an empty record and the fault."""
    try:
        record = json.loads(line)
    except json.JSONDecodeError as error:
        return {}, f"is not JSON: {error.msg} at column {error.colno}"
    except (ValueError, RecursionError):  # not UTF-8, nested too deep, or a number of thousands of digits
        return {}, "is not readable JSON"
    if not isinstance(record, dict):
        return {}, "is not a JSON object"
    text = record.get("text", record.get("body"))
    if not isinstance(text, str):
        return {}, "has no text" if text is None else "has a text that is not a string"
    if not text.strip():
        return {}, "has an empty text"
    return record, ""


def _address(record: dict[str, object], base: str, body: bytes, addresses: crawl.PartAddresses) -> str:
    """Return the address of a record, by the address or id that it gives itself: a claim, which names it in its
    file."""
    names = (record.get(key) for key in ("uri", "url", "id"))
    name = next((str(name).strip() for name in names if isinstance(name, str | int) and str(name).strip()), "")
    if not name and base == crawl.STDIN:
        return crawl.digest_address(body)
    # Line numbers change when a line is inserted, so the bytes name the record.
    name = name.encode("utf-8", "backslashreplace").decode() or f"line-{crawl.digest_of(body)[:_DIGITS]}"
    return addresses.of(name, body)


def records(
    part: crawl.Part, options: crawl.FileOptions, *, now: datetime, first: bytes | None = None
) -> Iterator[Resource | crawl.Refused]:
    """Yield a Resource for each line with a record, and Refused for each other line that is not blank, up to a limit.

    The address of a record is that of `part`, `#`, and its `uri`, `url` or `id`; without any, the bytes of its line
    identify it. Records that share a name are separate documents. `first` is the first line if that was read already.
    Errors of the stream (OSError, Damaged) pass through.
    """
    broken, base = 0, part.uri
    addresses = crawl.PartAddresses(base)
    for position, line in enumerate(_lines(part.stream, options, first), 1):
        if line is None:
            yield crawl.Refused(
                uri=base, reason=f"line {position} is larger than {crawl.megabytes(options.max_line_bytes)}"
            )
            continue
        if is_blank(line):
            continue
        if position == 1 and looks_binary(line):
            yield crawl.Refused(uri=base, reason="looks binary")
            return
        body = line.strip().removeprefix(b"\xef\xbb\xbf")
        record, fault = _parse(body)
        if not fault:
            yield crawl.new_resource(_address(record, base, body, addresses), body, media_type=RECORD, now=now)
            continue
        broken += 1
        if broken <= _MAX_REPORTED:
            yield crawl.Refused(uri=base, reason=f"line {position} {fault}", digest=crawl.digest_of(body))
    if broken > _MAX_REPORTED:
        yield crawl.Refused(uri=base, reason=f"{broken - _MAX_REPORTED:,} more lines contain no record")
