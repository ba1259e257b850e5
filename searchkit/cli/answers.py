"""Turn words and options into a request, answer it, and print the answer."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from searchkit.archive import Archive
from searchkit.cli.hits import hit_lines
from searchkit.cli.options import FILTERS, Form, form_of
from searchkit.cli.output import Segment, paged, progress_bar, say, say_notes, write_lines, write_texts
from searchkit.loading import load
from searchkit.query.fields import Record
from searchkit.query.parser import SavedQueries
from searchkit.search.answer import Answer, QueryRequest, answer
from searchkit.statements.text import counted, one_line

if TYPE_CHECKING:  # most queries match something
    from searchkit.search.zero_hits import Advice

_KINDS: dict[Record, str] = {"document": "document", "quote": "statement"}


def query_request(
    query: str, record: Record, options: Mapping[str, Any], *, today: date, saved: SavedQueries | None
) -> QueryRequest:
    """Return the request for `query` and the options on the day `today`; `saved` are the searches it may name."""
    filters = {name: options[name] for name in FILTERS}
    if not query.strip() and (any(filters.values()) or options["since"] or options["until"] or options["facet"]):
        query = "*"
    facets = ()
    if options["facet"]:
        parse = load("searchkit.search.facet_requests:facet_requests")
        facets = parse(options["facet"], options["facet_sort"], all_values=options["all_values"])
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
        facets=facets,
        copies=options["duplicates"],
        # Only the formats that people read explain an empty answer.
        advise=form_of(options).name in {"table", "json"},
    )


def request_from_options(
    archive: Archive, words: Sequence[str], record: Record, options: Mapping[str, Any]
) -> QueryRequest:
    """Return the request for the words and options of a command line, as of today."""
    query = " ".join(words)
    return query_request(query, record, options, today=datetime.now(UTC).date(), saved=saved_queries(archive, query))


def answer_from_options(archive: Archive, words: Sequence[str], record: Record, options: Mapping[str, Any]) -> Answer:
    """Answer the query in the words and options of a command line. Errors as `answer`."""
    request = request_from_options(archive, words, record, options)
    with progress_bar("Updating the index", first="Searching") as progress:
        return answer(archive, request, progress=progress)


def saved_queries(archive: Archive, query: str) -> SavedQueries | None:
    """Return the saved searches that the query may name; they are loaded only if it names one."""
    if "saved" not in query.casefold():
        return None
    from searchkit.alerts.folder import SavedFolder

    return SavedFolder(archive.folder)


def print_answer(answer: Answer, options: Mapping[str, Any]) -> None:
    """Print `answer` in the format that `options` choose. Raise UsageError for unknown fields."""
    form = form_of(options)
    if form.name == "ids":
        write_texts(hit.id for hit in answer.result.hits)
    elif form.name == "table":
        with paged(wanted=not options.get("no_pager")):
            write_lines(_lines(answer, form))
    else:
        from searchkit.cli.answer_data import print_data  # a tenth of the start-up time of a query

        print_data(answer, form, facets_alone=not options["limit"])
    _print_notes(answer, form, options)


def _print_notes(answer: Answer, form: Form, options: Mapping[str, Any]) -> None:
    result, limit = answer.result, options["limit"]
    if form.name not in {"json", "table"}:
        if result.facets and (limit or form.name == "ids"):
            alone = "" if form.name == "ids" else ", or --limit 0 to print facets alone"
            say(f"note: {form.name} output omits facets; use --json{alone}.")
        written = len(result.hits)
        if limit and answer.offset + written < result.total:
            total = counted(result.total, kind_of(answer))
            say(f"note: {written:,} of {total} written; use --limit for more, or searchkit export for all.")
    if form.name != "json":
        say_notes(result.notes)
        if options["verbose"]:
            say(f"read as: {one_line(result.interpreted_as)} ({result.took * 1000:.0f} ms)")


def kind_of(answer: Answer) -> str:
    """Return the public word for what was searched: document or statement."""
    return _KINDS[answer.record]


# --- lines for a terminal ---------------------------------------------------------------------------------------------


def _lines(answer: Answer, form: Form) -> Iterator[list[Segment]]:
    result = answer.result
    kind = kind_of(answer)
    if not result.total:
        yield [(f"No {kind} matches {result.interpreted_as}", "")]
        if answer.advice is not None:
            yield from advice_lines(answer.advice, kind)
    yield from _hits(answer, form)
    for facet in result.facets:
        yield from load("searchkit.cli.answer_data:facet_lines")(facet, answer.tree, answer.record)
        yield []
    if result.total:
        first, last = answer.offset + 1, answer.offset + len(result.hits)
        shown = f", {first} to {last} shown" if len(result.hits) < result.total and result.hits else ""
        past = f"; --offset {answer.offset:,} is past the last of them" if answer.offset >= result.total else ""
        copies = f" ({result.total + result.duplicates:,} with duplicates)" if result.duplicates else ""
        yield [(f"{counted(result.total, kind)}{copies}{shown}{past}", "dim")]


def _hits(answer: Answer, form: Form) -> Iterator[list[Segment]]:
    if form.fields:
        from searchkit.cli.answer_data import hits_with_fields  # as in `print_answer`

        yield from hits_with_fields(answer, form)
        return
    for number, found in enumerate(answer.records, answer.offset + 1):
        yield from hit_lines(found, answer.excerpt(found), number)
        yield []


def advice_lines(advice: "Advice", kind: str) -> Iterator[list[Segment]]:
    """Yield why nothing matches: the hits of each clause, and other spellings."""
    over = ""
    for part in advice.parts:
        if part.over != over:
            over = part.over
            yield [(f"{_KINDS[over] + 's':>12}  query without it", "dim")]
        style = "red" if not part.hits else ""
        yield [(f"{part.hits:>12,}  {part.without:>16,}", "dim"), (f"  {one_line(part.query)}", style)]
    for note in advice.notes:
        yield [(one_line(note), "")]
    if advice.suggestions:
        line = [("Did you mean ", "")]
        for suggestion in advice.suggestions:
            line += [(one_line(suggestion.query), "bold"), (f" ({counted(suggestion.hits, kind)})", ""), (" or ", "")]
        yield [*line[:-1], ("?", "")]
    if not advice.complete:
        yield [("The search for other queries ran out of time.", "dim")]
