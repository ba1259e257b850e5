"""Types that all sources share: their description, their limits, their results, and the parts of containers."""

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol
from urllib.parse import quote

from msgspec import Meta, Struct, field

from searchkit.statements.document import Resource
from searchkit.statements.text import redacted

MEGABYTE = 1024 * 1024
FILE_KINDS = frozenset({"folder", "warc", "mbox"})  # of sources; the others are on the web
FORGOTTEN = "is on the list of forgotten documents"
STDIN = "stdin:"
_PIECE = 65_536
_SAFE_IN_NAMES = "/?@$&'()*+,;=:-._~"
_MAX_NAME = 300


class FileOptions(Struct, frozen=True, kw_only=True):
    """Limits on one input, in bytes; larger inputs are refused before they are read into memory.

    `include` and `exclude` are patterns as in Source. They select files inside folders, never a file that was named.
    `ocr` allows programs of this machine to read scans, images and old Office files. `note_unread` is called with the
    address and the kind (`.jpg`, `hidden`) of each file that is passed over, except by these patterns.
    """

    max_bytes: int = 20 * MEGABYTE
    max_line_bytes: int = 10 * MEGABYTE
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    ocr: bool = False
    note_unread: Callable[[str, str], None] = lambda _uri, _kind: None


class HttpOptions(Struct, frozen=True, kw_only=True):
    """Limits on requests. Sizes in bytes, times in seconds.

    `contact` is an e-mail or web address for site owners, sent with every request. `max_bytes` limits a body, as sent
    and as decoded. `read_timeout` limits the silence between two parts of an answer, `total_seconds` everything for one
    page including redirects. `allow_hosts` names hosts, or their addresses, that may be private or local, on any port
    or on the given one (`HOST:PORT`).
    """

    contact: str = ""
    max_bytes: int = 10 * MEGABYTE
    connect_timeout: float = 10.0
    read_timeout: float = 20.0
    total_seconds: float = 120.0
    allow_hosts: tuple[str, ...] = ()


class Clock(Protocol):
    """The monotonic clock of a run: the `time` module, or a simulation in which waits take no time."""

    def monotonic(self) -> float: ...

    def sleep(self, seconds: float, /) -> None: ...


class CrawlOptions(Struct, frozen=True, kw_only=True):
    """Options of a run. `clock` measures the waits between requests.

    `retry_failed` makes everything due that is refused, given up or gone, and yields again what could not be read.
    `refetch` makes all known pages due, also of hosts that are paused after failures. After `max_seconds` no request
    begins.
    `warc` is a folder for WARC files. Addresses that are `is_forgotten` are never fetched, nor kept if they come under
    another address. With `claim_host`, others crawl as well: it returns whether this run may ask a host, and others
    read what this run records.
    """

    http: HttpOptions = field(default_factory=HttpOptions)
    retry_failed: bool = False
    refetch: bool = False
    max_seconds: float = 30 * 60.0
    warc: Path | None = None
    is_forgotten: Callable[[str], bool] = lambda _address: False
    clock: Clock = time
    claim_host: Callable[[str], bool] | None = None


class Refused(Struct, frozen=True, kw_only=True):
    """An input, or a part of one, that cannot be read; `reason` is one line.

    `digest` is the SHA-256 of the bytes in hex, if they have no address of their own.
    `reported` is whether an earlier run reported the same reason (None: the source does not keep track of it).
    `ended_worker` is whether reading it crashed a worker process or exceeded its limits. `shows` is what a page shows
    in place of an article: a wall or an error, or that the article was removed.
    """

    uri: str
    reason: str
    digest: str = ""
    reported: bool | None = None
    ended_worker: bool = False
    shows: Literal["", "wall", "removed"] = ""


class Noted(Struct, frozen=True, kw_only=True):
    """A remark on an input for the user; not a failure. `note` is one line."""

    uri: str
    note: str


class Withheld(Struct, frozen=True, kw_only=True):
    """A resource that its publisher asks not to index. This is not a failure. `reported` as in Refused."""

    uri: str
    reason: str
    reported: bool = False


class Recovered(Struct, frozen=True, kw_only=True):
    """A resource that failed before and is available now, but yields no document (a list, or an alias)."""

    uri: str


class Unmodified(Struct, frozen=True, kw_only=True):
    """A resource that has not changed since it was last read, so there are no bytes."""

    uri: str


class Gone(Struct, frozen=True, kw_only=True):
    """A resource that was read before and no longer exists."""

    uri: str
    reason: str


class Postponed(Struct, frozen=True, kw_only=True):
    """A resource that failed temporarily and will be retried."""

    uri: str
    reason: str


CrawlResult = Resource | Refused | Noted | Unmodified | Gone | Postponed | Withheld | Recovered
"""What a source yields: one for each address it visits, and remarks."""

SourceKind = Literal["folder", "feed", "sitemap", "site", "urls", "warc", "mbox"]


class Source(Struct, frozen=True, kw_only=True):
    """Where documents come from: a `[[source]]` of searchkit.toml, or locations given on the command line.

    `locations` are paths (folder, warc, mbox) or http(s) addresses; `every` is the interval between runs. `include` and
    `exclude` are patterns with `*` and `?` over complete paths or addresses: a page must match an `include` pattern, if
    there are any, and no `exclude` pattern. `outlet` and `language` apply where a page states none. `max_pages` limits
    the pages, feeds and sitemaps fetched per run, besides the `locations` of feeds, sitemaps and sites; `max_seconds`
    the time of a run, `max_depth` the links followed from a start page, `max_bytes` the size of a page. `delay` is the
    minimum time between two requests to one host, in seconds. `allow_hosts` are hosts that may have private or local
    addresses.
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
    max_seconds: float = 10 * 60.0
    max_depth: int = 3
    max_bytes: int = 10 * MEGABYTE
    delay: float = 1.0
    allow_hosts: tuple[str, ...] = ()

    def description(self) -> str:
        """Return a short digest of the settings that decide which documents a run finds."""
        selection = (self.kind, self.locations, self.include, self.exclude, self.allow_hosts)
        limits = (self.max_pages, self.max_depth, self.max_bytes)
        return digest_of(repr((selection, limits)).encode("utf-8", "backslashreplace"))[:16]


def matches(address: str, include: Iterable[str], exclude: Iterable[str]) -> bool:
    """Return whether `address` matches a pattern of `include`, if there are any, and none of `exclude`."""
    include = tuple(include)
    if include and not any(fnmatchcase(address, pattern) for pattern in include):
        return False
    return not any(fnmatchcase(address, pattern) for pattern in exclude)


def digest_of(body: bytes) -> str:
    """Return the SHA-256 of `body` in hex."""
    return hashlib.sha256(body).hexdigest()


def new_resource(uri: str, body: bytes, *, media_type: str, now: datetime) -> Resource:
    """Return a resource with its digest. Lone surrogates in `uri` are written as `\\udXXX`."""
    return Resource(
        uri=uri.encode("utf-8", "backslashreplace").decode(),
        media_type=media_type,
        body=body,
        fetched_at=now,
        digest=digest_of(body),
    )


def digest_address(body: bytes) -> str:
    """Return the address of bytes from standard input: `stdin:` and 12 hex digits of their digest."""
    return STDIN + digest_of(body)[:12]


def megabytes(size: int) -> str:
    """Format a size in bytes for people: `20 MB`, `20.3 MB`, `12 kB`, `7 bytes`."""
    if size < 1024:
        return f"{size} bytes"
    if size < MEGABYTE:
        return f"{size / 1024:.0f} kB"
    value = size / MEGABYTE
    return f"{value:.0f} MB" if value >= 100 or value == int(value) else f"{value:.1f} MB"


# --- the parts of containers: mailboxes, zip archives, WARC files -----------------------------------------------------


class ByteStream(Protocol):
    """The methods that readers need of a stream of bytes; they seek to the start only."""

    def read(self, size: int = -1, /) -> bytes: ...

    def readline(self, limit: int = -1, /) -> bytes: ...

    def seek(self, offset: int, whence: int = 0, /) -> int: ...


class Part(Struct, frozen=True, kw_only=True):
    """A file, or a part of a container, whose type is not yet determined.

    `name` is a file name whose extension indicates a type; `declared` is the media type where the name indicates none.
    `claim` is the web address that the container states for it. `paths` are those that include and exclude patterns are
    matched with. `depth` is the number of containers around
    it, `size` its bytes if known in advance. Other fields as in Resource.
    """

    uri: str
    stream: ByteStream
    name: str = ""
    declared: str = ""
    charset: str = ""
    claim: str = ""
    fetched_at: datetime | None = None
    defaults: Mapping[str, Any] = field(default_factory=dict)
    paths: tuple[str, ...] = ()
    depth: int = 0
    size: int | None = None


class Damaged(Exception):
    """A stream that cannot be read further; `reason` is one line."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PartAddresses:
    """The addresses of the parts of a container: its address, `#` (`!/` for parts of a part), and a name; a digest
    distinguishes twins.

    The name may be a web address that the part claims. It contains neither `#` nor `!`.
    """

    def __init__(self, base: str) -> None:
        self._base = base
        self._digests: dict[str, bytes] = {}

    def of(self, name: str, content: bytes) -> str:
        """Return the address of the part with this name and these bytes (or others that identify it)."""
        digest = hashlib.sha256(content).digest()
        encoded = name.encode("utf-8", "surrogateescape")
        quoted = quote(encoded[:_MAX_NAME], safe=_SAFE_IN_NAMES)
        if not quoted:
            quoted = digest.hex()[:12]
        elif len(encoded) > _MAX_NAME:
            quoted = f"{quoted}~{hashlib.sha256(encoded).hexdigest()[:8]}"
        if self._digests.setdefault(quoted, digest) != digest:
            quoted = f"{quoted}~{digest.hex()[:8]}"
        separator = "!/" if "#" in self._base else "#"
        return f"{self._base}{separator}{quoted}"


def is_selected(paths: Iterable[str], options: FileOptions) -> bool:
    """Return whether include and exclude patterns select a file that is known by several `paths`."""
    paths = tuple(paths)
    included = not options.include or any(matches(path, options.include, ()) for path in paths)
    return included and all(matches(path, (), options.exclude) for path in paths)


def read_limited(stream: ByteStream, limit: int, head: bytes = b"") -> bytes:
    """Read a stream that begins with `head`, up to one byte over `limit`."""
    pieces = [head]
    left = limit + 1 - len(head)
    while left > 0 and (piece := stream.read(min(left, _PIECE))):  # a damaged stream yields the bytes before it first
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)


# --- what a run passed over: files of unsupported types, hidden files, links out of a folder --------------------------

_MAX_FILES = 20
# An archive can have members with thousands of made-up extensions.
_MAX_KINDS = 100
_OTHER = "other"


class NotRead(Struct, frozen=True, kw_only=True):
    """Files of a kind that were not read."""

    kind: Annotated[
        str, Meta(description="Their extension; or hidden, README, link out of the folder, searchkit archive...")
    ]
    count: Annotated[int, Meta(ge=1)]
    files: Annotated[tuple[str, ...], Meta(description="The addresses of the first 20.")]


class UnreadFiles:
    """Counts what is not read."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._files: dict[str, list[str]] = {}

    def note(self, uri: str, kind: str) -> None:
        """Count a file."""
        kind = kind if kind in self.counts or len(self.counts) < _MAX_KINDS else _OTHER
        self.counts[kind] += 1
        files = self._files.setdefault(kind, [])
        if len(files) < _MAX_FILES:
            files.append(uri)

    def records(self) -> tuple[NotRead, ...]:
        """Return the kinds with their first files, the most frequent first."""
        return tuple(
            NotRead(kind=kind, count=count, files=tuple(map(redacted, self._files[kind])))
            for kind, count in self.counts.most_common()
        )


def in_words(counts: Mapping[str, int]) -> str:
    """Return counts by kind as a list: `3 .jpg, 1 hidden`."""
    return ", ".join(f"{count:,} {kind}" for kind, count in Counter(counts).most_common())
