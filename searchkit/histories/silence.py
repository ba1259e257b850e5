"""Find who is silent: the names without a statement in a period, and before them those who refused to comment.

Absence is shown only with its denominators: the sources that were read, the articles that name the party, how many of
these hold a statement at all, and how many statements the extractor misses.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import replace

from searchkit.histories.sentences import english
from searchkit.records import Count, Share
from searchkit.statements.dates import PartialDate
from searchkit.statements.document import NO_COMMENT, Document, Quote
from searchkit.statements.outlets import outlet_value
from searchkit.statements.text import Span, fold, sentences

# A request reaches back this far: "The Gazette asked the builder whether ... The company did not answer."
_REACH = 300


class NoComment(Struct, frozen=True, kw_only=True):
    """A refusal to comment, or an attempt to reach a party that failed."""

    document: Annotated[str, Meta(description="ID of the document.")]
    statement: Annotated[str, Meta(description="ID of the statement.")]
    span: Span
    party: Annotated[str | None, Meta(description="Who did not comment; null if the text does not show it.")]
    party_id: Annotated[str | None, Meta(description="ID of the party; null if not identified.")]
    asked_by: Annotated[str | None, Meta(description="Who asked, where the text says so.")]
    date: Annotated[PartialDate | None, Meta(description="When, else the day of publication.")]
    outlet: Annotated[str | None, Meta(description="The publisher; with its host, where several hosts use its name.")]


class NamedParty(Struct, frozen=True, kw_only=True):
    """What one document has of one entry of a watchlist."""

    watchlist: str
    entry: Annotated[str, Meta(description="ID of the entry.")]
    name: str
    weak: Annotated[bool, Meta(description="Whether only names that many share occur.")]
    statements: Annotated[Count, Meta(description="Its statements in the document, without refusals to comment.")] = 0
    refusals: tuple[NoComment, ...] = ()


class DocumentVoices(Struct, frozen=True, kw_only=True):
    """What one document adds to the counts: a function of the document alone."""

    document: str
    published: PartialDate | None
    has_statement: bool
    parties: tuple[NamedParty, ...]


class SourcesRead(Struct, frozen=True, kw_only=True):
    """The sources of the period."""

    read: Count
    healthy: Annotated[Count, Meta(description="Sources whose last run in the period had no failure.")]
    documents: Annotated[Count, Meta(description="Documents of the period.")]


class SilentParty(Struct, frozen=True, kw_only=True):
    """An entry of the watchlist without a statement of its own in the period."""

    entry: str
    name: str
    articles: Annotated[Count, Meta(description="Articles that name it.")]
    weak_articles: Annotated[Count, Meta(description="Of these, articles that only have a name that many share.")]
    articles_with_statements: Annotated[Count, Meta(description="Of these, articles with a statement of any speaker.")]
    share_with_statements: Annotated[Share, Meta(description="Their share of the articles that name it.")]
    refusals: tuple[NoComment, ...]


class Silence(Struct, frozen=True, kw_only=True):
    """Who refused to comment, who has no statement, how many have one, and what these counts rest on."""

    watchlist: str
    version: Annotated[str, Meta(description="Version of the watchlist.")]
    period: Annotated[str, Meta(description="The period of the question.")]
    refused: Annotated[tuple[SilentParty, ...], Meta(description="Without a statement, but with a refusal to comment.")]
    silent: Annotated[tuple[SilentParty, ...], Meta(description="Named in articles, without statement and refusal.")]
    unnamed: Annotated[tuple[str, ...], Meta(description="Names of the entries that no article of the period has.")]
    heard: Annotated[Count, Meta(description="Entries with a statement in the period.")]
    sources: SourcesRead
    extractor_recall: Annotated[Share, Meta(description="Share of marked statements that the extractor finds.")]
    recall_source: Annotated[str, Meta(description="Where this share was measured.")]


def no_comments(document: Document) -> tuple[NoComment, ...]:
    """Return the refusals to comment in a document, in order, with who asked where the text says so."""
    return tuple(
        NoComment(
            document=document.id,
            statement=quote.id,
            span=quote.content,
            party=quote.speaker.name,
            party_id=quote.speaker.represents or quote.speaker.entity_id,
            asked_by=asked_by(document, quote),
            date=quote.date or document.published,
            outlet=outlet_value(document.outlet, document.host) if document.outlet else None,
        )
        for quote in document.quotes
        if is_no_comment(document, quote)
    )


def is_no_comment(document: Document, quote: Quote) -> bool:
    """Return whether a statement only says that its party does not comment, in the article's words or its own."""
    bare = english("askers.txt").single["bare"]
    return quote.verb == NO_COMMENT or bare.fullmatch(quote.content.of(document.text)) is not None


def asked_by(document: Document, quote: Quote) -> str | None:
    """Return who asked, in the article's words: a name, or the outlet for "our request"; None where it is not said."""
    text, content, party = document.text, quote.content, quote.attribution
    sentence = document.sentence_of(quote)
    ends = (text.find(mark, content.end, sentence.end) for mark in (";", ", and ", ", but ", ". "))
    behind = Span(content.start, min([end for end in ends if end > 0], default=sentence.end))
    opens = text.rfind(". ", sentence.start, content.start)
    before = Span(opens + 2 if opens > 0 else sentence.start, content.end)
    rules = english("askers.txt")
    found = _asker(rules.tables["behind"], text, behind, party) or _asker(rules.tables["before"], text, before, party)
    if found is None and (own := rules.single["ourselves"].search(text, behind.start, behind.end)) is not None:
        return document.outlet or own[0]
    return found or _asker(rules.tables["sentence-before"], text, _sentence_before(document, sentence), party)


def _sentence_before(document: Document, sentence: Span) -> Span:
    """Return the sentence before, if it stands in the same paragraph."""
    start = next((part.start for part in document.paragraphs if part.covers(sentence)), sentence.start)
    reach = Span(max(start, sentence.start - _REACH), sentence.start)
    return max(sentences(document.text, reach), default=Span(sentence.start, sentence.start))


def _asker(rules: Sequence[tuple[str, re.Pattern[str]]], text: str, within: Span, party: Span | None) -> str | None:
    no_names = english("askers.txt").words["no-names"]
    for _, pattern in rules:
        for found in pattern.finditer(text, within.start, within.end):
            place = Span(*found.span("name"))
            if fold(found["name"]).split()[0] not in no_names and not (party is not None and party.overlaps(place)):
                return found["name"].removesuffix("'s").removesuffix("’s")
    return None


def voices(document: Document) -> DocumentVoices:
    """Return which entries of watchlists a document names, and which of them speak in it or refuse to."""
    entries: dict[tuple[str, str], NamedParty] = {}
    for match in document.matches:
        key = match.watchlist, match.entry_id
        weak = match.weak and (key not in entries or entries[key].weak)
        entries[key] = NamedParty(watchlist=key[0], entry=key[1], name=match.name, weak=weak)
    voiced = document.voiced()
    refusals = {refusal.statement: refusal for refusal in no_comments(document)}
    for quote in document.statements:
        refusal = refusals.get(quote.id)
        for key in {(match.watchlist, match.entry_id) for match in voiced.get(quote.id, ())}:
            party = entries[key]
            counted = replace(party, statements=party.statements + 1)
            entries[key] = counted if refusal is None else replace(party, refusals=(*party.refusals, refusal))
    return DocumentVoices(
        document=document.id,
        published=document.published,
        has_statement=any(not is_no_comment(document, quote) for quote in document.quotes),
        parties=tuple(entries[key] for key in sorted(entries)),
    )


# The share of the statements that people marked which the extractor finds: 5,009 of 5,814, precision .94.
EXTRACTOR_RECALL = 0.86
RECALL_SOURCE = "423 English news articles of PolNeAR (docs/quality.md); lower in other languages"


def silence(
    *,
    watchlist: str,
    version: str,
    period: str,
    entries: Mapping[str, str],
    documents: Iterable[DocumentVoices],
    sources: SourcesRead,
) -> Silence:
    """Return which `entries` (names by id) of a watchlist have no statement in the `documents` of a period.

    The result depends on the set of documents, not on their order.
    """
    named: dict[str, list[tuple[bool, NamedParty]]] = {entry: [] for entry in entries}
    for document in documents:
        for party in document.parties:
            if party.watchlist == watchlist and party.entry in named:
                named[party.entry].append((document.has_statement, party))
    refused: list[SilentParty] = []
    silent: list[SilentParty] = []
    unnamed: list[str] = []
    heard = 0
    for entry, name in sorted(entries.items(), key=lambda item: (fold(item[1]), item[0])):
        if any(party.statements for _, party in named[entry]):
            heard += 1
        elif not named[entry]:
            unnamed.append(name)
        else:
            party_found = _silent_party(entry, name, named[entry])
            (refused if party_found.refusals else silent).append(party_found)
    return Silence(
        watchlist=watchlist,
        version=version,
        period=period,
        refused=tuple(refused),
        silent=tuple(silent),
        unnamed=tuple(unnamed),
        heard=heard,
        sources=sources,
        extractor_recall=EXTRACTOR_RECALL,
        recall_source=RECALL_SOURCE,
    )


def _silent_party(entry: str, name: str, named: Sequence[tuple[bool, NamedParty]]) -> SilentParty:
    with_statements = sum(has_statement for has_statement, _ in named)
    refusals = (refusal for _, party in named for refusal in party.refusals)
    return SilentParty(
        entry=entry,
        name=name,
        articles=len(named),
        weak_articles=sum(party.weak for _, party in named),
        articles_with_statements=with_statements,
        share_with_statements=round(with_statements / len(named), 3),
        refusals=tuple(sorted(refusals, key=lambda found: (found.date.value if found.date else "", found.statement))),
    )
