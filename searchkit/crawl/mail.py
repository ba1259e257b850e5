"""Split mailboxes into messages, and extract the files attached to a message. The text is read by searchkit.parse."""

import binascii
import re
from collections.abc import Iterator
from datetime import datetime
from email.header import decode_header, make_header
from email.message import Message
from email.policy import compat32
from io import BytesIO

from searchkit.crawl import media_types
from searchkit.crawl.base import Damaged, FileOptions, Part, PartAddresses, Refused, megabytes
from searchkit.mail import BOUNDARY, charset_of, content_of, load_message

# Mailboxes quote a line that begins with `From ` as `>From `.
_QUOTED_FROM = re.compile(rb">{1,20}From ")
_PIECE = 65_536
_MAX_HEADER = 65_536
_MESSAGE_ID = re.compile(rb"^message-id:\s{0,40}<?([^<>\s]{1,400})", re.IGNORECASE | re.MULTILINE)
_FORWARDED = re.compile(rb"^content-type:\s{0,40}message/rfc822", re.IGNORECASE | re.MULTILINE)
_MAX_ATTACHMENTS = 1_000
_TEXTS = frozenset({media_types.PLAIN, media_types.HTML})


def _split(part: Part, limit: int) -> Iterator[bytes | int]:
    """Yield the messages of a mailbox; of a message beyond `limit` only its size."""
    lines: list[bytes] = []
    size = 0
    in_message, at_start, after_blank = False, True, True
    line = part.stream.readline(_PIECE)
    while line:
        following = part.stream.readline(_PIECE)
        start = media_types.FROM_LINE.match(line) if at_start and after_blank else None
        if start is not None and (start["bare"] is None or media_types.HEADER.match(following)):
            if in_message:
                yield size if size > limit else b"".join(lines)
            lines, size, in_message = [], 0, True
        elif in_message:
            size += len(line)
            if size > limit:
                lines = []
            else:
                lines.append(line[1:] if at_start and _QUOTED_FROM.match(line) else line)
        elif line.strip():
            raise Damaged("not a mailbox: no message found")
        after_blank = at_start and not line.strip()
        at_start = line.endswith(b"\n")
        line = following
    if in_message:
        yield size if size > limit else b"".join(lines)


def _message_id(message: bytes) -> str:
    head, _, _ = message[:_MAX_HEADER].replace(b"\r\n", b"\n").partition(b"\n\n")
    match = _MESSAGE_ID.search(head)
    return match[1].decode("utf-8", "surrogateescape") if match else ""


def messages(part: Part, options: FileOptions, *, now: datetime) -> Iterator[Part | Refused]:
    """Yield the messages of a mailbox, one at a time in memory, each named by its Message-ID or digest."""
    del now
    addresses = PartAddresses(part.uri)
    for number, message in enumerate(_split(part, options.max_bytes), 1):
        if isinstance(message, int):
            reason = f"message {number} is larger than {megabytes(options.max_bytes)} ({megabytes(message)})"
            yield Refused(uri=part.uri, reason=reason)
            continue
        uri = addresses.of(_message_id(message), message)
        yield Part(
            uri=uri, stream=BytesIO(message), declared=media_types.MESSAGE, depth=part.depth + 1, size=len(message)
        )


def attachments(part: Part, options: FileOptions, *, now: datetime) -> Iterator[Part | Refused]:
    """Yield the files and messages attached to a message; skip pictures and other unsupported types."""
    del now
    body = part.stream.read()
    if not BOUNDARY.search(body) and not _FORWARDED.search(body[:_MAX_HEADER]):
        return
    try:
        message = load_message(body)
    except ValueError as error:
        yield Refused(uri=part.uri, reason=f"{error}; its attachments were skipped")
        return
    addresses = PartAddresses(part.uri)
    for number, leaf in enumerate(_leaves(message), 1):
        if number > _MAX_ATTACHMENTS:
            yield Refused(uri=part.uri, reason=f"has more than {_MAX_ATTACHMENTS:,} parts; the rest was skipped")
            return
        attachment = _attachment(leaf, number, part, addresses)
        if isinstance(attachment, str):
            options.note_unread(part.uri, attachment)
        elif attachment is not None:
            yield attachment


def _leaves(message: Message) -> Iterator[Message]:
    """Yield the parts of a message that have content, in order, without descending into attached messages."""
    waiting = [message]
    while waiting:
        current = waiting.pop()
        payload = current.get_payload()
        is_message = current.get_content_type() == media_types.MESSAGE
        if is_message or not isinstance(payload, list):
            if is_message or current is not message:
                yield current
        else:
            waiting.extend(reversed([inner for inner in payload if isinstance(inner, Message)]))


def _attachment(leaf: Message, number: int, part: Part, addresses: PartAddresses) -> Part | Refused | str | None:
    """Return a supported attachment as a file, another as what it is; None for the text of the message itself."""
    file_name = _file_name(leaf)
    declared = leaf.get_content_type()
    if declared == media_types.MESSAGE:
        payload = leaf.get_payload()
        inner = payload[0] if isinstance(payload, list) and payload else None
        try:
            content = _attached(leaf, inner) if isinstance(inner, Message) else b""
        except RecursionError:
            return Refused(uri=addresses.of(f"part-{number}", b""), reason="nested too deep")
        name, file_name = _message_id(content) or file_name, ""
    else:
        if declared in _TEXTS and not file_name and leaf.get_content_disposition() != "attachment":
            return None
        if media_types.media_type(file_name) is None:
            is_misnamed = "." in file_name and declared in _TEXTS  # an extension says more than text/plain
            if is_misnamed or declared in media_types.GENERIC or declared not in media_types.SUPPORTED:
                return media_types.unread_kind(file_name or f"part.{declared.rpartition('/')[2]}")
        content = content_of(leaf)
        name = file_name
    return Part(
        uri=addresses.of(name or f"part-{number}", content),
        stream=BytesIO(content),
        name=file_name,
        declared=declared,
        charset=charset_of(leaf),
        depth=part.depth + 1,
        size=len(content),
    )


def _attached(leaf: Message, message: Message) -> bytes:
    """Return the bytes of an attached message. Raise RecursionError if messages are nested too deep."""
    encoded = message.get_payload()
    try:
        # The standard forbids it, but some programs encode the whole message.
        if str(leaf["content-transfer-encoding"]).strip().lower() == "base64" and isinstance(encoded, str):
            return binascii.a2b_base64(encoded) if not message.keys() else b""
        return message.as_bytes(policy=compat32)
    except (ValueError, LookupError, TypeError, AttributeError):
        return b""


def _file_name(leaf: Message) -> str:
    try:
        value = leaf.get_filename("") or ""
        name = str(make_header(decode_header(value))) if "=?" in value else value
    except (ValueError, LookupError, TypeError):
        return ""
    return name.replace("\\", "/").rpartition("/")[2].strip()
