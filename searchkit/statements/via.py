"""Find through what a statement came: a document ("said in a second statement", "according to a memo seen by Lind"), or
an e-mail or letter, whose "I" is its sender."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from searchkit.statements.document import Article, Mention, Speaker
from searchkit.statements.packs import Pack, pack_for
from searchkit.statements.quotes.statement import Statement
from searchkit.statements.speakers.subjects import PLAIN_WORD
from searchkit.statements.text import Span, fold, letter_words, slug

# How far behind the reporting verb the document may stand, and how far before the speaker.
_REACH = 90
_LETTERS = re.compile(r"[^\W\d_][\w\-]{0,40}")
_OUTLET = r"((?:[Tt]he )?[A-Z][\w.&'’\-]{1,20}(?: [A-Z][\w.&'’\-]{1,20}){0,3})"


@lru_cache(maxsize=4)
def _passing_on(pack: Pack) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return the patterns of an outlet between an attribution and the words, and behind the words."""
    verbs = "|".join(form for form, cue in pack.cues.items() if cue.lemma in pack.words["passing-on"])
    sources = "|".join(phrase.replace("-", " ") for phrase in pack.words["source-phrase"])
    return re.compile(rf", (?:{sources}) {_OUTLET},"), re.compile(rf", {_OUTLET} (?:{verbs})\b")


@lru_cache(maxsize=4)
def _patterns(pack: Pack) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return the patterns behind a verb or speaker, and before a speaker; group 1 is the document."""
    nouns = "|".join(sorted(pack.roles["document"], key=len, reverse=True))
    first = r"(?:[\w.\-]{1,20}['’]s?|an?|the|his|her|its|their|this|one|another)"
    document = rf"({first} (?:[\w\-]{{1,20}} ){{0,3}}?(?:{nouns}))\b"
    made = rf"(?:on|in|via|through) {document}"
    return (
        re.compile(rf",?(?: [\w\-]{{2,20}}){{0,3}}? {made}", re.IGNORECASE),
        re.compile(rf"\b(?:{made}(?: [\w\-]{{1,20}}){{0,5}},|{document} (?:by|from)) (?:the )?\Z", re.IGNORECASE),
    )


def documents(article: Article, statements: Sequence[Statement]) -> tuple[Span | None, ...]:
    """Return the words that name the document of each statement; None without one. English only."""
    pack = pack_for(article.language)
    if pack is None or pack.clausal:
        return (None,) * len(statements)
    found: list[Span | None] = []
    for number, statement in enumerate(statements):
        goes_on = statement.cue is None and statement.group is not None and number > 0
        if goes_on and statements[number - 1].group == statement.group:
            found.append(found[-1])
        else:
            found.append(_document(article.text, statement, pack))
    return tuple(found)


def _document(text: str, statement: Statement, pack: Pack) -> Span | None:
    attribution, cue = statement.attribution, statement.cue
    if attribution is None or cue is None:
        return None
    first, last = min(attribution.start, cue.start), max(attribution.end, cue.end)
    between, after = _passing_on(pack)
    passed = after.match(text, statement.content.end) or between.search(text, cue.end, statement.content.start)
    if passed is not None:
        return Span(*passed.span(1))
    around = text[max(0, first - _REACH) : last + _REACH].lower()
    nouns = pack.roles["document"]
    letters = "-".join(nouns).split("-")  # each test takes longer than the one before, the patterns longest
    if set(letters).isdisjoint(letter_words(around)) or nouns.isdisjoint(_LETTERS.findall(around)):
        return None
    if is_document(PLAIN_WORD.findall(attribution.of(text)), pack):
        return attribution
    behind, before = _patterns(pack)
    found = behind.match(text, last, min(last + _REACH, len(text)))
    if found is None and attribution.end < cue.start:
        found = behind.match(text, attribution.end, cue.start)
    if found is None:
        found = before.search(text, max(0, first - _REACH, text.rfind("\n", 0, first) + 1), first)
    return Span(*found.span(found.lastindex or 1)) if found is not None else None


def is_document(words: Sequence[str], pack: Pack) -> bool:
    """Return whether the noun that heads `words` is a document: "the memo seen by Lind", but not "the Ostrava Post"."""
    head, documents = "", pack.roles["document"]
    for number, written in enumerate(words):
        word = fold(written)
        ends = word in pack.words["preposition"] or word in pack.words["relative"] or word in pack.words["that"]
        handed = word.endswith("ed") or word in pack.words["handed-on"] or word in pack.words["published"]
        if number and (ends or (head in documents and handed)):
            break
        head = "" if number and written[0].isupper() else word
    return head in documents


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
