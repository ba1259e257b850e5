"""Find where the parts of a query stand in a passage of text, in linear time.

Only a bare word is stemmed; next to NEAR, in phrases, prefixes and fuzzy words, words are compared as written.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property

from searchkit.index.analysis import (
    beginning,
    contains_exact,
    exact_key,
    exact_places,
    folded,
    places,
    spellings,
    stem,
    stems,
    tokens,
    words,
)
from searchkit.index.values import within_edits
from searchkit.query import ast
from searchkit.text import Span

Place = tuple[int, int]
"""First and last position of a match."""

# A phrase with gaps can end at many places; NEAR looks only at the nearest of them.
MAX_ENDS = 8
# All white space of ASCII.
_WHITE_SPACE = dict.fromkeys(map(ord, "\t\n\v\f\r\x1c\x1d\x1e\x1f"), " ")


class Passage:
    """One passage of text."""

    def __init__(self, text: str) -> None:
        self.text = text

    def spans(self, nodes: Iterable[ast.Node]) -> list[Span]:
        """Return the places of each of `nodes` as spans of the text; Exact is compared character by character."""
        found: list[Place] = []
        spans: list[Span] = []
        for node in nodes:
            quick = self._word_spans(node)
            if quick is not None:
                spans += quick
            elif not isinstance(node, ast.Exact):
                found += self.places(node)
            elif self._holds_exact(node):
                spans += self._exact(exact_key(node.text))
        if not found:
            return spans
        at = places(self.text, self._spellings[: 1 + max(last for _, last in found)])
        return spans + [Span(at[first][0], at[last][1]) for first, last in found]

    def places(self, node: ast.Node) -> list[Place]:
        """Return the distinct places of `node` (Term, Phrase, Prefix, Fuzzy, Near, or the words of Exact), in order.

        If a phrase with gaps has several ends for one beginning, only the nearest counts.
        """
        if isinstance(node, ast.Near):
            left, right = self._written(node.left, ends=MAX_ENDS), self._written(node.right, ends=MAX_ENDS)
            found = _followed(left, right, node.distance)
            return sorted(found if node.ordered else found | _followed(right, left, node.distance))
        if isinstance(node, ast.Term):
            wanted = stems(words(node.text))
            if len(wanted) == 1:
                start = beginning(wanted[0])
                likely = {word for word in self._positions if word.startswith(start)}
                return self._single({word for word in likely if stem(word) == wanted[0]})
        return self._written(node, ends=1)

    @cached_property
    def _spellings(self) -> list[str]:
        return spellings(self.text)

    @cached_property
    def _positions(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for position, word in enumerate(folded(self._spellings)):
            found.setdefault(word, []).append(position)
        return found

    def _any_of(self, wanted: Collection[str]) -> list[int]:
        lists = [self._positions[word] for word in wanted]
        return lists[0] if len(lists) == 1 else sorted(position for own in lists for position in own)

    def _single(self, wanted: Collection[str]) -> list[Place]:
        return [(position, position) for position in self._any_of(wanted)]

    def _written(self, node: ast.Node, *, ends: int) -> list[Place]:
        wanted = (
            words(node.text) if isinstance(node, ast.Term | ast.Phrase | ast.Prefix | ast.Fuzzy | ast.Exact) else []
        )
        if not wanted or any(word not in self._positions for word in wanted[:-1]):
            return []
        last = wanted[-1]
        last_words: Collection[str]
        if isinstance(node, ast.Prefix):
            last_words = {word for word in self._positions if word.startswith(last)}
        elif isinstance(node, ast.Fuzzy):
            last_words = {word for word in self._positions if within_edits(word, last, node.distance)}
        else:
            last_words = {last} & self._positions.keys()
        if not last_words:
            return []
        if len(wanted) == 1:
            return self._single(last_words)
        lists = [*(self._positions[word] for word in wanted[:-1]), self._any_of(last_words)]
        return _following(lists, node.slop if isinstance(node, ast.Phrase) else 0, ends)

    def _word_spans(self, node: ast.Node) -> list[Span] | None:
        """Return the places of a single word of an ASCII text, reading only the chunks between white space that may
        contain it: three times as fast as reading all words. None if the word or the text is of another kind."""
        wanted = words(node.text) if isinstance(node, ast.Term | ast.Prefix) else ()
        if len(wanted) != 1 or not self.text.isascii():
            return None
        stemmed = stem(wanted[0]) if isinstance(node, ast.Term) else None
        prefix = wanted[0] if stemmed is None else beginning(stemmed)
        if len(prefix) < 2 or f"{prefix[0]}.{prefix[1]}" in self._flat:  # U.S. is the word "us"
            return None
        found: list[Span] = []
        start = end = 0
        place = self._flat.find(prefix)
        while place >= 0:
            start = max(self._flat.rfind(" ", end, place) + 1, end)
            end = self._flat.find(" ", place) % (len(self._flat) + 1)
            found += [
                Span(start + token.start, start + token.end)
                for token in tokens(self.text[start:end])
                if (token.text.startswith(prefix) if stemmed is None else stem(token.text) == stemmed)
            ]
            place = self._flat.find(prefix, end)
        return found

    @cached_property
    def _flat(self) -> str:
        """The text in lower case, every white space as a blank."""
        return self.text.lower().translate(_WHITE_SPACE)

    def _holds_exact(self, node: ast.Exact) -> bool:
        if words(node.text) and not self.places(node):
            return False
        return contains_exact(exact_key(self.text), exact_key(node.text))

    @cached_property
    def _characters(self) -> tuple[str, list[int]]:
        """The text as `exact_key` reads it, with the offset of each character."""
        key: list[str] = []
        at: list[int] = []
        for offset, character in enumerate(self.text):
            if character.isspace():
                if key and key[-1] != " ":
                    key.append(" ")
                    at.append(offset)
                continue
            for letter in character.casefold():
                key.append(letter)
                at.append(offset)
        return "".join(key), at

    def _exact(self, wanted: str) -> Iterator[Span]:
        key, at = self._characters
        for start in exact_places(key, wanted):
            yield Span(at[start], at[start + len(wanted) - 1] + 1)


def _following(lists: Sequence[Sequence[int]], slop: int, ends: int) -> list[Place]:
    """Return places with a position of each list in order, at most `slop` others in between, `ends` per beginning."""
    if not slop:
        members = {id(positions): frozenset(positions) for positions in lists[1:]}  # a word may occur repeatedly
        starts: Iterable[int] = lists[0]
        for number, positions in enumerate(lists[1:], 1):
            starts = [start for start in starts if start + number in members[id(positions)]]
        return [(start, start + len(lists) - 1) for start in starts]
    found: list[Place] = []
    for start in lists[0]:
        limit, place = start + len(lists) - 1 + slop, start
        for positions in lists[1:-1]:
            # The nearest is best: it reaches whatever a later one reaches.
            following = bisect_right(positions, place)
            if following == len(positions):
                return found  # a later start reaches none either
            place = positions[following]
            if place > limit:
                break
        first = bisect_right(lists[-1], place)
        after = min(bisect_right(lists[-1], limit), first + ends)
        found.extend((start, end) for end in lists[-1][first:after])
    return found


def _followed(first: Sequence[Place], second: Sequence[Place], distance: int) -> set[Place]:
    """Return those of `first` and `second` that form a pair, in this order, at most `distance` words apart."""
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
