"""The pages of alerts: their state, what each run reported, and the items of a digest."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from searchkit.alerts import running
from searchkit.alerts.editing import alert_records
from searchkit.alerts.folder import confirm, load
from searchkit.alerts.items import Item, change_lines
from searchkit.errors import NotInArchive
from searchkit.statements.text import minute_text, one_line
from searchkit.web.data import format_of, json_response
from searchkit.web.reader import reader_of
from searchkit.web.rendering import Links, page

_RUNS_LISTED = 30


def overview(request: Request) -> Response:
    """List the alerts and the last runs that found something."""
    archive = reader_of(request).archive
    ledger = None if archive.is_empty else archive.store().alerts
    last = ledger.run() if ledger else None
    numbers = range(last.number, max(0, last.number - _RUNS_LISTED), -1) if last else range(0)
    runs = [(run.number, minute_text(run.at)) for run in map(ledger.run, numbers) if run is not None] if ledger else []
    return page(request, "alerts.html", alerts=alert_records(archive), runs=runs)


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
