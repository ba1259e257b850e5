"""The answer to a question in every form: for people, and as JSON, JSON Lines, CSV and ids."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from searchkit.cli.describe import date_text, gone_text, matched_entries, page_text, speaker_text, words_doubt
from searchkit.cli.output import Segment, counted, one_line, redacted, say, write_csv, write_json, write_lines
from searchkit.cli.question import Answer, Found, refined
from searchkit.document import WatchlistMatch, date_json, match_json, quote_json
from searchkit.index.base import Facet
from searchkit.snippets import Snippet, marked, snippets

SCHEMA = {"document": "searchkit.query/1", "quote": "searchkit.quotes/1"}
_COLUMNS = {
    "document": "id title outlet published language url watchlist score snippet gone_at copies".split(),
    "quote": (
        "id text speaker role affiliation verb about kind date resolved_by speaker_confidence rule confidence document "
        "title outlet published url start end watchlist page gone_at copies"
    ).split(),
}
_BAR_WIDTH = 24
_MATCHES_SHOWN = 5


def print_answer(answer: Answer, options: Mapping[str, Any]) -> None:
    """Print `answer` in the form that `options` ask for."""
    form = "json" if options["as_json"] else options["form"] or "table"
    if form == "json":
        write_json(_json(answer))
    elif form == "jsonl":
        for found in answer.found:
            write_json(_hit(answer, found), indent=False)
    elif form == "csv":
        write_csv((_row(answer, found) for found in answer.found), _COLUMNS[answer.record])
    elif form == "ids":
        write_lines([[(found.hit.id, "")] for found in answer.found])
    else:
        write_lines(_lines(answer, with_score=options["score"]))
    if answer.result.facets and form not in {"json", "table"}:
        say(f"note: {form} has no place for facets; they are in table and json.")
    if form != "json":
        for note in answer.result.notes:
            say(f"note: {one_line(note)}")
        if options["verbose"]:
            say(f"read as: {one_line(answer.result.interpreted_as)} ({answer.result.took * 1000:.0f} ms)")


def _json(answer: Answer) -> dict[str, Any]:
    result = answer.result
    return {
        "schema": SCHEMA[answer.record],
        "query": answer.query,
        "interpreted_as": result.interpreted_as,
        "syntax": 1,
        "total": result.total,
        "total_exact": result.total_exact,
        "offset": answer.offset,
        "seconds": round(result.took, 4),
        "notes": list(result.notes),
        "hits": [_hit(answer, found) for found in answer.found],
        "facets": [
            {
                "field": facet.field,
                "interval": facet.interval,
                "exact": facet.error_bound == 0,
                "error_bound": facet.error_bound,
                "missing": facet.missing,
                "other": facet.other,
                "counts": [
                    {
                        "value": count.value,
                        "id": count.id,
                        "count": count.count,
                        "query": refined(answer.tree, facet, count),
                    }
                    for count in facet.counts
                ],
            }
            for facet in result.facets
        ],
    }


def _hit(answer: Answer, found: Found) -> dict[str, Any]:
    document = found.document
    article = {
        "title": document.title,
        "outlet": document.outlet,
        "wire": document.wire,
        "published": date_json(document.published),
        "language": document.language,
        "url": redacted(document.canonical_url or document.uri),
        "gone_at": document.gone_at,
        "copies": {"group": document.copies, "number": found.hit.copies, "ids": list(found.hit.copy_ids)},
    }
    if found.quote is not None:
        return {**quote_json(found.quote, document), **article, "score": round(found.hit.score, 4)}
    return {
        "id": document.id,
        **article,
        "matches": [match_json(match) for match in found.document.matches],
        "score": round(found.hit.score, 4),
        "snippets": [
            {
                "start": snippet.span.start,
                "end": snippet.span.end,
                "text": snippet.text,
                "marks": [[mark.start, mark.end] for mark in snippet.marks],
            }
            for snippet in _snippets(answer, found)
        ],
    }


def _matches(found: Found) -> Sequence[WatchlistMatch]:
    if found.quote is None:
        return found.document.matches
    return found.document.matched().get(found.quote.id, ())


def _snippets(answer: Answer, found: Found) -> tuple[Snippet, ...]:
    return snippets(found.document.text, answer.tree, within=found.document.paragraphs)


def _row(answer: Answer, found: Found) -> dict[str, Any]:
    row = _hit(answer, found)
    for name in ("published", "date"):
        if row.get(name):
            row[name] = row[name]["value"]
    row["copies"] = found.hit.copies
    row["watchlist"] = matched_entries(_matches(found))
    if "snippets" in row:
        row["snippet"] = " / ".join(snippet["text"] for snippet in row["snippets"])
    return row


# --- for people ------------------------------------------------------------------------------------------------------


def _lines(answer: Answer, *, with_score: bool) -> Iterator[list[Segment]]:
    result = answer.result
    kind = "document" if answer.record == "document" else "statement"
    if not result.total:
        yield [(f"No {kind} matches {result.interpreted_as}", "")]
    for number, found in enumerate(answer.found, answer.offset + 1):
        yield from _quote_lines(answer, found, number) if found.quote else _document_lines(answer, found, number)
        if with_score:
            yield [("   score ", "dim"), (f"{found.hit.score:.3f}", "dim")]
        yield []
    for facet in result.facets:
        yield from _facet_lines(facet, kind)
        yield []
    if result.total:
        first, last = answer.offset + 1, answer.offset + len(answer.found)
        shown = f", {first} to {last} shown" if len(answer.found) < result.total and answer.found else ""
        yield [(f"{counted(result.total, kind)}{shown}", "dim")]


def _document_lines(answer: Answer, found: Found, number: int) -> Iterator[list[Segment]]:
    document = found.document
    yield [(f"{number}. ", ""), (one_line(document.title or "(no title)"), "bold")]
    place = [document.outlet, document.wire and f"via {document.wire}", date_text(document.published), document.id]
    yield [("   " + " · ".join(one_line(part) for part in place if part), "dim"), *_standing(found)]
    yield from _watchlist_lines(found)
    for snippet in _snippets(answer, found):
        yield [("   ", ""), *_styled(snippet)]


def _quote_lines(answer: Answer, found: Found, number: int) -> Iterator[list[Segment]]:
    document, quote = found.document, found.quote
    if quote is None:
        return
    yield [(f"{number}. ", ""), *_styled(marked(document.text, quote.content, answer.tree))]
    names = document.names()
    said = [
        quote.cue.of(document.text) if quote.cue else "",
        f"about {', '.join(names.get(entity, entity) for entity in quote.about)}" if quote.about else "",
        date_text(quote.date),
        quote.kind,
        words_doubt(quote),
    ]
    speaker = speaker_text(quote, document)
    yield [("   ", ""), (speaker, "bold"), ("".join(f" · {one_line(part)}" for part in said if part), "")]
    place = [
        document.title or "(no title)",
        document.outlet,
        date_text(document.published),
        page_text(quote, document),
        quote.id,
    ]
    yield [("   " + " · ".join(one_line(part) for part in place if part), "dim"), *_standing(found)]
    yield from _watchlist_lines(found)


def _standing(found: Found) -> Iterator[Segment]:
    """What else a reader must know of a hit: that its source does not have it any more, and how many copies it has."""
    gone = gone_text(found.document)
    if gone:
        yield f" · {gone}", "red"
    if found.hit.copies:
        yield f" · +{counted(found.hit.copies, 'copy', 'copies')}", "dim"


def _watchlist_lines(found: Found) -> Iterator[list[Segment]]:
    entries = matched_entries(_matches(found))
    if entries:
        more = f"; {len(entries) - _MATCHES_SHOWN} more" if len(entries) > _MATCHES_SHOWN else ""
        yield [("   watchlist, by name only: ", "dim"), ("; ".join(entries[:_MATCHES_SHOWN]) + more, "magenta")]


def _styled(snippet: Snippet) -> Iterator[Segment]:
    position = 0
    for mark in snippet.marks:
        yield snippet.text[position : mark.start], ""
        yield mark.of(snippet.text), "bold yellow"
        position = mark.end
    yield snippet.text[position:], ""


def _facet_lines(facet: Facet, kind: str) -> Iterator[list[Segment]]:
    by = f" by {facet.interval}" if facet.interval else ""
    yield [(f"{facet.field}{by}", "bold"), (f" ({kind}s)", "dim")]
    most = max((count.count for count in facet.counts), default=1)
    width = max((len(one_line(count.value)) for count in facet.counts), default=0)
    for count in facet.counts:
        bar = "█" * max(1, round(_BAR_WIDTH * count.count / most))
        yield [(f"  {one_line(count.value):{width}}  {count.count:>7,}  ", ""), (bar, "cyan")]
    rest = [
        counted(facet.other, "more value") if facet.other else "",
        f"{facet.missing:,} without" if facet.missing else "",
    ]
    if any(rest):
        yield [("  " + ", ".join(part for part in rest if part), "dim")]
