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
        and " " in mention.name  # not the "Frequently" of a heading
        and introduction[0].start <= mention.span.start < introduction[-1].end
        and fold(mention.name) not in writers
        and not _asks(article.text, mention, pack)
    ]
    heard = _reported(article.text, introduction, people, pack) or ([] if stated else people)
    found = {mention.entity_id: mention for mention in reversed(heard)}
    return next(iter(found.values())) if len(found) == 1 else None


def _reported(text: str, introduction: Sequence[Span], people: Sequence[Mention], pack: Pack) -> Sequence[Mention]:
    """Return the people in the sentences that report a talk; a pronoun there means the first person before."""
    talks = pack.words["interview-verb"] | pack.words["talk-verb"] | pack.words["interview-noun"]
    reporting = [
        sentence
        for paragraph in introduction
        for sentence in sentences(text, paragraph)
        if not talks.isdisjoint(fold_words(_WORD.findall(sentence.of(text))))
    ]
    named = [mention for mention in people if any(sentence.covers(mention.span) for sentence in reporting)]
    words = set(fold_words(_WORD.findall(reporting[0].of(text)))) if reporting and not named else set()
    if not words.isdisjoint(pack.words["female"] | pack.words["male"]):  # "She spoke to us"
        return [mention for mention in people if mention.span.end <= reporting[0].start][:1]
    return named


def _asks(text: str, mention: Mention, pack: Pack) -> bool:
    """Return whether the words before a name show that this person asks: "our correspondent Igor Malt"."""
    before = fold_words(_WORD.findall(text[max(0, mention.span.start - 50) : mention.span.start]))
    return not pack.words["asking-role"].isdisjoint(before[-2:])
