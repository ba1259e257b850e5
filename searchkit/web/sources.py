"""The pages of sources: their state, and the share of documents with a date, a byline and a statement over time."""

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from searchkit.archive import Archive
from searchkit.crawl.base import in_words
from searchkit.errors import NotInArchive
from searchkit.query import ast
from searchkit.statements.text import minute_text, one_line
from searchkit.update.health import MEASURES, SourceListing, SourcesReport, percent, source_listings
from searchkit.web.data import format_of, json_response
from searchkit.web.reader import reader_of
from searchkit.web.rendering import Bar, Links, bars, page

_RUNS_SHOWN = 60


def overview(request: Request) -> Response:
    """List the sources."""
    form = format_of(request, (), ("json",))
    listings = _listings(request)
    if form:
        return json_response(SourcesReport(total=len(listings), items=tuple(listings)))
    return page(request, "sources.html", listings=listings, measures=MEASURES, percent=percent, in_words=in_words)


def show(request: Request) -> Response:
    """Show a source: its last run, what could not be read, and its history."""
    reader, url = reader_of(request), Links(request)
    name = request.path_params["name"]
    listing = next(iter(_listings(request, failures=True, only=name)), None)
    if listing is None:
        raise NotInArchive(f'There is no source "{one_line(name)}".', hint="The page of sources lists all.")
    if format_of(request, (), ("json",)):
        return json_response(listing)
    documents = url("/documents", q=str(ast.Field(name="source", value=ast.Equals(text=name))), sort="newest")
    return page(
        request,
        "source.html",
        listing=listing,
        documents=documents,
        histories=_histories(reader.archive, name, documents),
        measures=MEASURES,
        percent=percent,
        in_words=in_words,
    )


def _listings(request: Request, *, failures: bool = False, only: str | None = None) -> list[SourceListing]:
    return source_listings(reader_of(request).archive, request.app.state.config, failures=failures, only=only)


def _histories(archive: Archive, name: str, address: str) -> list[tuple[str, Markup, list[tuple[str, float, int]]]]:
    """Return the shares of documents with a field, by run: the field, a picture, and time, share and number of new
    documents of the runs, the last one first."""
    runs = {} if archive.is_empty else archive.store().runs.coverage(name, _RUNS_SHOWN)
    histories = []
    for field, count in MEASURES.items() if runs else ():
        shares = [(at, getattr(added, count) / added.documents, added.documents) for at, added in runs.items()]
        drawn = [Bar(label=minute_text(at), value=round(100 * share), address=address) for at, share, _ in shares[::-1]]
        histories.append((field, bars(drawn, most=100), shares))
    return histories
