"""What every source shares: its limits, and the value for an input that cannot be read."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from searchkit.document import Resource

MEGABYTE = 1024 * 1024
STDIN = "stdin:"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileOptions:
    """Limits on one input, in bytes.

    A news page with everything inlined stays far below 20 MB, and so does a line of JSON below 10 MB; what is larger is
    refused before it is in memory.
    """

    max_bytes: int = 20 * MEGABYTE
    max_line_bytes: int = 10 * MEGABYTE


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """One input that cannot be read: its address and one clear line of why. The walk goes on after it."""

    uri: str
    reason: str


def new_resource(uri: str, body: bytes, *, media_type: str, now: datetime) -> Resource:
    """The resource of these bytes, with their digest."""
    return Resource(
        uri=uri,
        media_type=media_type,
        body=body,
        fetched_at=now,
        digest=hashlib.sha256(body).hexdigest(),
    )


def digest_address(body: bytes) -> str:
    """The address of something from standard input, which has no other name than its bytes: `stdin:` and 12 digits."""
    return STDIN + hashlib.sha256(body).hexdigest()[:12]


def megabytes(size: int) -> str:
    """`size` in bytes as a person says it: `20 MB`, `20.3 MB`, `200 MB`; small sizes in kB or bytes."""
    if size < 1024:
        return f"{size} bytes"
    if size < MEGABYTE:
        return f"{size / 1024:.0f} kB"
    value = size / MEGABYTE
    return f"{value:.0f} MB" if value >= 100 or value == int(value) else f"{value:.1f} MB"
