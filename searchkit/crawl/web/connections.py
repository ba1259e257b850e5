"""One connection to one checked address, with every read of it inside limits of time and size.

Timeouts of sockets bound one read, so a server that sends a byte now and then is never too slow for them. Here every
read, of headers too, is bounded by what is left of the time for the whole answer, and what comes is counted.
"""

import http.client
import io
import socket
import ssl
from collections.abc import Callable, Sequence
from time import monotonic
from typing import TYPE_CHECKING, Any

from searchkit.crawl.web.addresses import WebAddress
from searchkit.crawl.web.responses import FetchFailed

if TYPE_CHECKING:
    from urllib3.connection import HTTPConnection


class Budget:
    """What one page may still cost, in seconds and bytes.

    `taken` are the bytes that came since `allow`, `ended` says whether the server sent its last.
    """

    __slots__ = ("_deadline", "_most", "_read_timeout", "_reason", "_seconds", "ended", "taken")

    def __init__(self, *, seconds: float, read_timeout: float) -> None:
        self._seconds = seconds
        self._read_timeout = read_timeout
        self._deadline = monotonic() + seconds
        self.allow(0, "")

    def allow(self, most: int, reason: str) -> None:
        """Count anew, up to `most` bytes; `reason` says what is wrong with an answer that sends more."""
        self._most, self._reason, self.taken, self.ended = most, reason, 0, False

    def left(self) -> float:
        """Seconds that are left for everything. FetchFailed when there are none."""
        left = self._deadline - monotonic()
        if left <= 0:
            raise self.too_long()
        return left

    def patience(self) -> float:
        """Seconds that the next read may take. FetchFailed when there are none left."""
        return min(self.left(), self._read_timeout)

    def too_long(self) -> FetchFailed:
        """The failure of an answer that is not whole in time."""
        return FetchFailed(f"is not done after {self._seconds:g} s", passing=True)

    def silent(self) -> FetchFailed:
        """The failure of a read that brought nothing in its time."""
        if monotonic() >= self._deadline:
            return self.too_long()
        return FetchFailed(f"sends nothing for {self._read_timeout:g} s", passing=True)

    def count(self, size: int) -> None:
        """Take `size` bytes, none of which is the end. FetchFailed when that is too much."""
        self.taken += size
        self.ended = not size
        if self.taken > self._most:
            raise FetchFailed(self._reason)


class _BoundedStream(io.RawIOBase):
    """What a socket brings, within a budget."""

    def __init__(self, sock: socket.socket, stream: io.RawIOBase, budget: Budget) -> None:
        self._sock = sock
        self._stream = stream
        self._budget = budget

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        self._sock.settimeout(self._budget.patience())
        try:
            size = self._stream.readinto(buffer) or 0
        except TimeoutError:
            raise self._budget.silent() from None
        self._budget.count(size)
        return size

    def close(self) -> None:
        # http.client lets go of the socket before the body is read; closing this stream closes it for good.
        self._stream.close()
        super().close()


class _BoundedResponse(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, budget: Budget, **options: Any) -> None:
        super().__init__(sock, **options)
        self.fp = io.BufferedReader(_BoundedStream(sock, self.fp.detach(), budget))


def bound(connection: "HTTPConnection", budget: Budget) -> list[http.client.HTTPResponse]:
    """Let the next answer on `connection` be read within `budget`.

    The list holds the answer as soon as it begins: where its head cannot be read, nobody else could close it.
    """
    begun: list[http.client.HTTPResponse] = []

    def respond(sock: socket.socket, **options: Any) -> http.client.HTTPResponse:
        begun.append(_BoundedResponse(sock, budget, **options))
        return begun[0]

    connection.response_class = respond  # type: ignore[assignment]  # called, never subclassed
    connection.timeout = budget.patience()
    return begun


def connected(
    where: WebAddress,
    addresses: Sequence[str],
    *,
    budget: Budget,
    connect_timeout: float,
    tls: Callable[[], ssl.SSLContext],
) -> "HTTPConnection":
    """A connection to the first of the checked `addresses` of `where` that takes one. FetchFailed when none does.

    The name of the host is used for nothing but TLS, where the certificate must be for it.
    """
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

    failure = FetchFailed("has no address", passing=True)
    for address in addresses:
        timeout = min(connect_timeout, budget.left())
        made: HTTPConnection
        if where.scheme == "https":
            made = HTTPSConnection(address, where.port, timeout=timeout, ssl_context=tls(), server_hostname=where.host)
        else:
            made = HTTPConnection(address, where.port, timeout=timeout)
        try:
            made.connect()
        except NewConnectionError as error:  # a ConnectTimeoutError by descent only
            failure = _unreachable(error)
        except (ConnectTimeoutError, TimeoutError):
            failure = FetchFailed(f"does not connect within {timeout:.2g} s", passing=True)
        except ssl.SSLCertVerificationError as error:
            failure = FetchFailed(f"has a certificate that is not trusted ({error.verify_message})")
        except (HTTPError, OSError) as error:
            failure = _unreachable(error)
        else:
            return made
        made.close()
    raise failure


def _unreachable(error: Exception) -> FetchFailed:
    cause = error.__cause__ if isinstance(error.__cause__, OSError) else error
    if isinstance(cause, ssl.SSLError):
        return FetchFailed(f"cannot agree on encryption ({(cause.reason or 'no reason given').lower()})", passing=True)
    if isinstance(cause, ConnectionRefusedError):
        return FetchFailed("refuses the connection", passing=True)
    if isinstance(cause, ConnectionError):
        return FetchFailed("breaks the connection off", passing=True)
    said = cause.strerror if isinstance(cause, OSError) and cause.strerror else "no reason given"
    return FetchFailed(f"cannot be reached ({said.lower()})", passing=True)


def broken(error: Exception) -> FetchFailed:
    """The failure behind what http.client, ssl or urllib3 raise while an answer is asked for or read."""
    from urllib3.exceptions import IncompleteRead as Urllib3IncompleteRead

    chain = [error]
    while (cause := chain[-1].__cause__) is not None and isinstance(cause, Exception) and len(chain) < 5:
        chain.append(cause)
    for one in chain:
        if isinstance(one, FetchFailed):
            return one
        if isinstance(one, http.client.IncompleteRead | Urllib3IncompleteRead):
            return FetchFailed("ends early: less was sent than was announced", passing=True)
        if isinstance(one, ssl.SSLError):
            return _unreachable(one)
        if isinstance(one, TimeoutError):
            return FetchFailed("does not take the request", passing=True)
        if isinstance(one, OSError):
            return FetchFailed("breaks the connection off", passing=True)
        if isinstance(one, http.client.LineTooLong) or str(one).startswith("got more than"):
            return FetchFailed("sends too many headers")
    return FetchFailed("does not answer in HTTP")
