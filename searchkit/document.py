"""The record in its states: Resource (bytes) -> Article (text) -> Document (annotated), and its JSON form.

takes:    what crawl, parse and extract found
gives:    frozen values; `to_json` / `from_json` of a Document, stamped with RECORD_VERSION
does not: fetch, parse, extract, store
traps:    every span counts code points of Article.text; the slice at a mention's span equals its surface
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct, field

from searchkit.dates import PartialDate
from searchkit.errors import NewerArchive
from searchkit.text import Span, name_key

RECORD_VERSION = 1

MentionKind = Literal["person", "company", "organisation", "agency", "place", "group", "law", "list", "other"]
QuoteKind = Literal["direct", "mixed", "indirect"]
Resolution = Literal["full-name", "surname", "title", "role", "pronoun", "carried", "unresolved"]


class Resource(Struct, frozen=True, kw_only=True):
    """Bytes from a source. `uri` names it for good (file:, http:, jsonl record); `digest` is sha-256 of `body` in hex.

    `media_type` is lower case without parameters, or empty when the source does not say. `defaults` are article fields
    the source itself knows (a JSON Lines record's title, date...), under the names of Article. `source` is the name of
    the source in searchkit.toml, if it came from one. `container` is the address of the file that holds it, where `uri`
    does not tell: for a page of a WARC file, which has an address of its own. `known_as` is the address that the
    article keeps although it has another by now; empty when it has not moved.
    """

    uri: str
    final_uri: str = ""
    media_type: str = ""
    charset: str = ""
    body: bytes
    fetched_at: datetime
    validators: Mapping[str, str] = field(default_factory=dict)
    digest: str
    defaults: Mapping[str, Any] = field(default_factory=dict)
    source: str = ""
    container: str = ""
    known_as: str = ""


class Article(Struct, frozen=True, kw_only=True):
    """One article: normalized text and what its page says of it. Unknown is None or empty, never a guess.

    `outlet` published it; `wire` is the news agency credited. `byline` holds one person a string. `paragraphs` are
    spans into `text`. `pages` is where each page of it starts, in order, for formats that have pages. `notes` says what
    parse had to do (removed lines, fallbacks). `extra` keeps fields the product has no place for.
    """

    uri: str
    canonical_url: str | None = None
    outlet: str | None = None
    wire: str | None = None
    title: str | None = None
    byline: tuple[str, ...] = ()
    dateline: str | None = None
    published: PartialDate | None = None
    updated: PartialDate | None = None
    language: str | None = None
    text: str
    paragraphs: tuple[Span, ...]
    pages: tuple[int, ...] = ()
    links: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)

    def page_of(self, offset: int) -> int | None:
        """The number of the page, from 1, that this place of the text stands on; None without pages."""
        return bisect_right(self.pages, offset) or None


class Mention(Struct, frozen=True, kw_only=True):
    """A name at a place. `surface` is the text at `span`; `name` and `entity_id` (`company:tiandy`) say who it is.

    `rule` found it; `confidence` is 0..1.
    """

    span: Span
    surface: str
    name: str
    entity_id: str
    kind: MentionKind
    rule: str
    confidence: float


class WatchlistMatch(Struct, frozen=True, kw_only=True):
    """A name of a watchlist that stands in the text: the same name, not known to be the same person or body.

    `surface` is the text at `span`; `watchlist` the list, `entry_id` and `name` its entry and what the list calls it.
    `weak` names are those that many bear: aliases the list calls weak, single words, names of another kind.
    """

    span: Span
    surface: str
    watchlist: str
    entry_id: str
    name: str
    weak: bool
    topics: tuple[str, ...] = ()


class DateMention(Struct, frozen=True, kw_only=True):
    """A date written in the text. `surface` is the text at `span`."""

    span: Span
    surface: str
    date: PartialDate
    rule: str


class Speaker(Struct, frozen=True, kw_only=True):
    """Who said it. `antecedent` is the earlier mention that a reference points to.

    An unresolved speaker has no `entity_id`; its `name` is what the text calls somebody unnamed ("residents"), or None.
    """

    name: str | None = None
    entity_id: str | None = None
    role: str | None = None
    affiliation: str | None = None
    resolved_by: Resolution = "unresolved"
    antecedent: Span | None = None
    confidence: float = 0.0


class Quote(Struct, frozen=True, kw_only=True):
    """A statement: words, and who they are attributed to.

    `content` covers the words, quotation marks included, without cue and attribution. `verb` is the cue's lemma
    (`say`). `attribution` is the text that names the speaker, of a carried statement that of the statement it goes on
    from. `about` holds entity ids. Quotes of one split statement share `group`.
    `rule` found the words; `speaker.resolved_by` found the speaker. Confidences are 0..1.
    """

    id: str
    content: Span
    kind: QuoteKind
    cue: Span | None = None
    verb: str | None = None
    attribution: Span | None = None
    speaker: Speaker = field(default_factory=Speaker)
    about: tuple[str, ...] = ()
    date: PartialDate | None = None
    group: str | None = None
    rule: str
    confidence: float


class Document(Article, frozen=True, kw_only=True):
    """A stored, annotated article. `digest` is sha-256 of title and text in hex; times are ISO 8601 UTC.

    `known_as` holds, by entity id, names that the lists know for what is mentioned and the article does not use.
    `source` is the source that it came from, `raw_digest` the sha-256 of the bytes it was made from, and `fetched_at`
    when those were read; `gone_at` when its source did not have it any more, empty while it has. `copies` is the group
    of texts that are copies of each other, empty for a text of its own.
    """

    id: str
    revision: int = 1
    digest: str
    mentions: tuple[Mention, ...] = ()
    dates: tuple[DateMention, ...] = ()
    quotes: tuple[Quote, ...] = ()
    terms: tuple[Span, ...] = ()
    matches: tuple[WatchlistMatch, ...] = ()
    known_as: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    record_version: int = RECORD_VERSION
    extractor_version: str
    first_seen: str = ""
    last_seen: str = ""
    source: str = ""
    raw_digest: str = ""
    fetched_at: str = ""
    gone_at: str = ""
    copies: str = ""

    def names(self) -> dict[str, str]:
        """Canonical name by entity id, over all mentions and speakers."""
        found = {mention.entity_id: mention.name for mention in self.mentions}
        for quote in self.quotes:
            if quote.speaker.entity_id and quote.speaker.name:
                found.setdefault(quote.speaker.entity_id, quote.speaker.name)
        return found

    def matched(self) -> "dict[str, tuple[WatchlistMatch, ...]]":
        """By statement id, the watchlist matches in its words and of its speaker: one an entry, a strong one if any."""
        if not self.matches:
            return {}
        starts = [match.span.start for match in self.matches]
        mentioned = {mention.span: mention.entity_id for mention in self.mentions}
        by_entity: dict[str, list[WatchlistMatch]] = {}
        for match in self.matches:
            if match.span in mentioned:
                by_entity.setdefault(mentioned[match.span], []).append(match)
        speakers = {entity_id: _one_an_entry(matches) for entity_id, matches in by_entity.items()}
        found = {}
        for quote in self.quotes:
            inside = self.matches[bisect_left(starts, quote.content.start) : bisect_left(starts, quote.content.end)]
            named = [match for match in inside if quote.content.covers(match.span)]
            matches = _one_an_entry([*speakers.get(quote.speaker.entity_id or "", ()), *named])
            if matches:
                found[quote.id] = matches
        return found


def _one_an_entry(matches: Iterable[WatchlistMatch]) -> tuple[WatchlistMatch, ...]:
    kept: dict[tuple[str, str], WatchlistMatch] = {}
    for match in matches:
        held = kept.setdefault((match.watchlist, match.entry_id), match)
        if held.weak and not match.weak:
            kept[match.watchlist, match.entry_id] = match
    return tuple(kept.values())


def weight(document: Document) -> int:
    """How much memory a document takes, in signs of text: a statement as much as 200 of them, a mention as 40."""
    return len(document.text) + 200 * len(document.quotes) + 40 * len(document.mentions)


def _sha256(content: bytes) -> str:
    import hashlib  # loads OpenSSL, which a query has no use for

    return hashlib.sha256(content).hexdigest()


def document_id(uri: str) -> str:
    """Id of the document at this canonical address: 12 hex digits (48 bits: one clash expected at 17 million)."""
    return _sha256(uri.encode("utf-8", "surrogateescape"))[:12]


def document_digest(title: str | None, text: str) -> str:
    """What `Document.digest` is of a document with this title and text."""
    return _sha256(f"{title or ''}\n{text}".encode("utf-8", "surrogatepass"))


def quote_id(document: str, words: str, taken: dict[str, int]) -> str:
    """Id of a statement from its document and normalized words, so it survives re-extraction; counted in `taken`.

    The same words again in one document get `-2`, `-3`... in reading order.
    """
    base = f"{document}-{_sha256(name_key(words).encode())[:8]}"
    number = taken.get(base, 0) + 1
    taken[base] = number
    return base if number == 1 else f"{base}-{number}"


# --- JSON form -------------------------------------------------------------------------------------------------------


def date_json(value: PartialDate | None) -> dict[str, str] | None:
    """A date as plain data."""
    if value is None:
        return None
    return {
        "value": value.value,
        "precision": value.precision,
        "source": value.source,
        "confidence": value.confidence,
        "zone": value.zone,
        "local_day": value.local_day,
    }


def _span_json(span: Span | None) -> list[int] | None:
    return None if span is None else [span.start, span.end]


def quote_json(
    quote: Quote,
    document: Document,
    names: Mapping[str, str] | None = None,
    matched: Mapping[str, tuple[WatchlistMatch, ...]] | None = None,
) -> dict[str, Any]:
    """A statement as plain data, self-contained: its words, speaker and the names it is about, beside spans and ids.

    `page` is there where pages are known. `names` and `matched` are those of the document, for callers who need them
    for many statements.
    """
    names = document.names() if names is None else names
    matched = document.matched() if matched is None else matched
    speaker = quote.speaker
    page = document.page_of(quote.content.start)
    return {
        "id": quote.id,
        "document": document.id,
        "start": quote.content.start,
        "end": quote.content.end,
        **({} if page is None else {"page": page}),
        "text": quote.content.of(document.text),
        "kind": quote.kind,
        "cue": quote.cue.of(document.text) if quote.cue else None,
        "cue_span": _span_json(quote.cue),
        "verb": quote.verb,
        "attribution": quote.attribution.of(document.text) if quote.attribution else None,
        "speaker": speaker.name,
        "speaker_id": speaker.entity_id,
        "speaker_span": _span_json(quote.attribution),
        "role": speaker.role,
        "affiliation": speaker.affiliation,
        "resolved_by": speaker.resolved_by,
        "antecedent_span": _span_json(speaker.antecedent),
        "speaker_confidence": round(speaker.confidence, 3),
        "about": [names.get(entity, entity) for entity in quote.about],
        "about_ids": list(quote.about),
        "matches": [match_json(match) for match in matched.get(quote.id, ())],
        "date": date_json(quote.date),
        "group": quote.group,
        "rule": quote.rule,
        "confidence": round(quote.confidence, 3),
    }


def mention_json(mention: Mention) -> dict[str, Any]:
    """A mention as plain data."""
    return {
        "start": mention.span.start,
        "end": mention.span.end,
        "text": mention.surface,
        "name": mention.name,
        "id": mention.entity_id,
        "kind": mention.kind,
        "rule": mention.rule,
        "confidence": round(mention.confidence, 3),
    }


def match_json(match: WatchlistMatch) -> dict[str, Any]:
    """A watchlist match as plain data."""
    return {
        "start": match.span.start,
        "end": match.span.end,
        "text": match.surface,
        "watchlist": match.watchlist,
        "id": match.entry_id,
        "name": match.name,
        "weak": match.weak,
        "topics": list(match.topics),
    }


def to_json(document: Document) -> dict[str, Any]:
    """The whole document as plain data that `json` can write; `from_json` gives an equal document back."""
    names, matched = document.names(), document.matched()
    return {
        "record_version": document.record_version,
        "id": document.id,
        "revision": document.revision,
        "digest": document.digest,
        "uri": document.uri,
        "canonical_url": document.canonical_url,
        "outlet": document.outlet,
        "wire": document.wire,
        "title": document.title,
        "byline": list(document.byline),
        "dateline": document.dateline,
        "published": date_json(document.published),
        "updated": date_json(document.updated),
        "language": document.language,
        "text": document.text,
        "paragraphs": [[span.start, span.end] for span in document.paragraphs],
        "pages": list(document.pages),
        "links": list(document.links),
        "notes": list(document.notes),
        "extra": dict(document.extra),
        "mentions": [mention_json(mention) for mention in document.mentions],
        "dates": [
            {
                "start": found.span.start,
                "end": found.span.end,
                "text": found.surface,
                "date": date_json(found.date),
                "rule": found.rule,
            }
            for found in document.dates
        ],
        "quotes": [quote_json(quote, document, names, matched) for quote in document.quotes],
        "terms": [[span.start, span.end] for span in document.terms],
        "matches": [match_json(match) for match in document.matches],
        "known_as": {entity_id: list(names) for entity_id, names in document.known_as.items()},
        "extractor_version": document.extractor_version,
        "first_seen": document.first_seen,
        "last_seen": document.last_seen,
        "source": document.source,
        "raw_digest": document.raw_digest,
        "fetched_at": document.fetched_at,
        "gone_at": document.gone_at,
        "copies": document.copies,
    }


def _date_from(value: Any) -> PartialDate | None:
    return None if value is None else PartialDate(**value)  # records from before zones had no word of them


def _span_from(value: Any) -> Span | None:
    return None if value is None else Span(*value)


def _quote_from(value: Mapping[str, Any]) -> Quote:
    return Quote(
        id=value["id"],
        content=Span(value["start"], value["end"]),
        kind=value["kind"],
        cue=_span_from(value["cue_span"]),
        verb=value["verb"],
        attribution=_span_from(value["speaker_span"]),
        speaker=Speaker(
            name=value["speaker"],
            entity_id=value["speaker_id"],
            role=value["role"],
            affiliation=value["affiliation"],
            resolved_by=value["resolved_by"],
            antecedent=_span_from(value["antecedent_span"]),
            confidence=value["speaker_confidence"],
        ),
        about=tuple(value["about_ids"]),
        date=_date_from(value["date"]),
        group=value["group"],
        rule=value["rule"],
        confidence=value["confidence"],
    )


def _mention_from(value: Mapping[str, Any]) -> Mention:
    return Mention(
        span=Span(value["start"], value["end"]),
        surface=value["text"],
        name=value["name"],
        entity_id=value["id"],
        kind=value["kind"],
        rule=value["rule"],
        confidence=value["confidence"],
    )


def _match_from(value: Mapping[str, Any]) -> WatchlistMatch:
    return WatchlistMatch(
        span=Span(value["start"], value["end"]),
        surface=value["text"],
        watchlist=value["watchlist"],
        entry_id=value["id"],
        name=value["name"],
        weak=value["weak"],
        topics=tuple(value["topics"]),
    )


def _date_mention_from(value: Mapping[str, Any]) -> DateMention:
    return DateMention(
        span=Span(value["start"], value["end"]),
        surface=value["text"],
        date=PartialDate(**value["date"]),
        rule=value["rule"],
    )


def from_json(value: Mapping[str, Any]) -> Document:
    """The document that `to_json` wrote. KeyError, TypeError or ValueError when `value` is not such a record,
    NewerArchive when a later version wrote it."""
    if value["record_version"] > RECORD_VERSION:
        raise NewerArchive(
            f"The record {value['id']} has version {value['record_version']}; this searchkit reads up to "
            f"{RECORD_VERSION}.",
            hint="Upgrade searchkit.",
        )
    return Document(
        uri=value["uri"],
        canonical_url=value["canonical_url"],
        outlet=value["outlet"],
        wire=value["wire"],
        title=value["title"],
        byline=tuple(value["byline"]),
        dateline=value["dateline"],
        published=_date_from(value["published"]),
        updated=_date_from(value["updated"]),
        language=value["language"],
        text=value["text"],
        paragraphs=tuple(Span(start, end) for start, end in value["paragraphs"]),
        pages=tuple(value.get("pages", ())),
        links=tuple(value["links"]),
        notes=tuple(value["notes"]),
        extra=value["extra"],
        id=value["id"],
        revision=value["revision"],
        digest=value["digest"],
        mentions=tuple(_mention_from(mention) for mention in value["mentions"]),
        dates=tuple(_date_mention_from(found) for found in value["dates"]),
        quotes=tuple(_quote_from(quote) for quote in value["quotes"]),
        terms=tuple(Span(start, end) for start, end in value.get("terms", ())),
        matches=tuple(_match_from(match) for match in value.get("matches", ())),
        known_as={entity_id: tuple(names) for entity_id, names in value.get("known_as", {}).items()},
        record_version=value["record_version"],
        extractor_version=value["extractor_version"],
        first_seen=value["first_seen"],
        last_seen=value["last_seen"],
        source=value.get("source", ""),
        raw_digest=value.get("raw_digest", ""),
        fetched_at=value.get("fetched_at", ""),
        gone_at=value.get("gone_at", ""),
        copies=value.get("copies", ""),
    )
