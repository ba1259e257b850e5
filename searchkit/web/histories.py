"""The pages of histories: changed statements, the spread of a quotation."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, get_args

from markupsafe import Markup
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from searchkit.alerts.folder import SavedFolder
from searchkit.errors import QueryError, UsageError
from searchkit.export.histories.blocks import appearance_text, change_facts, source_text, spread_facts
from searchkit.export.histories.changes import ChangeRecord, ChangesRequest, changes_report
from searchkit.export.histories.sides import StatementSide
from searchkit.export.histories.spread import SpreadRecord, SpreadRequest, spread_report
from searchkit.histories.base import ChangeKind
from searchkit.query.words import caret
from searchkit.text import one_line
from searchkit.web.charts import timeline
from searchkit.web.data import format_of, json_response
from searchkit.web.differences import side_by_side
from searchkit.web.reader import reader_of
from searchkit.web.rendering import Links, page
from searchkit.web.results import MOST_PER_PAGE, PER_PAGE, whole_number

_LAST_PAGE = 5_000
_SPREAD_PER_PAGE = 5


class SideView(Struct, frozen=True, kw_only=True):
    """A statement in one article: how it is called, its words, where it was published, and its addresses."""

    label: str
    said: Markup | str
    source: str
    title: str
    address: str
    statement: str
    strong: bool = False


class EntryView(Struct, frozen=True, kw_only=True):
    """An entry of a list: its title with its address, facts, and statements: in pairs side by side, or one by one."""

    title: str
    address: str
    facts: str
    pair: tuple[SideView, ...] = ()
    sides: tuple[SideView, ...] = ()
    picture: Markup | None = None
    remarks: tuple[str, ...] = ()


def side_view(
    label: str, side: StatementSide, url: Links, said: Markup | None = None, *, strong: bool = False
) -> SideView:
    """Return the view of a statement of an article."""
    return SideView(
        label=label,
        said=said if said is not None else side.statement,
        source=source_text(side),
        title=one_line(side.title) or "(no title)",
        address=url(f"/document/{side.document}", revision=side.revision) + f"#s-{side.id}",
        statement=url(f"/statement/{side.id}"),
        strong=strong,
    )


def changes(request: Request) -> Response:
    """List changed statements with both versions side by side."""
    reader, url, given = reader_of(request), Links(request), request.query_params
    known = {"q", "kind", "speaker", "about", "since", "until", "page", "limit"}
    form, number, limit = _paging(request, known, PER_PAGE)
    kind = given.get("kind", "")
    kinds = tuple(known for known in get_args(ChangeKind) if known == kind)
    if kind and not kinds:
        raise UsageError(f'kind is "{kind}".', hint=f"Write {', '.join(get_args(ChangeKind))}.")

    def report() -> Any:
        return changes_report(
            reader.archive,
            ChangesRequest(
                query=given.get("q", ""),
                today=reader.today,
                saved=SavedFolder(reader.archive.folder),
                kinds=kinds,
                speaker=given.get("speaker", ""),
                about=given.get("about", ""),
                since=_day(given.get("since", ""), "since"),
                until=_day(given.get("until", ""), "until"),
                limit=limit,
                offset=(number - 1) * limit,
            ),
        )

    return _page(
        request,
        form,
        report,
        "changes.html",
        lambda found: [_change(change, url) for change in found.changes],
        kinds=get_args(ChangeKind),
        given={name: given.get(name, "") for name in known},
        number=number,
        limit=limit,
    )


def _change(change: ChangeRecord, url: Links) -> EntryView:
    old, new = change.old, change.new
    marked = side_by_side(old.statement, new.statement) if old is not None and new is not None else (None, None)
    pair = (
        side_view("was", old, url, marked[0]) if old is not None else _nothing("was", "not in the article yet"),
        side_view("now", new, url, marked[1]) if new is not None else _nothing("now", "not in the article any more"),
    )
    return EntryView(
        title=one_line(change.shown.title) or "(no title)",
        address=url(f"/document/{change.document}"),
        facts=change_facts(change),
        pair=pair,
        remarks=(f"The outlet's note: {change.correction}",) if change.correction else (),
    )


def _nothing(label: str, text: str) -> SideView:
    return SideView(label=label, said=text, source="", title="", address="", statement="", strong=True)


def spread(request: Request) -> Response:
    """Show where quotations were printed: one by the id of a statement, or those that a query finds."""
    reader, url, given = reader_of(request), Links(request), request.query_params
    known = {"q", "page", "limit"}
    form, number, limit = _paging(request, known, _SPREAD_PER_PAGE)

    def report() -> Any:
        return spread_report(
            reader.archive,
            SpreadRequest(
                query=given.get("q", ""),
                today=reader.today,
                saved=SavedFolder(reader.archive.folder),
                limit=limit,
                offset=(number - 1) * limit,
            ),
        )

    return _page(
        request,
        form,
        report,
        "spread.html",
        lambda found: [spread_view(one, url) for one in found.quotations],
        given={name: given.get(name, "") for name in known},
        number=number,
        limit=limit,
    )


def spread_view(found: SpreadRecord, url: Links) -> EntryView:
    """Return the view of a quotation: conflicting attributions first, then its appearances, with a picture of them."""
    conflicts = [
        side_view("conflicting attribution", side, url, strong=True)
        for conflict in found.conflicts
        for side in (conflict.first, conflict.second)
    ]
    appearances = [
        side_view(
            f"{appearance.day}{'' if appearance.day_known else ' (first seen here)'}: {appearance_text(appearance)}",
            appearance.statement,
            url,
        )
        for appearance in found.appearances
    ]
    dots = [
        (appearance.day, f"{one_line(appearance.statement.outlet)}, {appearance.day}", side.statement)
        for appearance, side in zip(found.appearances, appearances, strict=True)
        if appearance.day
    ]
    return EntryView(
        title=found.fullest.statement,
        address=url(f"/statement/{found.fullest.id}"),
        facts=spread_facts(found),
        sides=(*conflicts, *appearances),
        picture=timeline(dots) if len({day for day, _, _ in dots}) > 1 else None,
    )


# --- shared -----------------------------------------------------------------------------------------------------------


def _paging(request: Request, known: Iterable[str], limit: int) -> tuple[str, int, int]:
    """Return the format, the number of the page, and how many entries it has."""
    form = format_of(request, {*known}, ("json",))
    given = request.query_params
    return form, whole_number(given, "page", 1, _LAST_PAGE), whole_number(given, "limit", limit, MOST_PER_PAGE)


def _day(written: str, name: str) -> str:
    """Return a day in ISO 8601. UsageError for anything else."""
    if not written:
        return ""
    try:
        return date.fromisoformat(written).isoformat()
    except ValueError as error:
        raise UsageError(f'{name} is "{written}".', hint="Write a day: 2026-03-01.") from error


def _page(
    request: Request,
    form: str,
    report: Callable[[], Any],
    template: str,
    entries: Callable[[Any], list[EntryView]],
    **values: Any,
) -> Response:
    """Return a report as JSON or as a page, or the page with what is wrong in its query."""
    try:
        found = report()
    except QueryError as error:
        if form:
            raise
        return page(request, template, status=400, error=error, caret=caret(error), found=None, entries=(), **values)
    if form:
        return json_response(found)
    return page(request, template, error=None, caret="", found=found, entries=entries(found), **values)
