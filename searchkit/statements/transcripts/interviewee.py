"""Find who is interviewed: the person to whom the introduction of an interview says that the writer spoke.

The writer does not count: people of the byline and "our editor Vera Lind" are left out.
"""

import re
from collections.abc import Sequence

from searchkit.statements.document import Article, Mention
from searchkit.statements.packs import Pack
from searchkit.statements.text import Span, fold, sentences

_WORD = re.compile(r"[^\W_][\w'’&\-]{0,40}")
_LINK_REACH = 5


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
    reader = _IntroductionReader(article.text, people, pack)
    found = {
        mention.entity_id: mention
        for paragraph in reversed(introduction)
        for sentence in reversed(list(sentences(article.text, paragraph)))
        for mention in reversed(reader.interviewed(sentence))
    }
    if not found and not stated:
        found = _only_named(people, article.title or "")
    return next(iter(found.values())) if len(found) == 1 else None


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


class _IntroductionReader:
    def __init__(self, text: str, people: Sequence[Mention], pack: Pack) -> None:
        self._text = text
        self._people = people
        self._words = pack.words
        self._links = pack.words["interview-link"]
        self._apart = pack.words["preposition"] - self._links - {"of", "at"}

    def interviewed(self, sentence: Span) -> Sequence[Mention]:
        """Return everyone whom the sentence calls interviewed."""
        words = [
            (fold(word.group()), word.start(), word.end())
            for word in _WORD.finditer(self._text, sentence.start, sentence.end)
        ]
        inside = [mention for mention in self._people if sentence.covers(mention.span)]
        for at, (word, start, _) in enumerate(words):
            before = [mention for mention in inside if mention.span.end <= start]
            if word in self._words["interview-verb"]:
                passive = at > 0 and words[at - 1][0] in self._words["be"]
                found = before[:1] if passive else self._object(words, at + 1, inside)
            elif word in self._words["talk-verb"]:
                link = self._link(words, at)
                if link is None:
                    continue
                # "Korbel spoke to Igor Malt" may mean either: both are found, so `find` returns None.
                found = [*self._subject(words, at, before, sentence), *self._object(words, link + 1, inside)]
            elif word in self._words["interview-noun"]:
                link = self._link(words, at)
                answers = at > 0 and any(
                    other in self._words["answer-verb"] for other, _, _ in words[max(0, at - 2) : at]
                )
                found = self._subject(words, at, before, sentence) if answers else []
                if not found and link is not None:
                    found = self._object(words, link + 1, inside)
            else:
                continue
            if found:
                return found
        return ()

    def _link(self, words: Sequence[tuple[str, int, int]], at: int) -> int | None:
        near = range(at + 1, min(len(words), at + 1 + _LINK_REACH))
        return next((place for place in near if words[place][0] in self._links), None)

    def _subject(
        self, words: Sequence[tuple[str, int, int]], at: int, before: Sequence[Mention], sentence: Span
    ) -> list[Mention]:
        """Return who speaks in the sentence before the verb: a person, or the person whom its pronoun means."""
        if before:
            return list(before[:1])
        is_pronoun = any(word in self._words["singular-pronoun"] for word, _, _ in words[max(0, at - 4) : at])
        return self._earlier(sentence.start) if is_pronoun else []

    def _earlier(self, start: int) -> list[Mention]:
        """Return the person whom a pronoun in the sentence from `start` on means."""
        earlier = [mention for mention in self._people if mention.span.end <= start]
        near = [mention for mention in earlier if mention.span.start > self._text.rfind("\n", 0, start)]
        return (near or earlier)[:1]

    def _object(self, words: Sequence[tuple[str, int, int]], at: int, inside: Sequence[Mention]) -> list[Mention]:
        """Return the people named right behind the verb, perhaps with a role before the name, or by a pronoun."""
        if at >= len(words):
            return []
        if words[at][0] in self._words["interview-pronoun"] and not inside:
            return self._earlier(words[0][1])
        limit = words[min(len(words), at + 9) - 1][2]  # "spoke to the director of the harbor, Vera Lind"
        target = next((mention for mention in inside if words[at][1] <= mention.span.start < limit), None)
        if target is None:
            return []
        between = [word for word, start, _ in words[at:] if start < target.span.start]
        if any(word in self._apart for word in between):
            return []
        found = [target]
        for mention in inside:
            if mention.span.start > found[-1].span.end:
                joint = [word for word, start, _ in words if found[-1].span.end <= start < mention.span.start]
                if not 0 < len(joint) <= _LINK_REACH or joint[0] not in self._words["conjunction"]:
                    break
                found.append(mention)
        return found
