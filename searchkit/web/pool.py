"""Answer requests in worker processes, and end a process whose answer takes too long.

An open archive belongs to one thread, and only the end of its process stops a query. The parent process never opens an
archive; a worker answers one request at a time.
"""

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any

from msgspec import Struct
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MakeApp = Callable[[], ASGIApp]
"""Makes the application of a worker; it is called in the worker's process and must be picklable."""

MAX_BODY = 8 << 20
"""The longest body of a request, in bytes."""
# An index that a killed run left behind is updated before the first answer.
_START_SECONDS = 600.0
_PASSED_ON = (
    "type",
    "asgi",
    "http_version",
    "method",
    "scheme",
    "path",
    "raw_path",
    "query_string",
    "root_path",
    "headers",
    "client",
    "server",
    "state",
)


class Reply(Struct, frozen=True):
    """A complete answer: status, headers and body."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


class Overdue(Exception):
    """No answer came in time; `waiting` says that every worker was busy."""

    def __init__(self, *, waiting: bool) -> None:
        super().__init__(waiting)
        self.waiting = waiting


class Crashed(Exception):
    """The process of a worker ended before it answered."""


class _Worker:
    """One process and the connection to it."""

    def __init__(self, make_app: MakeApp) -> None:
        context = get_context("spawn")
        self._connection, far = context.Pipe()
        with far:
            self._process: SpawnProcess = context.Process(target=_serve, args=(far, make_app), daemon=True)
            self._process.start()
        self._is_ready = False

    def answer(self, scope: dict[str, Any], body: bytes, seconds: float) -> Reply:
        """Return the answer to a request. Overdue, Crashed."""
        try:
            self._wait_until_ready()
            self._connection.send((scope, body))
            if not self._connection.poll(seconds):
                raise Overdue(waiting=False)
            reply: Reply = self._connection.recv()
        except (EOFError, OSError) as error:
            raise Crashed from error
        return reply

    def _wait_until_ready(self) -> None:
        if not self._is_ready:
            if not self._connection.poll(_START_SECONDS):
                raise Overdue(waiting=True)
            self._connection.recv()
            self._is_ready = True

    def kill(self) -> None:
        self._process.kill()
        self._process.join()
        self._connection.close()


class WorkerPool:
    """An ASGI application that has `size` workers answer. `seconds` is the time for waiting and for answering, each."""

    def __init__(self, make_app: MakeApp, *, size: int, seconds: float) -> None:
        self._make_app = make_app
        self._size = size
        self.seconds = seconds
        self._idle: asyncio.Queue[_Worker] = asyncio.Queue()
        self._all: set[_Worker] = set()

    def start(self) -> None:
        """Start the workers."""
        for _ in range(self._size):
            self._add()

    def stop(self) -> None:
        """End all workers at once; they have no state to save."""
        for worker in self._all:
            worker.kill()
        self._all.clear()

    def _add(self) -> None:
        worker = _Worker(self._make_app)
        self._all.add(worker)
        self._idle.put_nowait(worker)

    async def reply(self, scope: Scope, body: bytes) -> Reply:
        """Return the answer of a worker. Overdue, Crashed."""
        try:
            worker = await asyncio.wait_for(self._idle.get(), self.seconds)
        except TimeoutError:
            raise Overdue(waiting=True) from None
        passed = {name: scope[name] for name in _PASSED_ON if name in scope}
        try:
            reply = await asyncio.shield(asyncio.to_thread(worker.answer, passed, body, self.seconds))
        except BaseException:  # also when the client has gone: what the worker does is not known
            self._all.discard(worker)
            await asyncio.to_thread(worker.kill)
            self._add()
            raise
        self._idle.put_nowait(worker)
        return reply

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await read_body(receive)
        reply = Reply(413, [], b"") if body is None else await self.reply(scope, body)
        await send({"type": "http.response.start", "status": reply.status, "headers": reply.headers})
        await send({"type": "http.response.body", "body": reply.body})


async def read_body(receive: Receive) -> bytes | None:
    """Return the body of a request; None if it is longer than MAX_BODY."""
    body, more = bytearray(), True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > MAX_BODY:
            return None
    return bytes(body)


def _serve(connection: Connection, make_app: MakeApp) -> None:
    """Answer requests until the parent has gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides about the end
    app = make_app()
    with suppress(EOFError, OSError), asyncio.Runner() as runner:
        connection.send(None)
        while True:
            scope, body = connection.recv()
            connection.send(runner.run(call(app, scope, body)))


async def call(app: ASGIApp, scope: dict[str, Any], body: bytes) -> Reply:
    """Return the complete answer of an ASGI application to one request."""
    status, headers, parts = 500, [], []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status, headers = message["status"], list(message.get("headers", ()))
        else:
            parts.append(message.get("body", b""))

    await app(scope, receive, send)
    return Reply(status, headers, b"".join(parts))
