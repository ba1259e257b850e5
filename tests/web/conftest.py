"""The application of a worker, called without a server: one request after the other, as in a worker."""

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from msgspec import Struct
from starlette.types import ASGIApp

from searchkit.config import load
from searchkit.web.app import create_app
from searchkit.web.worker import call


class Page(Struct, frozen=True):
    """An answer."""

    status: int
    headers: Mapping[str, str]
    text: str


class Site:
    """Asks an application; `role` is what the front of the site would have decided."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._runner = asyncio.Runner()

    def get(self, address: str, *, role: str = "reader", cookie: str = "") -> Page:
        return self._ask("GET", address, b"", role, cookie)

    def post(self, address: str, form: Mapping[str, str], *, role: str = "editor") -> Page:
        return self._ask("POST", address, urlencode(form).encode(), role)

    def close(self) -> None:
        self._runner.close()

    def _ask(self, method: str, address: str, body: bytes, role: str, cookie: str = "") -> Page:
        parts = urlsplit(address)
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": parts.path,
            "raw_path": parts.path.encode(),
            "query_string": parts.query.encode(),
            "root_path": "",
            "headers": [
                (b"host", b"localhost"),
                (b"content-type", b"application/x-www-form-urlencoded"),
                (b"cookie", cookie.encode()),
            ],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
            "state": {"role": role},
        }
        reply = self._runner.run(call(self._app, scope, body))
        headers = {name.decode(): value.decode() for name, value in reply.headers}
        return Page(reply.status, headers, reply.body.decode())


@pytest.fixture(scope="session")
def site(seeded: Path) -> Iterator[Site]:
    """The site of all seeds, for reading only."""
    made = Site(create_app({"seeds": seeded}, load({"archive": seeded}, environment={}, folder=seeded)))
    yield made
    made.close()
