"""Where in a passage of words a part of a query stands: what the oracle spells out place by place, in linear time.

takes:    a passage of text, or many; a leaf of a query, or two joined by NEAR
gives:    first and last position of each match; for NEAR those of both sides, each by itself; the same as spans of text
does not: know fields, or where the passage comes from
traps:    beside NEAR, in phrases, prefixes and near spellings words are as written; only a bare word is stemmed
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property

from searchkit.index.analysis import (
    contains_exact,
    exact_key,
    exact_places,
    folded,
    places,
    spellings,
    stems,
    words,
)
from searchkit.index.lone_words import LoneWords
from searchkit.index.values import within_edits
from searchkit.query import ast
from searchkit.text import Span

Place = tuple[int, int]
"""First and last position of a match."""

# A phrase with gaps can end at many places; beyond so many for one beginning, NEAR looks at the nearest only.
_ENDS = 8
# Between the positions of one passage and the next: more words than any passage has or any distance spans.
_APART = 1 << 40
# From so many on, words are looked up in tables.
_FEW = 8


class _Words:
    """Passages of text, their words looked up. Nothing runs from one passage into the next."""

    def __init__(self) -> None:
        self._known: dict[ast.Node, list[Place]] = {}

    @property
    def _lists(self) -> Sequence[list[str]]:
        """The words of each passage."""
        raise NotImplementedError

    def places(self, node: ast.Node) -> list[Place]:
        """Where `node` (Term, Phrase, Prefix, Fuzzy, Near, Exact by its words) stands, in order; no place twice.

        Of several ends that a phrase with gaps can have from one beginning, the nearest.
        """
        found = self._known.get(node)
        if found is None:
            found = self._known[node] = self._places(node)
        return found

    def _places(self, node: ast.Node) -> list[Place]:
        if isinstance(node, ast.Near):
            return self._near(node)
        if isinstance(node, ast.Term):
            wanted = stems(words(node.text))
            if len(wanted) == 1:
                return _single(self._positions(self._with_stem(wanted[0])))
        return self._written(node, ends=1)

    # Most are asked for a word or two: looking through their words then takes less time than a table of them.

    @property
    def _is_asked_much(self) -> bool:
        return len(self._known) >= _FEW

    def _positions(self, found: Collection[str]) -> list[int]:
        """Where any of these words stands, in order."""
        if not found:
            return []
        if self._is_asked_much:
            lists = [self._at[word] for word in found]
            return lists[0] if len(lists) == 1 else sorted(position for own in lists for position in own)
        return [
            number * _APART + position
            for number, own in enumerate(self._lists)
            for position, word in enumerate(own)
            if word in found
        ]

    def _with_stem(self, wanted: str) -> Collection[str]:
        if self._is_asked_much:
            return self._by_stem.get(wanted, ())
        return [word for word, stem in self._stemmed if stem == wanted]

    @cached_property
    def _vocabulary(self) -> frozenset[str]:
        return frozenset().union(*self._lists)

    @cached_property
    def _stemmed(self) -> list[tuple[str, str]]:
        """Each word with its stem."""
        return list(zip(self._vocabulary, stems(self._vocabulary), strict=True))

    @cached_property
    def _by_stem(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for word, stem in self._stemmed:
            found.setdefault(stem, []).append(word)
        return found

    @cached_property
    def _at(self) -> dict[str, list[int]]:
        """Positions by word."""
        found: dict[str, list[int]] = {word: [] for word in self._vocabulary}
        for number, own in enumerate(self._lists):
            for position, word in enumerate(own, number * _APART):
                found[word].append(position)
        return found

    @cached_property
    def _in_order(self) -> list[str]:
        """All words, sorted, so that those with one beginning stand together."""
        return sorted(self._vocabulary)

    def _beginning(self, start: str) -> Iterator[str]:
        for number in range(bisect_left(self._in_order, start), len(self._in_order)):
            if not self._in_order[number].startswith(start):
                return
            yield self._in_order[number]

    def _written(self, node: ast.Node, *, ends: int) -> list[Place]:
        if not isinstance(node, ast.Term | ast.Phrase | ast.Prefix | ast.Fuzzy | ast.Exact):
            return []
        wanted = words(node.text)
        if not wanted:
            return []
        last = wanted[-1]
        ends_in: Collection[str]
        if isinstance(node, ast.Prefix):
            ends_in = {*self._beginning(last)}
        elif isinstance(node, ast.Fuzzy):
            ends_in = {word for word in self._vocabulary if within_edits(word, last, node.distance)}
        else:
            ends_in = self._vocabulary & {last}
        if not ends_in or not self._vocabulary.issuperset(wanted[:-1]):
            return []
        by_word = {word: self._positions((word,)) for word in dict.fromkeys(wanted[:-1])}
        lists = [*(by_word[word] for word in wanted[:-1]), self._positions(ends_in)]
        if len(lists) == 1:
            return _single(lists[0])
        return _following(lists, node.slop if isinstance(node, ast.Phrase) else 0, ends)

    def _near(self, node: ast.Near) -> list[Place]:
        """The places of both sides, of each those that have the other side near them."""
        left, right = self._written(node.left, ends=_ENDS), self._written(node.right, ends=_ENDS)
        found = _followed(left, right, node.distance)
        if not node.ordered:
            found |= _followed(right, left, node.distance)
        return sorted(found)


class Passage(_Words):
    """One passage of text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self._lone = LoneWords(text)

    @cached_property
    def _spellings(self) -> list[str]:
        return spellings(self.text)

    @cached_property
    def _lists(self) -> Sequence[list[str]]:
        return (folded(self._spellings),)

    def holds(self, node: ast.Node) -> bool:
        """Whether `node` stands here; of Exact with its signs and letters as they are."""
        if isinstance(node, ast.Exact):
            return contains_exact(self._key, exact_key(node.text)) and (not words(node.text) or bool(self.places(node)))
        alone = self._lone.spans(node)
        return bool(self.places(node) if alone is None else alone)

    def holding(self, node: ast.Node, parts: Sequence[Span]) -> frozenset[int] | None:
        """The numbers of those parts of the text in which `node`, one word, stands, each read as a text of its own;
        None where that is not told here, but by `Passages` of these parts."""
        return self._lone.holding(node, parts)

    def spans(self, nodes: Iterable[ast.Node]) -> list[Span]:
        """Where `nodes` stand, as spans of the text, each by itself; of Exact with signs and letters as they are."""
        found: list[Place] = []
        spans: list[Span] = []
        for node in nodes:
            alone = self._lone.spans(node)
            if alone is not None:
                spans += alone
            elif not isinstance(node, ast.Exact):
                found += self.places(node)
            elif self.holds(node):
                spans += self._exact(exact_key(node.text))
        if not found:
            return spans
        at = places(self.text, self._spellings[: 1 + max(last for _, last in found)])
        return spans + [Span(at[first][0], at[last][1]) for first, last in found]

    @cached_property
    def _key(self) -> str:
        return exact_key(self.text)

    @cached_property
    def _signs(self) -> tuple[str, list[int]]:
        """The text as `exact_key` reads it, with the place of each sign."""
        key: list[str] = []
        at: list[int] = []
        for place, sign in enumerate(self.text):
            if sign.isspace():
                if key and key[-1] != " ":
                    key.append(" ")
                    at.append(place)
                continue
            for letter in sign.casefold():
                key.append(letter)
                at.append(place)
        return "".join(key), at

    def _exact(self, wanted: str) -> Iterator[Span]:
        key, at = self._signs
        for start in exact_places(key, wanted):
            yield Span(at[start], at[start + len(wanted) - 1] + 1)


class Passages(_Words):
    """Passages of text, asked which of them hold something. They are known by their numbers, from 0."""

    def __init__(self, texts: Sequence[str]) -> None:
        super().__init__()
        self._texts = texts

    @cached_property
    def _lists(self) -> Sequence[list[str]]:
        return [words(text) for text in self._texts]

    def holding(self, node: ast.Node) -> frozenset[int]:
        """Those in which `node` stands; of Exact with its signs and letters as they are."""
        found = frozenset(start // _APART for start, _ in self.places(node))
        if not isinstance(node, ast.Exact):
            return found
        wanted, by_words = exact_key(node.text), bool(words(node.text))
        return frozenset(
            number
            for number, key in enumerate(self._keys)
            if (not by_words or number in found) and contains_exact(key, wanted)
        )

    @cached_property
    def _keys(self) -> list[str]:
        return [exact_key(text) for text in self._texts]


def _single(positions: Iterable[int]) -> list[Place]:
    return [(position, position) for position in positions]


def _following(lists: Sequence[Sequence[int]], slop: int, ends: int) -> list[Place]:
    """Places with a position of each list, in order, with at most `slop` others in between; at most `ends` a start."""
    if not slop:
        members = {id(positions): frozenset(positions) for positions in lists[1:]}  # a word may come again and again
        starts: Iterable[int] = lists[0]
        for number, positions in enumerate(lists[1:], 1):
            starts = [start for start in starts if start + number in members[id(positions)]]
        return [(start, start + len(lists) - 1) for start in starts]
    found: list[Place] = []
    for start in lists[0]:
        limit, place = start + len(lists) - 1 + slop, start
        for positions in lists[1:-1]:
            # The nearest is best: whatever a later one reaches, it reaches too.
            following = bisect_right(positions, place)
            if following == len(positions):
                return found  # nor does a later start reach one
            place = positions[following]
            if place > limit:
                break
        first = bisect_right(lists[-1], place)
        after = min(bisect_right(lists[-1], limit), first + ends)
        found.extend((start, end) for end in lists[-1][first:after])
    return found


def _followed(first: Sequence[Place], second: Sequence[Place], distance: int) -> set[Place]:
    """Those of `first` that one of `second` follows with at most `distance` words in between, and those that follow."""
    starts = [start for start, _ in second]
    ends = sorted(end for _, end in first)
    found = set()
    for start, end in first:
        following = bisect_left(starts, end + 1)
        if following < len(starts) and starts[following] - end - 1 <= distance:
            found.add((start, end))
    for start, end in second:
        before = bisect_left(ends, start) - 1
        if before >= 0 and start - ends[before] - 1 <= distance:
            found.add((start, end))
    return found
