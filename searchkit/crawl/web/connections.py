"""A connection to one checked address, with every read of it limited in time and size.

Socket timeouts limit single reads, so a server that sends a byte now and then never exceeds them. Here each read,
including that of headers, is limited by the time left for the complete answer, and the bytes are counted.
"""

import http.client
import io
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from time import monotonic
from typing import TYPE_CHECKING, Any

from searchkit.crawl.base import HttpOptions
from searchkit.crawl.web.address_guard import checked_addresses
from searchkit.crawl.web.addresses import WebAddress
from searchkit.crawl.web.pages import FetchFailed
from searchkit.crawl.web.politeness import user_agent

if TYPE_CHECKING:
    from urllib3.connection import HTTPConnection
    from urllib3.response import BaseHTTPResponse


class Budget:
    """The seconds and bytes that are left for one page.

    `received` counts the bytes since `allow`; `ended` is whether the server closed the connection.
    """

    __slots__ = ("_deadline", "_max_bytes", "_read_timeout", "_reason", "_seconds", "ended", "received")

    def __init__(self, *, seconds: float, read_timeout: float) -> None:
        self._seconds = seconds
        self._read_timeout = read_timeout
        self._deadline = monotonic() + seconds
        self.allow(0, "")

    def allow(self, max_bytes: int, reason: str) -> None:
        """Start counting at zero, up to `max_bytes`; `reason` is the failure of an answer that sends more."""
        self._max_bytes, self._reason, self.received, self.ended = max_bytes, reason, 0, False

    def seconds_left(self) -> float:
        """Return the seconds left for the page. Raise FetchFailed if there are none."""
        left = self._deadline - monotonic()
        if left <= 0:
            raise FetchFailed(f"not complete after {self._seconds:g} s", temporary=True)
        return left

    def read_timeout(self) -> float:
        """Return the seconds that the next read may take. Raise FetchFailed if there are none left."""
        return min(self.seconds_left(), self._read_timeout)

    def read_timed_out(self) -> FetchFailed:
        """Return the failure of a read that received nothing in time. Raise that of the page if its time is up."""
        self.seconds_left()
        return FetchFailed(f"no data for {self._read_timeout:g} s", temporary=True)

    def count(self, size: int) -> None:
        """Count `size` bytes; none is the end. Raise FetchFailed if they are too many."""
        self.received += size
        self.ended = not size
        if self.received > self._max_bytes:
            raise FetchFailed(self._reason)


class _BoundedStream(io.RawIOBase):
    """The stream of a socket, within a budget."""

    def __init__(self, sock: socket.socket, stream: io.RawIOBase, budget: Budget) -> None:
        self._sock = sock
        self._stream = stream
        self._budget = budget

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        self._sock.settimeout(self._budget.read_timeout())
        try:
            size = self._stream.readinto(buffer) or 0
        except TimeoutError:
            raise self._budget.read_timed_out() from None
        self._budget.count(size)
        return size

    def close(self) -> None:
        # http.client closes the socket before the body is read; closing this stream releases it.
        self._stream.close()
        super().close()


class _BoundedResponse(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, budget: Budget, **options: Any) -> None:
        super().__init__(sock, **options)
        self.fp = io.BufferedReader(_BoundedStream(sock, self.fp.detach(), budget))


def bind_budget(connection: "HTTPConnection", budget: Budget) -> list[http.client.HTTPResponse]:
    """Limit the next answer on `connection` to `budget`.

    The returned list has the answer as soon as it begins, so that it can be closed if its headers cannot be read.
    """
    begun: list[http.client.HTTPResponse] = []

    def respond(sock: socket.socket, **options: Any) -> http.client.HTTPResponse:
        begun.append(_BoundedResponse(sock, budget, **options))
        return begun[0]

    connection.response_class = respond  # type: ignore[assignment]  # called, never subclassed
    connection.timeout = budget.read_timeout()
    return begun


def connect(
    where: WebAddress,
    addresses: Sequence[str],
    *,
    budget: Budget,
    connect_timeout: float,
    tls: Callable[[], ssl.SSLContext],
) -> "HTTPConnection":
    """Connect to the first of the checked `addresses` of `where` that accepts. Raise FetchFailed if none does.

    The host name is used only for TLS: the certificate must be valid for it.
    """
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

    failure = FetchFailed("host name does not resolve", temporary=True)
    for address in addresses:
        timeout = min(connect_timeout, budget.seconds_left())
        connection: HTTPConnection
        if where.scheme == "https":
            connection = HTTPSConnection(
                address, where.port, timeout=timeout, ssl_context=tls(), server_hostname=where.host
            )
        else:
            connection = HTTPConnection(address, where.port, timeout=timeout)
        try:
            connection.connect()
        except NewConnectionError as error:  # a subclass of ConnectTimeoutError
            failure = _connection_failure(error)
        except (ConnectTimeoutError, TimeoutError):
            failure = FetchFailed(f"cannot connect within {timeout:.2g} s", temporary=True)
        except ssl.SSLCertVerificationError as error:
            failure = FetchFailed(f"certificate is not trusted ({error.verify_message})")
        except (HTTPError, OSError) as error:
            failure = _connection_failure(error)
        else:
            return connection
        connection.close()
    raise failure


def _connection_failure(error: Exception) -> FetchFailed:
    cause = error.__cause__ if isinstance(error.__cause__, OSError) else error
    if isinstance(cause, ssl.SSLError):
        return FetchFailed(f"TLS handshake failed ({(cause.reason or 'no reason given').lower()})", temporary=True)
    if isinstance(cause, ConnectionRefusedError):
        return FetchFailed("connection refused", temporary=True)
    if isinstance(cause, ConnectionError):
        return FetchFailed("connection lost", temporary=True)
    reason = cause.strerror if isinstance(cause, OSError) and cause.strerror else "no reason given"
    return FetchFailed(f"cannot connect ({reason.lower()})", temporary=True)


def as_fetch_failed(error: Exception) -> FetchFailed:
    """Return the failure behind an error of http.client, ssl or urllib3 during a request."""
    from urllib3.exceptions import IncompleteRead as Urllib3IncompleteRead

    chain = [error]
    while (cause := chain[-1].__cause__) is not None and isinstance(cause, Exception) and len(chain) < 5:
        chain.append(cause)
    for link in chain:
        if isinstance(link, FetchFailed):
            return link
        if isinstance(link, http.client.IncompleteRead | Urllib3IncompleteRead):
            return FetchFailed("response is incomplete", temporary=True)
        if isinstance(link, ssl.SSLError):
            return _connection_failure(link)
        if isinstance(link, TimeoutError):
            return FetchFailed("timeout while sending the request", temporary=True)
        if isinstance(link, OSError):
            return FetchFailed("connection lost", temporary=True)
        if isinstance(link, http.client.LineTooLong) or str(link).startswith("got more than"):
            return FetchFailed("too many headers")
    return FetchFailed("not a valid HTTP response")


@contextmanager
def posted(
    where: WebAddress, body: bytes, headers: dict[str, str], options: HttpOptions
) -> Iterator["BaseHTTPResponse"]:
    """Post `body` and yield the response, whose body is read in the block. Raise only FetchFailed.

    The rules are those for fetching pages, but redirects are not followed, and `allow_hosts` are from `allowed_names`.
    """
    seconds = options.total_seconds
    budget = Budget(seconds=seconds, read_timeout=min(seconds, options.read_timeout))
    addresses = checked_addresses(where, allow=options.allow_hosts)
    connect_seconds = min(seconds, options.connect_timeout)
    connection = connect(
        where, addresses, budget=budget, connect_timeout=connect_seconds, tls=ssl.create_default_context
    )
    ours = {"Host": where.authority, "User-Agent": user_agent(options.contact), "Connection": "close"}
    begun: list[http.client.HTTPResponse] = []
    try:
        budget.allow(options.max_bytes, "its response is too large")
        begun = bind_budget(connection, budget)
        connection.request(
            "POST", where.target, body=body, headers=ours | headers, preload_content=False, decode_content=False
        )
        yield connection.getresponse()
    except Exception as error:  # noqa: BLE001  # whatever a hostile answer makes libraries raise is its failure
        raise as_fetch_failed(error) from None
    finally:
        for answer in begun:
            with suppress(OSError):
                answer.close()
        connection.close()
