"""Find names that a document introduces itself: `Korbel Quays plc ("Korbel" or the "Company")`, "LORNA VASKE, HOST:".

A term holds only behind its definition. "The Agreement" is defined like "the Company", but stands for no participant.
names/links.py reads acronyms in brackets without quotation marks.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from searchkit.statements.document import Article, Mention
from searchkit.statements.names.finding import in_order, new_mention
from searchkit.statements.names.links import Link
from searchkit.statements.packs import Pack, pack_for
from searchkit.statements.speakers.subjects import BODY_KINDS
from searchkit.statements.text import Span, fold
from searchkit.statements.transcripts.finding import find_turns
from searchkit.statements.transcripts.labels import labeled_lines

# What may stand between a name and the brackets that define its short forms: a legal form.
_BRACKETS = re.compile(r"(?:,? [A-Z][\w.]{0,8}| plc| ag)?,? ?\(([^()\n]{2,200})\)")
_TERM = re.compile(r"[\"“„«]\s?(?:the |die |der |das |la |le )?([^\W\d_][^\"“”„«»()\n]{0,40})[\"”“»]", re.IGNORECASE)
# Kinds of names that may be companies.
_UNCERTAIN_KINDS = frozenset({"person", "other"})
# The document states what these names stand for.
_CONFIDENCE = 0.95
# The mention behind which a short form is defined, the form, and whether it follows an article.
_Term = tuple[Mention, str, bool]


def complete(article: Article, mentions: Sequence[Mention]) -> tuple[Mention, ...]:
    """Return `mentions` with the names that the article introduces, in order; the additions overlap no mention."""
    pack = pack_for(article.language)
    if pack is None:
        return tuple(mentions)
    mentions = _with_voices(article, mentions, pack)
    terms: dict[tuple[str, str], _Term] = {}
    for owner, written, generic in _definitions(article.text, mentions, pack):
        terms.setdefault((written, owner.entity_id), (owner, written, generic))
        if len(terms) == 60:  # a contract defines dozens
            break
    return _with_terms(article.text, mentions, terms.values()) if terms else tuple(mentions)


def _terms(text: str, mention: Mention) -> Iterator[tuple[str, list[str]]]:
    """Yield the short forms in brackets behind `mention`, as written and as folded words."""
    end = mention.span.end
    near = text.find("(", end, end + 16) >= 0
    found = _BRACKETS.match(text, end) if near else None
    for term in _TERM.finditer(text, *found.span(1)) if found is not None else ():
        written = term[1].strip(" ,.")
        words = fold(written).split()
        if 0 < len(words) <= 4 and written[0].isupper():
            yield written, words


def _definitions(text: str, mentions: Sequence[Mention], pack: Pack) -> Iterator[_Term]:
    for mention in mentions:
        if mention.kind in BODY_KINDS or mention.kind == "person":
            for written, words in _terms(text, mention):
                generic = len(words) == 1 and (words[0] in pack.bodies or words[0] in pack.words["defined-party"])
                if generic or words[0] in fold(mention.name).split():
                    yield mention, written, generic


def _with_terms(text: str, mentions: Sequence[Mention], terms: Iterable[_Term]) -> tuple[Mention, ...]:
    """Return `mentions` with every use of the terms, which may replace a mention at the same place."""
    completed = {mention.span: mention for mention in mentions}
    starts = [mention.span.start for mention in mentions]
    for owner, written, generic in terms:
        article = r"(?<=[tT]he )" if generic else ""
        form = re.compile(rf"(?<!\w){article}{re.escape(written)}(?!\w)")
        for place in form.finditer(text, owner.span.end):
            span = Span(*place.span())
            at = bisect_left(starts, span.start)
            near = mentions[max(0, at - 1) : at + 1]
            if all(mention.span == span or not mention.span.overlaps(span) for mention in near):
                completed[span] = _mention_of(owner, text, span, "defined")
    return tuple(in_order(completed.values()))


def _mention_of(owner: Mention, text: str, span: Span, rule: str) -> Mention:
    return replace(owner, span=span, surface=span.of(text), rule=rule, confidence=_CONFIDENCE)


def _with_voices(article: Article, mentions: Sequence[Mention], pack: Pack) -> Sequence[Mention]:
    """Return `mentions` with the people whom only the labels of a transcript name."""
    text = article.text
    lines = labeled_lines(text, article.paragraphs, pack)
    turns = find_turns(article, article.paragraphs, mentions, pack, lines) if lines else ()
    known = {mention.entity_id for mention in mentions}
    labels: dict[Span, Mention] = {}
    for turn in turns:
        voice = turn.voice
        if voice is not None and voice.entity_id is not None and voice.entity_id not in known:
            link = Link(voice.name, voice.entity_id, "person")
            labels[turn.name] = new_mention(text, turn.name, link, "label", _CONFIDENCE)
    if not labels:
        return mentions
    by_word: dict[str, Mention] = {}
    for person in {mention.entity_id: mention for mention in labels.values()}.values():
        words = fold(person.name).split()
        by_word |= {words[0]: person, words[-1]: person}
    completed = dict(labels)
    starts = sorted(span.start for span in labels)
    ends = {span.start: span.end for span in labels}
    for mention in mentions:
        named = by_word.get(fold(mention.surface))
        if named is not None and mention.kind in _UNCERTAIN_KINDS and " " not in mention.name:
            completed[mention.span] = _mention_of(named, text, mention.span, mention.rule)
            continue
        at = bisect_right(starts, mention.span.start) - 1
        if at < 0 or mention.span.start >= ends[starts[at]]:  # the label replaces the names inside it
            completed[mention.span] = mention
    return in_order(completed.values())
