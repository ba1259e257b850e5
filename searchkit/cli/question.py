"""Turn the words and options of `query` and `quotes` into a request, and answer it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from searchkit.archive import Archive
from searchkit.cli.options import FILTERS, facet_requests, form_of
from searchkit.cli.progress import progress_bar
from searchkit.query.fields import Record
from searchkit.query.saved import SavedQueries
from searchkit.search.answer import Answer, QueryRequest, answer


def request_of(
    query: str, record: Record, options: Mapping[str, Any], *, today: date, saved: SavedQueries | None
) -> QueryRequest:
    """Return the request for `query` and the options on the day `today`; `saved` are the searches it may name."""
    filters = {name: options[name] for name in FILTERS}
    if not query.strip() and (any(filters.values()) or options["since"] or options["until"] or options["facet"]):
        query = "*"
    return QueryRequest(
        query=query,
        record=record,
        today=today,
        filters=filters,
        since=options["since"],
        until=options["until"],
        saved=saved,
        limit=options["limit"],
        offset=options["offset"],
        sort=options["sort"],
        facets=facet_requests(options["facet"], options["facet_sort"]),
        copies=options["copies"],
        # Only the formats that people read explain an empty answer.
        advise=form_of(options).name in {"table", "json"},
    )


def read(archive: Archive, words: Sequence[str], record: Record, options: Mapping[str, Any]) -> QueryRequest:
    """Return the request for words and options today."""
    query = " ".join(words)
    return request_of(query, record, options, today=datetime.now(UTC).date(), saved=saved_queries(archive, query))


def ask(archive: Archive, words: Sequence[str], record: Record, options: Mapping[str, Any]) -> Answer:
    """Answer the query in words and options. Errors as `answer`."""
    request = read(archive, words, record, options)
    with progress_bar("Updating the index", first="Searching") as progress:
        return answer(archive, request, progress=progress)


def saved_queries(archive: Archive, query: str) -> SavedQueries | None:
    """Return the saved searches that the query may name; they are loaded only if it names one."""
    if "saved" not in query.casefold():
        return None
    from searchkit.alerts.folder import SavedFolder

    return SavedFolder(archive.folder)
