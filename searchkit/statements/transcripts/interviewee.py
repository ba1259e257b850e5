"""Find who is interviewed: the person to whom the introduction of an interview says that the writer spoke.

The writer does not count: people of the byline and "our editor Vera Lind" are left out.
"""

import re
from collections.abc import Sequence

from searchkit.statements.document import Article, Mention
from searchkit.statements.packs import Pack
from searchkit.statements.text import Span, fold, fold_words, sentences

_WORD = re.compile(r"[^\W_][\w'’&\-]{0,40}")


def find(
    article: Article, paragraphs: Sequence[Span], mentions: Sequence[Mention], pack: Pack, before: int, *, stated: bool
) -> Mention | None:
    """Return the person interviewed from paragraph number `before` on; None unless exactly one person is.

    With `stated`, words like "spoke to" must show it, not only that no other person is named.
    """
    introduction = paragraphs[:before]
    if len(introduction) > 8:  # excerpts further down follow the paragraphs before them
        introduction = introduction[-3:]
    if not introduction:
        return None
    writers = {fold(name) for name in article.byline}
    people = [
        mention
        for mention in mentions
        if mention.kind == "person"
        and introduction[0].start <= mention.span.start < introduction[-1].end
        and fold(mention.name) not in writers
        and not _asks(article.text, mention, pack)
    ]
    found = {mention.entity_id: mention for mention in reversed(_reported(article.text, introduction, people, pack))}
    if not found and not stated:
        found = _only_named(people, article.title or "")
    return next(iter(found.values())) if len(found) == 1 else None


def _reported(text: str, introduction: Sequence[Span], people: Sequence[Mention], pack: Pack) -> Sequence[Mention]:
    """Return the people in the sentences that report a talk; a talk without a name is with the first person before."""
    talks = pack.words["interview-verb"] | pack.words["talk-verb"] | pack.words["interview-noun"]
    reporting = [
        sentence
        for paragraph in introduction
        for sentence in sentences(text, paragraph)
        if not talks.isdisjoint(fold_words(_WORD.findall(sentence.of(text))))
    ]
    named = [mention for mention in people if any(sentence.covers(mention.span) for sentence in reporting)]
    if reporting and not named:  # "She spoke to us"
        return [mention for mention in people if mention.span.end <= reporting[0].start][:1]
    return named


def _only_named(people: Sequence[Mention], title: str) -> dict[str, Mention]:
    """Return the first mentions of people named in full; of several, those in the title."""
    found = {mention.entity_id: mention for mention in reversed(people) if " " in mention.name}
    if len(found) <= 1:
        return found
    words = {word for word in _WORD.findall(fold(title)) if len(word) >= 4}
    return {key: mention for key, mention in found.items() if fold(mention.name).split()[-1] in words}


def _asks(text: str, mention: Mention, pack: Pack) -> bool:
    """Return whether the words before a name show that this person asks: "our correspondent Igor Malt"."""
    start = max(0, mention.span.start - 50)
    line = text.rfind("\n", start, mention.span.start) + 1
    before = [fold(word) for word in _WORD.findall(text[start : mention.span.start])]
    if line or not start:  # a byline that was left in the text: "By Igor Malt"
        opening = [fold(word) for word in _WORD.findall(text[line : mention.span.start])]
        if opening[-1:] and opening[-1] in pack.words["byline"] and len(opening) <= 2:  # "Written by"
            return True
    return any(word in pack.words["asking-role"] for word in before[-2:])
