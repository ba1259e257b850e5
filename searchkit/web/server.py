"""Run the site over HTTP connections with limits: of their number, also for each client, of the size of a request's
head, and of time.

uvicorn limits the time between two requests only; a client could keep a connection with a head that never ends, or with
an answer that it does not read.
"""

import asyncio
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.flow_control import CLOSE_HEADER
from uvicorn.protocols.http.h11_impl import H11Protocol

from searchkit.web.access import HEADERS, MAX_ADDRESS
from searchkit.web.intake import MAX_OF_CLIENT
from searchkit.web.rules import Rules

MAX_HEAD = 2 * MAX_ADDRESS
"""The longest head of a request (address and headers), in bytes."""
MAX_CONNECTIONS = 500
HEAD_SECONDS = 10.0
"""The time for a head, from the connection or the answer before."""
ANSWER_SECONDS = 600.0
"""The time from a head to the end of its answer. Body, queue and worker have shorter times of their own, except that a
new worker may first have to update the index."""
LEAST_READ = 256 << 10
"""What a client has to read of a long answer within HEAD_SECONDS, in bytes."""
# A request that is being answered may finish.
_LAST_SECONDS = 1


class BoundedProtocol(H11Protocol):
    """One connection. `rules` says who is a proxy: it may have as many as all its clients."""

    _timer: asyncio.TimerHandle | None = None
    _unread = 0

    def __init__(self, *, rules: Rules, **uvicorns: Any) -> None:
        super().__init__(**uvicorns)
        self._rules = rules
        self._address = ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Refuse a connection too many."""
        super().connection_made(transport)
        peer = self.client[0] if self.client else ""
        self._address = "" if self._rules.is_proxy(peer) else self._rules.client(peer)
        own = sum(isinstance(other, BoundedProtocol) and other._address == self._address for other in self.connections)
        if len(self.connections) > MAX_CONNECTIONS or (self._address and own > MAX_OF_CLIENT):
            self.connections.discard(self)  # at once: it takes no place from the next one
            self._say(503, "Too many connections. Try again in a moment.")
        else:
            self._allow(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        if self._timer is not None:
            self._timer.cancel()
        super().connection_lost(exc)

    def handle_events(self) -> None:
        """Allow the time for an answer once a head is complete."""
        before = self.cycle
        super().handle_events()
        if self.cycle is not before:
            self._allow(ANSWER_SECONDS)
            if {b"content-length", b"transfer-encoding"} <= {name for name, _ in self.headers}:
                # A proxy may disagree with us about the end of this request: what follows could be one of its making.
                self.headers.append(CLOSE_HEADER)

    def on_response_complete(self) -> None:
        """Allow the time to read the answer, and for the next head."""
        self._unread = self.transport.get_write_buffer_size()
        self._allow(HEAD_SECONDS)
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the message of uvicorn is ours here
        """Answer a request that is not valid HTTP, or whose head is too long."""
        self._say(400, "The request is not valid, or its address or headers are too long.")

    def _allow(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.loop.call_later(seconds, self._end)

    def _end(self) -> None:
        """End a connection whose time is over, unless its client is reading."""
        before, self._unread = self._unread, self.transport.get_write_buffer_size()
        if 0 < self._unread <= before - LEAST_READ:
            self._allow(HEAD_SECONDS)
        else:
            self.transport.abort()

    def _say(self, status: int, message: str) -> None:
        protective: list[tuple[Any, Any]] = list(HEADERS.items())
        head = [("Content-Type", "text/plain; charset=utf-8"), ("Connection", "close"), *protective]
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            for event in (
                h11.Response(status_code=status, headers=head),
                h11.Data(data=f"{message}\n".encode()),
                h11.EndOfMessage(),
            ):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()


class Server(uvicorn.Server):
    """A server that says when it answers requests, and that SIGTERM ends without an error."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._report = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._report()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        with super().capture_signals():
            yield
            # uvicorn would send itself the others again.
            self._captured_signals = [number for number in self._captured_signals if number == signal.SIGINT]


def configured(app: ASGIApp, rules: Rules) -> uvicorn.Config:
    """Return how to run the site."""
    return uvicorn.Config(
        app,
        http=partial(BoundedProtocol, rules=rules),  # type: ignore[arg-type] # uvicorn calls it, as it does a class
        ws="none",
        loop="asyncio",
        lifespan="on",
        log_level="critical",  # the site logs itself, a line for each error
        access_log=False,
        server_header=False,
        proxy_headers=False,  # otherwise anyone could choose the address of the client
        h11_max_incomplete_event_size=MAX_HEAD,
        timeout_graceful_shutdown=_LAST_SECONDS,
    )


def serve(app: ASGIApp, rules: Rules, listening: socket.socket, started: Callable[[], None]) -> None:
    """Serve the site until SIGTERM or Ctrl-C (KeyboardInterrupt); call `started` once requests are answered."""
    Server(configured(app, rules), started).run([listening])
