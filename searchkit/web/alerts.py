"""The pages of alerts: their state, and what each run reported."""

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from searchkit.alerts import running
from searchkit.alerts.folder import confirm, load, load_all
from searchkit.errors import NotInArchive
from searchkit.text import one_line
from searchkit.web.alert_items import ItemView, item_views
from searchkit.web.data import format_of, json_response
from searchkit.web.reader import reader_of
from searchkit.web.rendering import Links, page

_RUNS_LISTED = 30


class AlertRow(Struct, frozen=True, kw_only=True):
    """An alert in the list; times are empty for never."""

    name: str
    query: str
    sinks: tuple[str, ...]
    since: str
    last_run: str
    last_new: str
    reported: int
    owed: int
    off: bool
    fault: str


def overview(request: Request) -> Response:
    """List the alerts and the last runs that found something."""
    archive = reader_of(request).archive
    ledger = None if archive.is_empty else archive.store().alerts
    states = ledger.states() if ledger else {}
    counts, owed = (ledger.counts(), ledger.pending_counts()) if ledger else ({}, {})
    rows = []
    for kept in load_all(archive.folder):
        if not kept.is_alert:
            continue
        state, alert = states.get(kept.name), kept.search.alert if kept.search else None
        rows.append(
            AlertRow(
                name=kept.name,
                query=one_line(kept.search.query) if kept.search else "",
                sinks=tuple(one_line(sink.shown) for sink in alert.sinks) if alert else (),
                since=_minute(state.since) if state else "",
                last_run=_minute(state.last_run) if state else "",
                last_new=_minute(state.last_new) if state else "",
                reported=counts.get(kept.name, 0),
                owed=owed.get(kept.name, 0),
                off=kept.off,
                fault=str(kept.fault) if kept.fault else state.failure if state else "",
            )
        )
    last = ledger.run() if ledger else None
    numbers = range(last.number, max(0, last.number - _RUNS_LISTED), -1) if last else range(0)
    runs = [(run.number, _minute(run.at)) for run in map(ledger.run, numbers) if run is not None] if ledger else []
    return page(request, "alerts.html", rows=rows, runs=runs)


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
    by_alert: dict[str, list[ItemView]] = {}
    for item, view in zip(digest.items, item_views(digest.items, Links(request)), strict=True):
        by_alert.setdefault(item.alert, []).append(view)
    return page(
        request,
        "alert_run.html",
        digest=digest,
        at=_minute(digest.at),
        by_alert=by_alert,
        title=one_line(digest.title()),
    )


def confirm_alert(request: Request) -> Response:
    """Turn on an alert that came with a restored backup."""
    reader = reader_of(request)
    reader.refuse_changes()
    name = request.state.form.get("name", "")
    load(reader.archive.folder, name)  # NotInArchive
    with reader.archive.held():
        confirm(reader.archive.folder, name)
    return RedirectResponse(Links(request)("/alerts"), 303)


def _minute(time: str) -> str:
    return f"{time[:16].replace('T', ' ')} UTC" if time else ""
