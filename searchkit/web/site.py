"""The front of the site: access, login, static files, and a pool of workers behind them."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from importlib.resources import files

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from searchkit.web.access import Access
from searchkit.web.agent_route import AgentRoute
from searchkit.web.failures import bare_page, failure, log
from searchkit.web.intake import Intake
from searchkit.web.login import Login
from searchkit.web.pool import WorkerPool
from searchkit.web.rules import Rules
from searchkit.web.worker import Crashed, MakeApp, Overdue, Worker

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
