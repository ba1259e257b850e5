"""The pages of saved searches: list, create, edit, try, remove."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

from msgspec import Struct
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from searchkit.alerts import folder
from searchkit.alerts.editing import (
    Found,
    SavedList,
    alert_settings,
    alert_text,
    canonical,
    checked,
    found_today,
    refuse_unusable,
    saved_record,
    users_of,
)
from searchkit.alerts.running import trial
from searchkit.alerts.searches import OVER, AlertSettings, Every, GroupBy, SavedSearch
from searchkit.alerts.sinks import SinkOptions
from searchkit.errors import UsageError
from searchkit.statements.text import one_line
from searchkit.web.alerts import ItemView, item_views
from searchkit.web.data import format_of, json_response
from searchkit.web.reader import reader_of
from searchkit.web.rendering import Links, page

_TRIED = 5


class SavedRow(Struct, frozen=True, kw_only=True):
    """A saved search in the list; `fault` says why it is not valid."""

    name: str
    query: str
    over: str
    note: str
    alert: str
    off: bool
    fault: str
    run: str


def overview(request: Request) -> Response:
    """List the saved searches."""
    reader, url = reader_of(request), Links(request)
    form, searches = format_of(request, (), ("json",)), checked(reader.archive)
    if form:
        return json_response(SavedList(saved=tuple(map(saved_record, searches))))
    rows = []
    for kept in searches:
        search = kept.search
        over = "documents" if search is None or search.record == "document" else "statements"
        rows.append(
            SavedRow(
                name=kept.name,
                query=one_line(search.query) if search else "",
                over=over,
                note=one_line(search.note) if search else "",
                alert=alert_text(search.alert) if search and search.alert else "",
                off=kept.off,
                fault=str(kept.fault or ""),
                run=url(f"/{over}", q=f"saved:{kept.name}"),
            )
        )
    return page(request, "saved.html", rows=rows)


def edit(request: Request) -> Response:
    """Show the form of a saved search, filled from its file, or for a new one from the address; and what it finds."""
    reader = reader_of(request)
    name = request.path_params.get("name", "")
    values: Mapping[str, Any] = request.query_params
    if name:
        values = _values(folder.load(reader.archive.folder, name), secrets=reader.can_edit)
    if not values.get("q", "").strip():
        return _form(request, name, values, found=None, items=[], error=None)
    try:
        found, items = _try(request, _search(request, values, name))
    except UsageError as error:
        return _form(request, name, values, found=None, items=[], error=error)
    return _form(request, name, values, found=found, items=items, error=None)


def save(request: Request) -> Response:
    """Create a saved search, or replace the one that was edited."""
    reader = reader_of(request)
    form = request.state.form
    original = form.get("original", "")
    name = original or form.get("name", "").strip()
    archive = reader.archive
    try:
        search = _search(request, form, name)
        if form.get("try"):
            found, items = _try(request, search)
            return _form(request, original, form, found=found, items=items, error=None)
        refuse_unusable(search.alert, _sink_options(request))
        search, _ = canonical(archive, search)
        with archive.held():
            folder.save(archive.folder, search, replacing=bool(original))
    except UsageError as error:
        return _form(request, original, form, found=None, items=[], error=error, status=400)
    return RedirectResponse(Links(request)(f"/saved/{name}"), 303)


def remove(request: Request) -> Response:
    """Remove a saved search that no other one uses."""
    name, archive = request.path_params["name"], reader_of(request).archive
    used = users_of(archive, name)
    if used:
        raise UsageError(f"saved:{name} is used by {', '.join(used)}.", hint="Change these first.")
    with archive.held():
        folder.remove(archive.folder, name)
    return RedirectResponse(Links(request)("/saved"), 303)


def _form(
    request: Request,
    name: str,
    values: Mapping[str, Any],
    *,
    found: Found | None,
    items: list[ItemView],
    error: UsageError | None,
    status: int = 200,
) -> Response:
    return page(
        request,
        "saved_form.html",
        status=status,
        name=name,
        values=values,
        found=found,
        items=items,
        error=error,
        every=get_args(Every),
        groups=get_args(GroupBy),
    )


def _values(search: SavedSearch, *, secrets: bool) -> dict[str, str]:
    """Return a saved search as the values of its form; without `secrets`, sinks as they are shown to everybody."""
    values = {"name": search.name, "q": search.query, "over": search.over, "note": search.note}
    if search.alert is not None:
        values |= {
            "alert": "1",
            "sinks": "\n".join(str(sink) if secrets else sink.shown for sink in search.alert.sinks),
            "every": search.alert.every,
            "group_by": search.alert.group_by or "",
        }
    return values


def _search(request: Request, values: Mapping[str, Any], name: str) -> SavedSearch:
    """Return the saved search in the values of a form. UsageError for a value that is not valid."""
    over = values.get("over") or "quotes"
    if over not in OVER:
        raise UsageError(f'over is "{over}".', hint="Write documents or quotes.")
    for field, known in (("every", get_args(Every)), ("group_by", get_args(GroupBy))):
        if values.get(field) and values[field] not in known:
            raise UsageError(f'{field} is "{values[field]}".', hint=f"Write {', '.join(known)}.")
    if not values.get("q", "").strip():
        raise UsageError("The query is empty.", hint="Write what to look for.")
    alert = None
    if values.get("alert") == "1":
        sinks = [line.strip() for line in values.get("sinks", "").splitlines() if line.strip()]
        group_by = values.get("group_by") or None
        alert = alert_settings(sinks, values.get("every"), group_by, None, options=_sink_options(request))
        alert = _with_earlier(alert, reader_of(request).archive.folder, name)
    search = SavedSearch(name=name, query=values["q"], record=OVER[over], note=values.get("note", ""), alert=alert)
    if over == "documents" and alert is not None and alert.group_by in {"speaker", "about"}:
        return replace(search, alert=replace(alert, group_by=None))
    return search


def _sink_options(request: Request) -> SinkOptions:
    config, archive = request.app.state.config, reader_of(request).archive.folder
    other = Path(config.alert_folder) if config.alert_folder else None
    return SinkOptions(folder=archive, other_folder=other, allow_hosts=config.alert_hosts)


def _with_earlier(alert: AlertSettings, archive: Path, name: str) -> AlertSettings:
    """Return the settings with those of the file that the form does not show."""
    if not name or name not in folder.names(archive):
        return alert
    earlier = folder.load(archive, name).alert
    if earlier is None:
        return alert
    return replace(alert, min_confidence=earlier.min_confidence, per_group=earlier.per_group)


def _try(request: Request, search: SavedSearch) -> tuple[Found, list[ItemView]]:
    archive = reader_of(request).archive
    found = found_today(archive, search)
    if not found.total:
        return found, []
    digest = trial(archive, search, now=datetime.now(UTC), count=_TRIED)
    return found, item_views(digest.items, Links(request))
