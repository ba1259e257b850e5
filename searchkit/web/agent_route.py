"""The address /mcp: agents ask over HTTP, and the workers carry the tools out.

The server for agents runs in the front of the site and never opens an archive. It loads with the first request of an
agent, because its framework takes seconds.
"""

import asyncio
import json
from collections.abc import Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from searchkit.errors import MissingExtra, TryAgain, UsageError
from searchkit.web.failures import failure
from searchkit.web.worker import Crashed, Overdue, collected

if TYPE_CHECKING:
    from searchkit.web.agents import RunTool

TOOLS_PATH = "/mcp/tools/"
"""Where a worker carries out tools; the state of the request has FROM_AGENT, which only the front can set."""
FROM_AGENT = "from_agent"
_client: ContextVar[str] = ContextVar("client")


class AgentRoute:
    """An ASGI application that answers agents; `pool` answers for the archive below the path `root`."""

    def __init__(self, pool: ASGIApp, root: str = "") -> None:
        self._pool = pool
        self._root = root
        self._app: ASGIApp | None = None
        self._starting = asyncio.Lock()
        self._stopping = asyncio.Event()
        self._running: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with self._starting:
                if self._app is None:
                    self._app = await self._start()
        except MissingExtra as error:
            await failure(scope, 501, error.message, error.hint)(scope, receive, send)
            return
        _client.set(scope["state"].get("name") or scope["state"]["client"])
        await self._app(dict(scope) | {"path": "/mcp", "raw_path": b"/mcp", "root_path": ""}, receive, send)

    async def _start(self) -> ASGIApp:
        make_app = await asyncio.to_thread(_load)
        app = make_app(self._call)
        started = asyncio.Event()

        async def run() -> None:  # in one task from start to end, as its framework wants
            async with app.router.lifespan_context(app):
                started.set()
                await self._stopping.wait()

        self._running = asyncio.create_task(run())
        await started.wait()
        return app

    async def stop(self) -> None:
        """End the server for agents."""
        self._stopping.set()
        if self._running is not None:
            await self._running

    async def _call(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Have a worker carry out a tool. UsageError, TryAgain."""
        path = f"{self._root}{TOOLS_PATH}{name}"
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": [(b"accept", b"application/json")],
            "client": None,
            "server": None,
            "state": {FROM_AGENT: True, "client": _client.get("agents")},
        }
        try:
            reply = await collected(self._pool, scope, json.dumps(arguments).encode())
        except Overdue as error:
            raise TryAgain("The answer takes too long.", hint="Narrow the query, or try again in a moment.") from error
        except Crashed as error:
            raise TryAgain("The answer failed.", hint="Try again in a moment.") from error
        answer: dict[str, Any] = json.loads(reply.body)
        if reply.status != 200:
            raise UsageError(str(answer["error"]))
        return answer


def _load() -> "Callable[[RunTool], Starlette]":
    from searchkit.web.agents import make_app  # see above

    return make_app
