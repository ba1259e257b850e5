"""Link a claim to an answer in another article: within 14 days, the same target, and rare words in common."""

import re
from collections.abc import Iterable, Iterator
from datetime import date

from msgspec import Struct

from searchkit.histories.base import Dispute, Place
from searchkit.histories.links import FEWEST_SHARED, link, place_of
from searchkit.histories.reading import Reader, Said
from searchkit.statements.document import Document, Quote
from searchkit.statements.text import Span, fold

LONGEST_GAP_DAYS = 14
# Acts of which an answer in another article is looked for: not all that anybody says.
CLAIMING = frozenset({"claim", "accuse"})
_WE = re.compile(r"\b(?:we|our|us|wir|unser\w{0,3}|nous|notre|nos)\b", re.IGNORECASE)
_CAPITAL = re.compile(r"\b[A-ZÀ-ÖØ-Þ][\w-]{3,40}")
_OFFICE = re.compile(r"\b([\w-]{3,30}) (minist(?:er|ry)|mayor|governor)\b", re.IGNORECASE)


class Claim(Struct, frozen=True, kw_only=True):
    """A claim that an answer elsewhere may meet; a database finds it by its day and the keys of its `targets`."""

    place: Place
    day: date | None
    speakers: frozenset[str]
    targets: frozenset[str]
    words: frozenset[str]


class Answer(Struct, frozen=True, kw_only=True):
    """A denial; a database finds it by its day and the keys of those it may speak for."""

    place: Place
    day: date | None
    parties: frozenset[str]
    words: frozenset[str]


def claims_of(reader: Reader) -> tuple[Claim, ...]:
    document = reader.document
    return tuple(
        Claim(
            place=place_of(document, said),
            day=_day(said.quote, document),
            speakers=_keys(said.quote),
            targets=_named(reader, said) - _keys(said.quote),
            words=said.stems,
        )
        for said in reader.said
        if said.act in CLAIMING and not said.is_negated
    )


def answers_of(reader: Reader) -> tuple[Answer, ...]:
    document = reader.document
    return tuple(
        Answer(
            place=place_of(document, said),
            day=_day(said.quote, document),
            parties=_keys(said.quote) | _around(reader, said),
            words=said.stems,
        )
        for said in reader.said
        if said.act == "deny"
    )


def answered(claims: Iterable[Claim], answer: Answer) -> Dispute | None:
    """Return the weak link of an answer to the claim with which it shares most words, of these to the latest."""
    fitting = [
        (len(shared), claim.day or date.min, claim.place) for claim in claims if (shared := _shared(claim, answer))
    ]
    return link(max(fitting)[2], answer.place, "weak", "target-denies-elsewhere") if fitting else None


def _shared(claim: Claim, answer: Answer) -> frozenset[str]:
    """Return the words, without names, that a claim shares with an answer of its target within the time; else none."""
    if claim.place.document == answer.place.document or claim.day is None or answer.day is None:
        return frozenset()
    targets = claim.targets & answer.parties
    in_time = 0 <= (answer.day - claim.day).days <= LONGEST_GAP_DAYS
    if not in_time or not targets or not claim.speakers.isdisjoint(answer.parties):
        return frozenset()
    names = {word[:5] for key in targets | answer.parties for word in re.split("[- ]", key)}
    shared = (claim.words & answer.words) - names
    return shared if len(shared) >= FEWEST_SHARED else frozenset()


def _day(quote: Quote, document: Document) -> date | None:
    stated = document.published or quote.date
    return stated.earliest if stated is not None else None


def _entity_key(entity_id: str) -> str:
    """Return an id without its kind, which may differ between articles."""
    return entity_id.partition(":")[2]


def _keys(quote: Quote) -> frozenset[str]:
    return frozenset(_entity_key(entity) for entity in (quote.speaker.entity_id, quote.speaker.represents) if entity)


def _named(reader: Reader, said: Said) -> frozenset[str]:
    ids = (*reader.entities_in(said.span), *said.quote.about)
    return frozenset([*map(_entity_key, ids), *_offices(said.words), *_capitals(said.words)])


def _offices(text: str) -> Iterator[str]:
    """Yield "culture minist" for the minister and for the ministry."""
    if not any(office in text.lower() for office in ("minist", "mayor", "governor")):
        return iter(())
    return (f"{fold(found[1])} {fold(found[2])[:6]}" for found in _OFFICE.finditer(text))


def _capitals(text: str) -> Iterator[str]:
    """Yield words with a capital: names that the extractor may not know."""
    return (fold(found[0]) for found in _CAPITAL.finditer(text))


def _around(reader: Reader, said: Said) -> frozenset[str]:
    """Return the keys of the names around a statement: in its paragraph up to its end; for "we", also in the lead."""
    document, text = reader.document, reader.text
    start = document.paragraphs[said.paragraph].start if document.paragraphs else said.span.start
    within = [Span(start, max(document.sentence_of(said.quote).end, said.span.end))]
    led: Iterator[str] = iter(())
    if _WE.search(said.words) and document.paragraphs:
        within.append(document.paragraphs[0])
        if not (document.language or "").startswith("de"):  # every noun has a capital
            led = _capitals(document.paragraphs[0].of(text))
    ids = [entity for span in within for entity in reader.entities_in(span)]
    surnames = (_entity_key(entity).rpartition("-")[2] for entity in ids if entity.startswith("person:"))
    return frozenset([*map(_entity_key, ids), *surnames, *led, *_offices(within[0].of(text))])
