"""Documents and statements as records, and which of their fields each output has.

The Struct types define the fields and their JSON Schema; export/records.py computes the values. Spans count code points
of the document's text.

To add a field of a statement: declare it in StatementRecord, name it in the lists of the outputs that have it, and
compute it in `export.records` unless a stored record has an attribute of this name.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, get_args

from msgspec import UNSET, Meta, Struct, UnsetType, defstruct
from msgspec.structs import fields

from searchkit.statements.dates import PartialDate
from searchkit.statements.document import Genre, MentionKind, QuoteKind, Resolution

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


class SpanFields(Struct, frozen=True, kw_only=True):
    """A part of the text of the document."""

    start: Start
    end: End


Rule = Annotated[str, Meta(description="The rule that found it.")]


def projection(
    name: str,
    text: str,
    parts: Sequence[type[Struct]],
    names: Sequence[str] = (),
    *,
    tag: str | None = None,
    types: Mapping[str, Any] | None = None,
) -> type[Struct]:
    """Return a Struct with the fields `names`, by default all, whose types are `types` or those in `parts`, of which
    later parts replace earlier ones. Fields that may be UNSET are so by default. `text` describes it; with a `tag` it
    has the field `schema`."""
    known = {field.name: field.type for part in parts for field in fields(part)} | dict(types or {})
    made = [
        (field, known[field], UNSET) if _can_lack(known[field]) else (field, known[field]) for field in names or known
    ]
    tag_field = None if tag is None else "schema"
    return defstruct(name, made, frozen=True, kw_only=True, tag_field=tag_field, tag=tag, namespace={"__doc__": text})


def _can_lack(kind: Any) -> bool:
    parts = get_args(kind)
    return UnsetType in parts or (Meta in map(type, parts) and _can_lack(parts[0]))


class MatchRecord(Struct, frozen=True, kw_only=True):
    """A name of a watchlist in the text: the same name, not known to be the same person or body."""

    start: Start
    end: End
    text: Annotated[str, Meta(description="The name as written.")]
    watchlist: Annotated[str, Meta(description="Name of the watchlist.")]
    id: Annotated[str, Meta(description="ID of its entry.")]
    name: Annotated[str, Meta(description="Name of the entry.")]
    weak: Annotated[bool, Meta(description="Whether it is less than the complete name of the entry.")]
    reason: Annotated[str, Meta(description="Why it is weak, or how the statement belongs to the entry.")]
    topics: Annotated[tuple[str, ...], Meta(description="Topics of the entry, as in its list.")]
    note: Annotated[str, Meta(description="What the match does not prove, always the same words.")]


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


class ArticleFields(Struct, frozen=True, kw_only=True):
    """The article of a record, and how it came into the archive. Unknown values are null, or empty."""

    record_version: Annotated[int, Meta(ge=1, description="Version of this form of a record.")]
    revision: Annotated[Version, Meta(description="Revision of the document.")]
    sha256: Annotated[str, Meta(description="SHA-256 of title and text, in hex.")]
    raw_sha256: Annotated[str, Meta(description="SHA-256 of the bytes it was read from; empty if unknown.")]
    title: str | None
    outlet: Annotated[str | None, Meta(description="The publisher, as the text names it.")]
    host: Host
    wire: Annotated[str | None, Meta(description="The news agency credited.")]
    byline: Annotated[tuple[str, ...], Meta(description="The authors.")]
    dateline: Annotated[str | None, Meta(description="The place and day before the first sentence.")]
    published: PartialDate | None
    published_confidence: str | None
    updated: PartialDate | None
    language: str | None
    genre: Annotated[Genre, Meta(description="The kind of text; news in doubt.")]
    url: Annotated[str, Meta(description="Where it was read: a web address, or that of a file and a part of it.")]
    claimed_url: Annotated[
        str | None, Meta(description="The web address it gives as its own: a claim, unless it is the same as `url`.")
    ]
    source: Annotated[str, Meta(description="Name of the source in searchkit.toml; empty if added manually.")]
    fetched_at: Annotated[str, Meta(description="When its bytes were read, ISO 8601 UTC; empty if unknown.")]
    first_seen: Annotated[str, Meta(description="When the archive first saw it, ISO 8601 UTC; empty if not stored.")]
    last_seen: Annotated[str, Meta(description="When a run last saw it at its source, ISO 8601 UTC.")]
    gone_at: Annotated[str, Meta(description="Since when its source no longer has it; empty while it has.")]
    extractor_version: Annotated[str, Meta(description="Version of the rules and names that annotated it.")]
    matches: Annotated[tuple[MatchRecord, ...], Meta(description="Watchlist entries named in the record.")]
    watchlist: Annotated[tuple[str, ...], Meta(description="Watchlist entries as text.")]


class StatementRecord(ArticleFields, frozen=True, kw_only=True):
    """A statement: its words, the speaker they are attributed to, and its article."""

    id: Annotated[str, Meta(description="ID of the statement; stable across extractions.")]
    document: Annotated[str, Meta(description="ID of its document.")]
    start: Start
    end: End
    span: Annotated[SpanFields, Meta(description="The same place: start and end.")]
    page: Annotated[Version | UnsetType, Meta(description="The page it begins on; missing if there are no pages.")]
    time: Annotated[
        str | UnsetType, Meta(description="When it begins in a recording, as 0:12:05; missing in other texts.")
    ]
    text: Annotated[
        str, Meta(description="The words exactly as written; ` … ` stands for an attribution that interrupts them.")
    ]
    parts: Annotated[
        tuple[SpanRecord, ...], Meta(description="Where the words stand: two or more places if they are interrupted.")
    ]
    prefix: Annotated[str, Meta(description="The text before the words, at most 64 code points.")]
    suffix: Annotated[str, Meta(description="The text after the words, at most 64 code points.")]
    statement: Annotated[
        str, Meta(description="Who said what, in one line, with the reporting words. Show this, never `text` alone.")
    ]
    sentence: Annotated[str, Meta(description="The sentence of the article, or sentences, with the attribution.")]
    sentence_span: Annotated[SpanRecord, Meta(description="Where the sentence begins and ends.")]
    kind: Annotated[QuoteKind, Meta(description="In quotation marks, partly, or reported without them.")]
    cue: Annotated[str | None, Meta(description="The reporting verb or phrase as written.")]
    cue_span: Annotated[SpanRecord | None, Meta(description="Where the cue stands: start and end.")]
    verb: Annotated[str | None, Meta(description="The base form of the reporting verb.")]
    act: Annotated[str | None, Meta(description="What the verb does: deny, claim; not-deny if it is negated.")]
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
    speaker_evidence: Annotated[str, Meta(description="What shows that the attribution means the speaker.")]
    rivals: Annotated[tuple[str, ...], Meta(description="Names of others whom the attribution could mean.")]
    about: Annotated[tuple[str, ...], Meta(description="Names of the targets.")]
    about_ids: Annotated[tuple[str, ...], Meta(description="IDs of the targets.")]
    about_by: Annotated[tuple[str, ...], Meta(description="What shows each target: name, pronoun, description, ...")]
    topic: Annotated[str | None, Meta(description="Whom headline and lead are about; a weak target.")]
    topic_id: Annotated[str | None, Meta(description="ID of the topic.")]
    via: Annotated[str | None, Meta(description="The document in which it was said, in the article's words.")]
    via_span: Annotated[SpanRecord | None, Meta(description="Where these words stand: start and end.")]
    date: Annotated[PartialDate | None, Meta(description="When it was said.")]
    date_precision: str | None
    date_source: str | None
    date_confidence: str | None
    said: Annotated[str, Meta(description="The same date in words.")]
    group: Annotated[str | None, Meta(description="Shared by the statements of a turn in a transcript.")]
    rule: Annotated[str, Meta(description="The rule that found the words.")]
    confidence: Confidence
    struck: Annotated[bool, Meta(description="Whether the page strikes these words out.")]


class DocumentRecord(ArticleFields, frozen=True, kw_only=True):
    """The complete record of a document."""

    id: str
    origin: Annotated[str, Meta(description="The address its ID was made from, if that is not `url`; else empty.")]
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
    statements: Annotated[tuple[StatementRecord, ...], Meta(description="The statements in it.")]
    genre_evidence: Annotated[str, Meta(description="The words and measures that show the genre; empty for news.")]
    terms: Annotated[tuple[SpanRecord, ...], Meta(description="Words in quotation marks that are not speech.")]
    failed_sentences: Annotated[
        Count, Meta(description="Sentences whose statements are missing because a rule of searchkit failed.")
    ]
    known_as: Annotated[
        dict[str, tuple[str, ...]], Meta(description="By entity ID: known names that the article does not use.")
    ]
    duplicate_group: Annotated[str, Meta(description="copies:GROUP finds all duplicates; empty for none.")]


class DuplicatesRecord(Struct, frozen=True, kw_only=True):
    """The duplicates of a hit that match as well."""

    group: Annotated[str, Meta(description="copies:GROUP finds all of them; empty for a text without duplicates.")]
    number: Annotated[Count, Meta(description="How many other hits are duplicates of this hit.")]
    ids: Annotated[tuple[str, ...], Meta(description="Their IDs, at most 20.")]


# --- the fields of each output, in its order, which does not change within a version of its schema -------------------

_FOUND = """
    id document start end page time text kind cue cue_span verb act negated attribution speaker speaker_id speaker_span
    role affiliation represents resolved_by antecedent_span speaker_confidence rivals about about_ids matches via
    via_span date group rule confidence struck parts speaker_evidence about_by topic topic_id
"""
_WORDS, _NOTE = "statement sentence sentence_span", "mark correction tags note marked_by"
_ARTICLE = """
    revision title outlet host wire byline published language url claimed_url source fetched_at first_seen gone_at
    duplicates extractor_version record_version
"""
STATEMENT = tuple(_FOUND.split())
"""What extraction found: `inspect`, and the statements of a document in it."""
STATEMENT_IN_DOCUMENT = tuple(f"{_FOUND} {_WORDS} {_NOTE}".split())
STATEMENT_SHOWN = tuple(f"{_FOUND} {_WORDS} {_NOTE} title outlet published url claimed_url gone_at".split())
STATEMENT_EXPORT = tuple(f"{_FOUND} {_WORDS} {_ARTICLE} {_NOTE} genre".split())
STATEMENT_EVIDENCE = tuple(
    """
    id document start end page time text kind cue cue_span verb negated attribution speaker speaker_id speaker_span role
    affiliation represents resolved_by antecedent_span speaker_confidence rivals about about_ids matches via via_span
    date group rule confidence struck statement sentence sentence_span mark correction tags note marked_by prefix suffix
    revision title outlet host wire byline published language url uri source fetched_at first_seen gone_at copies
    extractor_version record_version sha256 capture
    """.split()
)
"""The names in evidence files, which other versions read."""
STATEMENT_HIT = tuple(
    f"{_FOUND} {_WORDS} marks title title_marks outlet wire published language url claimed_url gone_at duplicates "
    f"evidence score {_NOTE} host genre".split()
)
STATEMENT_ROW = tuple(
    """
    id text speaker speaker_id rivals role affiliation verb act negated about about_ids kind date date_precision
    date_source date_confidence resolved_by speaker_confidence rule confidence document revision title outlet wire
    published published_confidence url claimed_url page start end watchlist duplicates gone_at fetched_at
    extractor_version statement sentence via time mark correction tags note marked_by struck host genre
    """.split()
)
STATEMENT_TOOL = tuple(
    """
    id document url span sha256 speaker_id speaker_confidence verb act negated about_ids confidence said published
    """.split()
)
STATEMENT_TOOL_QUOTED = ("statement", "sentence", "text", "speaker", "rivals", "title", "outlet", "claimed_url")
"""What agents read, and what they read as quotations: it is text of the article."""
STATEMENT_OF_HIT = tuple(
    "id speaker speaker_id meets start end text marks act negated statement sentence mark correction".split()
)
"""A statement in a document that matches."""
STATEMENT_FACTS = (
    *("speaker", "resolved by", "statement", "cue", "act", "via", "about", "topic", "watchlist", "kind", "said"),
    *("found by", "place", "id"),
)
"""What `show` and the page of a statement list."""
DOCUMENT = tuple(
    """
    record_version id revision sha256 url claimed_url origin outlet wire title byline dateline published updated
    language text paragraphs pages times links notes extra struck hidden mentions dates statements terms
    failed_sentences matches known_as extractor_version first_seen last_seen source raw_sha256 fetched_at gone_at
    duplicate_group host genre genre_evidence
    """.split()
)
DOCUMENT_HIT = tuple(
    """
    id title title_marks outlet wire published language url claimed_url gone_at duplicates evidence matches score
    snippets statements host genre
    """.split()
)
DOCUMENT_ROW = tuple(
    """
    id revision title outlet wire byline published published_confidence updated language url claimed_url
    statement_count watchlist duplicates gone_at first_seen fetched_at source sha256 raw_sha256 extractor_version host
    genre
    """.split()
)
FURTHER = tuple("byline dateline updated source first_seen last_seen sha256 raw_sha256 snippet".split())
"""What --fields can add to a hit."""
