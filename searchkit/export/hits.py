"""The fields of a hit, for JSON and tables."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType, convert, defstruct, to_builtins
from msgspec.structs import fields

from searchkit.export.records import COLUMNS, as_row
from searchkit.notes import NoteFields
from searchkit.query.fields import Record
from searchkit.records import (
    CopiesRecord,
    Count,
    End,
    Host,
    MatchRecord,
    SpanRecord,
    StatementRecord,
    Version,
    match_record,
    statement_record,
)
from searchkit.search.answer import Answer, Excerpt, HitRecord
from searchkit.search.highlight import Snippet, complete
from searchkit.search.matches import StatementMatch, best_statements
from searchkit.search.statement_text import StatementInWords, in_words, matched_entries
from searchkit.statements.dates import PartialDate
from searchkit.statements.text import redacted, safe_json

# Statements per document in JSON; `searchkit quotes` lists all.
STATEMENTS_LISTED = 10

Marks = Annotated[tuple[SpanRecord, ...], Meta(description="Matches, as offsets into the text next to them.")]


class Evidence(Struct, frozen=True, kw_only=True):
    """What proves the words."""

    revision: Annotated[Version, Meta(description="Revision of the document that contains the words.")]
    digest: Annotated[str, Meta(description="SHA-256 of its title and text, in hex.")]
    raw_digest: Annotated[str, Meta(description="SHA-256 of the bytes it was read from; empty if unknown.")]
    fetched_at: Annotated[str, Meta(description="When these bytes were read, ISO 8601 UTC; empty if unknown.")]
    extractor_version: Annotated[str, Meta(description="Version of the rules and names that made the annotations.")]


class SnippetRecord(Struct, frozen=True, kw_only=True):
    """A passage that matches the query."""

    start: Annotated[Count, Meta(description="Where it begins in the document's text.")]
    end: End
    text: Annotated[str, Meta(description="The passage on one line, with … where it is shortened.")]
    marks: Marks


class MatchingStatement(Struct, frozen=True, kw_only=True):
    """A statement that matches."""

    id: str
    speaker: str | None
    speaker_id: str | None
    meets: Annotated[
        tuple[str, ...], Meta(description="The clauses it matches by itself; `searchkit quotes` finds it by each.")
    ]
    start: Annotated[Count, Meta(description="Where the statement begins in the document's text.")]
    end: End
    text: Annotated[str, Meta(description="Its words on one line; very long statements are shortened.")]
    marks: Marks
    negated: Annotated[bool, Meta(description="The speaker did not say it, or refused to.")]
    statement: Annotated[str, Meta(description="Who said what, with the reporting words; show this, not `text` alone.")]
    sentence: Annotated[str, Meta(description="The sentence of the article, or sentences, with the attribution.")]
    mark: Annotated[str, Meta(description="The user's mark: checked, wrong-speaker or false-match; empty for none.")]
    correction: Annotated[str, Meta(description="The right speaker according to the user, if marked wrong-speaker.")]


class MatchingStatements(Struct, frozen=True, kw_only=True):
    """The statements that match a clause of the query by themselves."""

    total: Count
    listed: Annotated[tuple[MatchingStatement, ...], Meta(description="The 10 that match most, in text order.")]


class _Fields(StatementInWords, frozen=True, kw_only=True):
    """The fields of a hit besides those of a statement."""

    id: str
    title: str | None
    title_marks: Marks
    outlet: Annotated[str | None, Meta(description="The publisher, as the text names it.")]
    host: Host
    wire: Annotated[str | None, Meta(description="The news agency credited.")]
    byline: tuple[str, ...]
    dateline: Annotated[str | None, Meta(description="The place and day before the first sentence.")]
    published: PartialDate | None
    updated: PartialDate | None
    language: str | None
    url: Annotated[str, Meta(description="The same as `uri`.")]
    uri: Annotated[str, Meta(description="Where it was read: a web address, or that of a file and a part of it.")]
    source: Annotated[str, Meta(description="Name of the source in searchkit.toml; empty if added manually.")]
    first_seen: str
    last_seen: Annotated[str, Meta(description="When a run last saw it at its source, ISO 8601 UTC.")]
    gone_at: Annotated[str, Meta(description="Since when its source no longer has it; empty while it has.")]
    copies: Annotated[CopiesRecord, Meta(description="Duplicates of the hit that match as well.")]
    evidence: Annotated[Evidence, Meta(description="What proves the words: revision, digests, time, version.")]
    revision: Version
    digest: Annotated[str, Meta(description="SHA-256 of its title and text, in hex.")]
    raw_digest: Annotated[str, Meta(description="SHA-256 of the bytes it was read from; empty if unknown.")]
    fetched_at: Annotated[str, Meta(description="When these bytes were read, ISO 8601 UTC; empty if unknown.")]
    extractor_version: Annotated[str, Meta(description="Version of the rules and names that made the annotations.")]
    statement_count: Annotated[Count, Meta(description="How many statements the document has.")]
    published_confidence: str | None
    date_precision: str | None
    date_source: str | None
    date_confidence: str | None
    matches: tuple[MatchRecord, ...]
    watchlist: Annotated[tuple[str, ...], Meta(description="Watchlist entries as text.")]
    score: Annotated[float, Meta(description="Orders the hits of an answer; not comparable across answers.")]
    snippets: tuple[SnippetRecord, ...]
    snippet: Annotated[str, Meta(description="The snippets on one line.")]
    statements: MatchingStatements
    marks: Marks


# To add a field: unless StatementRecord has it, add it to _Fields, with its type and description. Unless it is an
# attribute of StatementRecord or Document, or in a row of an export, add it to _VALUES, which computes it. Name it in
# JSON_FIELDS to print it in JSON, in COLUMNS of export/records.py for tables, or in _FURTHER for --fields
# alone. Then regenerate docs/reference: scripts/docs update.
JSON_FIELDS: Mapping[Record, tuple[str, ...]] = {
    "document": tuple(
        """
        id title title_marks outlet wire published language url gone_at copies evidence matches score snippets
        statements host
        """.split()
    ),
    "quote": tuple(
        """
        id document start end page time text marks kind cue cue_span verb attribution speaker speaker_id speaker_span
        role affiliation resolved_by antecedent_span speaker_confidence about about_ids matches date group rule
        confidence represents negated rivals via via_span statement sentence sentence_span title title_marks outlet wire
        published language url gone_at copies evidence score mark correction tags note marked_by struck host
        """.split()
    ),
}
"""The fields in JSON, in this order, which does not change within a version of the schema."""

_PLACES = ("page", "time")  # missing where there is none

# The same as in an export, with what only an answer has.
TABLE_COLUMNS: Mapping[Record, tuple[str, ...]] = {
    "document": (*COLUMNS["document"], "score", "snippet", "statements"),
    "quote": COLUMNS["quote"],
}
_FURTHER = "byline dateline updated source first_seen last_seen digest raw_digest snippet".split()


def hit_types(record: Record) -> tuple[type[Struct], type[Struct]]:
    """Return the types of a hit with its usual fields, and of a hit with the fields chosen by --fields."""
    types = {field.name: field.type for part in (_Fields, NoteFields, StatementRecord) for field in fields(part)}
    name = "Document" if record == "document" else "Statement"

    def made(suffix: str, described: str, kept: list[Any]) -> type[Struct]:
        return defstruct(f"{name}{suffix}", kept, kw_only=True, namespace={"__doc__": described})

    usual = [
        (field, types[field], UNSET) if field in _PLACES else (field, types[field]) for field in JSON_FIELDS[record]
    ]
    types |= {"page": Version | None, "time": str | None}
    chosen = [(field, types[field] | UnsetType, UNSET) for field in field_names(record)]
    return made("Hit", "A hit.", usual), made("Fields", "A hit with the fields chosen by --fields.", chosen)


class Hit:
    """A hit of an answer; computes each field on demand."""

    def __init__(self, answer: Answer, found: HitRecord) -> None:
        self.answer = answer
        self.found = found
        self.document = found.document
        self.quote = found.quote

    @cached_property
    def excerpt(self) -> Excerpt:
        """The parts of the record that match the query."""
        return self.answer.excerpt(self.found)

    @cached_property
    def _statement(self) -> dict[str, Any]:
        if self.quote is None:
            return {}
        record, words = statement_record(self.quote, self.document), in_words(self.quote, self.document)
        return {**to_builtins(record), **to_builtins(words), **to_builtins(self.found.note)}

    @cached_property
    def _row(self) -> dict[str, Any]:
        return as_row(self.found)

    def statement(self, matched: StatementMatch) -> Snippet:
        """Return the words of a matching statement, with marks."""
        return complete(self.document.text, matched.quote.content, self.excerpt.marks)

    def value(self, name: str) -> Any:
        """Return a field as plain data."""
        if name in _VALUES:
            return to_builtins(_VALUES[name](self))
        if any(name in part.__struct_fields__ for part in (StatementRecord, StatementInWords, NoteFields)):
            return self._statement.get(name)
        if hasattr(self.document, name):
            return to_builtins(getattr(self.document, name))
        return self._row[name]

    def cell(self, name: str) -> object:
        """Return a field for a cell of a table: dates and duplicates as a single value, lists by their contents."""
        if name in COLUMNS[self.answer.record]:
            return self._row.get(name)
        cell_of = _CELLS.get(name)
        value = self.value(name) if cell_of is None else cell_of(self)
        if isinstance(value, dict) or (
            isinstance(value, (list, tuple)) and not all(isinstance(item, str) for item in value)
        ):
            return safe_json(value)
        return value

    def as_json(self, names: Sequence[str] | None) -> dict[str, Any]:
        """Return the fields `names`, by default those of JSON_FIELDS, with a page or time only if there is one."""
        if names is not None:
            return {name: self.value(name) for name in names}
        usual = {name: self.value(name) for name in JSON_FIELDS[self.answer.record]}
        return {name: value for name, value in usual.items() if value is not None or name not in _PLACES}


def _pairs(spans: Sequence[Any], offset: int = 0) -> tuple[SpanRecord, ...]:
    return tuple((span.start - offset, span.end - offset) for span in spans)


def _snippet_record(snippet: Snippet) -> SnippetRecord:
    return SnippetRecord(start=snippet.span.start, end=snippet.span.end, text=snippet.text, marks=_pairs(snippet.marks))


def _statements(hit: Hit) -> MatchingStatements:
    statements = hit.excerpt.statements
    listed = []
    for matched in best_statements(statements, STATEMENTS_LISTED):
        snippet = hit.statement(matched)
        quote = matched.quote
        words, note = in_words(quote, hit.document), hit.found.opened.note(quote.id)
        listed.append(
            MatchingStatement(
                id=quote.id,
                speaker=quote.speaker.name,
                speaker_id=quote.speaker.entity_id,
                meets=tuple(matched.clauses),
                start=quote.content.start,
                end=quote.content.end,
                text=snippet.text,
                marks=_pairs(snippet.marks),
                negated=quote.negated,
                statement=words.statement,
                sentence=words.sentence,
                mark=note.mark,
                correction=note.correction,
            )
        )
    return MatchingStatements(total=len(statements), listed=tuple(listed))


# Other fields are those of the statement or of the document.
_VALUES: Mapping[str, Callable[[Hit], Any]] = {
    "id": lambda hit: hit.found.hit.id,
    "title_marks": lambda hit: _pairs(hit.excerpt.title),
    "url": lambda hit: redacted(hit.document.uri),
    "uri": lambda hit: redacted(hit.document.uri),
    "copies": lambda hit: CopiesRecord(
        group=hit.document.copies, number=hit.found.hit.copies, ids=tuple(hit.found.hit.copy_ids)
    ),
    "evidence": lambda hit: convert(hit.document, Evidence, from_attributes=True),
    "matches": lambda hit: list(map(match_record, hit.found.matches)),
    "watchlist": lambda hit: matched_entries(hit.found.matches),
    "score": lambda hit: round(hit.found.hit.score, 4),
    "snippets": lambda hit: list(map(_snippet_record, hit.excerpt.snippets)),
    "snippet": lambda hit: " / ".join(snippet.text for snippet in hit.excerpt.snippets),
    "statements": _statements,
    "marks": lambda hit: _pairs(hit.excerpt.marks, 0 if hit.quote is None else hit.quote.content.start),
}
_CELLS: Mapping[str, Callable[[Hit], object]] = {
    "snippets": _VALUES["snippet"],
    "updated": lambda hit: as_row(hit.found)["updated"],
    "statements": lambda hit: [
        matched.quote.id for matched in best_statements(hit.excerpt.statements, STATEMENTS_LISTED)
    ],
}


def field_names(record: Record) -> tuple[str, ...]:
    """Return the names of all fields of a hit."""
    return tuple(dict.fromkeys((*JSON_FIELDS[record], *TABLE_COLUMNS[record], *_FURTHER)))
