"""Answer requests in worker processes, and end a process whose answer takes too long.

An open archive belongs to one thread, and only the end of its process stops a query. The parent process never opens an
archive; a worker answers one request at a time.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from starlette.types import Receive, Scope, Send

from searchkit.web.worker import MakeApp, Overdue, Reply, Worker

MAX_WAITING = 64
"""Requests of a client that may wait for a worker at the same time."""
_PASSED_ON = (
    "type asgi http_version method scheme path raw_path query_string root_path headers client server state".split()
)


class WorkerPool:
    """An ASGI application that has workers answer, for each client in turn: who sends many requests waits longer.

    `seconds` is the time for an answer. A request waits for twice as long, so that it outlasts answers that are ended.
    Its body has been read, and its state says whose it is."""

    def __init__(self, make_app: MakeApp, workers: Sequence[Worker], *, seconds: float) -> None:
        self._make_app = make_app
        self._seconds = seconds
        self._idle = deque(workers)
        self._all = set(workers)
        self._threads = ThreadPoolExecutor(len(workers))
        self._waiting: dict[str, deque[asyncio.Future[Worker]]] = {}  # by client, in turn; none is empty

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
        client = scope["state"].get("name") or scope["state"]["client"]
        body = (await receive())["body"]
        worker = await self._worker_for(client, receive)
        if worker is None:  # the client has gone
            return
        if not worker.is_alive:  # ended while it had nothing to do, by the system or a user
            worker = self._replacement(worker)
        reply = await self._reply(worker, {name: scope[name] for name in _PASSED_ON if name in scope}, body)
        await send({"type": "http.response.start", "status": reply.status, "headers": reply.headers})
        await send({"type": "http.response.body", "body": reply.body})

    async def _worker_for(self, client: str, receive: Receive) -> Worker | None:
        """Return a worker that has nothing to do; None if the client has gone. Overdue."""
        if self._idle:
            return self._idle.popleft()
        if len(self._waiting.get(client, ())) >= MAX_WAITING:
            raise Overdue(waiting=True)
        free: asyncio.Future[Worker] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(client, deque()).append(free)
        gone = asyncio.ensure_future(_disconnected(receive))
        try:
            await asyncio.wait((gone, free), timeout=2 * self._seconds, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            if free.done():
                self._free(free.result())
            raise
        finally:
            has_left = gone.done()
            gone.cancel()
            if not free.done():
                self._remove(client, free)
        if free.done():
            return free.result()
        if has_left:
            return None
        raise Overdue(waiting=True)

    def _remove(self, client: str, free: asyncio.Future[Worker]) -> None:
        """Let a request of a client wait no longer; its other ones line up behind those of other clients."""
        others = self._waiting.pop(client)
        others.remove(free)
        if others:
            self._waiting[client] = others

    def _free(self, worker: Worker) -> None:
        """Give a worker to the next client that waits."""
        if not self._waiting:
            self._idle.append(worker)
            return
        client, requests = next(iter(self._waiting.items()))
        free = requests[0]
        self._remove(client, free)
        free.set_result(worker)

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
                self._free(self._replacement(worker))
            raise
        self._free(worker)
        return reply


async def _disconnected(receive: Receive) -> None:
    """Wait until the client of a request, whose body has been read, is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
