"""The application of a worker: routes to pages, errors as pages or data, one archive or several.

It trusts the front of the site (`site`), which decides about access and passes the role in the state of the request.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from searchkit.config import Config
from searchkit.errors import ArchiveError, Forbidden, InputError, NotInArchive, SearchkitError, TryAgain, UsageError
from searchkit.statements.text import redacted, visible
from searchkit.web import api, basket, document, home, matrix, notes, reports, saved, sources
from searchkit.web.agent_route import FROM_AGENT, TOOLS_PATH
from searchkit.web.failures import failure, log_access, wants_json
from searchkit.web.reader import Reader, ServedArchive, reader_of
from searchkit.web.rendering import page
from searchkit.web.tools import TOOLS, error_text

# The fields of a change that are in the log; of web addresses only the host, as the rest is usually a secret.
_LOGGED = ("name", "original", "mark", "speaker", "tags", "q", "over", "alert", "sinks")
_STATUS: dict[type[SearchkitError], int] = {
    NotInArchive: 404,
    Forbidden: 403,
    UsageError: 400,
    InputError: 400,
    TryAgain: 503,
    ArchiveError: 503,
}
_SECRET = re.compile(r"(://[^/\s]{1,300})/\S{1,2000}")


def create_app(archives: Mapping[str, Path], config: Config) -> Starlette:
    """Return the application for the archives by name: a single one at the root, several below /a/NAME.

    `config` has the sources, and where alerts may send."""
    served = [ServedArchive(name, folder) for name, folder in archives.items()]
    for archive in served:
        archive.prepare()
    if len(served) == 1:
        return _site(served[0], config)
    return Starlette(
        exception_handlers={HTTPException: _report_http},  # type: ignore[dict-item]
        routes=[Mount(f"/a/{archive.name}", _site(archive, config)) for archive in served],
    )


def _site(archive: ServedArchive, config: Config) -> Starlette:
    site = Starlette(
        routes=[
            *(route for endpoint in api.ENDPOINTS for route in _endpoint(endpoint)),
            _route("/", home.show),
            _change("/statements/{id}/note", document.save_note),
            _route("/statements/{id}/change.svg", reports.change_picture),
            _change("/notes/{id}/remove", notes.remove),
            *_listed("/matrix", matrix.show),
            _route("/histories", reports.overview),
            *_listed("/sources/{name}", sources.show),
            _change("/saved", saved.save),
            _route("/saved/new", saved.edit),
            _route("/saved/{name}", saved.edit),
            _change("/saved/{name}/remove", saved.remove),
            _route("/basket", basket.show),
            _route("/basket", basket.change, ("POST",)),
            _route("/basket/export/{form}", basket.export),
            _route("/basket/verify", basket.verify_file, ("POST",)),
            _route("/help/query", home.query_language),
            _route("/alerts", saved.alerts_overview),
            _change("/alerts/confirm", saved.confirm_alert),
            Route(TOOLS_PATH + "{name}", carry_out, methods=["POST"]),
            _route("/api", api.reference),
            _route("/openapi.json", api.openapi),
        ],
        middleware=[Middleware(_WithReader, served=archive)],
        exception_handlers={SearchkitError: _report, HTTPException: _report_http},  # type: ignore[dict-item]
    )
    site.state.config = config
    site.state.served = archive
    return site


async def carry_out(request: Request) -> Response:
    """Carry out a tool for an agent, whom the front of the site has let in."""
    tool = TOOLS.get(request.path_params["name"])
    if tool is None or not getattr(request.state, FROM_AGENT, False):
        raise HTTPException(404)
    try:
        return JSONResponse(tool(reader_of(request).archive, **await request.json()))
    except SearchkitError as error:
        return JSONResponse({"error": error_text(error)}, 400)


def _route(path: str, view: api.View, methods: tuple[str, ...] = ("GET",)) -> Route:
    async def answer(request: Request) -> Response:  # without threads: an archive belongs to one
        if request.method != "POST":
            return view(request)
        async with request.form() as form:
            request.state.form = form
            return view(request)

    return Route(path, answer, methods=list(methods))


def _change(path: str, view: api.View) -> Route:
    """Return the route of a form that changes the archive: for editors, and with a line in the log."""

    def change(request: Request) -> Response:
        reader, scope = reader_of(request), request.scope
        reader.refuse_changes()
        response = view(request)
        if response.status_code == 303:  # otherwise the form is shown again
            form = {field: _SECRET.sub(r"\1/...", str(request.state.form.get(field, ""))) for field in _LOGGED}
            values = " ".join(f"{field}={value!r}" for field, value in form.items() if value)
            log_access(f"{reader.name or scope['state']['client']} changed {scope['path']}: {values}")
        return response

    return _route(path, change, ("POST",))


def _listed(path: str, view: api.View) -> list[Route]:
    """Return the routes of a page whose list is available as data, too."""
    return [_route(path + ".{format}", view), _route(path, view)]


def _endpoint(endpoint: api.Endpoint) -> list[Route]:
    """Return the routes of a page that programs read, too."""

    def as_json(request: Request) -> Response:
        request.path_params["format"] = "json"
        return endpoint.view(request)

    return [*_listed(endpoint.path, endpoint.view), _route(api.BASE + endpoint.path, as_json)]


class _WithReader:
    """Middleware that puts the reader into the state of each request."""

    def __init__(self, app: ASGIApp, served: ServedArchive) -> None:
        self._app = app
        self._served = served

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            state = scope.setdefault("state", {})
            try:
                archive = self._served.current()
            except SearchkitError as error:
                await failure(scope, 503, error.message, error.hint)(scope, receive, send)
                return
            state["reader"] = Reader(
                archive=archive,
                site=self._served.name,
                role=state.get("role", "reader"),
                name=state.get("name", ""),
                can_log_out=state.get("can_log_out", False),
            )
        try:
            await self._app(scope, receive, send)
            if scope["type"] == "http" and scope["method"] == "POST":
                self._served.send_files()
        except Exception:
            self._served.close()  # its files may have been replaced under an open index
            raise


async def _report(request: Request, error: SearchkitError) -> Response:
    status = next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 500)
    if isinstance(error, ArchiveError) and status == 503:
        request.state.reader.archive.close()  # the next request opens it again
    if wants_json(request.scope):
        place = {name: getattr(error, name) for name in ("code", "start", "end") if hasattr(error, name)}
        message, hint = visible(redacted(error.message)), visible(redacted(error.hint))
        return failure(request.scope, status, message, hint, **place)
    return page(request, "error.html", status=status, message=error.message, hint=error.hint)


async def _report_http(request: Request, error: HTTPException) -> Response:
    if error.status_code in {301, 302, 303, 307, 308}:
        return RedirectResponse(error.headers["location"], error.status_code) if error.headers else Response()
    message = "There is no such page." if error.status_code == 404 else str(error.detail)
    if wants_json(request.scope) or "reader" not in request.scope.get("state", {}):
        return failure(request.scope, error.status_code, message)
    return page(request, "error.html", status=error.status_code, message=message, hint="")
