"""The pages of alerts: their state, what each run reported, and the items of a digest."""

from collections.abc import Iterable

from markupsafe import Markup
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from searchkit.alerts import running
from searchkit.alerts.editing import alert_records
from searchkit.alerts.folder import confirm, load
from searchkit.alerts.items import Item, change_lines
from searchkit.errors import NotInArchive
from searchkit.statements.text import Span, minute_text, one_line
from searchkit.web.data import format_of, json_response
from searchkit.web.reader import reader_of
from searchkit.web.rendering import Links, marked, page

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
    by_alert: dict[str, list[ItemView]] = {}
    for item, view in zip(digest.items, item_views(digest.items, Links(request)), strict=True):
        by_alert.setdefault(item.alert, []).append(view)
    return page(
        request,
        "alert_run.html",
        digest=digest,
        at=minute_text(digest.at),
        by_alert=by_alert,
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


class ItemView(Struct, frozen=True, kw_only=True):
    """A statement or document that an alert found; `doubts` say why it is not a headline."""

    address: str
    id: str
    said: Markup
    facts: tuple[str, ...]
    group: str
    is_new: bool
    doubts: tuple[str, ...]
    entries: tuple[str, ...]


def item_views(items: Iterable[Item], url: Links) -> list[ItemView]:
    """Return the items for a template."""
    return [_view(item, url) for item in items]


def _view(item: Item, url: Links) -> ItemView:
    words = marked(item.text, [Span(start, end) for start, end in item.marks])
    lead = item.lead if item.record == "quote" else item.title or "(no title)"
    facts = (
        f"about {', '.join(item.about)}" if item.about else "",
        f"said {item.said}" if item.said else "",
        item.title if item.record == "quote" else "",
        item.outlet,
        f"published {item.published}" if item.published else "",
        *change_lines(item),
    )
    is_there = item.record == "quote" and item.change != "removed"
    return ItemView(
        address=url(f"/statements/{item.id}" if is_there else f"/documents/{item.document}"),
        id=item.id,
        said=Markup('<span class="lead">{}</span> <span class="words">{}</span>').format(one_line(lead), words),
        facts=tuple(one_line(fact) for fact in facts if fact),
        group=one_line(item.group),
        is_new=item.section == "new",
        doubts=tuple(map(one_line, item.doubts)),
        entries=tuple(map(one_line, item.entries)),
    )
