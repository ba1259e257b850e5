"""Fetch pages: one request at a time per host, within limits of time, size and growth.

urllib3 handles HTTP on each connection. Its connection pools are not used: they resolve names, follow redirects and
retry by themselves, while here each of these is decided with checked addresses (see address_guard.py).
"""

import http.client
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import cached_property
from urllib.parse import urljoin

from msgspec import Struct, field
from urllib3.connection import HTTPConnection
from urllib3.response import HTTPResponse

from searchkit.crawl.base import MEGABYTE, HttpOptions, megabytes
from searchkit.crawl.decoding import ACCEPTED, UndecodableBody, decoder
from searchkit.crawl.web.address_guard import Resolve, allowed_names, checked_addresses, resolve
from searchkit.crawl.web.addresses import WebAddress, canonical, web_address
from searchkit.crawl.web.connections import Budget, as_fetch_failed, bind_budget, connect
from searchkit.crawl.web.pages import FetchFailed, Response
from searchkit.crawl.web.politeness import retry_after, user_agent

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})  # RFC 9110, 15.4.2 and 15.4.9
# Answers with the page; 203 is a page that a proxy has changed.
_PAGES = frozenset({200, 203})
# Too early, too many requests, timeout: a retry may succeed. So it may after any 5xx.
_TEMPORARY = frozenset({408, 425, 429})

_PIECE = 64 * 1024
# Headers of large sites stay below 16 kB. http.client limits lines and their number, but not their total.
_MAX_HEADERS = 256 * 1024
# A body that is not needed is read up to this size, so that the connection can be reused.
_MAX_DRAINED = 64 * 1024
# News pages compress to a tenth, repetitive lists to a hundredth; gzip can reach 1,000 and brotli 600,000.
_GROWTH = 200
_GROWTH_FREE = MEGABYTE
MAX_REDIRECTS = 5
# Open connections besides those in use; those unused the longest are closed first.
_MAX_CONNECTIONS = 128

_CHARSET = re.compile(r";[ \t]{0,20}charset[ \t]{0,20}=[ \t]{0,20}[\"']?([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_MEDIA_TYPE = re.compile(r"[ \t]{0,20}([A-Za-z0-9!#$&^_.+-]{1,60}/[A-Za-z0-9!#$&^_.+-]{1,60})")
_VALIDATOR = re.compile(r"[\x20-\x7e\x80-\xff]{1,512}")
_VALIDATORS = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}


class HostConnection(Struct):
    """The only connection to a host. `users` counts the threads that hold it, `turn` admits one of them."""

    users: int = 0
    turn: threading.Lock = field(default_factory=threading.Lock)
    connection: HTTPConnection | None = None
    sock: socket.socket | None = None
    begun: list[http.client.HTTPResponse] = field(default_factory=list)

    def close(self) -> None:
        """Close the connection, and the answer on it."""
        for answer in self.begun:
            answer.close()
        if self.connection is not None:
            self.connection.close()
        self.connection = self.sock = None


class _Answer(Struct, frozen=True):
    """One answer, before redirects; `body` is empty unless the status is that of a page."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


class Fetcher:
    """Fetches pages. Safe to use from several threads; each host gets one request at a time.

    `now` returns the time; `resolver` resolves host names. The environment is ignored (no proxies, no netrc), and
    cookies are not kept.
    """

    def __init__(self, options: HttpOptions, *, now: Callable[[], datetime], resolver: Resolve = resolve) -> None:
        self._options = options
        self._now = now
        self._resolver = resolver
        self._allow = allowed_names(options.allow_hosts)
        self._headers = {
            "User-Agent": user_agent(options.contact),
            "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "Accept-Encoding": ACCEPTED,
        }
        self._lock = threading.Lock()
        self._connections: dict[str, HostConnection] = {}
        self._closed = False

    def close(self) -> None:
        """Close all connections, also those in use: their threads get FetchFailed at once."""
        with self._lock:
            self._closed = True
            connections = list(self._connections.values())
        for held in connections:
            sock = held.sock
            if sock is not None:
                # A plain shutdown also for TLS sockets, so that a reader in another thread finds the socket intact.
                with suppress(OSError):
                    socket.socket.shutdown(sock, socket.SHUT_RDWR)
            # If another thread has its turn, it closes the connection itself.
            if held.turn.acquire(blocking=False):
                held.close()
                held.turn.release()

    def get(
        self,
        url: str,
        *,
        validators: Mapping[str, str] | None = None,
        validated: str = "",
        max_bytes: int | None = None,
        allowed: Callable[[str, bool], bool] | None = None,
    ) -> Response:
        """Fetch the page at a valid `url` and follow redirects. Raise only FetchFailed, if there is no usable page.

        `validators` are those of the last Response: an unmodified page is answered with status 304 and no body. Only
        the address `validated` (its `final_url`), if given, is requested conditionally. `max_bytes` overrides the
        option. `allowed` is called with the target of each redirect, and whether all redirects so far are permanent.
        """
        where = web_address(url)
        limit = self._options.max_bytes if max_bytes is None else max_bytes
        budget = Budget(seconds=self._options.total_seconds, read_timeout=self._options.read_timeout)
        condition = _condition(validators or {})
        visited = [str(where)]
        came_from: WebAddress | None = None
        permanent = True
        while True:
            conditional = condition if not validated or canonical(str(where)) == canonical(validated) else {}
            try:
                answer = self._request(where, came_from, conditional, budget, limit)
            except FetchFailed as failure:
                if len(visited) > 1 and not failure.status:
                    raise _of_target(failure) from None
                raise
            if answer.status not in _REDIRECTS:
                return self._response(visited, permanent, answer, validators if conditional else None)
            came_from, where = where, _target(where, answer)
            permanent = permanent and answer.status in _PERMANENT
            if str(where) in visited:
                raise FetchFailed("redirect loop", status=answer.status)
            if len(visited) > MAX_REDIRECTS:
                raise FetchFailed(f"more than {MAX_REDIRECTS} redirects", status=answer.status)
            if allowed is not None and not allowed(str(where), permanent):
                raise FetchFailed("redirects to a page that robots.txt forbids", status=answer.status, forbidden=True)
            visited.append(str(where))

    def _response(
        self, visited: list[str], permanent: bool, answer: _Answer, validators: Mapping[str, str] | None
    ) -> Response:
        status, headers = answer.status, answer.headers
        now = self._now()
        unmodified = status == 304 and validators is not None
        if not unmodified and status not in _PAGES:
            temporary = status in _TEMPORARY or 500 <= status < 600
            wait = retry_after(headers["retry-after"], now=now) if temporary and "retry-after" in headers else None
            raise FetchFailed(f"HTTP {status}", status=status, temporary=temporary, retry_after=wait)
        given = {name: headers[name] for name in _VALIDATORS if _VALIDATOR.fullmatch(headers.get(name, ""))}
        content_type = headers.get("content-type", "")[:1000]
        media_type = _MEDIA_TYPE.match(content_type)
        charset = _CHARSET.search(content_type)
        return Response(
            final_url=visited[-1],
            redirects=tuple(visited) if len(visited) > 1 else (),
            permanent_redirect=permanent and len(visited) > 1,
            status=status,
            headers=headers,
            media_type=media_type[1].lower() if media_type else "",
            charset=charset[1] if charset else "",
            validators={**(validators or {}), **given} if unmodified else given,
            body=answer.body,
            fetched_at=now,
        )

    def _request(
        self, where: WebAddress, came_from: WebAddress | None, condition: Mapping[str, str], budget: Budget, limit: int
    ) -> _Answer:
        with self._turn(where) as held:
            try:
                with self._begin(held, where, came_from, condition, budget) as answer:
                    read = _read_answer(answer, budget, limit)
                    complete = answer.isclosed()
            except Exception as error:  # noqa: BLE001  # a hostile answer can make libraries raise anything
                held.close()
                raise (_cancelled() if self._closed else as_fetch_failed(error)) from None
            if not complete or self._closed or held.connection is None or held.connection.sock is None:
                held.close()
            return read

    @contextmanager
    def _turn(self, where: WebAddress) -> Iterator[HostConnection]:
        """Wait for the only connection to a host, and hold it."""
        with self._lock:
            if self._closed:
                raise _cancelled()
            held = self._connections.pop(where.origin, None) or HostConnection()
            self._connections[where.origin] = held  # the last in the dictionary is the last used
            held.users += 1
            if len(self._connections) > _MAX_CONNECTIONS:
                # Only an unused one, or its host would get a second connection.
                unused = next((origin for origin, other in self._connections.items() if not other.users), None)
                if unused is not None:
                    self._connections.pop(unused).close()
        try:
            with held.turn:
                yield held
        finally:
            with self._lock:
                held.users -= 1

    def _begin(
        self,
        held: HostConnection,
        where: WebAddress,
        came_from: WebAddress | None,
        condition: Mapping[str, str],
        budget: Budget,
    ) -> HTTPResponse:
        kept = held.connection
        if kept is not None and kept.is_connected:
            try:
                return self._send(held, kept, where, condition, budget)
            except OSError:
                # A server may close an idle connection just when it is used again (RFC 9110, 9.3.1).
                if budget.received:
                    raise
        held.close()
        return self._send(held, self._connect(held, where, came_from, budget), where, condition, budget)

    def _connect(
        self, held: HostConnection, where: WebAddress, came_from: WebAddress | None, budget: Budget
    ) -> HTTPConnection:
        timeout = self._options.connect_timeout
        seconds = min(timeout, budget.seconds_left())
        addresses = checked_addresses(
            where, allow=self._allow, redirected_from=came_from, resolve=self._resolver, seconds=seconds
        )
        held.connection = connect(where, addresses, budget=budget, connect_timeout=timeout, tls=lambda: self._tls)
        held.sock = held.connection.sock
        if self._closed:
            raise _cancelled()
        return held.connection

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context()

    def _send(
        self,
        held: HostConnection,
        connection: HTTPConnection,
        where: WebAddress,
        condition: Mapping[str, str],
        budget: Budget,
    ) -> HTTPResponse:
        budget.allow(_MAX_HEADERS, "too many headers")
        held.begun = bind_budget(connection, budget)
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
            raise FetchFailed("response is incomplete", temporary=True)
        return answer


def _cancelled() -> FetchFailed:
    return FetchFailed("cancelled: the run is ending", temporary=True)


def _target(where: WebAddress, answer: _Answer) -> WebAddress:
    location = answer.headers.get("location", "").strip()
    if not location:
        raise FetchFailed("redirect without a target", status=answer.status)
    try:
        # Headers are read as Latin-1; addresses that are not ASCII are sent in UTF-8.
        location = location.encode("latin-1").decode("utf-8", "replace")
        joined = urljoin(str(where), location)
    except ValueError:
        raise _of_target(FetchFailed("invalid address")) from None
    try:
        return web_address(joined)
    except ValueError as error:
        raise _of_target(FetchFailed(str(error))) from None


def _of_target(failure: FetchFailed) -> FetchFailed:
    return FetchFailed(f"redirect target: {failure.reason}", temporary=failure.temporary)


def _condition(validators: Mapping[str, str]) -> dict[str, str]:
    return {
        header: validators[name]
        for name, header in _VALIDATORS.items()
        if name in validators and _VALIDATOR.fullmatch(validators[name])
    }


def _read_answer(answer: HTTPResponse, budget: Budget, limit: int) -> _Answer:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    if answer.status not in _PAGES:
        _drain(answer, budget)
        return _Answer(answer.status, headers)
    too_large = f"is larger than {megabytes(limit)}"
    length = headers.get("content-length", "")
    if length.isdecimal() and len(length) < 20 and int(length) > limit and "transfer-encoding" not in headers:
        raise FetchFailed(too_large, status=answer.status)
    # Chunks of a few bytes have more overhead than content, but no server sends only such chunks.
    budget.allow(2 * limit + _MAX_HEADERS, too_large)
    pieces: list[bytes] = []
    packed = size = 0
    try:
        coding = decoder(headers.get("content-encoding", ""))
        while piece := answer.read(_PIECE, decode_content=False):
            packed += len(piece)
            decoded = coding.decode(piece, limit - size)
            size += len(decoded)
            if size > _GROWTH_FREE and size > _GROWTH * packed:
                raise FetchFailed(f"decompression bomb: expands more than {_GROWTH} times", status=answer.status)
            if size > limit or packed > limit:
                raise FetchFailed(too_large, status=answer.status)
            pieces.append(decoded)
    except UndecodableBody as error:
        raise FetchFailed(str(error), status=answer.status) from None
    if packed:
        try:
            coding.finish()
        except UndecodableBody as error:
            raise FetchFailed(str(error), status=answer.status, temporary=True) from None
    return _Answer(answer.status, headers, b"".join(pieces))


def _drain(answer: HTTPResponse, budget: Budget) -> None:
    """Read a small body to its end. If it is larger, or does not arrive, the connection is not reused."""
    budget.allow(_MAX_DRAINED + _MAX_HEADERS, "")
    with suppress(Exception):
        while answer.tell() <= _MAX_DRAINED and answer.read(_PIECE, decode_content=False):
            pass
