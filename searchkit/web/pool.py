"""Answer requests in worker processes, and end a process whose answer takes too long.

An open archive belongs to one thread, and only the end of its process stops a query. The parent process never opens an
archive; a worker answers one request at a time.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from starlette.types import Receive, Scope, Send

from searchkit.web.worker import MakeApp, Overdue, Reply, Worker

MAX_BODY = 8 << 20
"""The longest body of a request, in bytes."""
MAX_WAITING = 64
"""Requests that may wait for a worker at the same time."""
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


class TooLong(Exception):
    """The body of a request is longer than MAX_BODY."""


class WorkerPool:
    """An ASGI application that has workers answer. `seconds` is the time for waiting and for answering, each."""

    def __init__(self, make_app: MakeApp, workers: Sequence[Worker], *, seconds: float) -> None:
        self._make_app = make_app
        self._seconds = seconds
        self._idle: asyncio.Queue[Worker] = asyncio.Queue()
        self._all = set(workers)
        self._threads = ThreadPoolExecutor(len(workers))
        self._waiting = 0
        for worker in workers:
            self._idle.put_nowait(worker)

    def stop(self) -> None:
        """End all workers at once; they have no state to save."""
        ended, self._all = self._all, set()
        for worker in ended:
            worker.kill()
        self._threads.shutdown()  # no thread waits for a worker that has ended
        for worker in ended:
            worker.close()

    def _replacement(self, ended: Worker) -> Worker:
        """Return a new worker in place of one that has ended."""
        self._all.discard(ended)
        ended.close()
        worker = Worker(self._make_app)
        self._all.add(worker)
        return worker

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._waiting >= MAX_WAITING:
            raise Overdue(waiting=True)
        self._waiting += 1
        try:
            body = await read_body(receive)
            worker = await self._idle_worker(receive)
        finally:
            self._waiting -= 1
        if worker is None:  # the client has gone
            return
        if not worker.is_alive:  # ended while it had nothing to do, by the system or a user
            worker = self._replacement(worker)
        reply = await self._reply(worker, {name: scope[name] for name in _PASSED_ON if name in scope}, body)
        await send({"type": "http.response.start", "status": reply.status, "headers": reply.headers})
        await send({"type": "http.response.body", "body": reply.body})

    async def _idle_worker(self, receive: Receive) -> Worker | None:
        """Return a worker that has nothing to do; None if the client has gone. Overdue."""
        with suppress(asyncio.QueueEmpty):
            return self._idle.get_nowait()
        gone = asyncio.ensure_future(_disconnected(receive))
        free = asyncio.ensure_future(self._idle.get())
        try:
            await asyncio.wait({gone, free}, timeout=self._seconds, return_when=asyncio.FIRST_COMPLETED)
            if not free.done():
                if gone.done():
                    return None
                raise Overdue(waiting=True)
            if gone.done():
                self._idle.put_nowait(free.result())
                return None
            return free.result()
        finally:
            gone.cancel()
            free.cancel()

    async def _reply(self, worker: Worker, scope: dict[str, Any], body: bytes) -> Reply:
        """Return the answer of a worker. Overdue, Crashed."""
        loop = asyncio.get_running_loop()
        answered = loop.run_in_executor(self._threads, worker.answer, scope, body, self._seconds)
        try:
            reply = await asyncio.shield(answered)
        except BaseException:  # what the worker does is not known
            if worker in self._all:  # not if the pool has been stopped
                worker.kill()
                await asyncio.wait({answered})
                self._idle.put_nowait(self._replacement(worker))
            raise
        self._idle.put_nowait(worker)
        return reply


async def _disconnected(receive: Receive) -> None:
    """Wait until the client of a request, whose body has been read, is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def read_body(receive: Receive) -> bytes:
    """Return the body of a request. TooLong if it is longer than MAX_BODY."""
    body, more = bytearray(), True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > MAX_BODY:
            raise TooLong
    return bytes(body)
