"""A statement as one article, or one version of an article, has it."""

from typing import Annotated

from msgspec import Meta, Struct

from searchkit.index.values import act_of
from searchkit.records import Host
from searchkit.search.statement_text import date_text, in_words, page_text, speaker_text, words_doubt
from searchkit.statements.document import Document, Quote
from searchkit.statements.text import one_line, redacted


class StatementSide(Struct, frozen=True, kw_only=True):
    """A statement in one article. Days are in words, as precise as they are known."""

    id: Annotated[str, Meta(description="ID of the statement.")]
    document: Annotated[str, Meta(description="ID of its document.")]
    revision: Annotated[int, Meta(description="Revision of the document.")]
    statement: Annotated[
        str, Meta(description="Who said what, in one line, with the reporting words. Show this, never `text` alone.")
    ]
    text: Annotated[str, Meta(description="The words as written.")]
    sentence: Annotated[str, Meta(description="The sentence of the article, or sentences, with the attribution.")]
    speaker: Annotated[str, Meta(description="The speaker, with role, and a warning if the attribution is uncertain.")]
    speaker_id: Annotated[str | None, Meta(description="ID of the speaker; null if not identified.")]
    verb: Annotated[str, Meta(description="The base form of the reporting verb.")]
    act: Annotated[str, Meta(description="What the reporting verb does: deny, claim; not-deny if it is negated.")]
    said: Annotated[str, Meta(description="Day of the statement.")]
    doubt: Annotated[str, Meta(description="A warning if the words are uncertain.")]
    place: Annotated[str, Meta(description="Page or time in a recording.")]
    title: str
    outlet: str
    wire: Annotated[str, Meta(description="The news agency credited.")]
    published: Annotated[str, Meta(description="Day of publication.")]
    captured: Annotated[str, Meta(description="When this version was read, ISO 8601 UTC.")]
    address: str
    host: Host
    publisher: Annotated[
        str, Meta(description="The outlet for readers: with its host, where several hosts use its name.")
    ]

    @property
    def published_text(self) -> str:
        """Where it was published: outlet, agency, day and place."""
        wire = f"via {one_line(self.wire)}" if self.wire else ""
        parts = (one_line(self.publisher), wire, self.published or "day unknown", one_line(self.place))
        return " · ".join(filter(None, parts))


def side(document: Document, quote: Quote) -> StatementSide:
    """Return a statement of a document as a record."""
    words = in_words(quote, document)
    act = act_of(quote.verb) if quote.verb else None
    return StatementSide(
        id=quote.id,
        document=document.id,
        revision=document.revision,
        statement=words.statement,
        text=document.words_of(quote),
        sentence=words.sentence,
        speaker=speaker_text(quote, document),
        speaker_id=quote.speaker.entity_id,
        verb=quote.verb or "",
        act=f"{'not-' if quote.negated else ''}{act}" if act else "",
        said=date_text(quote.date),
        doubt=words_doubt(quote),
        place=page_text(quote, document),
        title=document.title or "",
        outlet=document.outlet or "",
        wire=document.wire or "",
        published=date_text(document.published),
        captured=document.fetched_at or document.first_seen,
        address=redacted(document.uri),
        host=document.host,
        publisher=document.publisher,
    )
