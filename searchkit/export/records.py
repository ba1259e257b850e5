"""Compute the fields of statements and documents for every output; records.py lists which output has which."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import zip_longest
from typing import Annotated, Any, TypeVar, cast

from msgspec import Meta, Struct, UnsetType, to_builtins
from msgspec.structs import fields, replace

from searchkit import records, statements
from searchkit.index.values import act_of
from searchkit.notes import NoteFields
from searchkit.query.fields import Record
from searchkit.search.answer import Answer, Excerpt, HitRecord
from searchkit.search.highlight import StatementMatch, best_statements, complete, joined
from searchkit.search.statement_text import date_text, matched_entries, page_text, speaker_text, statement_text
from searchkit.selectors import Selector, selector
from searchkit.statements.dates import PartialDate
from searchkit.statements.document import BY_NAME_ONLY, JOINT, RECORD_VERSION, Document, Quote
from searchkit.statements.text import Span, redacted, safe_json

RECORDS: dict[str, Record] = {"documents": "document", "statements": "quote"}
"""The kinds of records by their public names."""
# Statements per document in JSON; `searchkit statements` lists all.
STATEMENTS_LISTED = 10
HIT_FIELDS: Mapping[Record, tuple[str, ...]] = {"document": records.DOCUMENT_HIT, "quote": records.STATEMENT_HIT}
"""The fields of a hit in JSON."""
COLUMNS: Mapping[Record, tuple[str, ...]] = {"document": records.DOCUMENT_ROW, "quote": records.STATEMENT_ROW}
"""The columns of an export."""
TABLE_COLUMNS: Mapping[Record, tuple[str, ...]] = {
    "document": (*records.DOCUMENT_ROW, "score", "snippet", "statements"),
    "quote": records.STATEMENT_ROW,
}
"""The columns of an answer: the same, with what only an answer has."""
_PLACES = ("page", "time")  # missing where there is none
_Record = TypeVar("_Record", bound=Struct)

_STATEMENT_PARTS = (records.StatementRecord, NoteFields)
Marks = Annotated[tuple[records.SpanRecord, ...], Meta(description="Matches, as offsets into the text next to them.")]


class Evidence(Struct, frozen=True, kw_only=True):
    """What proves the words."""

    revision: Annotated[records.Version, Meta(description="Revision of the document that contains the words.")]
    sha256: Annotated[str, Meta(description="SHA-256 of its title and text, in hex.")]
    raw_sha256: Annotated[str, Meta(description="SHA-256 of the bytes it was read from; empty if unknown.")]
    fetched_at: Annotated[str, Meta(description="When these bytes were read, ISO 8601 UTC; empty if unknown.")]
    extractor_version: Annotated[str, Meta(description="Version of the rules and names that made the annotations.")]


class SnippetRecord(Struct, frozen=True, kw_only=True):
    """A passage that matches the query."""

    start: Annotated[records.Count, Meta(description="Where it begins in the document's text.")]
    end: records.End
    text: Annotated[str, Meta(description="The passage on one line, with … where it is shortened.")]
    marks: Marks


MatchingStatement = records.projection(
    "MatchingStatement",
    "A statement that matches.",
    _STATEMENT_PARTS,
    records.STATEMENT_OF_HIT,
    types={
        "meets": Annotated[
            tuple[str, ...],
            Meta(description="The clauses it matches by itself; `searchkit statements` finds it by each."),
        ],
        "text": Annotated[str, Meta(description="Its words on one line; very long statements are shortened.")],
        "marks": Marks,
    },
)


class MatchingStatements(Struct, frozen=True, kw_only=True):
    """The statements that match a clause of the query by themselves."""

    total: records.Count
    # MatchingStatement is a type that only the run knows, as are the other projections.
    listed: Annotated[tuple[MatchingStatement, ...], Meta(description="The 10 that match most, in text order.")]  # type: ignore[valid-type]


class AnswerFields(Struct, frozen=True, kw_only=True):
    """What an answer adds to a document or statement."""

    title_marks: Marks
    marks: Marks
    duplicates: Annotated[records.DuplicatesRecord, Meta(description="Duplicates of the hit that match as well.")]
    evidence: Annotated[Evidence, Meta(description="What proves the words: revision, digests, time, version.")]
    score: Annotated[float, Meta(description="Orders the hits of an answer; not comparable across answers.")]
    snippets: tuple[SnippetRecord, ...]
    snippet: Annotated[str, Meta(description="The snippets on one line.")]
    statements: MatchingStatements
    statement_count: Annotated[records.Count, Meta(description="How many statements the document has.")]


# An export has null in place of an empty time.
_TIMES: Mapping[str, Any] = {
    "fetched_at": Annotated[str | None, Meta(description="When its bytes were read, ISO 8601 UTC.")],
    "first_seen": Annotated[str | None, Meta(description="When the archive first saw it.")],
    "gone_at": Annotated[str | None, Meta(description="Since when its source no longer has it.")],
}
EXPORTED: Mapping[str, Any] = {**_TIMES, "duplicates": records.DuplicatesRecord}
"""Types of the fields of an export."""

DocumentStatement = records.projection(
    "DocumentStatement", "A statement in its document.", _STATEMENT_PARTS, records.STATEMENT_IN_DOCUMENT
)
ShownStatement = records.projection(
    "ShownStatement", "A statement.", _STATEMENT_PARTS, records.STATEMENT_SHOWN, tag="searchkit.statement/1"
)
StatementExport = records.projection(
    "StatementExport",
    "A statement with its article.",
    _STATEMENT_PARTS,
    records.STATEMENT_EXPORT,
    tag="searchkit.export/1",
    types=EXPORTED,
)
DocumentExport = records.projection(
    "DocumentExport",
    "The complete record of a document.",
    (records.DocumentRecord,),
    records.DOCUMENT,
    tag="searchkit.document/1",
    types={"statements": Annotated[tuple[DocumentStatement, ...], Meta(description="The statements in it.")]},  # type: ignore[valid-type]
)


def field_names(record: Record) -> tuple[str, ...]:
    """Return the names of all fields of a hit."""
    return tuple(dict.fromkeys((*HIT_FIELDS[record], *TABLE_COLUMNS[record], *records.FURTHER)))


def hit_types(record: Record) -> tuple[type[Struct], type[Struct]]:
    """Return the types of a hit with its usual fields, and of a hit with the fields chosen by --fields."""
    parts = (records.DocumentRecord if record == "document" else records.StatementRecord, NoteFields, AnswerFields)
    name = "Document" if record == "document" else "Statement"
    places = {"page": records.Version | None, "time": str | None}
    known = {field.name: field.type for part in parts for field in fields(part)} | places
    chosen = {field: known[field] | UnsetType for field in field_names(record)}
    return (
        records.projection(f"{name}Hit", "A hit.", parts, HIT_FIELDS[record]),
        records.projection(
            f"{name}Fields", "A hit with the fields chosen by --fields.", parts, [*chosen], types=chosen
        ),
    )


class Values:
    """The values of the fields of a statement or document, each computed on demand.

    `said` is the statement, for fields of statements; `excerpt` has the matches, for fields of answers."""

    def __init__(self, found: HitRecord, excerpt: Excerpt | None = None) -> None:
        self.found = found
        self.document = found.document
        self.quote = found.quote
        self.said = cast(Quote, found.quote)
        self.excerpt = cast(Excerpt, excerpt)
        self._computed = _OF_DOCUMENT if found.quote is None else _OF_STATEMENT
        self._parts = (found.quote, found.quote.speaker, found.note) if found.quote is not None else ()

    @cached_property
    def parts(self) -> tuple[Span, ...]:
        """Where the words of the statement stand."""
        return self.document.spans_of(self.said)

    @cached_property
    def sentence(self) -> Span:
        """The sentence or sentences of the statement."""
        return self.document.sentence_of(self.said)

    @cached_property
    def around(self) -> Selector:
        """The words of the statement with their context."""
        return selector(self.document.text, self.said.content)

    def marks(self) -> tuple[records.SpanRecord, ...]:
        """Return the matches in the text, of a statement in its words."""
        if self.quote is None:
            return _pairs(self.excerpt.marks)
        made: list[records.SpanRecord] = []
        before = 0
        for part in self.parts:
            made += _pairs([mark for mark in self.excerpt.marks if part.covers(mark)], part.start - before)
            before += part.end - part.start + len(JOINT)
        return tuple(made)

    @property
    def record(self) -> Record:
        """Whether this is a document or a statement."""
        return "document" if self.quote is None else "quote"

    def within(self, quote: Quote) -> "Values":
        """Return the values of a statement of the same document."""
        return Values(replace(self.found, quote=quote), self.excerpt)

    def value(self, name: str) -> Any:
        """Return a field as data, or as a Struct."""
        computed = self._computed.get(name) or _VALUES.get(name)
        if computed is not None:
            return computed(self)
        return next(getattr(part, name) for part in (*self._parts, self.document) if hasattr(part, name))

    def of(self, names: Sequence[str]) -> dict[str, Any]:
        """Return the fields `names`; a page or time only if there is one."""
        values = {name: self.value(name) for name in names}
        return {name: value for name, value in values.items() if value is not None or name not in _PLACES}

    def plain(self, names: Sequence[str]) -> dict[str, Any]:
        """Return the fields `names` as plain data."""
        made: dict[str, Any] = to_builtins(self.of(names))
        return made

    def tool(self) -> dict[str, Any]:
        """Return a statement for agents: dates in words, and all text of the article in one field."""
        made = {name: self.value(name) for name in records.STATEMENT_TOOL}
        made |= {"published": date_text(self.document.published), "span": to_builtins(made["span"])}
        return made | {"untrusted_quotation": {name: self.value(name) for name in records.STATEMENT_TOOL_QUOTED}}

    def cell(self, name: str) -> object:
        """Return a field for a cell of a table: dates and duplicates as a single value, lists by their contents."""
        if name in _CELLS:
            return _CELLS[name](self)
        value = self.value(name)
        if isinstance(value, PartialDate):
            return _day(value)
        if isinstance(value, (dict, Struct)) or (
            isinstance(value, (list, tuple)) and not all(isinstance(item, str) for item in value)
        ):
            return safe_json(value)
        return value

    def row(self, names: Sequence[str]) -> dict[str, object]:
        """Return a row of a table. The caller guards the cells."""
        return {name: self.cell(name) for name in names}


def values_of(answer: Answer) -> Iterator[Values]:
    """Yield the hits of an answer; each computes its fields on demand."""
    return (Values(found, answer.excerpt(found)) for found in answer.records)


def hit_fields(values: Values, chosen: Sequence[str] | None = None) -> dict[str, Any]:
    """Return the usual fields of a hit, or those `chosen`, also a page or time that is missing."""
    if chosen is not None:
        return {name: values.value(name) for name in chosen}
    return values.of(HIT_FIELDS[values.record])


def document_record(values: Values) -> Struct:
    """Return the complete record of a document, with the user's notes on its statements."""
    statements = tuple(
        DocumentStatement(**values.within(quote).of(records.STATEMENT_IN_DOCUMENT))
        for quote in values.document.statements
    )
    return DocumentExport(**document_fields(values), statements=statements)


def document_fields(values: Values) -> dict[str, Any]:
    """Return the fields of the complete record of a document, without its statements."""
    return values.of([name for name in records.DOCUMENT if name != "statements"])


def statement_record(values: Values) -> Struct:
    """Return the record of a statement."""
    return ShownStatement(**values.of(records.STATEMENT_SHOWN))


def export_record(found: HitRecord) -> Struct:
    """Return a statement with the provenance of its article, or the complete record of a document."""
    values = Values(found)
    return (
        document_record(values)
        if found.quote is None
        else StatementExport(**exported(values, records.STATEMENT_EXPORT))
    )


def exported(values: Values, names: Sequence[str]) -> dict[str, Any]:
    """Return fields of a statement as exports have them."""
    made = values.of(names)
    return made | {name: made[name] or None for name in _TIMES}


def export_row(found: HitRecord) -> dict[str, object]:
    """Return a row by COLUMNS. The caller guards the cells."""
    values = Values(found)
    return values.row(COLUMNS[values.record])


def statement_facts(values: Values) -> dict[str, str]:
    """Return who made a statement and how it was found, by name; empty values are not known."""
    made = {name: _FACTS[name](values) if name in _FACTS else values.value(name) for name in records.STATEMENT_FACTS}
    return {name: "" if value is None else str(value) for name, value in made.items()}


def resolution_text(quote: Quote, document: Document) -> str:
    """Return the rule that resolved the speaker, with its confidence, the evidence, and the words that it stands in."""
    speaker = quote.speaker
    if speaker.entity_id is None:
        return "not resolved"
    words = f'"{_words(speaker.antecedent, document)}"' if speaker.antecedent not in {None, quote.attribution} else ""
    evidence = ", ".join(filter(None, (statements.evidence_for(speaker), words)))
    return f"{speaker.resolved_by} ({speaker.confidence:.2f}){': ' if evidence else ''}{evidence}"


# --- values that are not an attribute of a stored record -------------------------------------------------------------


def _span(span: Span | None) -> records.SpanRecord | None:
    return None if span is None else (span.start, span.end)


def _words(span: Span | None, document: Document) -> str | None:
    return None if span is None else span.of(document.text)


def _pairs(spans: Sequence[Any], offset: int = 0) -> tuple[records.SpanRecord, ...]:
    return tuple((span.start - offset, span.end - offset) for span in spans)


def _day(date: PartialDate | None) -> str | None:
    """Return a date for a table: the day that the outlet shows, where it differs from the day in UTC."""
    return None if date is None else date.local_day or date.value


def placed(kind: type[_Record], part: Any, **values: Any) -> _Record:
    """Return the record of a part of the text: its place, these values, and attributes of the same names."""
    values |= {"start": part.span.start, "end": part.span.end}
    return kind(**{name: values[name] if name in values else getattr(part, name) for name in kind.__struct_fields__})


def _duplicates(values: Values) -> records.DuplicatesRecord:
    hit = values.found.hit
    return records.DuplicatesRecord(group=values.document.copies, number=hit.copies, ids=tuple(hit.copy_ids))


def _listed(values: Values) -> Sequence[StatementMatch]:
    return best_statements(values.excerpt.statements, STATEMENTS_LISTED)


def _statements(values: Values) -> MatchingStatements:
    listed = []
    for matched in _listed(values):
        own = values.within(matched.quote)
        words, marks = joined(complete(own.document.text, part, values.excerpt.marks) for part in own.parts)
        texts = {"meets": matched.clauses, "text": words, "marks": _pairs(marks)}
        names = [name for name in records.STATEMENT_OF_HIT if name not in texts]
        listed.append(MatchingStatement(**own.of(names), **texts))
    return MatchingStatements(total=len(values.excerpt.statements), listed=tuple(listed))


def _place(values: Values) -> str:
    place = f"characters {values.parts[0].start} to {values.parts[-1].end} of {values.document.id}"
    return ", ".join(filter(None, [page_text(values.said, values.document), place]))


_VALUES: Mapping[str, Callable[[Values], Any]] = {
    "record_version": lambda _: RECORD_VERSION,
    "published_confidence": lambda values: values.document.published and values.document.published.confidence,
    "sha256": lambda values: values.document.digest,
    "raw_sha256": lambda values: values.document.raw_digest,
    "url": lambda values: redacted(values.document.uri),
    "uri": lambda values: redacted(values.document.uri),
    "claimed_url": lambda values: values.document.canonical_url and redacted(values.document.canonical_url),
    "origin": lambda values: redacted(values.document.origin),
    "matches": lambda values: tuple(
        placed(records.MatchRecord, match, text=match.surface, id=match.entry_id, note=BY_NAME_ONLY)
        for match in values.found.matches
    ),
    "watchlist": lambda values: matched_entries(values.found.matches),
    "duplicates": _duplicates,
    "copies": _duplicates,
    "evidence": lambda values: Evidence(**{name: values.value(name) for name in Evidence.__struct_fields__}),
    "score": lambda values: round(values.found.hit.score, 4),
    "title_marks": lambda values: _pairs(values.excerpt.title),
    "marks": Values.marks,
    "snippets": lambda values: tuple(
        placed(SnippetRecord, snippet, marks=_pairs(snippet.marks)) for snippet in values.excerpt.snippets
    ),
    "snippet": lambda values: " / ".join(snippet.text for snippet in values.excerpt.snippets),
    "statements": _statements,
    "statement_count": lambda values: len(values.document.statements),
}
_OF_STATEMENT: Mapping[str, Callable[[Values], Any]] = {
    "document": lambda values: values.document.id,
    "span": lambda values: records.SpanFields(start=values.parts[0].start, end=values.parts[-1].end),
    "start": lambda values: values.parts[0].start,
    "end": lambda values: values.parts[-1].end,
    "parts": lambda values: _pairs(values.parts),
    "page": lambda values: values.document.page_of(values.said.content.start),
    "time": lambda values: values.document.time_of(values.said.content.start),
    "text": lambda values: values.document.words_of(values.said),
    "prefix": lambda values: values.around.prefix,
    "suffix": lambda values: values.around.suffix,
    "statement": lambda values: statement_text(values.said, values.document).sentence(values.document),
    "sentence": lambda values: values.sentence.of(values.document.text),
    "sentence_span": lambda values: _span(values.sentence),
    "cue": lambda values: _words(values.said.cue, values.document),
    "cue_span": lambda values: _span(values.said.cue),
    "act": lambda values: act_of(values.said.verb, negated=values.said.negated) if values.said.verb else None,
    "attribution": lambda values: _words(values.said.attribution, values.document),
    "speaker": lambda values: values.said.speaker.name,
    "speaker_id": lambda values: values.said.speaker.entity_id,
    "speaker_span": lambda values: _span(values.said.attribution),
    "antecedent_span": lambda values: _span(values.said.speaker.antecedent),
    "speaker_confidence": lambda values: round(values.said.speaker.confidence, 3),
    "about": lambda values: tuple(values.found.opened.names.get(entity, entity) for entity in values.said.about),
    "about_ids": lambda values: values.said.about,
    "about_by": lambda values: values.said.about_by,
    "topic": lambda values: values.said.topic and values.found.opened.names.get(values.said.topic, values.said.topic),
    "topic_id": lambda values: values.said.topic,
    "speaker_evidence": lambda values: statements.evidence_for(values.said.speaker),
    "via": lambda values: _words(values.said.via, values.document),
    "via_span": lambda values: _span(values.said.via),
    "said": lambda values: date_text(values.said.date),
    "date_precision": lambda values: values.said.date and values.said.date.precision,
    "date_source": lambda values: values.said.date and values.said.date.source,
    "date_confidence": lambda values: values.said.date and values.said.date.confidence,
    "confidence": lambda values: round(values.said.confidence, 3),
    "struck": lambda values: values.document.is_struck(values.said),
}
_OF_DOCUMENT: Mapping[str, Callable[[Values], Any]] = {
    "duplicate_group": lambda values: values.document.copies,
    "paragraphs": lambda values: _pairs(values.document.paragraphs),
    "terms": lambda values: _pairs(values.document.terms),
    "struck": lambda values: _pairs(values.document.struck),
    "mentions": lambda values: tuple(
        placed(records.MentionRecord, part, text=part.surface, id=part.entity_id, confidence=round(part.confidence, 3))
        for part in values.document.mentions
    ),
    "dates": lambda values: tuple(
        placed(records.DateMentionRecord, mention, text=mention.surface) for mention in values.document.dates
    ),
}
_CELLS: Mapping[str, Callable[[Values], object]] = {
    "duplicates": lambda values: values.found.hit.copies,
    "snippets": _VALUES["snippet"],
    "statements": lambda values: [matched.quote.id for matched in _listed(values)],
}
_FACTS: Mapping[str, Callable[[Values], str]] = {
    "speaker": lambda values: speaker_text(values.said, values.document),
    "resolved by": lambda values: resolution_text(values.said, values.document),
    "about": lambda values: ", ".join(
        f"{name} ({kind}, {statements.target_confidence(kind):.2f})" if kind else name
        for name, kind in zip_longest(values.value("about"), values.said.about_by, fillvalue="")
    ),
    "watchlist": lambda values: "; ".join(matched_entries(values.found.matches)),
    "found by": lambda values: f"{values.said.rule} ({values.said.confidence:.2f})",
    "place": _place,
}
