"""HTTP connections with limits: of their number, of the size of a request's head, and of time.

uvicorn limits the time between two requests only; a client could keep a connection with a head that never ends.
"""

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from searchkit.web.access import HEADERS, MAX_ADDRESS

MAX_HEAD = 2 * MAX_ADDRESS
"""The longest head of a request (address and headers), in bytes."""
MAX_CONNECTIONS = 500
HEAD_SECONDS = 10.0
"""The time for a head, from the connection or the answer before."""
ANSWER_SECONDS = 600.0
"""The time for the body of a request and its answer, on a slow line too; a worker answers much faster."""


class BoundedProtocol(H11Protocol):
    """One connection."""

    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Refuse a connection too many."""
        super().connection_made(transport)
        if len(self.connections) > MAX_CONNECTIONS:
            self._say(503, "Too many connections. Try again in a moment.")
        else:
            self._allow(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        if self._timer is not None:
            self._timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Allow the time for an answer once a head is complete."""
        before = self.cycle
        super().data_received(data)
        if self.cycle is not before:
            self._allow(ANSWER_SECONDS)

    def on_response_complete(self) -> None:
        """Allow the time for the next head."""
        before = self.cycle
        super().on_response_complete()
        self._allow(HEAD_SECONDS if self.cycle is before else ANSWER_SECONDS)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the message of uvicorn is ours here
        """Answer a request that is not valid HTTP, or whose head is too long."""
        self._say(400, "The request is not valid, or its address or headers are too long.")

    def _allow(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.loop.call_later(seconds, self.transport.abort)

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
