"""The fields of a hit: what JSON says of it, and what stands in the cells of a sheet."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

from searchkit.document import WatchlistMatch, date_json, match_json, quote_json
from searchkit.errors import UsageError
from searchkit.query.fields import Record
from searchkit.search.answer import Answer, Excerpt, HitRecord
from searchkit.search.highlight import Snippet, complete
from searchkit.search.matches import StatementMatch
from searchkit.search.statement_text import matched_entries
from searchkit.text import redacted, safe_json

# More statements beside one hit are nobody's reading; `searchkit quotes` lists them all.
STATEMENTS_LISTED = 10


class Hit:
    """One hit of an answer, each of its fields made when it is asked for."""

    def __init__(self, answer: Answer, found: HitRecord) -> None:
        self.answer = answer
        self.found = found
        self.document = found.document
        self.quote = found.quote

    @cached_property
    def excerpt(self) -> Excerpt:
        """What of the record answers the query."""
        return self.answer.excerpt(self.found)

    @cached_property
    def matches(self) -> Sequence[WatchlistMatch]:
        """Entries of watchlists named in the record."""
        if self.quote is None:
            return self.document.matches
        return self.document.matched().get(self.quote.id, ())

    @cached_property
    def _statement(self) -> dict[str, Any]:
        return {} if self.quote is None else quote_json(self.quote, self.document)

    def statement(self, matched: StatementMatch) -> Snippet:
        """The words of a statement that matched, marked."""
        return complete(self.document.text, matched.quote.content, self.excerpt.marks)

    def value(self, name: str) -> Any:
        """A field as plain data."""
        made = _MADE.get(name)
        return self._statement.get(name) if made is None else made(self)

    def cell(self, name: str) -> object:
        """A field for a cell of a sheet: a date by its value, copies by their number, lists by what they hold."""
        made = _CELLS.get(name)
        value = self.value(name) if made is None else made(self)
        if isinstance(value, dict) or (isinstance(value, list) and not all(isinstance(one, str) for one in value)):
            return safe_json(value)
        return value

    def as_json(self, names: Sequence[str] | None) -> dict[str, Any]:
        """The fields `names`, by default those of DEFAULTS; a page only where there are pages."""
        if names is not None:
            return {name: self.value(name) for name in names}
        whole = {name: self.value(name) for name in DEFAULTS[self.answer.record]}
        if whole.get("page", 0) is None:
            del whole["page"]
        return whole


def _spans(snippet: Snippet) -> dict[str, Any]:
    return {
        "start": snippet.span.start,
        "end": snippet.span.end,
        "text": snippet.text,
        "marks": [[mark.start, mark.end] for mark in snippet.marks],
    }


def _copies(hit: Hit) -> dict[str, Any]:
    own = hit.found.hit
    return {"group": hit.document.copies, "number": own.copies, "ids": list(own.copy_ids)}


def _evidence(hit: Hit) -> dict[str, Any]:
    """By what the words can be proved: revision, sha-256 of text and capture, when it was read, by what rules."""
    document = hit.document
    return {
        "revision": document.revision,
        "digest": document.digest,
        "raw_digest": document.raw_digest,
        "fetched_at": document.fetched_at,
        "extractor_version": document.extractor_version,
    }


def _statements(hit: Hit) -> dict[str, Any]:
    matched = hit.excerpt.statements
    listed = [
        {
            "id": one.quote.id,
            "speaker": one.quote.speaker.name,
            "speaker_id": one.quote.speaker.entity_id,
            "meets": list(one.clauses),
            **_spans(hit.statement(one)),
            # The snippet of a monstrous statement is a part of it.
            "start": one.quote.content.start,
            "end": one.quote.content.end,
        }
        for one in matched[:STATEMENTS_LISTED]
    ]
    return {"total": len(matched), "listed": listed}


def _marks(hit: Hit) -> list[list[int]]:
    """Of a statement, as spans of its `text`."""
    start = 0 if hit.quote is None else hit.quote.content.start
    return [[mark.start - start, mark.end - start] for mark in hit.excerpt.marks]


_MADE: Mapping[str, Callable[[Hit], Any]] = {
    "id": lambda hit: hit.found.hit.id,
    "title": lambda hit: hit.document.title,
    "title_marks": lambda hit: [[mark.start, mark.end] for mark in hit.excerpt.title],
    "outlet": lambda hit: hit.document.outlet,
    "wire": lambda hit: hit.document.wire,
    "byline": lambda hit: list(hit.document.byline),
    "dateline": lambda hit: hit.document.dateline,
    "published": lambda hit: date_json(hit.document.published),
    "updated": lambda hit: date_json(hit.document.updated),
    "language": lambda hit: hit.document.language,
    "url": lambda hit: redacted(hit.document.canonical_url or hit.document.uri),
    "uri": lambda hit: redacted(hit.document.uri),
    "source": lambda hit: hit.document.source,
    "first_seen": lambda hit: hit.document.first_seen,
    "last_seen": lambda hit: hit.document.last_seen,
    "gone_at": lambda hit: hit.document.gone_at,
    "copies": _copies,
    "evidence": _evidence,
    "revision": lambda hit: hit.document.revision,
    "digest": lambda hit: hit.document.digest,
    "raw_digest": lambda hit: hit.document.raw_digest,
    "fetched_at": lambda hit: hit.document.fetched_at,
    "matches": lambda hit: [match_json(match) for match in hit.matches],
    "watchlist": lambda hit: list(matched_entries(hit.matches)),
    "score": lambda hit: round(hit.found.hit.score, 4),
    "snippets": lambda hit: [_spans(snippet) for snippet in hit.excerpt.snippets],
    "snippet": lambda hit: " / ".join(snippet.text for snippet in hit.excerpt.snippets),
    "statements": _statements,
    "marks": _marks,
}
_CELLS: Mapping[str, Callable[[Hit], object]] = {
    "published": lambda hit: hit.document.published and hit.document.published.value,
    "updated": lambda hit: hit.document.updated and hit.document.updated.value,
    "date": lambda hit: hit.quote and hit.quote.date and hit.quote.date.value,
    "copies": lambda hit: hit.found.hit.copies,
    "snippets": _MADE["snippet"],
    "statements": lambda hit: [one.quote.id for one in hit.excerpt.statements[:STATEMENTS_LISTED]],
}

DEFAULTS: Mapping[Record, tuple[str, ...]] = {
    "document": tuple(
        """
        id title title_marks outlet wire published language url gone_at copies evidence matches score snippets
        statements
        """.split()
    ),
    "quote": tuple(
        """
        id document start end page text marks kind cue cue_span verb attribution speaker speaker_id speaker_span role
        affiliation resolved_by antecedent_span speaker_confidence about about_ids matches date group rule confidence
        title title_marks outlet wire published language url gone_at copies evidence score
        """.split()
    ),
}
"""What JSON says of a hit, in this order, which does not change within a version of the schema."""

COLUMNS: Mapping[Record, tuple[str, ...]] = {
    "document": tuple(
        "id title outlet published language url watchlist score snippet gone_at copies statements".split()
    ),
    "quote": tuple(
        """
        id text speaker role affiliation verb about kind date resolved_by speaker_confidence rule confidence document
        title outlet published url start end watchlist page gone_at copies
        """.split()
    ),
}
"""The columns of a sheet; new ones go to the end."""

_FURTHER = (
    "byline dateline updated uri source first_seen last_seen revision digest raw_digest fetched_at watchlist snippet"
).split()


def field_names(record: Record) -> tuple[str, ...]:
    """Every field that can be asked for."""
    return tuple(dict.fromkeys((*DEFAULTS[record], *COLUMNS[record], *_FURTHER)))


def chosen(written: Sequence[str], record: Record, defaults: Sequence[str]) -> tuple[str, ...]:
    """The fields that `--fields` asks for: those named, or, where each has a "+", these after the `defaults`.

    UsageError for a name that is no field, and when some names have a "+" and others none.
    """
    named = [part.strip() for text in written for part in text.split(",")]
    if not all(name.strip("+") for name in named):
        raise UsageError(
            "--fields needs names of fields.", hint="Write --fields id,title or --fields +byline; commas part them."
        )
    known = field_names(record)
    plain = [name.removeprefix("+").lower() for name in named]
    for name in plain:
        if name not in known:
            import difflib

            close = difflib.get_close_matches(name, known, n=1)
            meant = f' Did you mean "{close[0]}"?' if close else ""
            raise UsageError(f'There is no field "{name}" to print.{meant}', hint=f"Fields: {', '.join(known)}.")
    added = [name.startswith("+") for name in named]
    if any(added) and not all(added):
        raise UsageError(
            "--fields takes names, or names with a + to add to the usual ones, not both.",
            hint=f"Write --fields {','.join(f'+{name}' for name in plain)} or --fields {','.join(plain)}.",
        )
    return tuple(dict.fromkeys((*defaults, *plain) if any(added) else plain))
