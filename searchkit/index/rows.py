"""Convert a Document to the rows that the index stores: one for the document and one for each statement.

query/fields.py lists the fields.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING, TypeVar

import msgspec
from msgspec import Struct, field

from searchkit.index.analysis import contains_exact, exact_key
from searchkit.index.ranking import Precedence
from searchkit.index.values import SPOKESPERSON, WEAK, act_of, value_key, weak_name
from searchkit.query.fields import ENTITY_KINDS, Record
from searchkit.statements.dates import PartialDate
from searchkit.statements.outlets import outlet_value
from searchkit.statements.text import Span, person_key

if TYPE_CHECKING:  # a search needs no documents
    from searchkit.statements.document import Document, Mention, Quote, WatchlistMatch

_Value = TypeVar("_Value")


class NameValue(Struct, frozen=True, kw_only=True):
    """A value of a name field: canonical `name`, entity `id`, and its other spellings and known names."""

    id: str
    name: str
    surfaces: tuple[str, ...] = ()


class DateValue(Struct, frozen=True, kw_only=True):
    """A value of a date field: proleptic ordinals of its first and last day."""

    first: int
    last: int


class Row(Struct, frozen=True, kw_only=True):
    """One record in the index; fields without a value are absent.

    `texts` has the passages of each text field; no phrase matches across passages. Records with the same `copies` are
    copies of each other, ordered by `precedence`; both are empty for most records.
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
        # Guesses are shown with the document but never counted or searched.
        if value is None or value.confidence == "low":
            continue
        first, last = value.earliest, value.latest
        if first and last:
            found[first.toordinal(), last.toordinal()] = DateValue(first=first.toordinal(), last=last.toordinal())
    return tuple(found.values())


def _plain_name(name: str | None, value_id: str) -> tuple[NameValue, ...]:
    """Return an outlet or wire as a value; none if the name has no visible characters."""
    return (NameValue(id=value_id, name=name),) if name and value_key(name) else ()


class _Names:
    """Collects values of name fields by canonical id, with their spellings and known names."""

    def __init__(self, known_as: Mapping[str, tuple[str, ...]]) -> None:
        self._known_as = known_as
        self._fields: dict[str, dict[str, tuple[str, dict[str, None]]]] = {}

    def add(self, field_name: str, entity_id: str, name: str, *surfaces: str) -> None:
        _, seen = self._fields.setdefault(field_name, {}).setdefault(entity_id, (name, {}))
        for surface in (person_key(name), *surfaces) if entity_id.startswith("person:") else surfaces:
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
                    id=entity_id, name=name, surfaces=tuple(dict.fromkeys((*seen, *self._known_as.get(entity_id, ()))))
                )
                for entity_id, (name, seen) in values.items()
            )
            for field_name, values in self._fields.items()
        }


class _Entities:
    """The entities of one document, looked up once for all its statements."""

    def __init__(self, document: "Document") -> None:
        self._document = document
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
        first, last = bisect_left(self._starts, span.start), bisect_left(self._starts, span.end)
        return [mention for mention in self._mentions[first:last] if span.covers(mention.span)]

    def add_statement(self, names: _Names, quote: "Quote") -> None:
        """Add the speaker and targets of a statement, and the agencies of the speaker."""
        speaker = quote.speaker
        if speaker.name and speaker.entity_id:
            seen = self._surfaces.get(speaker.entity_id, ())
            names.add("speaker", speaker.entity_id, speaker.name, *seen)
            if speaker.entity_id.startswith("agency:"):
                names.add("agency", speaker.entity_id, speaker.name, *seen)
        elif described := self._document.unnamed_speaker(quote):
            names.add("unnamed", described, described)
        if speaker.represents:
            # A value of its own: the search for a body finds its spokespeople, but they are not the body.
            name = self._names.get(speaker.represents, speaker.represents)
            seen = (name, *self._surfaces.get(speaker.represents, ()))
            names.add("speaker", SPOKESPERSON + speaker.represents, f"spokesperson for {name}", *seen)
        for mention in self._bodies_of(speaker.affiliation) if speaker.affiliation else ():
            names.add("agency", mention.entity_id, mention.name, mention.surface)
        for entity_id in quote.about:
            name = self._names.get(entity_id, entity_id)
            names.add("about", entity_id, name, *self._surfaces.get(entity_id, ()))
        if quote.topic is not None:
            name = self._names.get(quote.topic, quote.topic)
            names.add("topic", quote.topic, name, *self._surfaces.get(quote.topic, ()))

    def _bodies_of(self, affiliation: str) -> "tuple[Mention, ...]":
        if affiliation not in self._affiliated:
            self._affiliated[affiliation] = tuple(body for body in self._agencies if body.surface in affiliation)
        return self._affiliated[affiliation]


def _present(values: dict[str, tuple[_Value, ...]]) -> dict[str, tuple[_Value, ...]]:
    return {key: value for key, value in values.items() if value}


def _only(value: str | None) -> tuple[str, ...]:
    return (value,) if value else ()


def _article_fields(document: "Document") -> tuple[dict[str, tuple[NameValue, ...]], dict[str, tuple[str, ...]]]:
    outlet, wire = document.outlet or "", document.wire or ""
    names = {"outlet": _plain_name(outlet, outlet_value(outlet, document.host)), "wire": _plain_name(wire, wire)}
    keywords = {
        "lang": _only(document.language),
        "genre": (document.genre,),
        "url": tuple(dict.fromkeys(url for url in (document.canonical_url, document.uri) if url)),
        "source": _only(document.source),
        "copies": _only(document.copies),
    }
    return _present(names), _present(keywords)


def _watchlist_values(matches: "Iterable[WatchlistMatch]") -> dict[str, tuple[NameValue, ...]]:
    """Return the matched entries, which the names of list and id find too. Weak matches are separate values."""
    names = _Names({})
    for match in matches:
        mark = WEAK if match.weak else ""
        name = weak_name(match.name) if match.weak else match.name
        names.add(
            "watchlist", match.entry_id + mark, name, match.watchlist, match.entry_id, match.surface, *match.topics
        )
    return names.values()


def _archive_dates(document: "Document") -> dict[str, tuple[DateValue, ...]]:
    """Return the days recorded by the archive."""
    times = {"seen": document.first_seen, "gone": document.gone_at}
    return {
        name: _date_values(PartialDate(value=time[:10], precision="day", source="archive"))
        for name, time in times.items()
        if time
    }


def copy_precedence(document: "Document") -> Precedence | None:
    """Return the precedence of a document among its copies; None without copies. A day without a time counts as its
    end."""
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
        supplied=not document.is_fetched,
    )


def _statement_keywords(quotes: "Sequence[Quote]") -> dict[str, tuple[str, ...]]:
    kinds = tuple(dict.fromkeys(quote.kind for quote in quotes))
    verbs = tuple(dict.fromkeys(quote.verb for quote in quotes if quote.verb))
    acts = tuple(
        dict.fromkeys(act for quote in quotes if quote.verb and (act := act_of(quote.verb, negated=quote.negated)))
    )
    return _present({"kind": kinds, "verb": verbs, "act": acts})


def passages(document: "Document", record: Record, field_name: str) -> Mapping[str, tuple[str, ...]]:
    """Return the passages of a text field in each row of the document, by the id of the row."""
    if record == "document":
        return {document.id: _document_texts(document).get(field_name, ())}
    return {row.id: row.texts.get(field_name, ()) for row in quote_rows(document)}


def _document_texts(document: "Document") -> dict[str, tuple[str, ...]]:
    statements = tuple(quote.content.of(document.text) for quote in document.quotes)
    return _present({"body": (document.text,), "title": _only(document.title), "quote": statements})


def source_checksum(document: "Document") -> str:
    """Return a checksum of all that a document contains."""
    from hashlib import blake2b  # loads OpenSSL, which a query does not need

    try:
        content = msgspec.json.encode(document, order="deterministic")
    except UnicodeEncodeError:  # an address with lone surrogates
        content = repr(document).encode()
    return blake2b(content, digest_size=8).hexdigest()


def document_row(document: "Document") -> Row:
    """Return the row of the document; statement fields have the values of all its statements."""
    names = _Names(document.known_as)
    entities = _Entities(document)
    for mention in document.mentions:
        names.add_mention(mention)
    for quote in document.quotes:
        entities.add_statement(names, quote)
    article_names, keywords = _article_fields(document)
    return Row(
        id=document.id,
        document=document.id,
        record="document",
        texts=_document_texts(document),
        names={**names.values(), **article_names, **_watchlist_values(document.matches)},
        keywords={
            **keywords,
            **_statement_keywords(document.quotes),
            "id": (document.id, *(quote.id for quote in document.quotes)),
        },
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
    """Return one row per statement, with the title, outlet and dates of its article. The parts of an interrupted
    statement share the row of the first."""
    article_names, article_keywords = _article_fields(document)
    published, known = _date_values(document.published), _archive_dates(document)
    precedence = copy_precedence(document)
    rows = []
    entities, matched = _Entities(document), document.matched()
    for quote in document.statements:
        parts = document.parts_of(quote)
        names = _Names(document.known_as)
        for part in parts:
            for mention in entities.within(part.content):
                names.add_mention(mention)
            entities.add_statement(names, part)
        values = names.values()
        matches = chain.from_iterable(matched.get(part.id, ()) for part in parts)
        rows.append(
            Row(
                id=quote.id,
                document=document.id,
                record="quote",
                texts=_present(
                    {
                        "text": _sentence_and_names(document, parts, values),
                        "quote": tuple(part.content.of(document.text) for part in parts),
                        "title": _only(document.title),
                    }
                ),
                names={**values, **_watchlist_values(matches), **article_names},
                keywords={
                    **article_keywords,
                    "id": (*(part.id for part in parts), document.id),
                    **_statement_keywords(parts),
                },
                dates=_present({"date": published, "said": _date_values(quote.date), **known}),
                copies=_statement_group(document, quote),
                precedence=precedence,
            )
        )
    return tuple(rows)


def _sentence_and_names(
    document: "Document", parts: "Sequence[Quote]", names: Mapping[str, tuple[NameValue, ...]]
) -> tuple[str, ...]:
    """Return the sentences of a statement with its attribution, and those names of its speaker and targets that do not
    stand in them."""
    sentences = tuple(dict.fromkeys(document.sentence_of(part).of(document.text) for part in parts))
    known = dict.fromkeys(value.name for field_name in ("speaker", "about") for value in names.get(field_name, ()))
    key = exact_key("\n".join(sentences))
    return (*sentences, *(name for name in known if not contains_exact(key, exact_key(name))))


def _statement_group(document: "Document", quote: "Quote") -> str:
    """Return the group of a statement: the same words by the same speaker in copies of one text. Equal words have equal
    suffixes of their ids."""
    if not document.copies:
        return ""
    said = f"{document.copies}{quote.id.removeprefix(document.id)}"
    return f"{said} {quote.speaker.entity_id}" if quote.speaker.entity_id else said
