"""Extract: from an Article to a Document with mentions, dates and statements.

takes:    an Article with normalized text
gives:    `annotate`: a Document; every annotation with its rule and confidence
does not: change the text, fetch, store; read a clock
traps:    raising EXTRACTOR_VERSION is what makes stored documents be annotated again
"""

import hashlib
from dataclasses import fields

from searchkit.dates import PartialDate
from searchkit.document import Article, Document, Quote, document_id, quote_id

EXTRACTOR_VERSION = "1"


def annotate(article: Article, *, seen_at: str = "") -> Document:
    """The document of `article`, first and last seen at `seen_at` (ISO 8601 UTC). Never raises on odd text."""
    from searchkit.extract import about, dateline, mentioned_dates, names, namesakes, quotes, speakers, statement_dates

    identity = document_id(article.canonical_url or article.uri)
    digest = hashlib.sha256(f"{article.title or ''}\n{article.text}".encode("utf-8", "surrogatepass")).hexdigest()
    mentions = namesakes.tell_apart(article, names.find(article))
    dates = mentioned_dates.find(article.text, article.published, article.language)
    line = dateline.find(article.text)
    found = quotes.find(article, mentions)
    taken: dict[str, int] = {}
    records: list[Quote] = []
    targets = about.Targets(article, mentions)
    stated: dict[int, PartialDate] = {}  # by group: what goes on after its attribution was said on the same day
    for statement, speaker in zip(found, speakers.resolve(article, mentions, found), strict=True):
        date = statement_dates.date_of(statement, article.text, dates, article.published)
        if statement.group is not None and date is not None:
            if date.source == "text":
                stated[statement.group] = date
            else:
                date = stated.get(statement.group, date)
        records.append(
            Quote(
                id=quote_id(identity, statement.content.of(article.text), taken),
                content=statement.content,
                kind=statement.kind,
                cue=statement.cue,
                verb=statement.verb,
                # What goes on has its speaker named where it is carried from.
                attribution=statement.attribution or speaker.antecedent,
                speaker=speaker,
                about=targets.of(
                    statement.content,
                    speaker.entity_id,
                    goes_on=bool(records) and statement.cue is not None and records[-1].cue == statement.cue,
                ),
                date=date,
                group=None if statement.group is None else str(statement.group),
                rule=statement.rule,
                confidence=statement.confidence,
            )
        )
    inherited = {field.name: getattr(article, field.name) for field in fields(Article)}
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
        extractor_version=EXTRACTOR_VERSION,
        first_seen=seen_at,
        last_seen=seen_at,
    )
