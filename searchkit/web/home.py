"""The first page: the search box, what is new in the saved searches, the sources, and what the archive holds."""

import re
from collections.abc import Iterator
from datetime import date

from starlette.requests import Request
from starlette.responses import Response

from searchkit.alerts.editing import count_of
from searchkit.alerts.folder import load_all
from searchkit.alerts.searches import SavedSearch
from searchkit.archive import Archive
from searchkit.errors import SearchkitError, UsageError
from searchkit.query.examples import DATES, QUERIES
from searchkit.query.fields import FIELDS
from searchkit.statements.text import counted
from searchkit.update.health import source_listings
from searchkit.web.notes import readable_notes
from searchkit.web.reader import reader_of
from searchkit.web.rendering import page, set_cookie

_COOKIE = "visits"
_VISITS = re.compile(r"(\d{4}-\d\d-\d\d)\.(\d{4}-\d\d-\d\d)")
_KEPT_SECONDS = 365 * 86_400
_SEARCHES_SHOWN = 12


def show(request: Request) -> Response:
    """Show the first page, and remember the day of the visit in a cookie of the reader."""
    reader = reader_of(request)
    archive, today = reader.archive, reader.today
    before = _last_visit(request, today)
    response = page(
        request,
        "home.html",
        counts=None if archive.is_empty else archive.store().counts(""),
        days=None if archive.is_empty else archive.index.days("date", "document"),
        saved=[] if archive.is_empty else list(_saved(archive, today, before)),
        before=before,
        health=_health(request, archive),
        noted=len(readable_notes(archive)),
    )
    path = request.scope.get("root_path", "") or "/"
    set_cookie(response, request.scope, _COOKIE, f"{before or today}.{today}", _KEPT_SECONDS, path=path)
    return response


def query_language(request: Request) -> Response:
    """Show examples of queries and dates, each a link, and the fields."""
    fields = [field for field in FIELDS if not field.name.startswith("entity.")]
    return page(request, "help.html", queries=QUERIES, dates=DATES, fields=fields)


def _last_visit(request: Request, today: date) -> date | None:
    """Return the last day before today on which the reader was here; None for a first visit."""
    found = _VISITS.fullmatch(request.cookies.get(_COOKIE, ""))
    try:
        days = [date.fromisoformat(written) for written in found.groups()] if found else []
    except ValueError:
        return None
    return max((day for day in days if day < today), default=None)


def _saved(archive: Archive, today: date, before: date | None) -> Iterator[tuple[SavedSearch, str, int, int | None]]:
    """Yield each saved search with the query for its matches and their number, and how many of these were first seen
    since a day; None before the second visit."""
    for kept in load_all(archive.folder)[:_SEARCHES_SHOWN]:
        if kept.search is None:
            continue
        new, query = None, f"saved:{kept.name}"
        try:
            total = count_of(archive, kept.search, today)
            if before is not None:
                new = count_of(archive, kept.search, today, f"seen:>={before}")
                query += f" seen:>={before}" if new else ""
        except UsageError:  # the page of saved searches says why
            continue
        yield kept.search, query, total, new


def _health(request: Request, archive: Archive) -> str:
    """Return the state of the sources in one line; empty if there are none."""
    try:
        listings = source_listings(archive, request.app.state.config)
    except SearchkitError as error:
        return str(error)
    if not listings:
        return ""
    failed = sum(1 for listing in listings if listing.reason)
    warned = sum(1 for listing in listings if listing.warnings)
    parts = [f"{failed:,} failed" if failed else "", f"{warned:,} with a warning" if warned else ""]
    return f"{counted(len(listings), 'source')}: {', '.join(filter(None, parts)) or 'no failure'}"
