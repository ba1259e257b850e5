"""What every source shares: how it is described, its limits, and the values it gives beside a Resource."""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Literal

from msgspec import Struct

from searchkit.document import Resource

MEGABYTE = 1024 * 1024
# Said of what a run met and may not take in again.
FORGOTTEN = "was to be forgotten"
STDIN = "stdin:"


class FileOptions(Struct, frozen=True, kw_only=True):
    """Limits on one input, in bytes.

    A news page with everything inlined stays far below 20 MB, and so does a line of JSON below 10 MB; what is larger is
    refused before it is in memory. `include` and `exclude` are patterns as in Source; they choose among what a folder
    holds, never what is named itself.
    """

    max_bytes: int = 20 * MEGABYTE
    max_line_bytes: int = 10 * MEGABYTE
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


class Refused(Struct, frozen=True, kw_only=True):
    """One input, or a part of one, that cannot be read: its address and one clear line of why. The walk goes on.

    `digest` is the sha-256 of the bytes in hex, where they have no address of their own; `container` as in Resource.
    `told` is whether an earlier run told just this; None when the source keeps no account of what was told.
    `ended_worker` tells that reading it took a worker process to its limits, or ended it.
    """

    uri: str
    reason: str
    digest: str = ""
    container: str = ""
    told: bool | None = None
    ended_worker: bool = False


class Withheld(Struct, frozen=True, kw_only=True):
    """A resource whose publisher asks not to take it, as `reason` says: nothing failed, and there is nothing to mend.
    `told` is whether an earlier run told just this."""

    uri: str
    reason: str
    told: bool = False


class Mended(Struct, frozen=True, kw_only=True):
    """A resource that could not be had when last tried, and can be now, though nothing comes of it (it is a list, or
    leads to another that is known)."""

    uri: str


class Unmodified(Struct, frozen=True, kw_only=True):
    """A resource that its source says has not changed since it was last read, so no bytes came."""

    uri: str


class Gone(Struct, frozen=True, kw_only=True):
    """A resource that was read before and is not there any more; `reason` is one clear line of how that is known."""

    uri: str
    reason: str


class Postponed(Struct, frozen=True, kw_only=True):
    """A resource that cannot be had now and will be asked for again (a stall, 429, 503); `reason` is why, in a line."""

    uri: str
    reason: str


Found = Resource | Refused | Unmodified | Gone | Postponed | Withheld | Mended
"""What a source gives, one for each address it looks at."""

SourceKind = Literal["folder", "feed", "sitemap", "site", "urls", "warc", "mbox"]


class Source(Struct, frozen=True, kw_only=True):
    """Where documents come from, again and again: a `[[source]]` of searchkit.toml, or addresses given by hand.

    `locations` are paths (folder, warc, mbox) or http(s) addresses. `every` is how often it is due. `include` and
    `exclude` are patterns with `*` and `?` over whole paths or addresses; a page must match one of `include`, if there
    is any, and none of `exclude`. `outlet` and `language` are believed where a page says nothing itself. `max_pages`
    bounds the pages fetched in one run, `max_depth` the links from a start page of a site to a page, `max_bytes` one
    page. `delay` is the least time between two requests to one host, in seconds; robots.txt may ask for more.
    `allow_hosts` names hosts with private or local addresses that may be asked all the same.
    """

    name: str
    kind: SourceKind
    locations: tuple[str, ...]
    every: timedelta = timedelta(hours=1)
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    outlet: str = ""
    language: str = ""
    max_pages: int = 1_000
    max_depth: int = 3
    max_bytes: int = 10 * MEGABYTE
    delay: float = 1.0
    allow_hosts: tuple[str, ...] = ()

    def description(self) -> str:
        """What it is asked for, in a few digits: others when another run would find other documents."""
        asked = (self.kind, self.locations, self.include, self.exclude, self.allow_hosts)
        limits = (self.max_pages, self.max_depth, self.max_bytes)
        return digest_of(repr((asked, limits)).encode("utf-8", "backslashreplace"))[:16]


def wanted(address: str, include: Iterable[str], exclude: Iterable[str]) -> bool:
    """Whether an address matches one of `include`, if there is any, and none of `exclude` (`*` and `?` as in names)."""
    include = tuple(include)
    if include and not any(fnmatchcase(address, pattern) for pattern in include):
        return False
    return not any(fnmatchcase(address, pattern) for pattern in exclude)


def digest_of(body: bytes) -> str:
    """sha-256 of `body` in hex."""
    return hashlib.sha256(body).hexdigest()


def new_resource(uri: str, body: bytes, *, media_type: str, now: datetime) -> Resource:
    """The resource of these bytes, with their digest. Halves of signs in its address, which cannot be written, stand
    there as `\\udXXX`."""
    return Resource(
        uri=uri.encode("utf-8", "backslashreplace").decode(),
        media_type=media_type,
        body=body,
        fetched_at=now,
        digest=digest_of(body),
    )


def digest_address(body: bytes) -> str:
    """The address of something from standard input, which has no other name than its bytes: `stdin:` and 12 digits."""
    return STDIN + digest_of(body)[:12]


def megabytes(size: int) -> str:
    """`size` in bytes as a person says it: `20 MB`, `20.3 MB`, `200 MB`; small sizes in kB or bytes."""
    if size < 1024:
        return f"{size} bytes"
    if size < MEGABYTE:
        return f"{size / 1024:.0f} kB"
    value = size / MEGABYTE
    return f"{value:.0f} MB" if value >= 100 or value == int(value) else f"{value:.1f} MB"
