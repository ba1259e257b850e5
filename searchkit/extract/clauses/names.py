"""Find names in a language with a clausal pack: what lists know, and shapes that cannot be ordinary words."""

import re
from bisect import bisect_right
from collections.abc import Sequence

from searchkit.extract.clauses.bodies import Bodies, Tokens
from searchkit.extract.clauses.name_words import NameWords, Spotted, name_words
from searchkit.extract.clauses.people import People
from searchkit.extract.names.gazetteer import TOKEN
from searchkit.extract.packs import Pack
from searchkit.text import Span


def find(text: str, paragraphs: Sequence[Span], pack: Pack) -> list[Spotted]:
    """Return the names of the flattened `text`, in order and without overlap."""
    return _NameFinder(text, paragraphs, name_words(pack)).run()


class _NameFinder:
    def __init__(self, text: str, paragraphs: Sequence[Span], words: NameWords) -> None:
        self._text = text
        self._paragraphs = paragraphs
        self._words = words
        self._bodies = Bodies(text, words)
        self._people = People(text, words)

    def run(self) -> list[Spotted]:
        found = [name for paragraph in self._paragraphs for name in self._names(paragraph)]
        heads: dict[str, Spotted] = {}  # head word of a longer name -> that name
        for name in found:
            if name.kind == "person":
                self._people.learn(name)
            elif name.rule == "head" and " " in name.name:
                heads.setdefault(name.name.partition(" ")[0], name)
        linked = [self._people.linked(name) if name.kind == "person" else _short(name, heads) for name in found]
        linked.sort(key=lambda name: name.start)
        starts = [name.start for name in linked]

        def end_before(place: int) -> int:
            at = bisect_right(starts, place) - 1
            return linked[at].end if at >= 0 else 0

        surnames = (
            name
            for paragraph in self._paragraphs
            for name in self._people.surnames(self._tokens(paragraph), end_before)
        )
        return sorted([*linked, *surnames], key=lambda name: name.start)

    def _names(self, paragraph: Span) -> list[Spotted]:
        found = list(self._bodies.small_bodies(paragraph))
        ahead = found[::-1]
        end = paragraph.start
        tokens = self._tokens(paragraph)
        for number, token in enumerate(tokens):
            while ahead and ahead[-1].end <= token.start():
                ahead.pop()
            if token.start() < end or (ahead and ahead[-1].start <= token.start()):
                continue
            name = self._name(tokens, number, paragraph)
            if name is not None and not (ahead and ahead[-1].start < name.end):
                found.append(name)
                end = name.end
        return found

    def _tokens(self, paragraph: Span) -> list[re.Match[str]]:
        """Return the capitalized words of a paragraph, without elided articles: d'Allemagne, L'Office."""
        tokens = list(TOKEN.finditer(self._text, paragraph.start, paragraph.end))
        elided = self._words.words["elided"]
        if not elided:
            return tokens
        return [
            (TOKEN.match(self._text, token.start() + 2, token.end()) or token)
            if token.group()[1:2] == "'" and token.group()[:2].lower() in elided
            else token
            for token in tokens
        ]

    def _name(self, tokens: Tokens, number: int, paragraph: Span) -> Spotted | None:
        token, bodies, people = tokens[number], self._bodies, self._people
        if token.group() in self._words.not_names:
            return people.titled(tokens, number, paragraph)
        return (
            bodies.exonym(token)
            or bodies.company(tokens, number)
            or bodies.body(tokens, number)
            or bodies.listed(token)
            or people.person(tokens, number, paragraph)
            or bodies.called(tokens, number, paragraph)
            or (bodies.acronym(token) if token.start() > paragraph.start else None)
        )


def _short(name: Spotted, heads: dict[str, Spotted]) -> Spotted:
    """Return the head of a body alone as the longer name that begins with it."""
    full = heads.get(name.name) if name.rule == "head" else None
    return name if full is None else Spotted(name.start, name.end, name.kind, full.name, full.entity_id, "short-name")
