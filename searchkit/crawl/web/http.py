"""Asking web servers: one request after the other to each host, within limits of time, size and growth.

urllib3 speaks HTTP on each connection. Its pools are not used: they resolve names themselves, follow redirects and try
again, and each of these is decided here, where addresses are checked (see hosts.py).
"""

import http.client
import re
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from importlib import import_module
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import urljoin

from msgspec import Struct, field

from searchkit.crawl.base import MEGABYTE, megabytes
from searchkit.crawl.web.addresses import WebAddress, canonical, web_address
from searchkit.crawl.web.connections import Budget, bound, broken, connected
from searchkit.crawl.web.decoding import ACCEPTED, UndecodableBody, decoder
from searchkit.crawl.web.hosts import Resolve, allowed_names, checked_addresses, resolve
from searchkit.crawl.web.politeness import retry_after, user_agent
from searchkit.crawl.web.responses import FetchFailed, Response

if TYPE_CHECKING:
    from urllib3.connection import HTTPConnection
    from urllib3.response import HTTPResponse

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_FOR_GOOD = frozenset({301, 308})  # RFC 9110, 15.4.2 and 15.4.9
# Statuses under which the answer is the page: 203 is a page that a proxy has changed on the way.
_PAGES = frozenset({200, 203})
# Too early, too many, a timeout: the same request may succeed later. So may what fails on the server's side (5xx).
_PASSING = frozenset({408, 425, 429})

_PIECE = 64 * 1024
# Headers of large sites stay below 16 kB. http.client bounds lines and their number, not all of them together.
_MAX_HEAD = 256 * 1024
# A body of no interest up to this size is read, so that the connection can be used again.
_MAX_DRAINED = 64 * 1024
# News pages shrink to a tenth, lists of the same element to a hundredth; gzip can reach 1,000 and brotli 600,000.
_GROWTH = 200
_GROWTH_FREE = MEGABYTE
# Connections kept open at once; the longest unused are closed first.
_MAX_CONNECTIONS = 128

_CHARSET = re.compile(r";[ \t]{0,20}charset[ \t]{0,20}=[ \t]{0,20}[\"']?([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_MEDIA_TYPE = re.compile(r"[ \t]{0,20}([A-Za-z0-9!#$&^_.+-]{1,60}/[A-Za-z0-9!#$&^_.+-]{1,60})")
_VALIDATOR = re.compile(r"[\x20-\x7e\x80-\xff]{1,512}")
_VALIDATORS = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}


class HttpOptions(Struct, frozen=True, kw_only=True):
    """Limits on asking web servers. Sizes in bytes, times in seconds.

    `contact` is an e-mail or web address for the owners of sites, sent with every request. `max_bytes` bounds a body,
    as sent and as unpacked. `connect_timeout` bounds connecting, `read_timeout` the silence between two parts of an
    answer, `total_seconds` everything for one page, redirects included. `allow_hosts` names hosts, or their addresses,
    that may be asked although they are private or local; all their ports may be.
    """

    contact: str = ""
    max_bytes: int = 10 * MEGABYTE
    connect_timeout: float = 10.0
    read_timeout: float = 20.0
    total_seconds: float = 120.0
    max_redirects: int = 5
    allow_hosts: tuple[str, ...] = ()


class _Line(Struct):
    """The one connection to a host, and whose turn it is. `users` have it in hand, whether it is their turn or not."""

    users: int = 0
    turn: threading.Lock = field(default_factory=threading.Lock)
    connection: "HTTPConnection | None" = None
    wire: socket.socket | None = None
    begun: list[http.client.HTTPResponse] = field(default_factory=list)

    def hang_up(self) -> None:
        for answer in self.begun:
            answer.close()
        if self.connection is not None:
            self.connection.close()
        self.connection = self.wire = None


class _Answer(Struct, frozen=True):
    """One answer, redirects not followed. `body` is empty unless the status is that of a page."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


class Fetcher:
    """Asks web servers for pages. Safe to use from several threads; a host is asked one thing at a time.

    `clock` gives the time for `Response.fetched_at` and for dates in Retry-After. `resolver` turns names into
    addresses, `tls` are the certificates that are trusted, by default those of the system. `most_connections` are kept
    open, beside those in use. Nothing is read from the environment: no proxies, no netrc. No cookies are kept.
    """

    def __init__(
        self,
        options: HttpOptions,
        *,
        clock: Callable[[], datetime],
        resolver: Resolve = resolve,
        tls: ssl.SSLContext | None = None,
        most_connections: int = _MAX_CONNECTIONS,
    ) -> None:
        # Loaded before there are threads: two that load it at once get half of it.
        import_module("urllib3.connection")
        self._options = options
        self._clock = clock
        self._resolver = resolver
        self._tls = tls
        self._allow = allowed_names(options.allow_hosts)
        self._most_connections = most_connections
        self._headers = {
            "User-Agent": user_agent(options.contact),
            "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "Accept-Encoding": ACCEPTED,
        }
        self._lock = threading.Lock()
        self._lines: dict[str, _Line] = {}
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End all connections, also those that are being read: their threads get FetchFailed at once."""
        with self._lock:
            self._closed = True
            lines = list(self._lines.values())
        for line in lines:
            sock = line.wire
            if sock is not None:
                # The plain shutdown also of a TLS socket: a reader in another thread must find it in order.
                with suppress(OSError):
                    socket.socket.shutdown(sock, socket.SHUT_RDWR)
            # Where another thread has its turn, it finds out and hangs up itself.
            if line.turn.acquire(blocking=False):
                line.hang_up()
                line.turn.release()

    def get(
        self,
        url: str,
        *,
        validators: Mapping[str, str] | None = None,
        validated: str = "",
        max_bytes: int | None = None,
        allowed: Callable[[str, bool], bool] | None = None,
    ) -> Response:
        """The page at `url`, redirects followed. FetchFailed when there is none to use; nothing else is raised.

        `validators` are those of the Response from last time: what has not changed since comes as status 304 without a
        body. `validated` is the address that gave them, its `final_url`: no other is asked conditionally then, for they
        say nothing of another page. `max_bytes` is for this request in place of that of the options. `allowed` is asked
        about the target of each redirect before it is followed, and whether it and all before it are permanent; it may
        itself use this Fetcher.
        """
        where = _read(url)
        limit = self._options.max_bytes if max_bytes is None else max_bytes
        budget = Budget(seconds=self._options.total_seconds, read_timeout=self._options.read_timeout)
        condition = _condition(validators or {})
        passed = [str(where)]
        for_good = True
        while True:
            conditional = condition if not validated or canonical(str(where)) == canonical(validated) else {}
            try:
                answer = self._ask(where, conditional, budget, limit)
            except FetchFailed as failure:
                if len(passed) > 1 and not failure.status:
                    raise _onward(failure) from None
                raise
            if answer.status not in _REDIRECTS:
                return self._response(url, passed, for_good, answer, validators if conditional else None)
            where = _target(where, answer)
            for_good = for_good and answer.status in _FOR_GOOD
            if str(where) in passed:
                raise FetchFailed("redirects in a circle", status=answer.status)
            if len(passed) > self._options.max_redirects:
                raise FetchFailed(f"redirects more than {self._options.max_redirects} times", status=answer.status)
            if allowed is not None and not allowed(str(where), for_good):
                reason = "redirects, and the target may not be asked"
                raise FetchFailed(reason, status=answer.status, forbidden=True)
            passed.append(str(where))

    def _response(
        self, url: str, passed: list[str], for_good: bool, answer: _Answer, validators: Mapping[str, str] | None
    ) -> Response:
        status, headers = answer.status, answer.headers
        now = self._clock()
        unmodified = status == 304 and validators is not None
        if not unmodified and status not in _PAGES:
            passing = status in _PASSING or 500 <= status < 600
            wait = retry_after(headers["retry-after"], now=now) if passing and "retry-after" in headers else None
            raise FetchFailed(f"answers {status}", status=status, passing=passing, retry_after=wait)
        given = {name: headers[name] for name in _VALIDATORS if _VALIDATOR.fullmatch(headers.get(name, ""))}
        content_type = headers.get("content-type", "")[:1000]
        media_type = _MEDIA_TYPE.match(content_type)
        charset = _CHARSET.search(content_type)
        return Response(
            url=url,
            final_url=passed[-1],
            redirects=tuple(passed) if len(passed) > 1 else (),
            moved_for_good=for_good and len(passed) > 1,
            status=status,
            headers=headers,
            media_type=media_type[1].lower() if media_type else "",
            charset=charset[1] if charset else "",
            validators={**(validators or {}), **given} if unmodified else given,
            body=answer.body,
            fetched_at=now,
        )

    def _line(self, where: WebAddress) -> _Line:
        with self._lock:
            if self._closed:
                raise _ended()
            line = self._lines.pop(where.origin, None) or _Line()
            self._lines[where.origin] = line  # last in the dictionary: used last
            line.users += 1
            if len(self._lines) > self._most_connections:
                self._let_go()
            return line

    def _let_go(self) -> None:
        """Close the connection that was unused the longest. One that somebody has in hand stays, or its host would get
        a second one beside it."""
        for origin, line in self._lines.items():
            if not line.users:
                line.hang_up()
                del self._lines[origin]
                return

    def _ask(self, where: WebAddress, condition: Mapping[str, str], budget: Budget, limit: int) -> _Answer:
        line = self._line(where)
        try:
            return self._ask_on(line, where, condition, budget, limit)
        finally:
            with self._lock:
                line.users -= 1

    def _ask_on(
        self, line: _Line, where: WebAddress, condition: Mapping[str, str], budget: Budget, limit: int
    ) -> _Answer:
        with line.turn:
            try:
                with self._begin(line, where, condition, budget) as answer:
                    read = _read_answer(answer, budget, limit)
                    whole = answer.isclosed()
            except Exception as error:  # noqa: BLE001  # whatever a hostile answer makes libraries raise is its failure
                line.hang_up()
                if self._closed:
                    raise _ended() from None
                raise broken(error) from None
            if not whole or self._closed or line.connection is None or line.connection.sock is None:
                line.hang_up()
            return read

    def _begin(self, line: _Line, where: WebAddress, condition: Mapping[str, str], budget: Budget) -> "HTTPResponse":
        """Send the request, and read the head of the answer."""
        kept = line.connection
        if kept is not None and kept.is_connected:
            try:
                return self._send(line, kept, where, condition, budget)
            except OSError:
                # A server may close a connection that was kept just when it is used again (RFC 9110, 9.3.1).
                if budget.taken:
                    raise
        line.hang_up()
        return self._send(line, self._connect(line, where, budget), where, condition, budget)

    def _connect(self, line: _Line, where: WebAddress, budget: Budget) -> "HTTPConnection":
        timeout = self._options.connect_timeout
        seconds = min(timeout, budget.left())
        addresses = checked_addresses(where, allow=self._allow, resolve=self._resolver, seconds=seconds)
        line.connection = connected(where, addresses, budget=budget, connect_timeout=timeout, tls=self._trusted)
        line.wire = line.connection.sock
        if self._closed:
            raise _ended()
        return line.connection

    def _trusted(self) -> ssl.SSLContext:
        with self._lock:
            if self._tls is None:
                self._tls = ssl.create_default_context()
            return self._tls

    def _send(
        self,
        line: _Line,
        connection: "HTTPConnection",
        where: WebAddress,
        condition: Mapping[str, str],
        budget: Budget,
    ) -> "HTTPResponse":
        budget.allow(_MAX_HEAD, "sends headers without end")
        line.begun = bound(connection, budget)
        connection.request(
            "GET",
            where.target,
            headers={"Host": where.authority, **self._headers, **condition},
            preload_content=False,
            decode_content=False,
        )
        answer = connection.getresponse()
        # http.client takes the end of the connection for the end of the headers.
        if budget.ended:
            raise FetchFailed("ends early: its headers are not whole", passing=True)
        return answer


def _ended() -> FetchFailed:
    return FetchFailed("is not asked any more: the run ends", passing=True)


def _read(url: str) -> WebAddress:
    try:
        return web_address(url)
    except ValueError as error:
        raise FetchFailed(str(error)) from None


def _target(where: WebAddress, answer: _Answer) -> WebAddress:
    """Where a redirect leads. FetchFailed when it leads nowhere."""
    location = answer.headers.get("location", "").strip()
    if not location:
        raise FetchFailed("redirects without saying where", status=answer.status)
    try:
        # Headers are read as Latin-1; an address that is not ASCII stands there in UTF-8.
        location = location.encode("latin-1").decode("utf-8", "replace")
        return web_address(urljoin(str(where), location))
    except ValueError as error:
        reason = str(error) if str(error).startswith("has ") else "has an address that cannot be read"
        raise _onward(FetchFailed(reason)) from None


def _onward(failure: FetchFailed) -> FetchFailed:
    """A failure of what a redirect leads to, said of what was asked."""
    return FetchFailed(f"redirects, and the target {failure.reason}", passing=failure.passing)


def _condition(validators: Mapping[str, str]) -> dict[str, str]:
    """Headers that ask for a page only if it has changed."""
    return {
        header: validators[name]
        for name, header in _VALIDATORS.items()
        if name in validators and _VALIDATOR.fullmatch(validators[name])
    }


def _read_answer(answer: "HTTPResponse", budget: Budget, limit: int) -> _Answer:
    """All of an answer that is of use: of anything but a page, the head."""
    headers = {name.lower(): value for name, value in answer.headers.items()}
    if answer.status not in _PAGES:
        _drain(answer, budget)
        return _Answer(answer.status, headers)
    too_large = f"is larger than {megabytes(limit)}"
    announced = headers.get("content-length", "")
    if announced.isdecimal() and len(announced) < 20 and int(announced) > limit and "transfer-encoding" not in headers:
        raise FetchFailed(too_large, status=answer.status)
    try:
        coding = decoder(headers.get("content-encoding", ""))
    except UndecodableBody as error:
        raise FetchFailed(str(error), status=answer.status) from None
    # Small chunks are wrapped in more than they hold, but nobody sends only such.
    budget.allow(2 * limit + _MAX_HEAD, too_large)
    pieces: list[bytes] = []
    packed = size = 0
    while piece := answer.read(_PIECE, decode_content=False):
        packed += len(piece)
        try:
            given = coding.decode(piece, limit - size)
        except UndecodableBody as error:
            raise FetchFailed(str(error), status=answer.status) from None
        size += len(given)
        if size > _GROWTH_FREE and size > _GROWTH * packed:
            raise FetchFailed(f"is a bomb: it grows more than {_GROWTH} times", status=answer.status)
        if size > limit or packed > limit:
            raise FetchFailed(too_large, status=answer.status)
        pieces.append(given)
    if packed:
        try:
            coding.finish()
        except UndecodableBody as error:
            raise FetchFailed(str(error), status=answer.status, passing=True) from None
    return _Answer(answer.status, headers, b"".join(pieces))


def _drain(answer: "HTTPResponse", budget: Budget) -> None:
    """Read a small body to its end. When it is not small, or does not come, the connection is not used again."""
    budget.allow(_MAX_DRAINED + _MAX_HEAD, "")
    with suppress(Exception):
        while answer.tell() <= _MAX_DRAINED and answer.read(_PIECE, decode_content=False):
            pass
