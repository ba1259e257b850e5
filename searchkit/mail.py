"""Parse mail messages in bounded time, for crawl (attachments) and parse (text).

The standard library scans every line once for each enclosing part, descends into parts by recursion, and takes time
quadratic in the parameters of a header field (38 seconds for 400,000). Messages beyond these limits are refused.
"""

import re
from codecs import BOM_UTF8
from email import message_from_bytes
from email.message import Message
from email.policy import compat32

BOUNDARY = re.compile(rb"boundary\s{0,4}=", re.IGNORECASE)
_MAX_BOUNDARIES = 500
_MAX_BOUNDARY_LINES = 50_000_000
_TYPE_FIELD = re.compile(rb"^content-(?:type|disposition):", re.IGNORECASE | re.MULTILINE)
_FIELD_END = re.compile(rb"\n(?![ \t])")
_MAX_FIELD_BYTES = 20_000
_MAX_PARAMETERS = 200


def load_message(body: bytes) -> Message:
    """Parse a message. Raise ValueError with a one-line reason if it is too complex or malformed."""
    if not _is_bounded(body):
        raise ValueError("too many parts")
    try:
        return message_from_bytes(body.removeprefix(BOM_UTF8), policy=compat32)
    except RecursionError:
        raise ValueError("nested too deep") from None
    except (ValueError, LookupError, TypeError):
        raise ValueError("not a readable message") from None


def _is_bounded(body: bytes) -> bool:
    boundaries = len(BOUNDARY.findall(body))
    if boundaries > _MAX_BOUNDARIES or boundaries * body.count(b"\n") > _MAX_BOUNDARY_LINES:
        return False
    for field in _TYPE_FIELD.finditer(body):
        value = body[field.end() : field.end() + _MAX_FIELD_BYTES]
        end = _FIELD_END.search(value)
        if end is None and len(value) == _MAX_FIELD_BYTES:
            return False
        if value[: end and end.start()].count(b";") > _MAX_PARAMETERS:
            return False
    return True


def content_of(part: Message) -> bytes:
    """Return the decoded bytes of a part; empty if it has none."""
    try:
        payload = part.get_payload(decode=True)
    except (ValueError, LookupError, TypeError):
        return b""
    return payload if isinstance(payload, bytes) else b""


def charset_of(part: Message) -> str:
    """Return the declared character set of a part; empty if there is none."""
    try:
        return part.get_content_charset("") or ""
    except (ValueError, LookupError, TypeError):
        return ""
