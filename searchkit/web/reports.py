"""The pages of the table of reports, each made from its row; each is available as JSON, too."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from markupsafe import Markup
from msgspec import Struct, defstruct
from msgspec.structs import asdict, replace
from starlette.requests import Request
from starlette.responses import Response

from searchkit.alerts.folder import SavedFolder
from searchkit.archive import Archive
from searchkit.errors import NotInArchive, QueryError, UsageError
from searchkit.query.words import caret
from searchkit.reports import REPORTS, load
from searchkit.reports.base import Entry, Line, Report, StatementSide, fields_of, side, whole_number
from searchkit.reports.changes import change_entry, changes_of
from searchkit.reports.picture import Part, parts, picture
from searchkit.statements.text import one_line, visible
from searchkit.web.data import Next, NextUrl, format_of, json_response, refuse_unknown
from searchkit.web.reader import reader_of
from searchkit.web.rendering import Links, page
from searchkit.web.results import MOST_PER_PAGE, neighbours

LAST_PAGE = 1_000
_PARTS = ("page", "limit")
_REMOVED, _INSERTED = Markup("<del>{}</del>"), Markup("<ins>{}</ins>")


def overview(request: Request) -> Response:
    """Lead to the pages of all reports."""
    return page(request, "histories.html", reports=all_reports())


def all_reports() -> tuple[Report, ...]:
    """Return the rows of the table."""
    return tuple(map(load, REPORTS))


@cache
def answer_type(report: Report) -> type[Struct]:
    """Return the type of the JSON: the result, and for a report in parts the number and address of the next page."""
    if not report.in_parts:
        return report.result
    return defstruct(
        f"Paged{report.result.__name__.removesuffix('Report')}",
        [("next", Next, None), ("next_url", NextUrl, None)],
        bases=(report.result,),
        namespace={"__doc__": f"A page of {report.entries}."},
        tag_field="schema",
        tag=report.result.__struct_config__.tag,
        frozen=True,
        kw_only=True,
    )


def show(report: Report, request: Request) -> Response:
    """Show the page of a report."""
    parameters, known = request.query_params, {field.parameter for field in fields_of(report.request)}
    refuse_unknown(request, known.union(_PARTS))
    form = format_of(request, known.union(_PARTS) if report.in_parts else known, ("json",))
    number = whole_number(parameters, "page", 1, LAST_PAGE)
    limit = whole_number(parameters, "limit", report.limit, MOST_PER_PAGE)
    given = {name: parameters.get(name, "").strip() for name in known}
    for field in fields_of(report.request):
        if field.required and not given[field.parameter]:
            if form:
                raise UsageError(f"{field.parameter} is missing.", hint=f"Write {field.parameter}= in the address.")
            return _page(request, report, given)
    try:
        found, has_more = _found(request, report, given, number, limit)
    except QueryError as error:
        if form:
            raise
        return _page(request, report, given, status=400, error=error, caret=caret(error))
    if form and not report.in_parts:
        return json_response(found)
    url = Links(request)
    if form:
        later = number + 1 if has_more and number < LAST_PAGE else None
        next_url = url.here(page=later) if later else None
        return json_response(answer_type(report)(**asdict(found), next=later, next_url=next_url))
    # Lists without parts stand on the first page.
    view = report.view(found if number == 1 else replace(found, **dict.fromkeys(report.lists[1:], ())))
    entries = list(view.entries)
    if not report.in_parts:
        has_more = len(entries) > number * limit
        entries = entries[(number - 1) * limit :][:limit]
    archive = reader_of(request).archive
    return _page(
        request,
        report,
        given,
        view=view,
        entries=[entry_view(entry, archive, url, f"/{report.name}") for entry in entries],
        notes=found.notes,
        **neighbours(number, url, has_more=has_more and number < LAST_PAGE),
    )


def _found(request: Request, report: Report, given: dict[str, str], number: int, limit: int) -> tuple[Any, bool]:
    """Run the report; return its result, and whether there is more: not every report counts its entries."""
    reader = reader_of(request)
    asked = {field.name: field.read(given[field.parameter]) for field in fields_of(report.request)}
    if report.in_parts:
        asked |= {"limit": limit + 1, "offset": (number - 1) * limit}
    saved = SavedFolder(reader.archive.folder)
    found = report.run(reader.archive, report.request(today=reader.today, saved=saved, **asked))
    if not report.in_parts:
        return found, False
    part = {name: getattr(found, name)[:limit] for name in report.lists}
    return replace(found, **part), len(report.records(found)) > limit


def _page(request: Request, report: Report, given: dict[str, str], **values: Any) -> Response:
    fields, archive = fields_of(report.request), reader_of(request).archive
    # None for a field that takes any text.
    choices = {
        field.name: field.extra["values"](archive) if "values" in field.extra else field.choices or None
        for field in fields
    }
    shared: dict[str, Any] = {"reports": all_reports(), "report": report, "fields": fields, "choices": choices}
    shared |= {"given": given, "view": None, "error": None}
    return page(request, "report.html", **(shared | values))


# --- entries ----------------------------------------------------------------------------------------------------------


def entry_view(entry: Entry, archive: Archive, url: Links, path: str = "") -> dict[str, Any]:
    """Return an entry of the report at `path` for a template: the address that it leads to, and its lines."""
    sides = [_side(line, entry, archive, url) for line in entry.lines]
    if entry.form == "versions":
        sides = _versions(entry, sides, archive, url)
    document = url(f"/documents/{entry.document}") if entry.document else ""
    shown = next((line.side for line in reversed(entry.lines) if line.side and entry.compared), None)
    drawn = url(f"/statements/{shown.id}/change.svg", at=entry.at) if shown else ""
    address = document or (url(path, q=entry.query) if entry.query else "")
    return {"entry": entry, "address": address, "sides": sides, "picture": drawn}


def _side(line: Line, entry: Entry, archive: Archive, url: Links) -> dict[str, Any]:
    """Return a line for a template: a statement in one article with its words, its place and addresses, or a text."""
    found = line.side or _named(line, archive)
    view = {"label": line.label, "said": line.text, "strong": line.strong, "doubt": "", "source": ""}
    view |= {"id": "", "statement": ""}
    if found is None:
        title = entry.title if line.document == entry.document else line.document
        return view | {"title": title, "address": url(f"/documents/{line.document}") if line.document else ""}
    label = line.label or found.said or "day unknown"
    return view | {
        "label": f"{label}: {line.text}" if line.text else label,
        "said": found.statement,
        "doubt": found.doubt,
        "source": found.published_text,
        "title": one_line(found.title) or "(no title)",
        "address": url(f"/documents/{found.document}") + f"#s-{found.id}",
        "id": found.id,
        "statement": url(f"/statements/{found.id}"),
    }


def _named(line: Line, archive: Archive) -> StatementSide | None:
    """Return the statement that a line names by its id, if the archive has it."""
    try:
        document, quote = archive.find(line.statement) if line.statement else (None, None)
    except NotInArchive:
        return None
    return side(document, quote) if document and quote else None


def _versions(entry: Entry, sides: list[dict[str, Any]], archive: Archive, url: Links) -> list[dict[str, Any]]:
    """Mark what differs between two versions; an earlier one leads to its revision of the document."""
    versions = [line.side for line in entry.lines[:2]]
    document = archive.get(entry.document)
    for view, version in zip(sides, versions, strict=False):
        if version is not None and (document is None or version.revision != document.revision):
            # The page of a statement shows it as its version was annotated, maybe by other rules.
            earlier = url(f"/documents/{version.document}", revision=version.revision)
            view |= {"address": earlier, "statement": ""}
    if not all(versions):
        return sides
    marked = side_by_side(*(str(view["said"]) for view in sides[:2]))
    return [view | {"said": said} for view, said in zip(sides, marked, strict=False)] + sides[2:]


def side_by_side(old: str, new: str) -> tuple[Markup, Markup]:
    """Return both texts as HTML, with what only one of them has marked as deleted or inserted."""
    before, after = parts(old, new)
    return Markup("").join(_pieces(before, _REMOVED)), Markup("").join(_pieces(after, _INSERTED))


def _pieces(half: list[Part], mark: Markup) -> Iterator[Markup]:
    for text, differs in half:
        yield (mark if differs and text.strip() else Markup("{}")).format(visible(text))


def change_picture(request: Request) -> Response:
    """Show a change to or from a statement as a picture: the newest, or the one that was read `at` a time."""
    refuse_unknown(request, {"at"})
    statement, at = request.path_params["id"], request.query_params.get("at", "")
    found = changes_of(reader_of(request).archive, statement)
    change = next((change for change in found if at in {"", change.before}), None)
    if change is None:
        raise NotInArchive(f"{statement} has not changed.", hint="The page /changes lists what changed.")
    return Response("\n".join(picture(change_entry(change))), media_type="image/svg+xml")
