"""The socket of the server, and the processes that answer requests, from both ends.

This module loads no web framework: a server starts its workers first, and loads the framework while they do the same.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context, parent_process, resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from threading import Thread
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from searchkit.web.failures import log_error

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message

import socket

from searchkit.errors import UsageError

MakeApp = Callable[[], "ASGIApp"]
"""Makes the application of a worker; it is called in the worker's process and must be picklable."""

# An index that a killed run left behind is updated before the first answer.
_START_SECONDS = 600.0


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


class Worker:
    """One process and the connection to it."""

    def __init__(self, make_app: MakeApp) -> None:
        context = get_context("spawn")
        self._connection, far = context.Pipe()
        with far, _without_interrupts():
            self._process: SpawnProcess = context.Process(target=_serve, args=(far, make_app), daemon=True)
            self._process.start()
        self._is_ready = False

    def answer(self, scope: dict[str, Any], body: bytes, seconds: float) -> Reply:
        """Return the answer to a request. Overdue, Crashed."""
        try:
            if not self._is_ready:
                if not self._connection.poll(_START_SECONDS):
                    raise Overdue(waiting=True)
                self._connection.recv()
                self._is_ready = True
            self._connection.send((scope, body))
            if not self._connection.poll(seconds):
                raise Overdue(waiting=False)
            reply: Reply = self._connection.recv()
        except (EOFError, OSError) as error:
            raise Crashed from error
        return reply

    @property
    def is_alive(self) -> bool:
        """Whether the process has not ended."""
        return self._process.is_alive()

    def kill(self) -> None:
        """End the process; `answer`, in another thread, raises Crashed."""
        self._process.kill()

    def close(self) -> None:
        """Release what the ended process used."""
        self._process.join()
        self._connection.close()


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Let a new process ignore Ctrl-C, which a terminal sends to all processes: the parent decides about the end."""
    resource_tracker.ensure_running()  # when it starts, it ends the blocking
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(connection: Connection, make_app: MakeApp) -> None:
    """Answer requests until the parent has gone."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    Thread(target=_end_with_parent, daemon=True).start()
    import asyncio  # as starlette, in this process only

    try:
        app = make_app()
        with suppress(EOFError, OSError), asyncio.Runner() as runner:
            connection.send(None)
            while True:
                scope, body = connection.recv()
                connection.send(runner.run(call(app, scope, body)))
    except Exception as error:  # noqa: BLE001 - the process ends with a line, not with a traceback
        log_error("worker", error)


def _end_with_parent() -> None:
    """End this process when the parent has gone, also in the middle of an answer."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(0)


async def call(app: "ASGIApp", scope: dict[str, Any], body: bytes) -> Reply:
    """Return the complete answer of an ASGI application to one request; for an error in it, a page that says so."""
    try:
        return await collected(app, scope, body)
    except Exception as error:  # noqa: BLE001 - our own mistake must not end the worker
        from searchkit.web.failures import failure

        log_error(f"{scope['method']} {scope['path']}", error)
        failed = failure(scope, 500, "The answer failed.", "The log of the server has the reason.")
        return await collected(failed, scope, body)


async def collected(app: "ASGIApp", scope: dict[str, Any], body: bytes) -> Reply:
    """Return the complete answer of an ASGI application to one request; the client waits for as long as it takes."""
    import asyncio  # as starlette, in processes that answer only

    reply, bodies, parts = Reply(500, [], b""), [body], []

    async def receive() -> "Message":
        if not bodies:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": bodies.pop(), "more_body": False}

    async def send(message: "Message") -> None:
        nonlocal reply
        if message["type"] == "http.response.start":
            reply = Reply(message["status"], list(message.get("headers", ())), b"")
        else:
            parts.append(message.get("body", b""))

    await app(scope, receive, send)
    return Reply(reply.status, reply.headers, b"".join(parts))


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens on an address of this machine. UsageError if that is not possible."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, _, _, address = found[0]
        listening = socket.socket(family, kind)
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise UsageError(f"{host} is not an address: {reason}.", hint="Write an address of this machine.") from error
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6 and host != "::":
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listening.bind(address)
        listening.listen()
    except OSError as error:
        listening.close()
        raise UsageError(
            f"Port {port} of {host} cannot be used: {error.strerror}.",
            hint="Choose another with --port; --port 0 picks a free one.",
        ) from error
    return listening


def address_of(listening: socket.socket) -> str:
    """Return the web address of a listening socket."""
    host, port = listening.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"
