"""An application for workers that hangs, ends, fails or answers at length."""

import os
import time

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route


async def _answer(request: Request) -> Response:
    path = request.url.path
    if path.startswith("/sleep"):
        time.sleep(float(request.query_params["for"]))
    elif path.startswith("/end"):
        os._exit(3)
    elif path.startswith("/fail"):
        raise ZeroDivisionError("a mistake")
    elif path.startswith("/echo"):
        return PlainTextResponse(str(len(await request.body())))
    elif path.startswith("/long"):
        return PlainTextResponse("x" * 4_000_000)
    elif path.startswith("/headers"):
        return PlainTextResponse("\n".join(request.headers))
    return PlainTextResponse(str(os.getpid()))


def make_app() -> Starlette:
    """Make the application of a worker."""
    return Starlette(routes=[Route("/{path:path}", _answer, methods=["GET", "POST"])])
