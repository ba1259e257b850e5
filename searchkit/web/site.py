"""The front of the site: access, static files, and a pool of workers behind them."""

import contextlib
from collections.abc import AsyncIterator, Mapping
from functools import partial
from importlib.resources import files
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from searchkit.web.access import Access, Rules
from searchkit.web.app import create_app
from searchkit.web.pool import Crashed, Overdue, WorkerPool

_BUSY = "All workers are busy. Try again in a moment."
_OVERDUE = (
    "The answer took longer than {:g} s. Narrow the query, or add counts=0 to the address to leave out the counts."
)
_CRASHED = "The answer failed. Run searchkit check."


def create_site(archives: Mapping[str, Path], rules: Rules, *, workers: int, seconds: float) -> Starlette:
    """Return the application that a server runs. The pool of workers lives as long as the server."""
    pool = WorkerPool(partial(create_app, dict(archives)), size=workers, seconds=seconds)

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        pool.start()
        try:
            yield
        finally:
            pool.stop()

    async def overdue(_request: Request, error: Exception) -> Response:
        waiting = isinstance(error, Overdue) and error.waiting
        message = _BUSY if waiting else _OVERDUE.format(pool.seconds)
        return PlainTextResponse(message + "\n", 503, {"Retry-After": "5"})

    async def crashed(_request: Request, _error: Exception) -> Response:
        return PlainTextResponse(_CRASHED + "\n", 500)

    static = StaticFiles(directory=str(files("searchkit.web") / "static"))
    return Starlette(
        routes=[Mount("/static", static), Mount("/", pool)],
        middleware=[Middleware(Access, rules=rules)],
        exception_handlers={Overdue: overdue, Crashed: crashed},
        lifespan=lifespan,
    )
