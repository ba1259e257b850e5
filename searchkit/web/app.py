"""The application of a worker: routes to pages, errors as pages or data, one archive or several.

It trusts the front of the site (`site`), which decides about access and passes the role in the state of the request.
"""

from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from searchkit.archive import Archive
from searchkit.errors import Forbidden, NotInArchive, SearchkitError, TryAgain, UsageError
from searchkit.web import alerts, api, basket, document, documents, matrix, names, saved, statement, statements
from searchkit.web.data import FORMATS, error_response
from searchkit.web.help import query_language
from searchkit.web.reader import Reader
from searchkit.web.rendering import page

View = Callable[[Request], Response]


def create_app(archives: Mapping[str, Path], *, alert_hosts: Collection[str] = ()) -> Starlette:
    """Return the application for the archives by name: a single one at the root, several below /a/NAME.

    Alerts may post to `alert_hosts` without encryption. ArchiveError if one of them cannot be opened."""
    if len(archives) == 1:
        [(name, folder)] = archives.items()
        return _site(name, Archive.open(folder), alert_hosts)
    mounts = [Mount(f"/a/{name}", _site(name, Archive.open(folder), alert_hosts)) for name, folder in archives.items()]

    def overview(request: Request) -> Response:
        return page(request, "archives.html", names=list(archives))

    opened = Archive.open(next(iter(archives.values())))
    return Starlette(
        routes=[_route("/", overview), *mounts], middleware=[Middleware(_WithReader, archive=opened, site="searchkit")]
    )


def _site(name: str, archive: Archive, alert_hosts: Collection[str]) -> Starlette:
    site = Starlette(
        routes=[
            _route("/", home),
            *_listed("/statements", statements.results),
            *_listed("/documents", documents.results),
            *_listed("/document/{id}", document.show),
            *_listed("/statement/{id}", statement.show),
            *_listed("/names", names.results),
            *_listed("/name/{id}", names.show),
            *_listed("/matrix", matrix.show),
            *_listed("/saved", saved.overview),
            _route("/saved", saved.save, ("POST",)),
            _route("/saved/new", saved.edit),
            _route("/saved/{name}", saved.edit),
            _route("/saved/{name}/remove", saved.remove, ("POST",)),
            _route("/basket", basket.show),
            _route("/basket", basket.change, ("POST",)),
            _route("/basket/export/{form}", basket.export),
            _route("/basket/verify", basket.verify_file, ("POST",)),
            _route("/help/query", query_language),
            _route("/alerts", alerts.overview),
            _route("/alerts/confirm", alerts.confirm_alert, ("POST",)),
            *_listed("/alerts/{run}", alerts.show_run),
            _route("/api", api.reference),
            _route("/openapi.json", api.openapi),
            *(_route(api.BASE + endpoint.path, api.as_json(endpoint.view)) for endpoint in api.ENDPOINTS),
        ],
        middleware=[Middleware(_WithReader, archive=archive, site=name)],
        exception_handlers={SearchkitError: _report, HTTPException: _report_http},  # type: ignore[dict-item]
    )
    site.state.alert_hosts = frozenset(alert_hosts)
    return site


def home(request: Request) -> Response:
    """Show the search box and what the archive holds."""
    archive = request.state.reader.archive
    return page(request, "home.html", counts=None if archive.is_empty else archive.status().counts)


def _route(path: str, view: View, methods: tuple[str, ...] = ("GET",)) -> Route:
    async def answer(request: Request) -> Response:  # without threads: an archive belongs to one
        if request.method == "POST":
            request.state.form = await request.form()
        return view(request)

    return Route(path, answer, methods=list(methods))


def _listed(path: str, view: View) -> list[BaseRoute]:
    """Return the routes of a page whose list is available as data, too."""
    return [_route(path + ".{format}", view), _route(path, view)]


class _WithReader:
    """Middleware that puts the reader into the state of each request."""

    def __init__(self, app: ASGIApp, archive: Archive, site: str) -> None:
        self._app = app
        self._archive = archive
        self._site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            state = scope.setdefault("state", {})
            state["reader"] = Reader(
                archive=self._archive,
                site=self._site,
                role=state.get("role", "reader"),
                name=state.get("name", ""),
            )
        await self._app(scope, receive, send)


def _report(request: Request, error: SearchkitError) -> Response:
    status = 500
    if isinstance(error, NotInArchive):
        status = 404
    elif isinstance(error, Forbidden):
        status = 403
    elif isinstance(error, UsageError):
        status = 400
    elif isinstance(error, TryAgain):
        status = 503
    if _is_data(request):
        return error_response(error, status)
    return page(request, "error.html", status=status, message=error.message, hint=error.hint)


def _report_http(request: Request, error: HTTPException) -> Response:
    if error.status_code in {301, 302, 303, 307, 308}:
        return RedirectResponse(error.headers["location"], error.status_code) if error.headers else Response()
    if _is_data(request):
        return error_response(UsageError(str(error.detail)), error.status_code)
    message = "There is no such page." if error.status_code == 404 else error.detail
    return page(request, "error.html", status=error.status_code, message=message, hint="")


def _is_data(request: Request) -> bool:
    """Return whether a program asks."""
    path: str = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    return path.startswith("/api/") or path.rpartition(".")[2] in FORMATS
