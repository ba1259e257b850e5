"""Run the site."""

import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import uvicorn
from starlette.types import ASGIApp

from searchkit.web.protocol import MAX_HEAD, BoundedProtocol
from searchkit.web.rules import Rules

# A request that is being answered may finish.
_LAST_SECONDS = 1


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
