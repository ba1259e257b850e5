"""Names that a document makes for itself: `Korbel Quays plc ("Korbel" or the "Company")`, "LORNA VASKE, HOST:".

takes:    an article and its mentions
gives:    the mentions, with those of the names so made added or led to the entity they stand for
does not: find other names (names/ does); read acronyms without quotation marks (names/links.py does)
traps:    a term holds only behind its definition; "the Agreement" is defined like "the Company", but is nobody
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import islice

from msgspec import Struct
from msgspec.structs import replace

from searchkit.document import Article, Mention, MentionKind
from searchkit.extract.names.finding import in_order
from searchkit.extract.packs import Pack, pack_for
from searchkit.extract.speakers.participants import BODY_KINDS
from searchkit.extract.transcripts import turn_lines
from searchkit.extract.transcripts import turns as transcripts
from searchkit.text import Span, fold, slug

# What may stand between a name and the brackets that define its short forms: a legal form.
_BRACKETS = re.compile(r"(?:,? [A-Z][\w.]{0,8}| plc| ag)?,? ?\(([^()\n]{2,200})\)")
_BRACKET_REACH = 16  # no more stands before them
_TERM = re.compile(r"[\"“„«]\s?(?:the |die |der |das |la |le )?([^\W\d_][^\"“”„«»()\n]{0,40})[\"”“»]", re.IGNORECASE)
_MOST_WORDS = 4
# Kinds that a name has where nothing tells that it is a company.
_UNTOLD = frozenset({"person", "other"})
# A contract defines dozens of terms; each is looked for in the whole text.
_MOST_TERMS = 60
# A document says outright what these stand for.
_CONFIDENCE = 0.95


class _Term(Struct, frozen=True):
    """A short form, what it stands for, and where it begins to hold; `generic` ones stand behind an article."""

    written: str
    owner: Mention
    start: int
    generic: bool


def complete(article: Article, mentions: Sequence[Mention]) -> tuple[Mention, ...]:
    """`mentions` with the names that the article defines or introduces; in order, and without overlaps added."""
    pack = pack_for(article.language)
    if pack is None:
        return tuple(mentions)
    mentions = _as_bodies(article.text, _with_voices(article, mentions, pack), pack)
    terms = list(islice(_definitions(article.text, mentions, pack), _MOST_TERMS))
    return _with_terms(article.text, mentions, terms) if terms else tuple(mentions)


def _as_bodies(text: str, mentions: Sequence[Mention], pack: Pack) -> Sequence[Mention]:
    """`mentions` with those made companies that their definition calls so: `Korbel Quays (the "Company")`."""
    bodies: dict[str, MentionKind] = {}
    for mention in mentions:
        if mention.kind in _UNTOLD:
            for _, words in _terms(text, mention):
                if len(words) == 1 and pack.bodies.get(words[0]) == "company":
                    bodies[mention.entity_id] = "company"
    return [
        replace(mention, kind=bodies[mention.entity_id], entity_id=f"company:{slug(mention.name)}")
        if mention.entity_id in bodies
        else mention
        for mention in mentions
    ]


def _terms(text: str, mention: Mention) -> Iterator[tuple[str, list[str]]]:
    """The short forms in brackets behind `mention`, as written and as folded words."""
    end = mention.span.end
    near = text.find("(", end, end + _BRACKET_REACH) >= 0
    found = _BRACKETS.match(text, end) if near else None
    for term in _TERM.finditer(text, *found.span(1)) if found is not None else ():
        written = term[1].strip(" ,.")
        words = fold(written).split()
        if 0 < len(words) <= _MOST_WORDS and written[0].isupper():
            yield written, words


def _definitions(text: str, mentions: Sequence[Mention], pack: Pack) -> Iterator[_Term]:
    """Each short form once for everyone it is defined for."""
    defined: set[tuple[str, str]] = set()
    for mention in mentions:
        if mention.kind in BODY_KINDS or mention.kind == "person":
            for written, words in _terms(text, mention):
                generic = len(words) == 1 and (words[0] in pack.bodies or words[0] in pack.words["defined-party"])
                own = words[0] in fold(mention.name).split() or words[0] in fold(mention.surface).split()
                if (generic or own or (written.isupper() and len(words) == 1)) and (
                    (written, mention.entity_id) not in defined
                ):
                    defined.add((written, mention.entity_id))
                    yield _Term(written, mention, mention.span.end, generic)


def _with_terms(text: str, mentions: Sequence[Mention], terms: Sequence[_Term]) -> tuple[Mention, ...]:
    told = {mention.span: mention for mention in mentions}
    starts = [mention.span.start for mention in mentions]
    for term in terms:
        article = r"(?<=[tT]he )" if term.generic else ""
        written = re.compile(rf"(?<!\w){article}{re.escape(term.written)}(?!\w)")
        for place in written.finditer(text, term.start):
            span = Span(*place.span())
            at = bisect_left(starts, span.start)
            near = mentions[max(0, at - 1) : at + 1]
            if all(one.span == span or not one.span.overlaps(span) for one in near):
                told[span] = _led(term.owner, text, span, "defined")
    return tuple(in_order(told.values()))


def _led(owner: Mention, text: str, span: Span, rule: str) -> Mention:
    return replace(owner, span=span, surface=span.of(text), rule=rule, confidence=_CONFIDENCE)


def _with_voices(article: Article, mentions: Sequence[Mention], pack: Pack) -> Sequence[Mention]:
    """`mentions` with the people whom only the labels of a transcript name."""
    text = article.text
    lines = turn_lines.find(text, article.paragraphs, pack)
    turns = transcripts.find(article, article.paragraphs, mentions, pack, lines) if lines else ()
    known = {mention.entity_id for mention in mentions}
    made: dict[Span, Mention] = {}
    for turn in turns:
        voice = turn.voice
        if voice is not None and voice.entity_id is not None and voice.entity_id not in known and turn.name is not None:
            made[turn.name] = Mention(
                span=turn.name,
                surface=turn.name.of(text),
                name=voice.name,
                entity_id=voice.entity_id,
                kind="person",
                rule="label",
                confidence=_CONFIDENCE,
            )
    if not made:
        return mentions
    people = {mention.entity_id: mention for mention in made.values()}.values()
    by_word = {word: one for one in people for word in (fold(one.name).split()[0], fold(one.name).split()[-1])}
    told = dict(made)
    starts = sorted(span.start for span in made)
    ends = {span.start: span.end for span in made}
    for mention in mentions:
        person = by_word.get(fold(mention.surface))
        if person is not None and mention.kind in _UNTOLD and " " not in mention.name:
            told[mention.span] = _led(person, text, mention.span, mention.rule)
            continue
        at = bisect_right(starts, mention.span.start) - 1
        if at < 0 or mention.span.start >= ends[starts[at]]:  # names inside a label are told by it
            told[mention.span] = mention
    return in_order(told.values())
