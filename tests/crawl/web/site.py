"""A local web server that plays news sites, well-behaved and not, over real sockets of the loopback interface.

Every address it listens on (127.0.0.1, 127.0.0.2, ...) is a host of its own; all share one port. A page may be set for
the name in the Host header too. Its pages can be changed while it runs, and it records all requests.
"""

import hashlib
import selectors
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from http.client import HTTPException, parse_headers
from itertools import pairwise
from typing import Self

from msgspec import Struct, field

_FIRST_DAY = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)
HTML = "text/html; charset=utf-8"


class Request(Struct):
    """A request. `at` is time.monotonic(); `complete` is whether the complete answer was sent."""

    at: float
    host: str
    path: str
    headers: Mapping[str, str]
    connection: int
    status: int = 0
    complete: bool = False
    done: threading.Event = field(default_factory=threading.Event)


class Wire:
    """A connection, as an act uses it."""

    def __init__(self, site: "Site", connection: socket.socket) -> None:
        self._site = site
        self._connection = connection
        self.keep = True

    def send(self, data: bytes) -> None:
        """Send all of `data`. Raise ConnectionError if the client is gone or the site closes."""
        if self._site.closing.is_set():
            raise ConnectionAbortedError
        self._connection.sendall(data)

    def wait(self, seconds: float) -> None:
        """Wait. Raise ConnectionError as soon as the site closes."""
        if self._site.closing.wait(seconds):
            raise ConnectionAbortedError

    def wait_for_leaving(self) -> None:
        """Wait until the client closes the connection or the site closes."""
        while not self._site.closing.is_set():
            self._connection.settimeout(0.05)
            try:
                if not self._connection.recv(4096):
                    break
            except TimeoutError:
                continue
        raise ConnectionAbortedError

    def reset(self) -> None:
        """Reset the connection."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        raise ConnectionAbortedError


Act = Callable[[Wire, Request], None]
"""Answers one request; may set `wire.keep` to False to close the connection afterwards."""


class _Page(Struct, frozen=True):
    status: int
    headers: Mapping[str, str]
    body: bytes


def _busy(status: int, retry_after: str) -> _Page:
    headers = {"Content-Type": "text/plain"} | ({"Retry-After": retry_after} if retry_after else {})
    return _Page(status, headers, b"not now\n")


def _head(status: int, headers: Iterable[tuple[str, str]]) -> bytes:
    phrase = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Odd"
    lines = [f"HTTP/1.1 {status} {phrase}", *(f"{name}: {value}" for name, value in headers)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8")


class Site:
    """News sites on one free port of the given loopback addresses, until `close` or the end of the `with` block."""

    def __init__(self, *hosts: str, tls: ssl.SSLContext | None = None) -> None:
        self.hosts = hosts or ("127.0.0.1",)
        self.requests: list[Request] = []
        self.closing = threading.Event()
        self.connections = 0
        self._scheme = "http" if tls is None else "https"
        self._tls = tls
        self._lock = threading.Lock()
        self._pages: dict[tuple[str, str], _Page | Act] = {}
        self._failing: dict[tuple[str, str], tuple[_Page, int | None]] = {}  # None: for ever
        self._down: dict[str, _Page | Act] = {}
        self._changes = 0
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._listeners = _listen(self.hosts)
        self.port = int(self._listeners[0].getsockname()[1])
        self._bell, self._ringer = socket.socketpair()
        self._acceptor = threading.Thread(target=self._accept, name="site")
        self._acceptor.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End every connection and wait for all threads."""
        self.closing.set()
        self._ringer.send(b"x")
        self._acceptor.join()
        with self._lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        for connection in (*self._listeners, self._bell, self._ringer):
            connection.close()

    # What it serves. `host` is an address it listens on or a name of the Host header; by default the first address.

    def url(self, path: str = "/", *, host: str | None = None) -> str:
        """Return the address of `path`."""
        return f"{self._scheme}://{host or self.hosts[0]}:{self.port}{path}"

    def page(
        self,
        path: str,
        body: str | bytes,
        *,
        host: str | None = None,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str = HTML,
        etag: bool = True,
        modified: bool = True,
    ) -> None:
        """Serve `body` from now on, with the validators `etag` and `modified`; `headers` override those made here."""
        data = body.encode() if isinstance(body, str) else body
        sent_headers = {"Content-Type": media_type} if media_type else {}
        with self._lock:
            key = (host or self.hosts[0], path)
            before = self._pages.get(key)
            if modified:
                if isinstance(before, _Page) and before.body == data and "Last-Modified" in before.headers:
                    sent_headers["Last-Modified"] = before.headers["Last-Modified"]
                else:
                    # A second later for every change, so that all states have different dates.
                    self._changes += 1
                    at = _FIRST_DAY + timedelta(seconds=self._changes)
                    sent_headers["Last-Modified"] = format_datetime(at, usegmt=True)
            if etag:
                sent_headers["ETag"] = f'"{hashlib.sha256(data).hexdigest()[:16]}"'
            self._pages[key] = _Page(status, sent_headers | dict(headers or {}), data)

    def feed(self, path: str, body: str) -> None:
        """Serve a feed of which the server never states that it is unchanged."""
        self.page(path, body, media_type="application/rss+xml", etag=False, modified=False)

    def robots(self, text: str | bytes, *, host: str | None = None, status: int = 200) -> None:
        """Serve this robots.txt; hosts without one answer 404."""
        self.page("/robots.txt", text, host=host, status=status, media_type="text/plain")

    def redirect(self, path: str, to: str, *, host: str | None = None, status: int = 302) -> None:
        """Redirect `path` to `to`, which is sent as written."""
        self.page(path, b"", host=host, status=status, headers={"Location": to}, etag=False, modified=False)

    def fails(
        self, path: str, status: int, *, host: str | None = None, times: int | None = None, retry_after: str = ""
    ) -> None:
        """Answer `status` for the next `times` requests, or for ever."""
        with self._lock:
            self._failing[host or self.hosts[0], path] = (_busy(status, retry_after), times)

    def down(self, host: str, status: int = 503, *, retry_after: str = "") -> None:
        """Answer `status` for every address of `host` until `up`."""
        with self._lock:
            self._down[host] = _busy(status, retry_after)

    def answers(self, host: str, act: Act) -> None:
        """Let `act` answer every address of `host` until `up`."""
        with self._lock:
            self._down[host] = act

    def up(self, host: str) -> None:
        """Let `host` answer again."""
        with self._lock:
            self._down.pop(host, None)

    def acts(self, path: str, act: Act, *, host: str | None = None) -> None:
        """Let `act` answer (misdeeds.py)."""
        with self._lock:
            self._pages[host or self.hosts[0], path] = act

    def remove(self, path: str, *, host: str | None = None) -> None:
        """Answer 404 for `path` from now on."""
        with self._lock:
            self._pages.pop((host or self.hosts[0], path), None)
            self._failing.pop((host or self.hosts[0], path), None)

    # The requests so far.

    def received(self, path: str | None = None, *, host: str | None = None) -> list[Request]:
        """Return the requests so far, in order, for a path and host."""
        with self._lock:
            requests = list(self.requests)
        return [request for request in requests if path in {None, request.path} and host in {None, request.host}]

    def completed(self, path: str, *, host: str | None = None) -> int:
        """Return how many answers for `path` were sent completely; wait for those that are being sent."""
        requests = self.received(path, host=host)
        for request in requests:
            request.done.wait(2)
        return sum(request.complete for request in requests)

    def gaps(self, host: str | None = None) -> list[float]:
        """Return the seconds between successive requests to a host."""
        times = [request.at for request in self.received(host=host or self.hosts[0])]
        return [later - earlier for earlier, later in pairwise(times)]

    # How it serves.

    def _accept(self) -> None:
        with selectors.DefaultSelector() as selector:
            for listener in (*self._listeners, self._bell):
                selector.register(listener, selectors.EVENT_READ)
            while not self.closing.is_set():
                for key, _ in selector.select():
                    if key.fileobj is self._bell:
                        continue
                    assert isinstance(key.fileobj, socket.socket)
                    with suppress(OSError):
                        connection, _ = key.fileobj.accept()
                        self._start(connection)

    def _start(self, connection: socket.socket) -> None:
        with self._lock:
            self.connections += 1
            self._open.add(connection)
            # Forget threads that have ended, for long runs.
            self._threads = [thread for thread in self._threads if thread.is_alive()]
            thread = threading.Thread(target=self._serve, args=(connection, self.connections), name="site-connection")
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        plain = connection
        connection.settimeout(None)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
                with self._lock:
                    self._open.add(connection)
            with connection.makefile("rb") as stream:
                wire = Wire(self, connection)
                while wire.keep and not self.closing.is_set():
                    line = stream.readline(65_536).split()
                    if len(line) != 3:
                        break
                    headers = {name.lower(): value for name, value in parse_headers(stream).items()}
                    self._answer(wire, line[1].decode("latin-1"), headers, connection.getsockname()[0], number)
        except (OSError, HTTPException):
            pass  # the client left, or was made to
        finally:
            with self._lock:
                self._open -= {plain, connection}
            connection.close()
            plain.close()

    def _answer(self, wire: Wire, path: str, headers: Mapping[str, str], address: str, number: int) -> None:
        host = address
        name = headers.get("host", "").rpartition(":")[0]
        with self._lock:
            if any(known == name for known, _ in (*self._pages, *self._failing)):
                host = name
            request = Request(time.monotonic(), host, path, headers, number)
            self.requests.append(request)
            found: _Page | Act | None = self._pages.get((host, path))
            failure, left = self._failing.get((host, path), (None, 0))
            if failure is not None and left != 0:
                found = failure
                self._failing[host, path] = (failure, left and left - 1)
            found = self._down.get(host, found)
        try:
            if found is None:
                found = _Page(404, {"Content-Type": "text/plain"}, b"no such page\n")
            if isinstance(found, _Page):
                _send(wire, request, found)
            else:
                found(wire, request)
            request.complete = True
        finally:
            request.done.set()


def _send(wire: Wire, request: Request, page: _Page) -> None:
    if page.status == 200 and _unchanged(page, request.headers):
        request.status = 304
        wire.send(_head(304, [item for item in page.headers.items() if item[0] in {"ETag", "Last-Modified"}]))
        return
    request.status = page.status
    sent = {"Content-Length": str(len(page.body))} | dict(page.headers)
    wire.send(_head(page.status, sent.items()) + page.body)


def _unchanged(page: _Page, headers: Mapping[str, str]) -> bool:
    """Return whether a conditional request gets a 304: If-None-Match takes precedence (RFC 9110, 13.2.2)."""
    if "if-none-match" in headers:
        etags = {tag.strip().removeprefix("W/") for tag in headers["if-none-match"].split(",")}
        return page.headers.get("ETag", "").removeprefix("W/") in etags
    if "if-modified-since" in headers and "Last-Modified" in page.headers:
        since = parsedate_to_datetime(headers["if-modified-since"])
        return parsedate_to_datetime(page.headers["Last-Modified"]) <= since
    return False


def _listen(hosts: Iterable[str]) -> list[socket.socket]:
    """Return a listening socket for every address, all on one port that is free on each of them."""
    for _ in range(20):
        listeners: list[socket.socket] = []
        try:
            for host in hosts:
                listeners.append(
                    socket.create_server((host, listeners[0].getsockname()[1] if listeners else 0), backlog=128)
                )
        except OSError:  # the port is taken on a later address
            for listener in listeners:
                listener.close()
            continue
        return listeners
    raise RuntimeError("no port is free on all of the addresses")
