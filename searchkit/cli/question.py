"""From the words and options of `query` and `quotes` to a request, and to its answer."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from searchkit.archive import Archive
from searchkit.cli.options import FILTERS, facet_requests
from searchkit.cli.output_formats import form_of
from searchkit.cli.progress import building
from searchkit.index.base import SearchRequest, Sort
from searchkit.query import ast
from searchkit.query.fields import Record
from searchkit.query.filters import filtered
from searchkit.query.parser import parse
from searchkit.query.saved import SavedQueries
from searchkit.search.answer import Answer, answer


class Question(Struct, frozen=True, kw_only=True):
    """What is asked: the query as typed, how it was read, with all filters, as a request; and what to say of that."""

    query: str
    request: SearchRequest
    notes: tuple[str, ...]


def question(
    query: str, record: Record, options: dict[str, Any], *, today: date, saved: SavedQueries | None
) -> Question:
    """The question that `query` and the options put on the day `today`; `saved` are the searches it may name.
    QueryError and UsageError say what cannot be read."""
    filters = {name: options[name] for name in FILTERS}
    narrowed = any(filters.values()) or options["since"] or options["until"] or options["facet"]
    if not query.strip() and narrowed:
        query = "*"
    parsed = parse(query, today=today, record=record, saved=saved)
    tree = filtered(parsed.tree, filters, since=options["since"], until=options["until"], today=today)
    request = SearchRequest(
        query=tree,
        record=record,
        limit=options["limit"],
        offset=options["offset"],
        sort=_sort(options["sort"], tree),
        facets=facet_requests(options["facet"], options["facet_sort"]),
        copies=options["copies"],
    )
    return Question(query=query, request=request, notes=parsed.notes)


def read(archive: Archive, words: Sequence[str], record: Record, options: dict[str, Any]) -> Question:
    """The question that words and options put today. Errors as `question`."""
    query = " ".join(words)
    return question(query, record, options, today=datetime.now(UTC).date(), saved=saved_queries(archive, query))


def ask(archive: Archive, words: Sequence[str], record: Record, options: dict[str, Any]) -> Answer:
    """Put the question to the archive. Errors as `question` and `Archive.search`.

    When nothing is found, forms that people read say why.
    """
    asked = read(archive, words, record, options)
    with building("Catching up the index", meanwhile="Searching") as progress:
        given = answer(archive, asked.request, query=asked.query, progress=progress)
    if not given.result.total and form_of(options).name in {"table", "json"}:
        given = replace(given, advice=archive.advice(asked.request))
    return with_notes(given, asked.notes)


def with_notes(given: Answer, notes: Sequence[str]) -> Answer:
    """The answer with what there is to say of how the query was read, before its own notes."""
    return replace(given, result=replace(given.result, notes=(*notes, *given.result.notes)))


def saved_queries(archive: Archive, query: str) -> SavedQueries | None:
    """The saved searches that the query may name; their room is loaded only when it names one."""
    if "saved" not in query.casefold():
        return None
    from searchkit.alerts.folder import SavedFolder

    return SavedFolder(archive.folder)


def _sort(wanted: str | None, tree: ast.Node) -> Sort:
    if wanted == "oldest":
        return "oldest"
    if wanted == "relevance" or (wanted is None and ast.asks_for_words(tree)):
        return "relevance"
    return "newest"
