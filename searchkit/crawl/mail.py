"""Mail: mailboxes as messages, and messages as themselves and the files attached to them.

What a message says is read by searchkit.parse; here it is only taken apart.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from io import BytesIO

from searchkit.crawl.base import FileOptions, Refused, megabytes
from searchkit.crawl.container_parts import Addresses, Damaged, Part
from searchkit.crawl.media_types import FROM_LINE, HTML, MESSAGE, PLAIN, is_read, is_untold, media_type

# `>From ` at the start of a line was `From ` before a mailbox had to tell it from the start of a message.
_QUOTED_FROM = re.compile(rb">{1,20}From ")
_PIECE = 65_536
_HEADER_REACH = 65_536
_MESSAGE_ID = re.compile(rb"^message-id:\s{0,40}<?([^<>\s]{1,400})", re.IGNORECASE | re.MULTILINE)
# The standard library looks at every line once for each part that is open around it, goes down into parts by recursion,
# and takes time that grows with the square of a field's parameters: 400,000 of them cost 38 seconds. Digests of mailing
# lists have some hundred parts, and no program writes more than a few parameters.
_BOUNDARY = re.compile(rb"boundary\s{0,4}=", re.IGNORECASE)
_FORWARDED = re.compile(rb"^content-type:\s{0,40}message/rfc822", re.IGNORECASE | re.MULTILINE)
_BOUNDARIES = 500
_BOUNDARY_LINES = 50_000_000
_TYPE_FIELD = re.compile(rb"^content-(?:type|disposition):", re.IGNORECASE | re.MULTILINE)
_FIELD_END = re.compile(rb"\n(?![ \t])")
_FIELD_BYTES = 20_000
_PARAMETERS = 200
_ATTACHMENTS = 1_000
_TEXTS = frozenset({PLAIN, HTML})


def _pieces(part: Part, limit: int) -> Iterator[bytes | int]:
    """The messages of a mailbox; of one beyond `limit` only its size."""
    held: list[bytes] = []
    size = 0
    begun, at_start, after_blank = False, True, True
    while line := part.stream.readline(_PIECE):
        if at_start and after_blank and FROM_LINE.match(line):
            if begun:
                yield size if size > limit else b"".join(held)
            held, size, begun = [], 0, True
        elif begun:
            size += len(line)
            if size > limit:
                held = []
            else:
                held.append(line[1:] if at_start and _QUOTED_FROM.match(line) else line)
        elif line.strip():
            raise Damaged("is no mailbox: no message begins in it")
        after_blank = at_start and not line.strip()
        at_start = line.endswith(b"\n")
    if begun:
        yield size if size > limit else b"".join(held)


def _identity(message: bytes) -> str:
    """The Message-ID of a message, or nothing."""
    head, _, _ = message[:_HEADER_REACH].replace(b"\r\n", b"\n").partition(b"\n\n")
    match = _MESSAGE_ID.search(head)
    return match[1].decode("utf-8", "surrogateescape") if match else ""


def messages(part: Part, options: FileOptions, *, now: datetime) -> Iterator[Part | Refused]:
    """The messages of a mailbox, in order, one at a time in memory; each named by its Message-ID, else its digest."""
    del now
    addresses = Addresses(part.uri)
    for number, message in enumerate(_pieces(part, options.max_bytes), 1):
        if isinstance(message, int):
            reason = f"message {number} is larger than {megabytes(options.max_bytes)} ({megabytes(message)})"
            yield Refused(uri=part.uri, reason=reason)
            continue
        uri = addresses.of(_identity(message), message)
        yield Part(uri=uri, stream=BytesIO(message), declared=MESSAGE, depth=part.depth + 1, size=len(message))


def attachments(part: Part, options: FileOptions, *, now: datetime) -> Iterator[Part | Refused]:
    """The files attached to a message, and the messages in it; pictures and other types that are not read are passed
    over in silence."""
    del options, now
    body = part.stream.read()
    if not _BOUNDARY.search(body) and not _FORWARDED.search(body[:_HEADER_REACH]):
        return
    if not _is_tame(body):
        yield Refused(uri=part.uri, reason="is built of too many parts; what is attached to it is not read")
        return
    try:
        message = message_from_bytes(body, policy=compat32)
    except (RecursionError, ValueError, LookupError, TypeError) as error:
        fault = "is nested too deep" if isinstance(error, RecursionError) else "is no message that can be taken apart"
        yield Refused(uri=part.uri, reason=f"{fault}; what is attached to it is not read")
        return
    addresses = Addresses(part.uri)
    for number, leaf in enumerate(_leaves(message), 1):
        if number > _ATTACHMENTS:
            yield Refused(uri=part.uri, reason=f"has more than {_ATTACHMENTS:,} parts; the rest is not read")
            return
        if (attached := _attached(leaf, number, part, addresses)) is not None:
            yield attached


def _is_tame(body: bytes) -> bool:
    """Whether the standard library can take a message apart in good time."""
    boundaries = len(_BOUNDARY.findall(body))
    if boundaries > _BOUNDARIES or boundaries * body.count(b"\n") > _BOUNDARY_LINES:
        return False
    for field in _TYPE_FIELD.finditer(body):
        written = body[field.end() : field.end() + _FIELD_BYTES]
        end = _FIELD_END.search(written)
        if (end is None and len(written) == _FIELD_BYTES) or written[: end and end.start()].count(b";") > _PARAMETERS:
            return False
    return True


def _leaves(message: Message) -> Iterator[Message]:
    """The parts of a message that hold something, in order; messages inside it are not gone into."""
    waiting = [message]
    while waiting:
        place = waiting.pop()
        payload = place.get_payload()
        is_message = place.get_content_type() == MESSAGE
        if is_message or not isinstance(payload, list):
            if is_message or place is not message:
                yield place
        else:
            waiting.extend(reversed([inner for inner in payload if isinstance(inner, Message)]))


def _attached(leaf: Message, number: int, part: Part, addresses: Addresses) -> Part | Refused | None:
    """A part of a message as a file, if it is one that is read; None for what belongs to the message itself."""
    name = _file_name(leaf)
    declared = leaf.get_content_type()
    if declared == MESSAGE:
        payload = leaf.get_payload()
        inner = payload[0] if isinstance(payload, list) and payload else None
        try:
            content = _written(inner) if isinstance(inner, Message) else b""
        except RecursionError:
            return Refused(uri=addresses.of(f"part-{number}", b""), reason="is nested too deep")
        name, called = "", _identity(content) or name
    else:
        if declared in _TEXTS and not name and leaf.get_content_disposition() != "attachment":
            return None
        promised = media_type(name)
        if promised is None and (("." in name and declared in _TEXTS) or is_untold(declared) or not is_read(declared)):
            return None  # a name with an ending says more than a type that is said of anything
        payload = leaf.get_payload(decode=True)
        content = payload if isinstance(payload, bytes) else b""
        called = name
    uri = addresses.of(called or f"part-{number}", content)
    charset = leaf.get_content_charset("") or ""
    return Part(
        uri=uri, stream=BytesIO(content), name=name, declared=declared, charset=charset, depth=part.depth + 1,
        size=len(content),
    )  # fmt: skip


def _written(message: Message) -> bytes:
    """The bytes of a message inside another. Raises RecursionError where messages are nested too deep."""
    try:
        return message.as_bytes(policy=compat32)
    except (ValueError, LookupError, TypeError, AttributeError):
        return b""


def _file_name(leaf: Message) -> str:
    """The name that a file was attached under, without folders; empty when it has none that can be read."""
    from email.header import decode_header, make_header

    try:
        written = leaf.get_filename("") or ""
        name = str(make_header(decode_header(written))) if "=?" in written else written
    except (ValueError, LookupError, TypeError):
        return ""
    return name.replace("\\", "/").rpartition("/")[2].strip()
