"""Whom a statement is about: the entities its words name, and those they point back to.

takes:    content span, the speaker's id, mentions
gives:    entity ids, the one pointed back to first, the speaker's own left out
does not: look outside the document
traps:    places, laws and lists count; the targets of the statement before are carried on only to words that point back
"""

import re
from bisect import bisect_left
from collections.abc import Sequence

from searchkit.document import Article, Mention
from searchkit.extract.packs import pack_for
from searchkit.text import Span, fold

_FIRST_WORD = re.compile(r"\W{0,8}(?:that )?(\w{1,20})")
# Looks ahead without consuming, so that "the use of the company" is seen twice.
_DEFINITE = re.compile(r"\b(?:the|this|that) (?=((?:[\w-]{1,20} ){0,2}\w{2,20}))", re.IGNORECASE)
_WORD = re.compile(r"\w{2,20}")
_WORDS = re.compile(r"\w{1,40}")
# A pronoun among so many first words is the subject or belongs to it: "Are these products", "Then they".
_SUBJECT_REACH = 4
# How many mentions back "the company" may reach.
_MEMORY = 100


class Targets:
    """Looks up the entities that the statements of one article are about, in reading order."""

    def __init__(self, article: Article, mentions: Sequence[Mention]) -> None:
        self._text = article.text
        self._mentions = mentions
        self._starts = [mention.span.start for mention in mentions]
        self._last: tuple[str, ...] = ()
        pack = pack_for(article.language)
        self._bodies = pack.bodies if pack is not None else {}
        self._pointing_back = (
            (pack.words["pointing"] | pack.words["back-pointing"]) if pack is not None else frozenset()
        )
        self._third_plural = pack.words["third-plural"] if pack is not None else frozenset[str]()
        self._pointing = pack.words["pointing"] if pack is not None else frozenset[str]()

    def of(self, content: Span, speaker: str | None, *, goes_on: bool = False) -> tuple[str, ...]:
        """Ids of the entities that `content` is about, `speaker` left out. One that `goes_on` shares the last's cue."""
        first = bisect_left(self._starts, content.start)
        inside = self._mentions[first : bisect_left(self._starts, content.end)]
        named = [mention.entity_id for mention in inside]
        meant = self._meant(content, first)
        opening = _FIRST_WORD.match(self._text, content.start, content.end)
        if meant is not None:
            named.insert(0, meant)
        elif self._last and opening is not None and fold(opening[1]) in self._pointing:
            named.insert(0, self._last[0])
        about = tuple(dict.fromkeys(entity for entity in named if entity != speaker))
        if about:
            self._last = about
        elif goes_on or self._points_back(content):
            about = tuple(entity for entity in self._last if entity != speaker)
        return about

    def _points_back(self, content: Span) -> bool:
        """Whether a pronoun near the start, or "they" or a definite body anywhere, points to what was named before."""
        words = [fold(word) for word in _WORDS.findall(self._text, content.start, content.end)]
        if any(word in self._pointing_back for word in words[:_SUBJECT_REACH]):
            return True
        if not self._third_plural.isdisjoint(words):
            return True
        return any(
            word in self._bodies
            for found in _DEFINITE.finditer(self._text, content.start, content.end)
            for word in _WORD.findall(fold(found[1]))
        )

    def _meant(self, content: Span, first: int) -> str | None:
        """The body that "the company" in `content` points back to, if the article named one before."""
        for found in _DEFINITE.finditer(self._text, content.start, content.end):
            kind = next((self._bodies[word] for word in _WORD.findall(fold(found[1])) if word in self._bodies), None)
            if kind is None:
                continue
            for at in range(first - 1, max(-1, first - 1 - _MEMORY), -1):
                if self._mentions[at].kind == kind:
                    return self._mentions[at].entity_id
        return None
