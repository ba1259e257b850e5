"""Annotate articles: find the names, dates and statements of an article, and who made each statement.

`explain` also reports rejected speakers and verbs of speech that made no statement. Neither changes the text.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from searchkit.statements import about, dateline, languages, omissions, via
from searchkit.statements.dates import PartialDate
from searchkit.statements.document import (
    Article,
    DateMention,
    Document,
    Mention,
    Quote,
    Speaker,
    document_digest,
    document_id,
    quote_id,
)
from searchkit.statements.genres import with_genre
from searchkit.statements.names import finding as names
from searchkit.statements.names import namesakes
from searchkit.statements.names.gazetteer import is_place, known_names
from searchkit.statements.quotes import finding as quotes
from searchkit.statements.quotes.statement import Statement
from searchkit.statements.reader.explained import NoStatement, ReadSentence
from searchkit.statements.register import AppliedRegister, Register
from searchkit.statements.rules import rule_confidence
from searchkit.statements.speakers import resolving as speakers
from searchkit.statements.speakers.participants import read_participants
from searchkit.statements.speakers.referents import RejectedCandidate
from searchkit.statements.statement_dates import date_of, mentioned, reported_days
from searchkit.statements.text import Span, fold, normalize, paragraphs
from searchkit.statements.transcripts import introduced
from searchkit.statements.version import extractor_version
from searchkit.version import __version__


class Explanation(Struct, frozen=True, kw_only=True):
    """A document, with the rejected candidates for the speaker of each of its statements.

    `unreported` are the verbs of speech and the quotations that made no statement, `sentences` what the reader sees in
    each sentence with an attribution; both in reading order, and empty without an explanation.
    """

    document: Document
    rejected: tuple[tuple[RejectedCandidate, ...], ...]
    unreported: tuple[NoStatement, ...]
    sentences: tuple[ReadSentence, ...]


def annotate(article: Article | str, *, seen_at: str = "", register: Register | None = None) -> Document:
    """Return the document of `article`, first and last seen at `seen_at` (ISO 8601 UTC). Never raises on odd text: a
    sentence for which a rule fails has no annotations, and the document counts it. Bare text is normalized first; a
    blank line ends a paragraph.

    `register` holds the user's aliases and watchlists."""
    if isinstance(article, str):
        text = normalize(article)
        article = Article(uri="", text=text, paragraphs=paragraphs(text))
    return omissions.annotated(article, partial(_annotated, seen_at=seen_at, register=register)).document


def explain(article: Article, *, seen_at: str = "", register: Register | None = None) -> Explanation:
    """Return the document of `annotate` with its rejected speakers and the statements that were not reported."""
    return omissions.annotated(article, partial(_annotated, seen_at=seen_at, register=register, is_explained=True))


def _annotated(article: Article, *, seen_at: str, register: Register | None, is_explained: bool = False) -> Explanation:
    rejected: list[tuple[RejectedCandidate, ...]] | None = [] if is_explained else None
    article = dateline.with_date(languages.with_language(article))
    mentions = introduced.complete(article, namesakes.resolve_namesakes(article, names.find(article)))
    line = dateline.find(article.text)
    article = replace(article, byline=_without_places(article.byline, mentions, line))
    applied = AppliedRegister(register, article, mentions) if register is not None else None
    mentions = applied.mentions if applied is not None else mentions
    # Weekdays are not counted from a guess.
    published = None if article.published is not None and article.published.confidence == "low" else article.published
    dates = mentioned(article.text, published, article.language, updated=article.updated)
    read = quotes.find(article, mentions)
    unreported, sentences = quotes.explain(article, mentions, read) if is_explained else ((), ())
    # A dateline names no speaker, and no pronoun means the wire.
    start = line.span.end if line is not None else 0
    participants = read_participants(article, [mention for mention in mentions if mention.span.start >= start])
    said_by = via.named(article, mentions, read.statements, speakers.resolve(read.statements, participants, rejected))
    if applied is not None:
        # The same speakers under the user's names.
        pairs = zip(said_by, read.statements, strict=True)
        said_by = tuple(applied.speaker(speaker, statement.attribution) for speaker, statement in pairs)
    topic = about.topic(participants)
    document = Document(
        **_fields(article, line),
        id=document_id(article.identity),
        digest=document_digest(article.title, article.text),
        mentions=mentions,
        dates=dates,
        quotes=_quotes(
            article,
            zip(
                read.statements,
                said_by,
                about.targets(mentions, read.statements, said_by, participants, topic),
                via.documents(article, read.statements),
                _dates(read.statements, article, reported_days(dates, published, article.updated), published),
                strict=True,
            ),
            topic,
            applied,
        ),
        terms=read.terms,
        failed_sentences=read.failed,
        matches=applied.matches if applied is not None else (),
        known_as=_known_as(mentions, register),
        extractor_version=extractor_version(register.version if register is not None else ""),
        first_seen=seen_at,
        last_seen=seen_at,
        annotated_at=seen_at,
        annotated_by=__version__,
    )
    return Explanation(
        document=with_genre(document), rejected=tuple(rejected or ()), unreported=unreported, sentences=sentences
    )


def _fields(article: Article, line: dateline.Dateline | None) -> dict[str, Any]:
    """Return the fields of an article, completed from its dateline."""
    fields = {name: getattr(article, name) for name in Article.__struct_fields__}
    fields["wire"] = dateline.known_wire(article.wire or "") or (line.wire if line is not None else None)
    if line is not None:
        fields["dateline"] = article.dateline or line.span.of(article.text).rstrip(" -—–―")
    return fields


def _dates(
    statements: Sequence[Statement], article: Article, dates: Sequence[DateMention], published: PartialDate | None
) -> Iterator[PartialDate | None]:
    """Yield the date of each statement: a continued statement was made on the same day."""
    stated: dict[int, PartialDate | None] = {}  # by group
    for statement in statements:
        date = date_of(statement, article.text, dates, published, article.updated)
        if statement.group is not None and not statement.asks:
            if date is None or date.source == "text":
                stated[statement.group] = date
            else:
                date = stated.get(statement.group, date)
        yield date


_Read = tuple[Statement, Speaker, dict[str, str], Span | None, PartialDate | None]


def _quotes(
    article: Article, read: Iterable[_Read], topic: str | None, applied: AppliedRegister | None
) -> tuple[Quote, ...]:
    """Return the records of statements with their speakers, targets, papers and dates, without those that only ask."""
    language = (article.language or "en").partition("-")[0].lower()
    identity, quote_ids = document_id(article.identity), dict[str, int]()
    records: list[Quote] = []
    for statement, speaker, target, paper, date in read:
        if statement.asks:
            continue
        # A continued statement names its speaker where it is carried from.
        attribution = statement.attribution or speaker.antecedent
        records.append(
            Quote(
                id=quote_id(identity, statement.content.of(article.text), quote_ids),
                content=statement.content,
                kind=statement.kind,
                cue=statement.cue,
                verb=statement.verb,
                negated=statement.negated,
                attribution=None if applied is not None and applied.hides(attribution) else attribution,
                speaker=speaker,
                about=tuple(target),
                about_by=tuple(target.values()),
                topic=None if topic in {speaker.entity_id, *target} else topic,
                via=paper,
                date=date,
                group=None if statement.group is None else str(statement.group),
                rule=statement.rule,
                confidence=rule_confidence(statement.rule, language),
            )
        )
    return tuple(records)


def _without_places(
    byline: tuple[str, ...], mentions: Sequence[Mention], line: dateline.Dateline | None
) -> tuple[str, ...]:
    """Return the writers of a byline without places: those of the text, of its dateline and of the shipped lists."""
    places = {fold(mention.surface) for mention in mentions if mention.kind == "place"} if byline else set()
    if line is not None and line.place:
        places.add(fold(line.place))
    return tuple(name for name in byline if fold(name) not in places and not is_place(name))


def _known_as(mentions: Sequence[Mention], register: Register | None) -> dict[str, tuple[str, ...]]:
    """Return the names of the mentioned entities that the article does not use, by entity."""
    used: dict[str, set[str]] = {}
    for mention in mentions:
        used.setdefault(mention.entity_id, {mention.name}).add(mention.surface)
    known_as = {}
    for entity_id, surfaces in used.items():
        own_names = register.names_of(entity_id) if register is not None else ()
        known = dict.fromkeys((*known_names(entity_id), *own_names))
        others = [name for name in known if name not in surfaces]
        if others:
            known_as[entity_id] = tuple(others)
    return known_as
