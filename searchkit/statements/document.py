"""The stages of a record: Resource (bytes), Article (text), Document (annotated).

Every span counts code points of Article.text, and the text at a mention's span equals its `surface`. The store keeps
the JSON of these Structs (store/encoding.py): a change of their fields or of the order of fields in those that are
`array_like` needs a new RECORD_VERSION; a new field of Document that may be empty does not. What programs read is in
records.py.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any, Literal

from msgspec import Struct, field
from msgspec.structs import replace

from searchkit.statements.dates import PartialDate
from searchkit.statements.outlets import CLAIMED, host_of
from searchkit.statements.text import Span, mixed_words, one_line, plain_key, sentences

RECORD_VERSION = 2
_LONGEST_SENTENCE = 1_000  # characters before and after a statement
WALL, PAYWALL = "wall: ", "paywall: "  # how notes begin on a page with or behind a wall
GONE = ("says that the article is no longer available", "page not found")  # follow WALL on a page that lost its article
JOINT = " … "  # between the parts of a statement that its attribution interrupts
BY_NAME_ONLY = "by name only; identity not verified"  # stands with every watchlist match that searchkit reports
PART = "part of a longer name"  # a reason of weak matches
NO_COMMENT = "no-comment"  # rule and verb of a statement that only says that its party did not comment

MentionKind = Literal["person", "company", "organisation", "agency", "place", "group", "law", "list", "other"]
QuoteKind = Literal["direct", "mixed", "indirect"]
Genre = Literal[
    "news", "interview", "transcript", "opinion", "press-release", "fiction", "instructions", "listing", "forum"
]
Resolution = Literal["full-name", "surname", "title", "role", "pronoun", "carried", "unresolved"]


class LogPosition(Struct, frozen=True):
    """A place in a store's log of changes: the number of a change and its random mark; 0 and empty before the first.

    Two stores that have the same position have the same log up to there: of two that continue a copy, for example a
    restored backup, each draws marks of its own."""

    sequence: int = 0
    mark: str = ""


BEGINNING = LogPosition()
MAX_SEQUENCE = 2**63 - 1  # of both kinds of databases


class Resource(Struct, frozen=True, kw_only=True):
    """Bytes from a source.

    `uri` is its permanent name: a web address for what we fetched, else the address of a file or standard input and of
    the part in it. `identity` is that of the document made from it before, if any. `digest` is the SHA-256 of `body` in
    hex. `final_uri` is the web address that it came from in the end, of a part the one that its file claims.
    `media_type` is in lower case without parameters, empty if unknown. `defaults` are article fields from the
    source, under the names of Article. `source` is the name of the source in searchkit.toml. `ocr`: programs of this
    machine may read it.
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
    identity: str = ""
    ocr: bool = False


class Article(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An article: normalized text and stated metadata. Unknown values are None or empty, never guessed.

    `uri` is where the text was read. `canonical_url` is the web address that it gives as its own. `origin` is the
    address that its id was made from, if that is not `uri`. `wire` is the news agency credited. Each item of `byline`
    is a person. `pages` are the offsets of the pages, or of the captions of a recording, whose `times` are in
    seconds. `notes` report removed lines and fallbacks. `extra` keeps fields that searchkit does not use. `struck` is
    the text that the page strikes out, `hidden` are passages that its markup hides; they are not in the text.
    """

    uri: str
    canonical_url: str | None = None
    origin: str = ""
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
    times: tuple[int, ...] = ()
    links: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    struck: tuple[Span, ...] = ()
    hidden: tuple[str, ...] = ()

    @property
    def is_fetched(self) -> bool:
        """Whether we fetched it from the web. Otherwise a file or standard input supplied it."""
        return self.uri.startswith(("https://", "http://"))

    @property
    def identity(self) -> str:
        """The address that its id is made from: where it was first read, never one that it claims. So no text replaces
        the text of another address, and a document that moves keeps its id."""
        return self.origin or self.uri

    @property
    def claim(self) -> str:
        """The web address that a supplied article gives as its own; empty for none, and for what we fetched."""
        return "" if self.is_fetched else self.canonical_url or ""

    @property
    def host(self) -> str:
        """The host of its web address, after `claimed: ` if a file states it; empty without a web address."""
        host = host_of(self.uri if self.is_fetched else self.claim)
        return CLAIMED + host if host and not self.is_fetched else host

    @property
    def other_address(self) -> str:
        """The canonical URL that a fetched article names, if that is not where it was read; empty for none."""
        return self.canonical_url or "" if self.is_fetched and self.canonical_url != self.uri else ""

    def page_of(self, offset: int) -> int | None:
        """Return the page number, from 1, of an offset; None without pages."""
        return None if self.times else bisect_right(self.pages, offset) or None

    def time_of(self, offset: int) -> str | None:
        """Return the time in a recording, such as `0:12:05`, of an offset; None in other texts."""
        at = bisect_right(self.pages, offset)
        if not self.times or not at:
            return None
        minutes, seconds = divmod(self.times[at - 1], 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"

    def sentences_around(self, span: Span, reach: int) -> Span:
        """Return the sentences that `span` lies in, at most `reach` characters to each side: a paragraph may be a
        book."""
        start, end = span.start, span.end
        at = bisect_right(self.paragraphs, span.start, key=lambda paragraph: paragraph.end)
        for paragraph in self.paragraphs[at:]:
            if paragraph.start >= span.end:
                break
            near = Span(max(paragraph.start, span.start - reach), min(paragraph.end, span.end + reach))
            for sentence in sentences(self.text, near):
                if sentence.overlaps(span):
                    start, end = min(start, sentence.start), max(end, sentence.end)
        return Span(start, end)


_MOST_MIXED = 5  # of the words that mix alphabets, so many are named


class Mention(Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """A name in the text. `surface` is the text at `span`; `name` and `entity_id` (`company:tiandy`) identify it."""

    span: Span
    surface: str
    name: str
    entity_id: str
    kind: MentionKind
    rule: str
    confidence: float


class WatchlistMatch(Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """A watchlist name in the text: the same name, identity not verified.

    `entry_id` and `name` are those of the entry in `watchlist`. A `weak` match is less than the complete name; `reason`
    says why, empty in older records. Of a statement, it may say that the speaker represents the entry.
    """

    span: Span
    surface: str
    watchlist: str
    entry_id: str
    name: str
    weak: bool
    topics: tuple[str, ...] = ()
    reason: str = ""


class DateMention(Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """A date in the text. `surface` is the text at `span`."""

    span: Span
    surface: str
    date: PartialDate
    rule: str


class Speaker(Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """The speaker of a statement. `represents` is the entity id of the
    body for which a spokesperson speaks. `antecedent` is the earlier mention that a pronoun or description refers to,
    `rivals` the names of others whom it could mean. `resolved_by` and `condition` are the row of data/speakers.txt that
    says what the evidence is.

    An unresolved speaker has no `entity_id`; its `name` is the text's description of unnamed speakers, or None.
    """

    name: str | None = None
    entity_id: str | None = None
    role: str | None = None
    affiliation: str | None = None
    represents: str | None = None
    resolved_by: Resolution = "unresolved"
    antecedent: Span | None = None
    confidence: float = 0.0
    rivals: tuple[str, ...] = ()
    condition: str = ""


class Quote(Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """A statement and its attribution.

    `content` covers the words with quotation marks, without cue and attribution. `verb` is the lemma of the cue;
    `negated`: the speaker did not say it, or refused to ("did not deny"). `attribution` is the text that names the
    speaker. `about` are entity ids, `about_by` their kinds (data/targets.txt); `topic` is whom headline and lead are
    about, if neither the speaker nor one of them. `via` is the document in which it was made: "a second statement". The
    parts of a split statement share `group`. `rule` found the words. Confidences are 0 to 1.
    """

    id: str
    content: Span
    kind: QuoteKind
    cue: Span | None = None
    verb: str | None = None
    negated: bool = False
    attribution: Span | None = None
    speaker: Speaker = field(default_factory=Speaker)
    about: tuple[str, ...] = ()
    via: Span | None = None
    date: PartialDate | None = None
    group: str | None = None
    rule: str
    confidence: float
    about_by: tuple[str, ...] = ()
    topic: str | None = None


class Document(Article, frozen=True, kw_only=True, omit_defaults=True):
    """A stored, annotated article. Times are ISO 8601 in UTC.

    `digest` is the SHA-256 of title and text, `raw_digest` of the original bytes, both in hex. `known_as` holds, by
    entity id, names from the name lists that the article does not use. `gone_at` is when the source no longer had the
    article. `copies` is the id of its duplicate group. All three are empty if not applicable. `failed_sentences` counts
    those whose statements are missing because a rule failed. `parsed_at` and `annotated_at` say when this revision was
    made, `parsed_by` and `annotated_by` by which version of searchkit; empty in older records. `outlet_and_host` is
    set where an archive has several hosts with the name of the outlet. `genre_evidence` names the words and measures
    that show the `genre`; it is empty for news.
    """

    id: str
    revision: int = 1
    digest: str
    mentions: tuple[Mention, ...] = ()
    dates: tuple[DateMention, ...] = ()
    quotes: tuple[Quote, ...] = ()
    terms: tuple[Span, ...] = ()
    failed_sentences: int = 0
    matches: tuple[WatchlistMatch, ...] = ()
    known_as: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    extractor_version: str
    first_seen: str = ""
    last_seen: str = ""
    source: str = ""
    raw_digest: str = ""
    fetched_at: str = ""
    gone_at: str = ""
    copies: str = ""
    parsed_at: str = ""
    parsed_by: str = ""
    annotated_at: str = ""
    annotated_by: str = ""
    outlet_and_host: str = ""
    genre: Genre = "news"
    genre_evidence: str = ""

    @property
    def publisher(self) -> str:
        """The outlet for readers, with the host where several use its name; empty if unknown."""
        return self.outlet_and_host or self.outlet or ""

    def remarks(self) -> tuple[str, ...]:
        """Return the notes of the parser, how many sentences extraction could not read, and words in two alphabets."""
        failed, mixed = self.failed_sentences, ", ".join(mixed_words(self.text)[:_MOST_MIXED])
        return (
            *self.notes,
            *([f"extraction: sentences that could not be read: {failed}"] if failed else []),
            *([f"words that mix alphabets, so that searches may miss them: {mixed}"] if mixed else []),
        )

    def names(self) -> dict[str, str]:
        """Return the canonical name by entity id, over all mentions and speakers."""
        names = {mention.entity_id: mention.name for mention in self.mentions}
        for quote in self.quotes:
            if quote.speaker.entity_id and quote.speaker.name:
                names.setdefault(quote.speaker.entity_id, quote.speaker.name)
        return names

    def unnamed_speaker(self, quote: Quote) -> str:
        """Return the text's words for a speaker who is not identified, in one line; empty if there are none."""
        speaker = quote.speaker
        if quote.attribution is None or (speaker.name and speaker.entity_id):
            return ""
        return one_line(speaker.name or quote.attribution.of(self.text))

    def is_struck(self, quote: Quote) -> bool:
        """Return whether the page strikes out at least half of a statement."""
        return self.strikes((quote.content,))

    def strikes(self, spans: Sequence[Span]) -> bool:
        """Return whether the page strikes out at least half of these words."""
        size = sum(span.end - span.start for span in spans)
        struck = sum(
            max(0, min(span.end, other.end) - max(span.start, other.start)) for span in spans for other in self.struck
        )
        return 2 * struck >= size > 0

    def sentence_of(self, quote: Quote) -> Span:
        """Return the sentence or sentences that hold a statement with its attribution."""
        parts = [part for part in (quote.content, quote.cue, quote.attribution) if part is not None]
        close = [part for part in parts if self.text.count("\n", *sorted((part.start, quote.content.start))) == 0]
        first, last = min(part.start for part in close), max(part.end for part in close)
        return self.sentences_around(Span(first, last), _LONGEST_SENTENCE)

    def parts_of(self, quote: Quote) -> tuple[Quote, ...]:
        """Return a statement, or all parts of a statement that its attribution interrupts, in order."""
        if quote.group is None or quote.cue is None:
            return (quote,)
        return tuple(other for other in self.quotes if other.group == quote.group and other.cue == quote.cue)

    def words_of(self, quote: Quote) -> str:
        """Return the words of a statement; JOINT stands for an attribution that interrupts them."""
        return JOINT.join(span.of(self.text) for span in self.spans_of(quote))

    def spans_of(self, quote: Quote) -> tuple[Span, ...]:
        """Return where the words of a statement stand: two or more parts if its attribution interrupts them."""
        return tuple(part.content for part in self.parts_of(quote))

    @property
    def statements(self) -> tuple[Quote, ...]:
        """The statements; an interrupted statement is its first part."""
        return tuple(quote for quote in self.quotes if quote.id == self.parts_of(quote)[0].id)

    def matched(self) -> dict[str, tuple[WatchlistMatch, ...]]:
        """Return, by statement id, the watchlist matches of its speaker, in its words and of its targets, the strongest
        per entry."""
        if not self.matches:
            return {}
        by_entity, spoken = self._matches_by_entity(), self.voiced()
        by_quote = {}
        for quote in self.quotes:
            targets = chain.from_iterable(by_entity.get(target, ()) for target in quote.about)
            found = (*spoken.get(quote.id, ()), *self._matches_in(quote.content), *_with_reason(targets, "target"))
            if matches := _strongest_per_entry(found):
                by_quote[quote.id] = matches
        return by_quote

    def voiced(self) -> dict[str, tuple[WatchlistMatch, ...]]:
        """Return, by statement id, the watchlist matches of its speaker, and of the body for which it speaks.

        Weak are those of a body to which the speaker belongs, and of a name in the words that describe the speaker."""
        by_entity, ids = self._matches_by_entity(), {name: entity_id for entity_id, name in self.names().items()}
        by_quote = {}
        for quote in self.quotes if self.matches else ():
            speaker = quote.speaker
            represented = by_entity.get(speaker.represents or "", ())
            body = by_entity.get(ids.get(speaker.affiliation or "", ""), ())
            described = self._matches_in(quote.attribution) if quote.attribution is not None else ()
            by_quote[quote.id] = (
                *by_entity.get(speaker.entity_id or "", ()),
                *_with_reason(represented, "represented"),
                *_with_reason(body, "affiliation of the speaker", weak=True),
                *_with_reason(described, "named with the speaker", weak=True),
            )
        return by_quote

    def _matches_in(self, span: Span) -> list[WatchlistMatch]:
        first = bisect_left(self.matches, span.start, key=lambda match: match.span.start)
        after = bisect_left(self.matches, span.end, lo=first, key=lambda match: match.span.start)
        return [match for match in self.matches[first:after] if span.covers(match.span)]

    def _matches_by_entity(self) -> dict[str, list[WatchlistMatch]]:
        """Return the matches in the names of each entity, weak in a longer name."""
        by_entity: dict[str, list[WatchlistMatch]] = {}
        for mention in self.mentions:
            for match in self._matches_in(mention.span):
                same = match.span == mention.span
                found = [match] if same else _with_reason([match], PART, weak=True)
                by_entity.setdefault(mention.entity_id, []).extend(found)
        return by_entity


class StatementOutline(Struct, frozen=True, array_like=True, gc=False):
    """The first fields of a Quote."""

    id: str
    content: Span


class DocumentOutline(Struct, frozen=True, kw_only=True):
    """The fields of a Document from which excerpts are cut. Its record is decoded in a third of the time."""

    id: str
    title: str | None = None
    text: str
    paragraphs: tuple[Span, ...]
    quotes: tuple[StatementOutline, ...] = ()


def _with_reason(matches: Iterable[WatchlistMatch], reason: str, *, weak: bool = False) -> Iterator[WatchlistMatch]:
    for match in matches:
        reasons = dict.fromkeys([*filter(None, match.reason.split(", ")), reason])
        yield replace(match, weak=match.weak or weak, reason=", ".join(reasons))


def _strongest_per_entry(matches: Iterable[WatchlistMatch]) -> tuple[WatchlistMatch, ...]:
    kept: dict[tuple[str, str], WatchlistMatch] = {}
    for match in matches:
        strongest = kept.setdefault((match.watchlist, match.entry_id), match)
        if strongest.weak and not match.weak:
            kept[match.watchlist, match.entry_id] = match
    return tuple(kept.values())


def weight(document: Document) -> int:
    """Return the approximate memory of a document in characters of text."""
    return len(document.text) + 200 * len(document.quotes) + 40 * len(document.mentions)


def _sha256(content: bytes) -> str:
    import hashlib  # loads OpenSSL, which a query does not need

    return hashlib.sha256(content).hexdigest()


def document_id(uri: str) -> str:
    """Return the id of the document with this `identity`: 48 bits, so one collision at 17 million documents."""
    return _sha256(uri.encode("utf-8", "surrogateescape"))[:12]


def with_identity(document: Document, identity: str) -> Document:
    """Return a document, and its statements, with the id that is made from `identity`."""
    if identity == document.identity:
        return document
    new = document_id(identity)
    return replace(
        document,
        id=new,
        origin="" if identity == document.uri else identity,
        quotes=tuple(replace(quote, id=new + quote.id.removeprefix(document.id)) for quote in document.quotes),
    )


def document_digest(title: str | None, text: str) -> str:
    """Return the `Document.digest` for this title and text."""
    return _sha256(f"{title or ''}\n{text}".encode("utf-8", "surrogatepass"))


def quote_id(document: str, words: str, taken: dict[str, int]) -> str:
    """Return the id of a statement, made from its document and words, so it survives re-annotation.

    `taken` counts the ids of the document: repeated words get `-2`, `-3`... in reading order.
    """
    base = f"{document}-{_sha256(plain_key(words).encode())[:8]}"
    number = taken.get(base, 0) + 1
    taken[base] = number
    return base if number == 1 else f"{base}-{number}"
