"""Read each body before anything works on its request, and limit what one client holds of the server."""

import asyncio
from collections import Counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from searchkit.web.failures import failure

MAX_BODY = 8 << 20
"""The longest body of a request, in bytes."""
MAX_FORM = 8_192
"""The longest body of a request without a login, in bytes."""
MAX_BODIES = 4 * MAX_BODY
"""The bodies of all requests of a client that are under way, in bytes."""
MAX_OF_CLIENT = 100
"""Connections of a client, and its requests that are under way: through a proxy, all have the proxy's connections."""
BODY_SECONDS = 10.0
"""The time for a body."""


class Intake:
    """ASGI middleware behind Access, which says in the state whose request it is.

    A client that leaves before the end of its request gets no answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._requests: Counter[str] = Counter()
        self._bytes: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        client, body = scope["state"]["client"], bytearray()
        self._requests[client] += 1
        try:
            await (await self._read(scope, receive, body))(scope, _after(body, receive), send)
        except _Gone:
            pass
        finally:
            self._requests = self._requests - Counter({client: 1})  # clients with nothing are not remembered
            self._bytes = self._bytes - Counter({client: len(body)})

    async def _read(self, scope: Scope, receive: Receive, body: bytearray) -> ASGIApp:
        """Read the body; return what answers the request: the site, or a failure. _Gone if the client has left."""
        client, limit = scope["state"]["client"], MAX_BODY if "role" in scope["state"] else MAX_FORM
        close = {"Connection": "close", "Retry-After": "5"}
        if self._requests[client] > MAX_OF_CLIENT:
            return failure(
                scope, 429, "Too many of your requests are under way.", "Try again in a moment.", headers=close
            )
        try:
            async with asyncio.timeout(BODY_SECONDS):
                more = True
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise _Gone
                    piece, more = message.get("body", b""), message.get("more_body", False)
                    body += piece
                    self._bytes[client] += len(piece)
                    if len(body) > limit or self._bytes[client] > MAX_BODIES:
                        return failure(scope, 413, "The request is too long.")
        except TimeoutError:
            return failure(scope, 408, f"The request did not arrive within {BODY_SECONDS:g} s.", headers=close)
        return self._app


class _Gone(Exception):
    """The client has left."""


def _after(body: bytearray, receive: Receive) -> Receive:
    """Return a `receive` that gives the body, and then what the client does."""
    given = False

    async def receive_again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": bytes(body), "more_body": False}

    return receive_again
