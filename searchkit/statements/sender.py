"""Take "I" in an e-mail or letter for its sender."""

import re
from collections.abc import Mapping, Sequence

from searchkit.statements.document import Article, Mention, Speaker
from searchkit.statements.packs import pack_for
from searchkit.statements.quotes.statement import Statement
from searchkit.statements.text import Span, slug

# Text of others that a message hands on.
_HANDED_ON = re.compile(r"(?m)^(?:>|-{3}|_{3}|(?:From|Von|De)\s?:|(?:On|Am|Le)\b[^\n]{5,150}:$)")
_LONGEST_LINE = 80
_OPENING_PARAGRAPHS, _CLOSING_PARAGRAPHS = 3, 4
_CONFIDENCE = 0.9


def named(
    article: Article, mentions: Sequence[Mention], statements: Sequence[Statement], said_by: Sequence[Speaker]
) -> tuple[Speaker, ...]:
    """Return the speakers `said_by` of `statements`, with the sender for each "I" outside of other people's words."""
    pack = pack_for(article.language)
    writer = _sender(article, mentions, pack.words) if pack is not None else None
    if pack is None or writer is None:
        return tuple(said_by)
    handed_on = _HANDED_ON.search(article.text)
    end = handed_on.start() if handed_on else len(article.text)

    def is_own(statement: Statement, speaker: Speaker) -> bool:
        span = statement.attribution
        if span is None or speaker.entity_id is not None or span.end > end:
            return False
        is_sender = span.of(article.text).lower() in pack.words["sender"]
        return is_sender and not any(other.content.start <= span.start < other.content.end for other in statements)

    pairs = zip(statements, said_by, strict=True)
    return tuple(writer if is_own(statement, speaker) else speaker for statement, speaker in pairs)


def _sender(article: Article, mentions: Sequence[Mention], words: Mapping[str, frozenset[str]]) -> Speaker | None:
    """Return the one person who sent a message, or who signed a letter."""
    signature = _signature(article, mentions, words)
    name = article.byline[0] if article.extra.get("sender") and len(article.byline) == 1 else None
    if signature is not None and name in {None, signature.name}:
        return Speaker(
            name=signature.name,
            entity_id=signature.entity_id,
            resolved_by="pronoun",
            antecedent=signature.span,
            confidence=_CONFIDENCE,
        )
    if name is None:
        return None
    return Speaker(name=name, entity_id=f"person:{slug(name)}", resolved_by="pronoun", confidence=_CONFIDENCE)


def _signature(article: Article, mentions: Sequence[Mention], words: Mapping[str, frozenset[str]]) -> Mention | None:
    """Return the name below the closing words of a text that begins with a salutation."""
    paragraphs = article.paragraphs
    if not any(_begins(span, article.text, words["salutation"]) for span in paragraphs[:_OPENING_PARAGRAPHS]):
        return None
    people = [mention for mention in mentions if mention.kind == "person"]
    is_closed = False
    for span in paragraphs[-_CLOSING_PARAGRAPHS:]:
        signed = next((person for person in people if person.span.start == span.start), None) if is_closed else None
        if signed is not None:
            return signed
        is_closed = is_closed or _begins(span, article.text, words["closing"])
    return None


def _begins(span: Span, text: str, words: frozenset[str]) -> bool:
    """Return whether a short line begins with one of the words."""
    first = re.match(r"\w{1,30}", span.of(text))
    return first is not None and span.end - span.start <= _LONGEST_LINE and first[0].lower() in words
