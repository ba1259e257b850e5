"""Documents and statements as records: the JSON that commands print.

The Struct types define the data and its JSON Schema. Spans count code points of the document's text.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType, defstruct
from msgspec.structs import astuple, fields

from searchkit.statements.dates import PartialDate
from searchkit.statements.document import (
    RECORD_VERSION,
    Document,
    Mention,
    MentionKind,
    Quote,
    QuoteKind,
    Resolution,
    WatchlistMatch,
)
from searchkit.statements.text import Span

Count = Annotated[int, Meta(ge=0)]
Share = Annotated[float, Meta(ge=0, le=1)]
Version = Annotated[int, Meta(ge=1)]
Host = Annotated[
    str,
    Meta(description="The host of its web address; `claimed: ` precedes one that a file states. Empty without any."),
]
Confidence = Annotated[
    float, Meta(ge=0, le=1, description="0 to 1: the share of such findings that were right when measured.")
]
Start = Annotated[int, Meta(ge=0, description="Where it begins in the text of the document, in code points.")]
End = Annotated[int, Meta(ge=0, description="Where it ends in the text of the document; not included.")]
SpanRecord = tuple[Count, Count]
"""Start and end, half-open, in code points."""
Rule = Annotated[str, Meta(description="The rule that found it.")]


def joined(name: str, text: str, *parts: type[Struct], tag: str | None = None) -> type[Struct]:
    """Return a Struct with the fields of all `parts` in this order, described by `text`, and with a `tag` `schema`."""
    found = [
        (field.name, field.type) if field.required else (field.name, field.type, field.default)
        for part in parts
        for field in fields(part)
    ]
    field = None if tag is None else "schema"
    return defstruct(name, found, frozen=True, kw_only=True, tag_field=field, tag=tag, namespace={"__doc__": text})


class MatchRecord(Struct, frozen=True, kw_only=True):
    """A name of a watchlist in the text: the same name, not known to be the same person or body."""

    start: Start
    end: End
    text: Annotated[str, Meta(description="The name as written.")]
    watchlist: Annotated[str, Meta(description="Name of the watchlist.")]
    id: Annotated[str, Meta(description="ID of its entry.")]
    name: Annotated[str, Meta(description="Name of the entry.")]
    weak: Annotated[bool, Meta(description="Whether many people or bodies have this name.")]
    topics: Annotated[tuple[str, ...], Meta(description="Topics of the entry, as in its list.")]


class MentionRecord(Struct, frozen=True, kw_only=True):
    """A name at a place in the text."""

    start: Start
    end: End
    text: Annotated[str, Meta(description="The name as written.")]
    name: Annotated[str, Meta(description="The canonical name.")]
    id: Annotated[str, Meta(description="ID of the entity: company:tiandy-technologies.")]
    kind: MentionKind
    rule: Rule
    confidence: Confidence


class DateMentionRecord(Struct, frozen=True, kw_only=True):
    """A date written in the text."""

    start: Start
    end: End
    text: str
    date: PartialDate
    rule: Rule


class StatementRecord(Struct, frozen=True, kw_only=True):
    """A statement: its words, and the speaker they are attributed to."""

    id: Annotated[str, Meta(description="ID of the statement; stable across extractions.")]
    document: Annotated[str, Meta(description="ID of its document.")]
    start: Start
    end: End
    page: Annotated[Version | UnsetType, Meta(description="The page it begins on; missing if there are no pages.")] = (
        UNSET
    )
    time: Annotated[
        str | UnsetType, Meta(description="When it begins in a recording, as 0:12:05; missing in other texts.")
    ] = UNSET
    text: Annotated[str, Meta(description="The words exactly as written.")]
    kind: Annotated[QuoteKind, Meta(description="In quotation marks, partly, or reported without them.")]
    cue: Annotated[str | None, Meta(description="The reporting verb or phrase as written.")]
    cue_span: Annotated[SpanRecord | None, Meta(description="Where the cue stands: start and end.")]
    verb: Annotated[str | None, Meta(description="The base form of the reporting verb.")]
    negated: Annotated[bool, Meta(description="The speaker did not say it, or refused to: did not deny.")]
    attribution: Annotated[str | None, Meta(description="The text that names the speaker.")]
    speaker: Annotated[
        str | None, Meta(description="Full name of the speaker, or the article's words for an unnamed speaker.")
    ]
    speaker_id: Annotated[str | None, Meta(description="ID of the speaker; null if not identified.")]
    speaker_span: Annotated[SpanRecord | None, Meta(description="Where the attribution stands: start and end.")]
    role: Annotated[str | None, Meta(description="The office or trade that the article gives the speaker.")]
    affiliation: Annotated[str | None, Meta(description="The body that the article says the speaker belongs to.")]
    represents: Annotated[str | None, Meta(description="ID of the body for which a spokesperson speaks.")]
    resolved_by: Annotated[Resolution, Meta(description="How the speaker was identified.")]
    antecedent_span: Annotated[
        SpanRecord | None, Meta(description="The earlier words that a pronoun or description refers to: start and end.")
    ]
    speaker_confidence: Confidence
    rivals: Annotated[tuple[str, ...], Meta(description="Names of others whom the attribution could mean.")]
    about: Annotated[tuple[str, ...], Meta(description="Names of the targets.")]
    about_ids: Annotated[tuple[str, ...], Meta(description="IDs of the targets.")]
    matches: Annotated[
        tuple[MatchRecord, ...], Meta(description="Watchlist entries named in the words or as the speaker.")
    ]
    via: Annotated[str | None, Meta(description="The document in which it was said, in the article's words.")]
    via_span: Annotated[SpanRecord | None, Meta(description="Where these words stand: start and end.")]
    date: Annotated[PartialDate | None, Meta(description="When it was said.")]
    group: Annotated[str | None, Meta(description="Shared by the parts of a split statement.")]
    rule: Annotated[str, Meta(description="The rule that found the words.")]
    confidence: Confidence
    struck: Annotated[bool, Meta(description="Whether the page strikes these words out.")] = False


class DocumentRecord(Struct, frozen=True, kw_only=True):
    """The complete record of a document."""

    record_version: Annotated[int, Meta(ge=1, description="Version of this form of a record.")]
    id: str
    revision: Version
    digest: Annotated[str, Meta(description="SHA-256 of title and text, in hex.")]
    uri: Annotated[str, Meta(description="Where it was read: a web address, or that of a file and a part of it.")]
    canonical_url: Annotated[
        str | None,
        Meta(description="The web address it gives as its own: a claim, unless it is the same as `uri`."),
    ]
    origin: Annotated[str, Meta(description="The address its ID was made from, if that is not `uri`; else empty.")]
    outlet: str | None
    wire: Annotated[str | None, Meta(description="The news agency credited.")]
    title: str | None
    byline: Annotated[tuple[str, ...], Meta(description="The authors.")]
    dateline: Annotated[str | None, Meta(description="The place and day before the first sentence.")]
    published: PartialDate | None
    updated: PartialDate | None
    language: str | None
    text: Annotated[str, Meta(description="Normalized; every span counts its code points.")]
    paragraphs: Annotated[tuple[SpanRecord, ...], Meta(description="Start and end of each paragraph.")]
    pages: Annotated[
        tuple[Count, ...], Meta(description="Where each page or caption begins, for formats that have them.")
    ]
    times: Annotated[tuple[Count, ...], Meta(description="When each caption begins, in seconds; empty for pages.")]
    links: tuple[str, ...]
    notes: Annotated[tuple[str, ...], Meta(description="Remarks of the parser.")]
    extra: Annotated[dict[str, Any], Meta(description="Fields of the source that have no other place.")]
    struck: Annotated[tuple[SpanRecord, ...], Meta(description="Where the page strikes text out.")]
    hidden: Annotated[
        tuple[str, ...], Meta(description="Passages that the markup of the page hides; they are not in the text.")
    ]
    mentions: tuple[MentionRecord, ...]
    dates: tuple[DateMentionRecord, ...]
    quotes: Annotated[tuple[StatementRecord, ...], Meta(description="The statements in it.")]
    terms: Annotated[tuple[SpanRecord, ...], Meta(description="Words in quotation marks that are not speech.")]
    failed_sentences: Annotated[
        Count, Meta(description="Sentences whose statements are missing because a rule of searchkit failed.")
    ]
    matches: tuple[MatchRecord, ...]
    known_as: Annotated[
        dict[str, tuple[str, ...]], Meta(description="By entity ID: known names that the article does not use.")
    ]
    extractor_version: Annotated[str, Meta(description="Version of the rules and names that annotated it.")]
    first_seen: Annotated[str, Meta(description="ISO 8601 UTC; empty if not stored.")]
    last_seen: Annotated[str, Meta(description="When a run last saw it at its source, ISO 8601 UTC.")]
    source: Annotated[str, Meta(description="Name of the source in searchkit.toml; empty if added manually.")]
    raw_digest: Annotated[str, Meta(description="SHA-256 of the bytes it was read from; empty if unknown.")]
    fetched_at: Annotated[str, Meta(description="When these bytes were read, ISO 8601 UTC; empty if unknown.")]
    gone_at: Annotated[str, Meta(description="Since when its source no longer has it; empty while it has.")]
    copies: Annotated[str, Meta(description="Duplicate group; empty for none.")]
    host: Host


class CopiesRecord(Struct, frozen=True, kw_only=True):
    """The duplicates of a hit that match as well."""

    group: Annotated[str, Meta(description="copies:GROUP finds all of them; empty for a text without duplicates.")]
    number: Annotated[Count, Meta(description="How many other hits are duplicates of this hit.")]
    ids: Annotated[tuple[str, ...], Meta(description="Their IDs, at most 20.")]


def statement_record(
    quote: Quote,
    document: Document,
    names: Mapping[str, str] | None = None,
    matched: Mapping[str, tuple[WatchlistMatch, ...]] | None = None,
) -> StatementRecord:
    """Return the record of a statement.

    `names` and `matched` are `document.names()` and `document.matched()`, for callers who convert many statements.
    """
    names = document.names() if names is None else names
    matched = document.matched() if matched is None else matched
    speaker = quote.speaker
    page = document.page_of(quote.content.start)
    return StatementRecord(
        id=quote.id,
        document=document.id,
        start=quote.content.start,
        end=quote.content.end,
        page=UNSET if page is None else page,
        time=document.time_of(quote.content.start) or UNSET,
        text=quote.content.of(document.text),
        kind=quote.kind,
        cue=quote.cue.of(document.text) if quote.cue else None,
        cue_span=_span_record(quote.cue),
        verb=quote.verb,
        negated=quote.negated,
        attribution=quote.attribution.of(document.text) if quote.attribution else None,
        speaker=speaker.name,
        speaker_id=speaker.entity_id,
        speaker_span=_span_record(quote.attribution),
        role=speaker.role,
        affiliation=speaker.affiliation,
        represents=speaker.represents,
        resolved_by=speaker.resolved_by,
        antecedent_span=_span_record(speaker.antecedent),
        speaker_confidence=round(speaker.confidence, 3),
        rivals=speaker.rivals,
        about=tuple(names.get(entity, entity) for entity in quote.about),
        about_ids=quote.about,
        matches=tuple(match_record(match) for match in matched.get(quote.id, ())),
        via=quote.via.of(document.text) if quote.via else None,
        via_span=_span_record(quote.via),
        date=quote.date,
        group=quote.group,
        rule=quote.rule,
        confidence=round(quote.confidence, 3),
        struck=document.is_struck(quote),
    )


def _span_record(span: Span | None) -> SpanRecord | None:
    return None if span is None else (span.start, span.end)


def match_record(match: WatchlistMatch) -> MatchRecord:
    """Return the record of a watchlist match."""
    return MatchRecord(
        start=match.span.start,
        end=match.span.end,
        text=match.surface,
        watchlist=match.watchlist,
        id=match.entry_id,
        name=match.name,
        weak=match.weak,
        topics=match.topics,
    )


def _mention_record(mention: Mention) -> MentionRecord:
    return MentionRecord(
        start=mention.span.start,
        end=mention.span.end,
        text=mention.surface,
        name=mention.name,
        id=mention.entity_id,
        kind=mention.kind,
        rule=mention.rule,
        confidence=round(mention.confidence, 3),
    )


# The fields that a document and its record have in common.
_SHARED = {*DocumentRecord.__struct_fields__} & {*Document.__struct_fields__} - {
    *("paragraphs", "mentions", "dates", "quotes", "terms", "matches", "struck")
}


def document_record(document: Document) -> DocumentRecord:
    """Return the complete record of a document."""
    names, matched = document.names(), document.matched()
    return DocumentRecord(
        record_version=RECORD_VERSION,
        host=document.host,
        **{name: getattr(document, name) for name in _SHARED},
        paragraphs=tuple(map(astuple, document.paragraphs)),
        struck=tuple(map(astuple, document.struck)),
        mentions=tuple(map(_mention_record, document.mentions)),
        dates=tuple(
            DateMentionRecord(
                start=mention.span.start,
                end=mention.span.end,
                text=mention.surface,
                date=mention.date,
                rule=mention.rule,
            )
            for mention in document.dates
        ),
        quotes=tuple(statement_record(quote, document, names, matched) for quote in document.quotes),
        terms=tuple(map(astuple, document.terms)),
        matches=tuple(map(match_record, document.matches)),
    )
