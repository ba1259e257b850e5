"""Run the site."""

from collections.abc import Callable, Mapping
from pathlib import Path
from socket import socket

import uvicorn

from searchkit.web.access import Rules
from searchkit.web.site import create_site


class _Server(uvicorn.Server):
    """A server that says when it answers requests."""

    def __init__(self, config: uvicorn.Config, started: Callable[[str], None]) -> None:
        super().__init__(config)
        self._report = started

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            self._report(f"http://{f'[{host}]' if ':' in host else host}:{port}/")


def serve(
    archives: Mapping[str, Path],
    *,
    host: str,
    port: int,
    rules: Rules,
    workers: int,
    seconds: float,
    started: Callable[[str], None],
) -> None:
    """Serve the archives by name until interrupted; call `started` with the address once requests are answered."""
    app = create_site(archives, rules, workers=workers, seconds=seconds)
    config = uvicorn.Config(
        app, host=host, port=port, log_level="warning", access_log=False, server_header=False, lifespan="on"
    )

    _Server(config, started).run()
