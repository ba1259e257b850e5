"""The pages of saved searches (list, create, edit, try, remove), and of alerts: their state, and what runs reported."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

from msgspec import Struct
from msgspec.structs import asdict, replace
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from searchkit.alerts import editing, folder, running
from searchkit.alerts.folder import confirm, load
from searchkit.alerts.items import Item, change_lines
from searchkit.alerts.running import trial
from searchkit.alerts.searches import Every, GroupBy, SavedSearch, search_of
from searchkit.alerts.sinks import SinkOptions
from searchkit.errors import NotInArchive, UsageError
from searchkit.statements.text import minute_text, one_line
from searchkit.web.data import format_of, json_response
from searchkit.web.reader import reader_of
from searchkit.web.rendering import Links, page

_TRIED = 5
_RUNS_LISTED = 30


class _Form(Struct, frozen=True, kw_only=True):
    """The form of the saved search `name`, empty for a new one: its values, and what the search finds, or its error."""

    name: str
    values: Mapping[str, Any]
    error: UsageError | None = None
    found: editing.Found | None = None
    items: tuple[Item, ...] = ()


def overview(request: Request) -> Response:
    """List the saved searches."""
    form, searches = format_of(request, (), ("json",)), editing.checked(reader_of(request).archive)
    if form:
        return json_response(editing.saved_list(searches))
    return page(request, "saved.html", searches=searches, alert_text=editing.alert_text)


def edit(request: Request) -> Response:
    """Show the form of a saved search, filled from its file, or for a new one from the address; and what it finds."""
    reader = reader_of(request)
    name = request.path_params.get("name", "")
    values: Mapping[str, Any] = request.query_params
    if name:
        values = _values(folder.load(reader.archive.folder, name), secrets=reader.can_edit)
    form = _Form(name=name, values=values)
    return _show(request, _tried(request, form) if values.get("q", "").strip() else form)


def save(request: Request) -> Response:
    """Create a saved search, or replace the one that was edited."""
    archive, values = reader_of(request).archive, request.state.form
    form = _Form(name=values.get("original", ""), values=values)
    if values.get("try"):
        return _show(request, _tried(request, form), status=400)
    try:
        search = _search(form, archive.folder)
        editing.refuse_unusable(search, _sink_options(request))
        search, _ = editing.canonical(archive, search)
        with archive.held():
            folder.save(archive.folder, search, replacing=bool(form.name))
    except UsageError as error:
        return _show(request, replace(form, error=error), status=400)
    return RedirectResponse(Links(request)(f"/saved/{search.name}"), 303)


def remove(request: Request) -> Response:
    """Remove a saved search."""
    name, archive = request.path_params["name"], reader_of(request).archive
    with archive.held():
        folder.remove(archive.folder, name)
    return RedirectResponse(Links(request)("/saved"), 303)


def _show(request: Request, form: _Form, *, status: int = 200) -> Response:
    """Return the page of a form, with this `status` if there is an error."""
    shared = {"every": get_args(Every), "groups": get_args(GroupBy), "change_lines": change_lines}
    return page(request, "saved_form.html", status=status if form.error else 200, **asdict(form), **shared)


def _tried(request: Request, form: _Form) -> _Form:
    """Return the form with what its search finds, or why it finds nothing."""
    archive = reader_of(request).archive
    try:
        search = _search(form, archive.folder)
        found = editing.found_today(archive, search)
        if not found.total:
            return replace(form, found=found)
        digest = trial(archive, search, now=datetime.now(UTC), count=_TRIED)
    except UsageError as error:
        return replace(form, error=error)
    return replace(form, found=found, items=digest.items)


def _values(search: SavedSearch, *, secrets: bool) -> dict[str, str]:
    """Return a saved search as the values of its form; without `secrets`, sinks as they are shown to everybody."""
    values = {"name": search.name, "q": search.query, "over": search.over, "note": search.note}
    if search.alert is not None:
        sinks = "\n".join(search.alert.sinks if secrets else search.alert.shown_sinks)
        values |= {"alert": "1", "sinks": sinks, "every": search.alert.every, "group_by": search.alert.group_by or ""}
    return values


def _search(form: _Form, archive: Path) -> SavedSearch:
    """Return the saved search in the values of a form. UsageError for a value that is not valid."""
    values, alert = form.values, None
    if values.get("alert") == "1":
        listed = tuple(line.strip() for line in values.get("sinks", "").splitlines() if line.strip())
        stated = {"sinks": listed, "every": values.get("every"), "group_by": values.get("group_by")}
        earlier = folder.load(archive, form.name).alert if form.name in folder.names(archive) else None
        hidden = {key: getattr(earlier, key) for key in ("min_confidence", "per_group") if earlier}
        alert = {key: value for key, value in stated.items() if value} | hidden
    table = {
        "name": form.name or values.get("name", "").strip(),
        "query": values.get("q", ""),
        "over": values.get("over") or "statements",
        "note": values.get("note", ""),
        "alert": alert,
    }
    return search_of(table, "This search")


def _sink_options(request: Request) -> SinkOptions:
    config, archive = request.app.state.config, reader_of(request).archive.folder
    other = Path(config.alert_folder) if config.alert_folder else None
    return SinkOptions(folder=archive, other_folder=other, allow_hosts=config.alert_hosts)


def alerts_overview(request: Request) -> Response:
    """List the alerts and the last runs that found something."""
    archive = reader_of(request).archive
    ledger = None if archive.is_empty else archive.store().alerts
    last = ledger.run() if ledger else None
    numbers = range(last.number, max(0, last.number - _RUNS_LISTED), -1) if last else range(0)
    runs = [(run.number, minute_text(run.at)) for run in map(ledger.run, numbers) if run is not None] if ledger else []
    return page(request, "alerts.html", alerts=editing.alert_records(archive), runs=runs)


def show_run(request: Request) -> Response:
    """Show what a run of the alerts reported."""
    archive = reader_of(request).archive
    written = str(request.path_params["run"])
    number = int(written) if written.isdecimal() and len(written) < 10 else 0
    if archive.is_empty or not number:
        raise NotInArchive(f"There is no run {one_line(written)} of alerts.")
    digest = running.stored(archive, number)
    if format_of(request, (), ("json",)):
        return json_response(digest.record())
    by_alert: dict[str, list[Item]] = {}
    for item in digest.items:
        by_alert.setdefault(item.alert, []).append(item)
    return page(
        request,
        "alert_run.html",
        digest=digest,
        at=minute_text(digest.at),
        by_alert=by_alert,
        change_lines=change_lines,
        title=one_line(digest.title()),
    )


def confirm_alert(request: Request) -> Response:
    """Turn on an alert that came with a restored backup."""
    reader = reader_of(request)
    name = request.state.form.get("name", "")
    load(reader.archive.folder, name)  # NotInArchive
    with reader.archive.held():
        confirm(reader.archive.folder, name)
    return RedirectResponse(Links(request)("/alerts"), 303)
