"""The front of the site: access, login, static files, and a pool of workers behind them.

An open archive belongs to one thread, and only the end of its process stops a query. So the parent process never opens
an archive; a worker answers one request at a time, and ends if the answer takes too long.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from searchkit.web.access import Access
from searchkit.web.agent_route import AgentRoute
from searchkit.web.failures import bare_page, failure, log
from searchkit.web.intake import Intake
from searchkit.web.login import Login
from searchkit.web.rules import Rules
from searchkit.web.worker import Crashed, MakeApp, Overdue, Reply, Worker

_CROWDED = "Too many requests are waiting."
_OVERDUE = "The answer took longer than {:g} s."
_NARROW = "Narrow the query, or leave out the counts: add counts=0 to the address."


def create_site(
    names: Sequence[str], rules: Rules, make_app: MakeApp, workers: Sequence[Worker], *, seconds: float
) -> Starlette:
    """Return the application that a server runs, in front of `workers` that run what `make_app` makes.

    The workers end with the server. `names` are those of the archives."""
    pool = WorkerPool(make_app, workers, seconds=seconds)
    login = Login(rules)
    roots = [""] if len(names) == 1 else [f"/a/{name}" for name in names]
    agents = {f"{root}/mcp": AgentRoute(pool, root) for root in roots}

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        try:
            yield
        finally:
            for route in agents.values():
                await route.stop()
            pool.stop()

    async def overdue(request: Request, error: Exception) -> Response:
        again = {"Retry-After": "5"}
        if isinstance(error, Overdue) and error.waiting:
            return failure(request.scope, 503, _CROWDED, "Try again in a moment.", headers=again)
        log(f"{request.scope['path']}: ended after {seconds:g} s")
        return failure(request.scope, 503, _OVERDUE.format(seconds), _NARROW, headers=again)

    async def crashed(request: Request, _error: Exception) -> Response:
        log(f"{request.scope['path']}: the worker process ended")
        return failure(request.scope, 500, "The answer failed.", "If it fails again, run searchkit check.")

    async def refused(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        message = "There is no such page." if status == 404 else "This address does not accept such a request."
        return failure(request.scope, status, message)

    async def overview(_request: Request) -> Response:
        return bare_page("archives.html", 200, names=names)

    routes: list[BaseRoute] = [
        Mount("/static", StaticFiles(directory=str(files("searchkit.web") / "static"))),
        Route("/health", _health),
        *login.routes(),
        *(Route(path, route) for path, route in agents.items()),
    ]
    if len(names) > 1:
        routes.append(Route("/", overview))
    return Starlette(
        routes=[*routes, Mount("/", pool)],
        middleware=[Middleware(Access, rules=rules, login=login), Middleware(Intake)],
        exception_handlers={Overdue: overdue, Crashed: crashed, HTTPException: refused},
        lifespan=lifespan,
    )


async def _health(_request: Request) -> Response:
    """Answer a monitor, without a login and without work for the workers."""
    return PlainTextResponse("ok\n")


# --- workers ----------------------------------------------------------------------------------------------------------

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
