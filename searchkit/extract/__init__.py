"""Extract: from an Article to a Document with mentions, dates and statements.

takes:    an Article with normalized text
gives:    `annotate`: a Document; every annotation with its rule and confidence, names as the user's register has them;
          `explain`: the same, with what was passed over as speaker or statement, and why
does not: change the text, fetch, store; read a clock
traps:    raising EXTRACTOR_VERSION is what makes stored documents be annotated again
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from searchkit.dates import PartialDate
from searchkit.document import Article, Document, Mention, Quote, document_digest, document_id, quote_id

if TYPE_CHECKING:
    from searchkit.extract.quotes.unreported import NoStatement
    from searchkit.extract.register import Register
    from searchkit.extract.speakers.passed_over import Explained, Rejected

EXTRACTOR_VERSION = "3"
_OF_ARTICLES = Article.__struct_fields__


def extractor_version(register_version: str) -> str:
    """The version that documents annotated with this register carry; empty for none."""
    return f"{EXTRACTOR_VERSION}+{register_version}" if register_version else EXTRACTOR_VERSION


def annotate(article: Article, *, seen_at: str = "", register: "Register | None" = None) -> Document:
    """The document of `article`, first and last seen at `seen_at` (ISO 8601 UTC). Never raises on odd text.

    `register` is what the user says about names."""
    return _annotated(article, seen_at, register)


def explain(article: Article, *, seen_at: str = "", register: "Register | None" = None) -> "Explained":
    """The document that `annotate` gives, why its speakers were not somebody else, and what made no statement."""
    from searchkit.extract.speakers.passed_over import Explained

    rejected: list[tuple[Rejected, ...]] = []
    unreported: list[NoStatement] = []
    document = _annotated(article, seen_at, register, rejected, unreported)
    return Explained(document=document, rejected=tuple(rejected), unreported=tuple(unreported))


def _annotated(
    article: Article,
    seen_at: str,
    register: "Register | None",
    rejected: "list[tuple[Rejected, ...]] | None" = None,
    unreported: "list[NoStatement] | None" = None,
) -> Document:
    from searchkit.extract import about, dateline, languages, mentioned_dates, statement_dates
    from searchkit.extract.names import finding as names
    from searchkit.extract.names import namesakes
    from searchkit.extract.quotes import finding as quotes
    from searchkit.extract.speakers import participants as people
    from searchkit.extract.speakers import resolving as speakers
    from searchkit.extract.transcripts import introduced

    article = dateline.dated(languages.told(article))
    identity = document_id(article.canonical_url or article.uri)
    digest = document_digest(article.title, article.text)
    mentions = introduced.complete(article, namesakes.resolve_namesakes(article, names.find(article)))
    applied = register.apply(article, mentions) if register is not None else None
    if applied is not None:
        mentions = applied.mentions
    dates = mentioned_dates.find(article.text, article.published, article.language, updated=article.updated)
    line = dateline.find(article.text)
    read = quotes.find(article, mentions, passed=unreported)
    found = read.statements
    taken: dict[str, int] = {}
    records: list[Quote] = []
    cast = people.cast_of(article, mentions)
    said_by = speakers.resolve(article, mentions, found, rejected, cast=cast)
    if applied is not None:
        # The same speakers under the user's names.
        said_by = tuple(applied.speaker(who, said.attribution) for who, said in zip(said_by, found, strict=True))
    targets = about.targets(article, mentions, found, said_by, cast=cast)
    stated: dict[int, PartialDate] = {}  # by group: what goes on after its attribution was said on the same day
    for statement, speaker, meant in zip(found, said_by, targets, strict=True):
        date = statement_dates.date_of(statement, article.text, dates, article.published)
        if statement.group is not None and date is not None:
            if date.source == "text":
                stated[statement.group] = date
            else:
                date = stated.get(statement.group, date)
        # What goes on has its speaker named where it is carried from.
        attribution = statement.attribution or speaker.antecedent
        records.append(
            Quote(
                id=quote_id(identity, statement.content.of(article.text), taken),
                content=statement.content,
                kind=statement.kind,
                cue=statement.cue,
                verb=statement.verb,
                attribution=None if applied is not None and applied.hides(attribution) else attribution,
                speaker=speaker,
                about=meant,
                date=date,
                group=None if statement.group is None else str(statement.group),
                rule=statement.rule,
                confidence=statement.confidence,
            )
        )
    inherited = {name: getattr(article, name) for name in _OF_ARTICLES}
    if line is not None:
        inherited["dateline"] = article.dateline or line.span.of(article.text).rstrip(" -—–―")
        inherited["wire"] = article.wire or line.wire
    return Document(
        **inherited,
        id=identity,
        digest=digest,
        mentions=mentions,
        dates=dates,
        quotes=tuple(records),
        terms=read.terms,
        matches=applied.matches if applied is not None else (),
        known_as=_known_as(mentions, register),
        extractor_version=extractor_version(register.version if register is not None else ""),
        first_seen=seen_at,
        last_seen=seen_at,
    )


def _known_as(mentions: "Sequence[Mention]", register: "Register | None") -> dict[str, tuple[str, ...]]:
    """Names by which the entities of `mentions` are known, beside those the article uses."""
    from searchkit.extract.names.gazetteer import known_names

    written: dict[str, set[str]] = {}
    for mention in mentions:
        written.setdefault(mention.entity_id, {mention.name}).add(mention.surface)
    found = {}
    for entity_id, seen in written.items():
        names = known_names(entity_id)
        if register is not None:
            names = (*names, *register.names_of(entity_id))
        others = tuple(name for name in dict.fromkeys(names) if name not in seen)
        if others:
            found[entity_id] = others
    return found
