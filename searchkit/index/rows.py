"""From a Document to the rows an engine indexes: one document row, one row a statement.

Every engine indexes these rows and nothing else, so that what a field holds is decided in one place. Which fields there
are stands in query/fields.py.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from msgspec import Struct, field

from searchkit.dates import PartialDate
from searchkit.index.duplicate_collapsing import Precedence
from searchkit.index.values import value_key
from searchkit.index.verb_classes import act_of
from searchkit.query.fields import ENTITY_KINDS, Record
from searchkit.text import Span

if TYPE_CHECKING:  # a search needs no documents
    from searchkit.document import Document, Mention, Quote, WatchlistMatch

# Raised whenever rows change meaning: an index of another version is rebuilt from the store.
SCHEMA_VERSION = 5
# The strong and the weak matches of a watchlist entry, apart: what is added to its id, and to its name.
STRONG = "/strong"
WEAK = "/weak"


def weak_name(name: str) -> str:
    """The name under which the weak matches of an entry are counted."""
    return f"{name} (weak)"


class NameValue(Struct, frozen=True, kw_only=True):
    """A value of a name field: canonical `name`, entity `id`, every way it is written in the article, and its other
    known names."""

    id: str
    name: str
    surfaces: tuple[str, ...] = ()


class DateValue(Struct, frozen=True, kw_only=True):
    """A value of a date field: proleptic ordinals of its first and last day (equal for a day)."""

    first: int
    last: int


class Row(Struct, frozen=True, kw_only=True):
    """One record as an engine sees it; fields without a value are absent.

    `texts` holds the passages of each text field: no phrase matches from one passage into the next. For a statement,
    `quote` is its text as well, so that both kinds of record answer `quote:`. Records with the same `copies` are copies
    of each other, in the order of their `precedence`; empty and None for most.
    """

    id: str
    document: str
    record: Record
    texts: Mapping[str, tuple[str, ...]]
    names: Mapping[str, tuple[NameValue, ...]]
    keywords: Mapping[str, tuple[str, ...]]
    dates: Mapping[str, tuple[DateValue, ...]] = field(default_factory=dict)
    copies: str = ""
    precedence: Precedence | None = None


def _date_values(*dates: PartialDate | None) -> tuple[DateValue, ...]:
    found = {}
    for value in dates:
        # A guess is shown beside the document but never counted or filtered on.
        if value is None or value.confidence == "low":
            continue
        first, last = value.earliest, value.latest
        if first and last:
            found[first.toordinal(), last.toordinal()] = DateValue(first=first.toordinal(), last=last.toordinal())
    return tuple(found.values())


def _plain_name(name: str | None) -> tuple[NameValue, ...]:
    """Outlets and wires are names without an entity: the name is its own id. What nobody can see is none."""
    return (NameValue(id=name, name=name),) if name and value_key(name) else ()


class _Names:
    """Collects values of name fields, one a canonical id, with the surfaces seen and the names known; `only` those of
    one field, if it is given."""

    def __init__(self, known_as: Mapping[str, tuple[str, ...]], only: str = "") -> None:
        self._known_as = known_as
        self._only = only
        self._fields: dict[str, dict[str, tuple[str, dict[str, None]]]] = {}

    def add(self, field_name: str, entity_id: str, name: str, *surfaces: str) -> None:
        if self._only not in ("", field_name):
            return
        _, seen = self._fields.setdefault(field_name, {}).setdefault(entity_id, (name, {}))
        for surface in surfaces:
            if surface != name:
                seen[surface] = None

    def add_mention(self, mention: "Mention") -> None:
        self.add("entity", mention.entity_id, mention.name, mention.surface)
        if mention.kind == "agency":
            self.add("agency", mention.entity_id, mention.name, mention.surface)
        elif mention.kind in ENTITY_KINDS:
            self.add(f"entity.{mention.kind}", mention.entity_id, mention.name, mention.surface)

    def values(self) -> dict[str, tuple[NameValue, ...]]:
        return {
            field_name: tuple(
                NameValue(
                    id=entity_id,
                    name=name,
                    surfaces=tuple(dict.fromkeys((*seen, *self._known_as.get(entity_id, ())))),
                )
                for entity_id, (name, seen) in values.items()
            )
            for field_name, values in self._fields.items()
        }


class _Entities:
    """The entities of one document, looked up once for all its statements: a long transcript has thousands."""

    def __init__(self, document: "Document") -> None:
        self._mentions = document.mentions
        self._starts = [mention.span.start for mention in document.mentions]
        self._names = document.names()
        surfaces: dict[str, dict[str, None]] = {}
        agencies: dict[str, Mention] = {}
        for mention in document.mentions:
            surfaces.setdefault(mention.entity_id, {})[mention.surface] = None
            if mention.kind == "agency":
                agencies.setdefault(mention.surface, mention)
        self._surfaces = {entity_id: tuple(seen) for entity_id, seen in surfaces.items()}
        self._agencies = tuple(agencies.values())
        self._affiliated: dict[str, tuple[Mention, ...]] = {}

    def within(self, span: Span) -> "list[Mention]":
        """The mentions that lie wholly in `span`."""
        first, last = bisect_left(self._starts, span.start), bisect_left(self._starts, span.end)
        return [mention for mention in self._mentions[first:last] if span.covers(mention.span)]

    def add_statement(self, names: _Names, quote: "Quote") -> None:
        """Add whom a statement is by and about, and the bodies its speaker stands for."""
        speaker = quote.speaker
        if speaker.name and speaker.entity_id:
            seen = self._surfaces.get(speaker.entity_id, ())
            names.add("speaker", speaker.entity_id, speaker.name, *seen)
            if speaker.entity_id.startswith("agency:"):
                names.add("agency", speaker.entity_id, speaker.name, *seen)
        for mention in self._bodies_of(speaker.affiliation) if speaker.affiliation else ():
            names.add("agency", mention.entity_id, mention.name, mention.surface)
        for entity_id in quote.about:
            name = self._names.get(entity_id, entity_id)
            names.add("about", entity_id, name, *self._surfaces.get(entity_id, ()))

    def _bodies_of(self, affiliation: str) -> "tuple[Mention, ...]":
        if affiliation not in self._affiliated:
            self._affiliated[affiliation] = tuple(body for body in self._agencies if body.surface in affiliation)
        return self._affiliated[affiliation]


def _article_fields(document: "Document") -> tuple[dict[str, tuple[NameValue, ...]], dict[str, tuple[str, ...]]]:
    names = {"outlet": _plain_name(document.outlet), "wire": _plain_name(document.wire)}
    keywords: dict[str, tuple[str, ...]] = {
        "lang": (document.language,) if document.language else (),
        "url": tuple(dict.fromkeys(url for url in (document.canonical_url, document.uri) if url)),
        "source": (document.source,) if document.source else (),
        "copies": (document.copies,) if document.copies else (),
    }
    return {key: value for key, value in names.items() if value}, {k: v for k, v in keywords.items() if v}


def _watchlist_values(matches: "Iterable[WatchlistMatch]") -> dict[str, tuple[NameValue, ...]]:
    """The entries matched, each by its name, found by the list and its id too. Weak matches are values of their own, so
    that no count mixes them with the others."""
    names = _Names({})
    for match in matches:
        mark = WEAK if match.weak else ""
        name = weak_name(match.name) if match.weak else match.name
        names.add(
            "watchlist", match.entry_id + mark, name, match.watchlist, match.entry_id, match.surface, *match.topics
        )
    return names.values()


def _archive_dates(document: "Document") -> dict[str, tuple[DateValue, ...]]:
    """The days that the archive knows by itself."""
    times = {"seen": document.first_seen, "gone": document.gone_at}
    return {
        name: _date_values(PartialDate(value=time[:10], precision="day", source="archive"))
        for name, time in times.items()
        if time
    }


def copy_precedence(document: "Document") -> Precedence | None:
    """What puts the document before its copies, if it has any. A day without a time counts as its end: what tells its
    time is before it."""
    if not document.copies:
        return None
    published, when = document.published, ""
    if published is not None and published.confidence != "low":
        if published.precision == "instant":
            moment = datetime.fromisoformat(published.value)
            when = (moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()
        elif published.latest:
            when = f"{published.latest.isoformat()}T24"
    return Precedence(
        outlet=value_key(document.outlet or ""),
        wire=value_key(document.wire or ""),
        published=when,
        first_seen=document.first_seen,
    )


def _present(values: dict[str, tuple[DateValue, ...]]) -> dict[str, tuple[DateValue, ...]]:
    return {key: value for key, value in values.items() if value}


def _verb_fields(quotes: "Iterable[Quote]") -> dict[str, tuple[str, ...]]:
    """The reporting verbs of statements, and what these do."""
    verbs = tuple(dict.fromkeys(quote.verb for quote in quotes if quote.verb))
    acts = tuple(dict.fromkeys(act for verb in verbs if (act := act_of(verb))))
    return {name: values for name, values in (("verb", verbs), ("act", acts)) if values}


def document_row(document: "Document") -> Row:
    """The row of the document itself; statement fields hold the values of all its statements."""
    names = _Names(document.known_as)
    entities = _Entities(document)
    for mention in document.mentions:
        names.add_mention(mention)
    for quote in document.quotes:
        entities.add_statement(names, quote)
    article_names, keywords = _article_fields(document)
    statements = tuple(quote.content.of(document.text) for quote in document.quotes)
    texts: dict[str, tuple[str, ...]] = {"body": (document.text,)}
    if document.title:
        texts["title"] = (document.title,)
    if statements:
        texts["quote"] = statements
        keywords["kind"] = tuple(dict.fromkeys(quote.kind for quote in document.quotes))
        keywords |= _verb_fields(document.quotes)
    return Row(
        id=document.id,
        document=document.id,
        record="document",
        texts=texts,
        names={**names.values(), **article_names, **_watchlist_values(document.matches)},
        keywords={**keywords, "id": (document.id, *(quote.id for quote in document.quotes))},
        dates=_present(
            {
                "date": _date_values(document.published),
                "said": _date_values(*(quote.date for quote in document.quotes)),
                **_archive_dates(document),
            }
        ),
        copies=document.copies,
        precedence=copy_precedence(document),
    )


def quote_rows(document: "Document") -> tuple[Row, ...]:
    """One row a statement, carrying its article's title, outlet and dates so that all conditions meet in one record."""
    article_names, article_keywords = _article_fields(document)
    published, known = _date_values(document.published), _archive_dates(document)
    precedence = copy_precedence(document)
    rows = []
    for quote, names in zip(document.quotes, _statement_names(document), strict=True):
        keywords: dict[str, tuple[str, ...]] = {**article_keywords}
        keywords.update(id=(quote.id, document.id), kind=(quote.kind,))
        keywords |= _verb_fields((quote,))
        texts = {"quote": (quote.content.of(document.text),)}
        if document.title:
            texts["title"] = (document.title,)
        rows.append(
            Row(
                id=quote.id,
                document=document.id,
                record="quote",
                texts=texts,
                names={**names, **article_names},
                keywords=keywords,
                dates=_present({"date": published, "said": _date_values(quote.date), **known}),
                copies=_statement_group(document, quote),
                precedence=precedence,
            )
        )
    return tuple(rows)


def name_rows(document: "Document", field: str) -> tuple[Row, ...]:
    """As `quote_rows`, with the values of one name field of statements alone, for whoever asks a few documents for a
    name."""
    return tuple(
        Row(id=quote.id, document=document.id, record="quote", texts={}, names=names, keywords={})
        for quote, names in zip(document.quotes, _statement_names(document, field), strict=True)
    )


def _statement_names(document: "Document", only: str = "") -> Iterator[dict[str, tuple[NameValue, ...]]]:
    """The values of name fields that each statement has of its own, in order; `only` of one field, if it is given."""
    entities, matched = _Entities(document), document.matched()
    for quote in document.quotes:
        names = _Names(document.known_as, only)
        for mention in entities.within(quote.content):
            names.add_mention(mention)
        entities.add_statement(names, quote)
        found = names.values()
        if quote.id in matched:
            found |= _watchlist_values(matched[quote.id])
        yield found


def _statement_group(document: "Document", quote: "Quote") -> str:
    """What statements share that are copies of each other: the same words, by the same speaker, in copies of one text.
    Of the same words the part of their ids behind the document's is the same."""
    if not document.copies:
        return ""
    said = f"{document.copies}{quote.id.removeprefix(document.id)}"
    return f"{said} {quote.speaker.entity_id}" if quote.speaker.entity_id else said


def text_fields(name: str, record: Record) -> tuple[str, ...]:
    """The fields of a row that the language's text field `name` reads: `text` is title and body, or the statement."""
    if name == "text":
        return ("title", "body") if record == "document" else ("quote",)
    return (name,)


def day_fields(record: Record) -> tuple[str, ...]:
    """The date fields by which records are ordered in time, the first that has a value counts.

    A statement stands at the day it was made, else of its publication.
    """
    return ("date",) if record == "document" else ("said", "date")
