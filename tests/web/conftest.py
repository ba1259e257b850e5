"""The application of a worker, called without a server: one request after the other, as in a worker."""

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote, urlencode, urlsplit

import pytest
from msgspec import Struct
from starlette.types import ASGIApp

from searchkit.cli import run
from searchkit.config import load
from searchkit.web.app import create_app
from searchkit.web.worker import call
from tests.hostile import corpus

_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data; boundary=cut"


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

    def post(self, address: str, form: Mapping[str, str], *, role: str = "editor", cookie: str = "") -> Page:
        return self._ask("POST", address, urlencode(form).encode(), role, cookie)

    def upload(self, address: str, field: str, content: str) -> Page:
        head = f'--cut\r\nContent-Disposition: form-data; name="{field}"; filename="f"\r\n\r\n'
        return self._ask("POST", address, f"{head}{content}\r\n--cut--\r\n".encode(), "editor", kind=_MULTIPART)

    def close(self) -> None:
        self._runner.close()
        served = getattr(getattr(self._app, "state", None), "served", None)
        if served is not None:
            served.close()

    def _ask(self, method: str, address: str, body: bytes, role: str, cookie: str = "", kind: str = _FORM) -> Page:
        parts = urlsplit(address)
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(parts.path),
            "raw_path": parts.path.encode(),
            "query_string": parts.query.encode(),
            "root_path": "",
            "headers": [(b"host", b"localhost"), (b"content-type", kind.encode()), (b"cookie", cookie.encode())],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
            "state": {"role": role, "client": "192.0.2.7"},
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


@pytest.fixture(scope="session")
def hostile_archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An archive of the hostile corpus, for reading only."""
    top = tmp_path_factory.mktemp("hostile")
    corpus.write(top / "made", (case for case in corpus.CASES if case.quick), port=9)
    with pytest.raises(SystemExit):  # some of it fails, and says so
        run(["--archive", str(top / "archive"), "index", "-q", str(top / "made" / "corpus")])
    yield top / "archive"
    corpus.remove(top / "made")
